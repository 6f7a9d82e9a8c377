//! A clock that was ahead, and is right again.

use std::io;
use std::path::Path;

use gatewright_policy::Timestamp;
use gatewright_policy::record::{Event, RecordKeys};
use gatewright_policy::segment::LedgerEvent;

use super::file::FileLedger;
use super::open_error::LedgerOpenError;
use super::port::{Durability, Ledger as _, LedgerError};
use crate::agents::set_list_clock;

/// What setting the clock did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSet {
    /// The latest time of the ledger before.
    pub was: Timestamp,
    /// Held calls that were received under the wrong clock: nobody could decide on them
    /// before that time comes, and the same call would wait with them. Where a segment began
    /// under it, also those that it says nothing of.
    pub let_go: usize,
}

/// Why the clock is not set.
#[derive(Debug, thiserror::Error)]
pub enum ClockSetError {
    /// The ledger cannot be opened.
    #[error(transparent)]
    Open(#[from] LedgerOpenError),
    /// It cannot be changed.
    #[error(transparent)]
    Write(#[from] LedgerError),
    /// What is known of status lists, in the file beside it, cannot be changed.
    #[error("how old status lists may not be cannot be changed: {0}")]
    StatusLists(io::Error),
}

/// Says that the clock is right, and that the latest time of the ledger is not: time goes on
/// from now. None where the clock is not behind.
pub async fn set_clock(path: &Path, now: Timestamp) -> Result<Option<ClockSet>, ClockSetError> {
    let (ledger, past) = FileLedger::open(path, now)?;
    let Some(was) = past.latest.filter(|latest| *latest > now) else {
        return Ok(None);
    };
    let keys = RecordKeys::new(ledger.salt());
    // What was over by the wrong clock was not carried into a segment that began under it:
    // nobody can tell any more whether such a call went ahead.
    let is_unsure = past.began.is_some_and(|began| began > now);
    let mut let_go = 0;
    // Before the entry: what fails here is done by the next try.
    for (envelope, _) in &past.held {
        let call = ledger.kept(envelope).await?;
        let call = call.and_then(|call| call.open(&keys).ok());
        let is_later = call.is_some_and(|call| call.received_at > now);
        let is_known = past.approvals.get(&envelope.id).is_some();
        if is_later || is_unsure && !is_known {
            ledger.let_go(&envelope.id)?;
            let_go += 1;
        }
    }
    set_list_clock(path, now).map_err(ClockSetError::StatusLists)?;
    let event = Event::Ledger(LedgerEvent::ClockSet { was });
    ledger.append(now, event, Durability::Synced).await?;
    Ok(Some(ClockSet { was, let_go }))
}
