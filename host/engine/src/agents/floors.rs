//! When the newest status lists were made that a gate knew that stands alone, also those that
//! it let go of: no older one takes their place, in which nobody was revoked yet. A file beside
//! the ledger keeps it over a restart.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use gatewright_disk::{Access, Files, Target, replace};
use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::ListKind;
use serde::{Deserialize, Serialize};

use super::known_list::{ListKey, by_issuer};

/// Of so many lists it is remembered. For one more, one of the issuer that has the most gives
/// way: whoever makes ever new lists takes the place of its own.
const FLOORS_MAX: usize = 8192;

/// Longest file that is read, in bytes: so many of the longest addresses, each character of
/// which JSON may write with two, and of the longest issuers.
const BYTES_MAX: u64 = 64 << 20;

/// Ends the name of the file.
const ENDING: &str = ".status-lists";

/// The version of the file that is written, and the only one that is read.
const VERSION: u32 = 1;

/// Until when what is said of a list is old.
#[derive(Default)]
pub(super) struct Floors {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    issued: HashMap<ListKey, Timestamp>,
    /// The file; none where nothing is kept.
    path: Option<PathBuf>,
    /// It says less than is known.
    is_behind: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u32,
    lists: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    list: Arc<str>,
    issuer: Arc<str>,
    kind: Kind,
    issued: Timestamp,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Token,
    Revocation,
    Suspension,
}

/// The clock is right again: a list that was made later, by the file beside this ledger, keeps
/// nothing out that is made from now on. No gate may be running.
pub(crate) fn set_clock(ledger: &Path, now: Timestamp) -> io::Result<()> {
    let floors = Floors::default();
    floors.keep_beside(ledger)?;
    floors.lower(now);
    floors.write()
}

impl Floors {
    /// Takes in what a file beside this ledger says, and keeps it there from now on.
    pub(super) fn keep_beside(&self, ledger: &Path) -> io::Result<()> {
        let mut name = ledger.as_os_str().to_owned();
        name.push(ENDING);
        let path = PathBuf::from(name);
        let rows = read(&path)?;
        let mut known = self.lock();
        for row in rows {
            known.raise(row.key(), row.issued);
        }
        known.path = Some(path);
        known.is_behind = false;
        Ok(())
    }

    /// A list that was made then came. No list that was made before the newest counts: gives
    /// when that one was made.
    pub(super) fn raise(&self, key: &ListKey, issued: Option<Timestamp>) -> Option<Timestamp> {
        let mut known = self.lock();
        if let Some(issued) = issued {
            known.raise(key.clone(), issued);
        }
        known.issued.get(key).copied()
    }

    /// No list was made after this time: those that say so were made by a wrong clock.
    fn lower(&self, now: Timestamp) {
        let mut guard = self.lock();
        let known = &mut *guard;
        for issued in known.issued.values_mut().filter(|issued| **issued > now) {
            *issued = now;
            known.is_behind = true;
        }
    }

    /// Brings the file up to what is known.
    pub(super) fn write(&self) -> io::Result<()> {
        let mut known = self.lock();
        let Some(path) = known.path.clone().filter(|_| known.is_behind) else {
            return Ok(());
        };
        let rows = known.issued.iter().map(|(key, issued)| Row {
            list: Arc::clone(&key.list),
            issuer: Arc::clone(&key.issuer),
            kind: match key.kind {
                ListKind::Token => Kind::Token,
                ListKind::Revocation => Kind::Revocation,
                ListKind::Suspension => Kind::Suspension,
            },
            issued: *issued,
        });
        let content = Content {
            version: VERSION,
            lists: rows.collect(),
        };
        let text = serde_json::to_vec(&content).map_err(io::Error::other)?;
        replace(&Files, Target::new(&path, Access::Owner), &text)?;
        known.is_behind = false;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn raise(&mut self, key: ListKey, issued: Timestamp) {
        let before = self.issued.get(&key).copied();
        if before >= Some(issued) {
            return;
        }
        if before.is_none()
            && self.issued.len() >= FLOORS_MAX
            && let Some(gives_way) = self.gives_way(&key.issuer)
        {
            self.issued.remove(&gives_way);
        }
        self.issued.insert(key, issued);
        self.is_behind = true;
    }

    /// Which list makes room for one of this issuer: of the issuer that has the most, the one
    /// that was made first. An older one of it has ended first.
    fn gives_way(&self, newcomer: &str) -> Option<ListKey> {
        let most = by_issuer(self.issued.keys())
            .into_iter()
            .max_by_key(|(issuer, count)| (*count, *issuer == newcomer));
        let (most, _) = most?;
        let of_most = self.issued.iter().filter(|(key, _)| &*key.issuer == most);
        let oldest = of_most.min_by_key(|(_, issued)| **issued);
        oldest.map(|(key, _)| key.clone())
    }
}

impl Row {
    fn key(&self) -> ListKey {
        ListKey {
            list: Arc::clone(&self.list),
            issuer: Arc::clone(&self.issuer),
            kind: match self.kind {
                Kind::Token => ListKind::Token,
                Kind::Revocation => ListKind::Revocation,
                Kind::Suspension => ListKind::Suspension,
            },
        }
    }
}

fn read(path: &Path) -> io::Result<Vec<Row>> {
    let length = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        about => about?.len(),
    };
    let wrong = |problem: String| io::Error::new(io::ErrorKind::InvalidData, problem);
    if length > BYTES_MAX {
        return Err(wrong(format!("it is longer than {BYTES_MAX} bytes")));
    }
    let content: Content = serde_json::from_slice(&fs::read(path)?)?;
    match content.version {
        VERSION => Ok(content.lists),
        other => Err(wrong(format!(
            "version {other} is not one that this gate knows"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(list: usize) -> ListKey {
        ListKey {
            list: format!("https://id.example.org/lists/{list}").into(),
            issuer: "did:example:issuer".into(),
            kind: ListKind::Token,
        }
    }

    #[test]
    fn what_was_known_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("audit.jsonl");
        let floors = Floors::default();
        floors.keep_beside(&ledger).unwrap();
        floors.raise(&key(1), Some(Timestamp(2000)));
        floors.raise(&key(1), Some(Timestamp(1000)));
        floors.raise(&key(2), Some(Timestamp(3000)));
        floors.write().unwrap();
        let again = Floors::default();
        again.raise(&key(2), Some(Timestamp(4000)));
        again.keep_beside(&ledger).unwrap();
        assert_eq!(again.raise(&key(1), None), Some(Timestamp(2000)));
        assert_eq!(again.raise(&key(2), None), Some(Timestamp(4000)));
        assert_eq!(again.raise(&key(3), None), None);
        for text in ["", "{", "{\"version\":2,\"lists\":[]}"] {
            fs::write(folder.path().join("audit.jsonl.status-lists"), text).unwrap();
            assert!(Floors::default().keep_beside(&ledger).is_err(), "{text}");
        }
    }

    #[test]
    fn lists_of_a_wrong_clock_do_not_keep_those_out_that_come_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("audit.jsonl");
        let floors = Floors::default();
        floors.keep_beside(&ledger).unwrap();
        floors.raise(&key(1), Some(Timestamp(1000)));
        floors.raise(&key(2), Some(Timestamp(9000)));
        floors.write().unwrap();
        set_clock(&ledger, Timestamp(2000)).unwrap();
        let again = Floors::default();
        again.keep_beside(&ledger).unwrap();
        assert_eq!(again.raise(&key(1), None), Some(Timestamp(1000)));
        assert_eq!(again.raise(&key(2), None), Some(Timestamp(2000)));
        let nowhere = folder.path().join("other.jsonl");
        set_clock(&nowhere, Timestamp(2000)).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_written_is_read_however_long_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("audit.jsonl");
        let floors = Floors::default();
        floors.keep_beside(&ledger).unwrap();
        let long = |list: usize| ListKey {
            list: format!("https://{}{list:04}", "\\".repeat(1012)).into(),
            issuer: format!("did:jwk:{}", "e".repeat(2048)).into(),
            kind: ListKind::Revocation,
        };
        for list in 0..FLOORS_MAX {
            floors.raise(&long(list), Some(Timestamp(1000)));
        }
        floors.write().unwrap();
        let again = Floors::default();
        again.keep_beside(&ledger).unwrap();
        assert_eq!(
            again.raise(&long(FLOORS_MAX - 1), None),
            Some(Timestamp(1000))
        );
    }

    #[test]
    fn the_oldest_gives_way() {
        let floors = Floors::default();
        for list in 0..=FLOORS_MAX {
            floors.raise(&key(list), Some(Timestamp(1000 + list as u64)));
        }
        assert_eq!(floors.raise(&key(0), None), None);
        assert!(floors.raise(&key(1), None).is_some());
    }

    #[test]
    fn an_issuer_with_ever_new_lists_takes_no_place_of_another_one() {
        let of = |issuer: &str, list: usize| ListKey {
            issuer: issuer.into(),
            ..key(list)
        };
        let floors = Floors::default();
        // Made before all of the others.
        floors.raise(&of("small", 0), Some(Timestamp(1)));
        for list in 0..FLOORS_MAX + 50 {
            floors.raise(&of("large", list), Some(Timestamp(1000 + list as u64)));
        }
        let small = floors.raise(&of("small", 0), None);
        assert_eq!(small, Some(Timestamp(1)));
        assert_eq!(floors.raise(&of("large", 0), None), None);
        assert_eq!(floors.lock().issued.len(), FLOORS_MAX);
        // Whoever comes later has a share too, however old its lists are.
        for list in 0..50 {
            floors.raise(&of("late", list), Some(Timestamp(2)));
        }
        let known = floors.lock();
        let counts = by_issuer(known.issued.keys());
        assert_eq!(counts.get("small"), Some(&1));
        assert_eq!(counts.get("late"), Some(&50));
        assert_eq!(known.issued.len(), FLOORS_MAX);
    }
}
