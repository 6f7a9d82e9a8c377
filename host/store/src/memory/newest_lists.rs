//! When the newest status lists were made that any of the gates knew.

use std::sync::Arc;

use gatewright_engine::ledger::LedgerError;
use gatewright_policy::{Digest, Timestamp};

use super::SqlMemory;
use crate::connection::Value;
use crate::dialect::{LIST, LISTS_MAX, RAISE_LIST};
use crate::kept::{millis, time};
use crate::readers::Readers;

/// Of so many lists it is kept. The one that was made first gives way: an older one of it has
/// ended first.
const KEPT_MAX: i64 = 4096;

impl SqlMemory {
    /// A list came that was made then: when the newest one was made.
    pub(super) async fn newest_known(
        &self,
        list: Digest,
        issued: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let readers = Arc::clone(&self.readers);
        let (list, issued) = (list.to_string(), issued.map(millis));
        let salt = self.shared.fingerprint.clone();
        let read = self
            .thread
            .spawn(async move { newest(&readers, (&list, &salt), issued).await });
        let read = read.ok_or(LedgerError::Closed)?.await;
        let read: Result<_, sqlx::Error> = read.map_err(|_| LedgerError::Closed)?;
        let newest = read.map_err(|error| self.failed(&error))?;
        Ok(newest.map(time))
    }
}

/// Raises it by one statement, whatever other gates do meanwhile; mostly it is so already. Of
/// another memory under the same URL nothing counts: it does not know what was known here.
async fn newest(
    readers: &Readers,
    (list, salt): (&str, &str),
    issued: Option<i64>,
) -> Result<Option<i64>, sqlx::Error> {
    let values = [Value::Text(list), Value::Text(salt)];
    let rows = readers.rows(LIST, &values).await?;
    let known = rows.first().ok_or_else(another)?.integer(0)?;
    let known = Some(known).filter(|known| *known >= 0);
    let newer = issued.filter(|issued| known.is_none_or(|known| known < *issued));
    let Some(newer) = newer else {
        return Ok(known);
    };
    let values = [Value::Text(list), Value::Integer(newer), Value::Text(salt)];
    let rows = readers.rows(RAISE_LIST, &values).await?;
    let newest = rows.first().ok_or_else(another)?.integer(0)?;
    if known.is_none() {
        readers.rows(LISTS_MAX, &[Value::Integer(KEPT_MAX)]).await?;
    }
    Ok(Some(newest))
}

fn another() -> sqlx::Error {
    let problem = "is another one than it was: its salt is another one";
    sqlx::Error::InvalidArgument(problem.to_owned())
}
