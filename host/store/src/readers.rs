//! Connections that read, or change a row by one statement. None of them is ever in a
//! transaction.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::connection::{Connection, Row, Value};
use crate::error::is_passing;
use crate::place::{Place, Survives, late};

/// Reads at once; others wait for their turn.
const READERS_MAX: usize = 8;

pub(crate) struct Readers {
    place: Place,
    turns: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

// === impl Readers ===

impl Readers {
    pub(crate) fn new(place: Place) -> Self {
        Self {
            place,
            turns: Semaphore::new(READERS_MAX),
            idle: Mutex::default(),
        }
    }

    /// The rows that a statement gives, in time or not at all.
    pub(crate) async fn rows(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, sqlx::Error> {
        let end = Instant::now() + self.place.patience;
        match timeout_at(end, self.turn(sql, values)).await {
            Ok(rows) => rows,
            Err(_elapsed) => Err(late()),
        }
    }

    async fn turn(&self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, sqlx::Error> {
        let _turn = self.turns.acquire().await.map_err(|_closed| late())?;
        loop {
            let idle = self.idle().pop();
            let was_idle = idle.is_some();
            // Taken out: where this ends early, it is closed and not used again.
            let mut connection = match idle {
                Some(connection) => connection,
                None => self.place.connect(Survives::Gate).await?,
            };
            match connection.rows(sql, values).await {
                Ok(rows) => {
                    self.idle().push(connection);
                    return Ok(rows);
                }
                // Each closed one is tried once, until there are none.
                Err(error) if was_idle && is_passing(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
