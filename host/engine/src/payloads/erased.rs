//! Erasures that the record does not tell of yet. They happen beside the gate, also while
//! none is running: the next one says so.

use std::fs;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use gatewright_disk::{Access, Files, Target, replace};
use gatewright_policy::record::RecordKeys;
use gatewright_policy::segment::Erased;

use super::begun::Begun;
use super::erase::{EraseError, end_what_was_begun};
use super::erasure::{ERASURES, erasures};
use super::stamp::Stamp;
use super::store::PayloadStore;

/// How many of them the record tells of.
const RECORDED: &str = "erased.recorded";

impl PayloadStore {
    /// Ends an erasure that somebody began who died, on a thread where it may take a while.
    pub(crate) async fn end_what_was_begun(&self) -> Result<(), EraseError> {
        let folder = self.place();
        if Begun::is_there(folder).is_ok_and(|is_there| !is_there) {
            return Ok(());
        }
        let folder = folder.to_owned();
        let ended = tokio::task::spawn_blocking(move || end_what_was_begun(&folder)).await;
        ended.unwrap_or_else(|error| {
            Err(EraseError::Io {
                path: self.place().to_owned(),
                cause: io::Error::other(error),
            })
        })
    }

    /// Those that the record does not tell of, oldest first.
    pub(crate) fn unrecorded(&self, keys: &RecordKeys) -> io::Result<Vec<Erased>> {
        let stamp = Stamp::of(&self.place().join(ERASURES))?;
        if stamp.is_none() || stamp == *self.all_told() {
            return Ok(Vec::new());
        }
        let erasures = erasures(self.place())?;
        let recorded = self.recorded()?.max(self.told.load(Ordering::Relaxed));
        let numbered = (0..).zip(erasures);
        let unrecorded = numbered.filter(|(number, _)| *number >= recorded);
        let unrecorded: Vec<_> = unrecorded
            .map(|(number, erasure)| Erased {
                number,
                erased_at: erasure.at,
                by: keys.cut(&erasure.by),
                count: erasure.count,
                id: erasure.id.map(|id| keys.cut(&id)),
                before: erasure.before,
                who: erasure.who,
            })
            .collect();
        if unrecorded.is_empty() {
            *self.all_told() = stamp;
        }
        Ok(unrecorded)
    }

    /// The record tells of this one now, and of all before it.
    pub(crate) fn note_recorded(&self, erased: &Erased) -> io::Result<()> {
        let path = self.place().join(RECORDED);
        let count = erased.number.saturating_add(1);
        let text = count.to_string();
        let noted = replace(&Files, Target::new(&path, Access::Owner), text.as_bytes());
        if noted.is_err() {
            // The next gate says it once more, and this one not every few seconds.
            self.told.fetch_max(count, Ordering::Relaxed);
        }
        noted
    }

    fn all_told(&self) -> MutexGuard<'_, Option<Stamp>> {
        self.all_told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recorded(&self) -> io::Result<u64> {
        match fs::read_to_string(self.place().join(RECORDED)) {
            Ok(text) => text.trim().parse().map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }
}
