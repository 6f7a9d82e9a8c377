//! When the newest status lists were made that any of the gates knew.

use std::sync::Arc;

use gatewright_engine::agents::ListKey;
use gatewright_engine::ledger::LedgerError;
use gatewright_policy::{Digest, Timestamp};

use super::SqlMemory;
use crate::connection::Value;
use crate::dialect::{LIST, LIST_DISOWNED, LISTS_MAX, RAISE_LIST};
use crate::kept::{millis, time};
use crate::readers::Readers;

/// Of so many lists it is kept. For one more, one of the issuer that has the most gives way, the
/// one that was made first: an older one of it has ended first.
const KEPT_MAX: i64 = 8192;

/// So many give way to one more at the most: gates that let go of one at once may both have
/// meant the same, and left one too many.
const GIVE_WAY_MAX: usize = 4;

/// A list where names are short, and the memory that must know it.
struct Asked {
    list: String,
    issuer: String,
    salt: String,
}

impl SqlMemory {
    /// A list came that was made then: when the newest one was made.
    pub(super) async fn newest_known(
        &self,
        list: &ListKey,
        issued: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, LedgerError> {
        let (readers, asked) = (Arc::clone(&self.readers), self.asked(list));
        let issued = issued.map(millis);
        let read = self
            .thread
            .spawn(async move { newest(&readers, &asked, issued).await });
        let read = read.ok_or(LedgerError::Closed)?.await;
        let read: Result<_, sqlx::Error> = read.map_err(|_| LedgerError::Closed)?;
        let newest = read.map_err(|error| self.failed(&error))?;
        Ok(newest.map(time))
    }

    /// Whether a list that was made at one time (`held`) was taken back, and nothing newer is
    /// known than what was made at another.
    pub(super) async fn was_disowned(
        &self,
        list: &ListKey,
        (held, issued): (Timestamp, Timestamp),
    ) -> Result<bool, LedgerError> {
        let (readers, asked) = (Arc::clone(&self.readers), self.asked(list));
        let (held, issued) = (millis(held), millis(issued));
        let read = self.thread.spawn(async move {
            let values = [
                Value::Text(&asked.list),
                Value::Text(&asked.salt),
                Value::Integer(issued),
                Value::Integer(held),
            ];
            let rows = readers.rows(LIST_DISOWNED, &values).await;
            rows.map(|rows| !rows.is_empty())
        });
        let read = read.ok_or(LedgerError::Closed)?.await;
        let read: Result<_, sqlx::Error> = read.map_err(|_| LedgerError::Closed)?;
        read.map_err(|error| self.failed(&error))
    }

    fn asked(&self, list: &ListKey) -> Asked {
        Asked {
            list: list.digest().to_string(),
            issuer: Digest::of(list.issuer.as_bytes()).to_string(),
            salt: self.shared.fingerprint.clone(),
        }
    }
}

/// Raises it by one statement, whatever other gates do meanwhile; mostly it is so already. Of
/// another memory under the same URL nothing counts: it does not know what was known here.
async fn newest(
    readers: &Readers,
    asked: &Asked,
    issued: Option<i64>,
) -> Result<Option<i64>, sqlx::Error> {
    let (list, salt) = (Value::Text(&asked.list), Value::Text(&asked.salt));
    let rows = readers.rows(LIST, &[list, salt]).await?;
    let known = rows.first().ok_or_else(another)?.integer(0)?;
    let known = Some(known).filter(|known| *known >= 0);
    let newer = issued.filter(|issued| known.is_none_or(|known| known < *issued));
    let Some(newer) = newer else {
        return Ok(known);
    };
    let issuer = Value::Text(&asked.issuer);
    let values = [list, Value::Integer(newer), salt, issuer];
    let rows = readers.rows(RAISE_LIST, &values).await?;
    let newest = rows.first().ok_or_else(another)?.integer(0)?;
    if known.is_none() {
        let values = [Value::Integer(KEPT_MAX), issuer];
        for _one in 0..GIVE_WAY_MAX {
            if readers.rows(LISTS_MAX, &values).await?.is_empty() {
                break;
            }
        }
    }
    Ok(Some(newest))
}

fn another() -> sqlx::Error {
    let problem = "is another one than it was: its salt is another one";
    sqlx::Error::InvalidArgument(problem.to_owned())
}
