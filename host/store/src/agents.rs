//! Who may go on, as rows: read where another gate changed it, and written in the
//! transaction of the entry that says so.

use std::sync::Arc;

use gatewright_policy::agent::{Change, ChangeError, Row as AgentRow};
use gatewright_policy::{Asker, Registry, Stopped, Timestamp};
use serde::Serialize;

use crate::connection::{Connection, Row, Value};
use crate::dialect::{AGENTS, SWEEP_AGENTS};
use crate::kept::millis;

/// The registry as it is inside of a transaction.
#[derive(Clone)]
pub(crate) struct Registered {
    registry: Arc<Registry>,
    /// How often it was changed.
    revision: i64,
}

/// What a batch changes of it.
pub(crate) struct Changing {
    registered: Registered,
    rows: Vec<Changed>,
}

/// A row of `agents`.
#[derive(Serialize)]
struct Changed {
    kind: &'static str,
    name: String,
    ends: i64,
    body: String,
}

// === impl Registered ===

impl Registered {
    /// Nothing was ever said.
    pub(crate) fn nothing() -> Self {
        Self {
            registry: Arc::default(),
            revision: 0,
        }
    }

    pub(crate) const fn revision(&self) -> i64 {
        self.revision
    }

    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry)
    }

    /// With what was changed since, up to a revision.
    pub(crate) fn with(mut self, rows: &[Row], revision: i64) -> Result<Self, sqlx::Error> {
        if rows.is_empty() {
            self.revision = self.revision.max(revision);
            return Ok(self);
        }
        let registry = Arc::make_mut(&mut self.registry);
        for row in rows {
            let body = row.text(0)?;
            // Nobody goes on as if it were not there.
            let row: AgentRow =
                serde_json::from_str(&body).map_err(|error| sqlx::Error::Decode(error.into()))?;
            registry.set(row);
        }
        self.revision = self.revision.max(revision);
        Ok(self)
    }

    /// The same as a transaction that holds the head sees it.
    pub(crate) async fn at(
        self,
        revision: i64,
        connection: &mut Connection,
    ) -> Result<Self, sqlx::Error> {
        if self.revision == revision {
            return Ok(self);
        }
        // What was never said here was put back from a copy: all of it is read.
        let known = match self.revision < revision {
            true => self,
            false => Self::nothing(),
        };
        let since = [Value::Integer(known.revision)];
        let rows = connection.rows(AGENTS, &since).await?;
        known.with(&rows, revision)
    }
}

// === impl Changing ===

impl Changing {
    pub(crate) const fn of(registered: Registered) -> Self {
        Self {
            registered,
            rows: Vec::new(),
        }
    }

    pub(crate) fn admits(&self, asker: Option<&Asker>) -> Result<(), Stopped> {
        asker.map_or(Ok(()), |asker| self.registered.registry.admits(asker))
    }

    /// Makes a change count for everything after it in the batch.
    pub(crate) fn change(&mut self, change: &Change, at: Timestamp) -> Result<(), ChangeError> {
        let rows = self.registered.registry.draft(change, at)?;
        if rows.is_empty() {
            // It is so already: no other gate has anything to read.
            return Ok(());
        }
        let registry = Arc::make_mut(&mut self.registered.registry);
        registry.forget_ended(at);
        self.registered.revision = self.registered.revision.saturating_add(1);
        for row in rows {
            // Rows are made of texts and numbers.
            let Ok(body) = serde_json::to_string(&row) else {
                return Err(ChangeError::Missing("the row"));
            };
            self.rows.push(Changed {
                kind: row.kind(),
                name: row.name(),
                ends: row.until().map_or(i64::MAX, millis),
                body,
            });
            registry.set(row);
        }
        Ok(())
    }

    /// Writes what was changed; nothing where nothing was.
    pub(crate) async fn write(
        &self,
        connection: &mut Connection,
        now: Timestamp,
    ) -> Result<(), sqlx::Error> {
        if self.rows.is_empty() {
            return Ok(());
        }
        connection
            .rows(SWEEP_AGENTS, &[Value::Integer(millis(now))])
            .await?;
        let rows = serde_json::to_string(&self.rows);
        let rows = rows.map_err(|error| sqlx::Error::Encode(error.into()))?;
        let values = [Value::Text(&rows), Value::Integer(self.registered.revision)];
        let register = connection.dialect().register;
        connection.rows(register, &values).await?;
        Ok(())
    }

    pub(crate) fn registered(self) -> Registered {
        self.registered
    }
}
