//! Reads held calls, and those that went ahead.

use std::sync::Arc;

use gatewright_engine::ledger::LedgerError;
use gatewright_policy::Timestamp;

use super::SqlMemory;
use crate::connection::{Each, Row, Value};
use crate::kept::millis;

impl SqlMemory {
    /// Held calls that count at a time, each as far as it is read.
    pub(super) async fn held_calls<T: Send + 'static>(
        &self,
        (sql, each): (&'static str, Each<T>),
        of: String,
        at: Timestamp,
        count_max: Option<i64>,
    ) -> Result<Vec<T>, LedgerError> {
        let readers = Arc::clone(&self.readers);
        let read = self.thread.spawn(async move {
            let mut values = vec![Value::Text(&of), Value::Integer(millis(at))];
            values.extend(count_max.map(Value::Integer));
            let rows: Vec<Row> = readers.rows(sql, &values).await?;
            rows.iter().map(each).collect()
        });
        let read = read.ok_or(LedgerError::Closed)?.await;
        let read: Result<_, sqlx::Error> = read.map_err(|_| LedgerError::Closed)?;
        read.map_err(|error| self.failed(&error))
    }

    /// The first of them.
    pub(super) async fn held_call<T: Send + 'static>(
        &self,
        reads: (&'static str, Each<T>),
        of: String,
        at: Timestamp,
    ) -> Result<Option<T>, LedgerError> {
        let held = self.held_calls(reads, of, at, None).await?;
        Ok(held.into_iter().next())
    }
}
