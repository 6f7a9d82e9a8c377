//! Erasures that the record does not tell of yet. They happen beside the gate, also while
//! none is running: the next one says so.

use std::io;
use std::sync::atomic::Ordering;

use gatewright_disk::{Access, Files, Target, replace};
use gatewright_policy::record::RecordKeys;
use gatewright_policy::segment::Erased;

use super::erase::erasures;
use super::store::PayloadStore;

/// How many of them the record tells of.
const RECORDED: &str = "erased.recorded";

impl PayloadStore {
    /// Those that the record does not tell of, oldest first.
    pub(crate) fn unrecorded(&self, keys: &RecordKeys) -> io::Result<Vec<Erased>> {
        let erasures = erasures(self.place())?;
        if erasures.is_empty() {
            return Ok(Vec::new());
        }
        let recorded = self.recorded()?.max(self.told.load(Ordering::Relaxed));
        let numbered = (0..).zip(erasures);
        let unrecorded = numbered.filter(|(number, _)| *number >= recorded);
        Ok(unrecorded
            .map(|(number, erasure)| Erased {
                number,
                erased_at: erasure.at,
                by: keys.cut(&erasure.by),
                count: erasure.count,
                id: erasure.id.map(|id| keys.cut(&id)),
                before: erasure.before,
                who: erasure.who,
            })
            .collect())
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

    fn recorded(&self) -> io::Result<u64> {
        match std::fs::read_to_string(self.place().join(RECORDED)) {
            Ok(text) => text.trim().parse().map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }
}
