//! Another key for the checkpoints of a ledger: an entry says so, signed by both.
//!
//! The new key is on disk before the entry is, and takes the place of the old one at the
//! next opening, which finishes what an attempt before it may have left.

use std::io;
use std::path::Path;

use gatewright_evidence::rotation;
use gatewright_policy::Timestamp;
use gatewright_policy::record::Event;
use gatewright_policy::segment::LedgerEvent;

use super::file::FileLedger;
use super::key;
use super::open_error::LedgerOpenError;
use super::port::{Durability, Ledger as _};

/// Keys of a ledger, as those need them who verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RotatedKey {
    /// It signed until now.
    pub old: String,
    /// It signs from now on.
    pub new: String,
    /// The note that both signed.
    pub note: String,
}

/// Lets a new key sign checkpoints of the ledger at `path`. No gate may be running on it.
pub async fn rotate_key(path: &Path, now: Timestamp) -> Result<RotatedKey, LedgerOpenError> {
    let failed = |source: io::Error| LedgerOpenError::Io {
        path: path.to_owned(),
        source,
    };
    let (ledger, past) = FileLedger::open(path, now)?;
    let old = key::known(path).map_err(io::Error::other).map_err(failed)?;
    let old = old.ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    let new = key::make_next(path, &old).map_err(io::Error::other);
    let new = new.map_err(failed)?;
    let note = rotation(&old, &new).map_err(io::Error::other);
    let note = note.map_err(failed)?;
    let event = Event::Ledger(LedgerEvent::KeyRotated {
        to: new.public_text(),
        note: note.clone(),
    });
    let at = now.max(past.latest.unwrap_or(now));
    if let Err(error) = ledger.append(at, event, Durability::Synced).await {
        // Where it may be there all the same, the next opening needs the key.
        if ledger.is_healthy() {
            key::forget_next(path).map_err(failed)?;
        }
        return Err(failed(io::Error::other(error)));
    }
    // What is there is signed for by the old key, and then by the new one.
    drop(ledger);
    drop(FileLedger::open(path, now)?);
    Ok(RotatedKey {
        old: old.public_text(),
        new: new.public_text(),
        note,
    })
}
