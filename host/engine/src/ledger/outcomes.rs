//! The folder beside a ledger that keeps what came of approved calls, sealed, a file for
//! each. An outcome is kept before the end of its call has an entry, under a name that says
//! so, and has its own name once the entry is there.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use gatewright_disk::{Access, Disk as _, Files, Target, replace};
use gatewright_policy::SealedOutcome;

use super::disk::beside;

/// Ends the name of the folder.
const FOLDER: &str = ".outcomes";

/// Ends the name of a file that holds an outcome.
const ENDING: &str = ".outcome";

/// Ends the name of one whose entry is being written.
const UNRECORDED: &str = ".unrecorded";

/// The folder.
#[derive(Clone, Debug)]
pub(super) struct Outcomes {
    folder: PathBuf,
}

// === impl Outcomes ===

impl Outcomes {
    /// The folder of the ledger at a path, made where it is missing, and the held calls
    /// whose outcomes are in it. Whoever opens it is alone in it: what was half written
    /// goes, and so does what has no entry among those that were recorded, and what is of
    /// no call that is kept.
    pub(super) fn open(
        ledger: &Path,
        recorded: &HashSet<String>,
        is_kept: impl Fn(&str) -> bool,
    ) -> io::Result<(Self, HashSet<String>)> {
        let folder = beside(ledger, FOLDER);
        Files.create_folder(&folder)?;
        let outcomes = Self { folder };
        let mut kept = HashSet::new();
        for entry in std::fs::read_dir(&outcomes.folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let (id, is_recorded) = match (name.strip_suffix(ENDING), name.strip_suffix(UNRECORDED))
            {
                (Some(id), _) => (id, true),
                (None, Some(id)) => (id, recorded.contains(id)),
                (None, None) => ("", false),
            };
            if !(is_recorded && is_kept(id)) {
                Files.remove(&entry.path())?;
                continue;
            }
            if name.ends_with(UNRECORDED) {
                outcomes.confirm(id)?;
            }
            kept.insert(id.to_owned());
        }
        Ok((outcomes, kept))
    }

    /// Writes an outcome: when it answers, it is on disk.
    pub(super) fn keep(&self, outcome: &SealedOutcome) -> io::Result<()> {
        let path = self.path(&outcome.held, UNRECORDED)?;
        replace(&Files, Target::new(&path, Access::Owner), &outcome.sealed)
    }

    /// Its entry is there.
    pub(super) fn confirm(&self, held: &str) -> io::Result<()> {
        let (from, to) = (self.path(held, UNRECORDED)?, self.path(held, ENDING)?);
        Files.rename(&from, &to)
    }

    /// What came of the call, sealed.
    pub(super) fn kept(&self, held: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.path(held, ENDING)?) {
            Ok(sealed) => Ok(Some(sealed)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets go of it. What is not there is gone already.
    pub(super) fn erase(&self, held: &str) -> io::Result<()> {
        for ending in [UNRECORDED, ENDING] {
            match Files.remove(&self.path(held, ending)?) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed?,
            }
        }
        Ok(())
    }

    /// An id is made by the gate; whatever it is, it names nothing outside of the folder.
    fn path(&self, held: &str, ending: &str) -> io::Result<PathBuf> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        match !held.is_empty() && held.len() <= 128 && held.bytes().all(fits) {
            true => Ok(self.folder.join(format!("{held}{ending}"))),
            false => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it has another name",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(held: &str) -> SealedOutcome {
        SealedOutcome {
            held: held.to_owned(),
            decision: "d".to_owned(),
            sealed: b"sealed".to_vec(),
        }
    }

    #[test]
    fn what_has_no_entry_or_no_call_is_not_kept_over_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("audit.jsonl");
        let open = |recorded: &[&str], kept: &[&str]| {
            let recorded = recorded.iter().map(|id| (*id).to_owned()).collect();
            Outcomes::open(&ledger, &recorded, |id| kept.contains(&id)).unwrap()
        };
        let (outcomes, kept) = open(&[], &[]);
        assert!(kept.is_empty());
        for held in ["confirmed", "entered", "lost", "over"] {
            outcomes.keep(&outcome(held)).unwrap();
            assert_eq!(outcomes.kept(held).unwrap(), None);
        }
        outcomes.confirm("confirmed").unwrap();
        outcomes.confirm("over").unwrap();
        let all = ["confirmed", "entered", "lost"];
        let (outcomes, kept) = open(&["entered"], &all);
        let mut kept: Vec<_> = kept.into_iter().collect();
        kept.sort();
        assert_eq!(kept, ["confirmed", "entered"]);
        assert_eq!(outcomes.kept("entered").unwrap().unwrap(), b"sealed");
        assert_eq!(outcomes.kept("over").unwrap(), None);
        outcomes.erase("entered").unwrap();
        outcomes.erase("entered").unwrap();
        assert_eq!(outcomes.kept("entered").unwrap(), None);
        assert!(outcomes.keep(&outcome("../elsewhere")).is_err());
    }
}
