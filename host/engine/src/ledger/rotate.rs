//! Rotation: the file that is written becomes an older segment, and a new one
//! begins with what a start needs of all of them.
//!
//! What is carried over is not taken from memory, where calls under way have left
//! their traces already or not yet, but read from the file that is sealed: a start
//! on the new segment knows exactly what a start on the old one would have known.
//! Most of it is read while calls go on; only the rest, and the writing, stops them.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Take};

use gatewright_evidence::Hash;
use gatewright_policy::Digest;
use gatewright_policy::segment::Previous;

use super::open_error::LedgerOpenError;
use super::port::{LedgerError, Rotated};
use super::replay::{End, READ_BYTES, Replay};
use super::segment::{Before, NotBegun, Step, put_in_force, sealed_path, write};
use super::shared::Shared;
use super::tree::LedgerTree;

/// The file that is sealed, hashed as it is read: many lines at once, which takes a
/// fraction of what one line after the other does.
struct Hashed {
    file: Take<File>,
    hasher: blake3::Hasher,
}

/// Seals the file and begins a new one; does nothing where nothing happened since
/// the last one began.
pub(super) fn rotate(shared: &Shared, before: Before<'_>) -> Result<Option<Rotated>, LedgerError> {
    // One at a time.
    let mut tree = shared.lock_tree();
    let (place, file, written, latest) = {
        let tail = shared.tail();
        tail.can_be_written()?;
        if !tail.has_entries() {
            return Ok(None);
        }
        let file = File::open(&tail.place).map_err(refused)?;
        (tail.place.clone(), file, tail.length, tail.latest)
    };
    let mut replay = Replay::new(&place, &shared.keys, latest);
    let hashed = Hashed {
        file: file.take(written),
        hasher: blake3::Hasher::new(),
    };
    let mut reader = BufReader::with_capacity(READ_BYTES, hashed);
    whole(replay.read(&mut reader))?;
    reader
        .get_ref()
        .file
        .get_ref()
        .sync_data()
        .map_err(refused)?;
    tree.sync().map_err(refused)?;

    let mut tail = shared.tail();
    tail.can_be_written()?;
    reader.get_mut().file.set_limit(tail.length - written);
    whole(replay.read(&mut reader))?;
    if replay.past.next_sequence != tail.sequence {
        return Err(refused("it holds other entries than the gate wrote"));
    }
    // What was written and not yet synced is sealed with the rest.
    if let Err(error) = tail.file.sync_data() {
        return Err(tail.lose(format!("a sync failed ({error})")));
    }
    let synced = tail.sequence;
    tail.unsigned.synced(synced);
    sign(&mut tree, tail.unsigned.take()).map_err(refused)?;
    tail.unsigned.note(tree.signed_until(), None);
    let sealed = sealed_path(&place, replay.past.first_sequence);
    let name = sealed.file_name().map(OsStr::to_string_lossy);
    let digest = reader.get_ref().hasher.finalize();
    let previous = Previous {
        file: name.unwrap_or_default().into_owned(),
        digest: Digest::from_bytes(*digest.as_bytes()),
    };
    let latest = tail.latest;
    let next = write(
        &place,
        &replay.past,
        &shared.keys,
        Some(previous),
        latest,
        Vec::new(),
        before,
    );
    let next = next.map_err(refused)?;
    match put_in_force(&place, Some(&sealed), before) {
        Ok(()) => {}
        Err(NotBegun::Undone(error)) => return Err(refused(error)),
        Err(NotBegun::Unknown(error)) => {
            return Err(tail.lose(format!("a rotation ended half-way ({error})")));
        }
    }
    let continued_at = replay.past.next_sequence;
    tail.continue_in(next, continued_at)
        .map_err(|error| tail.lose(format!("the new file cannot be looked at ({error})")))?;
    tracing::info!(sealed = %sealed.display(), continued_at, "the ledger was rotated");
    Ok(Some(Rotated {
        sealed,
        continued_at,
    }))
}

/// A start on the new segment reads no entry of the one that is sealed: its tree is on
/// disk before.
fn sign(tree: &mut LedgerTree, entries: Vec<Hash>) -> io::Result<()> {
    if !tree.is_written() {
        tree.write()?;
    }
    tree.grow(entries);
    tree.seal()
}

/// What to do before each step of a rotation: nothing.
pub(super) fn go_on(_: Step) -> io::Result<()> {
    Ok(())
}

/// The gate writes whole lines only.
fn whole(read: Result<End, LedgerOpenError>) -> Result<(), LedgerError> {
    match read.map_err(refused)? {
        End::Whole => Ok(()),
        End::Unended | End::Torn(_) => Err(refused("it ends within a line")),
    }
}

fn refused(error: impl fmt::Display) -> LedgerError {
    LedgerError::Rotate(error.to_string())
}

// === impl Hashed ===

impl Read for Hashed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        let bytes = into.get(..read);
        self.hasher.update(bytes.unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    use gatewright_evidence::verify::{Wanted, verify};
    use gatewright_policy::Timestamp;
    use gatewright_policy::record::{Entry, Event};

    use super::super::segment::sealed_segments;
    use super::super::{Durability, FileLedger, Ledger as _};
    use std::path::PathBuf;

    use super::*;

    const STEPS: [Step; 5] = [
        Step::Write,
        Step::Link,
        Step::SyncLink,
        Step::Rename,
        Step::SyncRename,
    ];

    const ENTRIES: u64 = 3;

    async fn append(ledger: &FileLedger) -> Result<u64, LedgerError> {
        let event = Event::Started {
            version: "test".to_owned(),
            record: 2,
            key: None,
        };
        let appended = ledger.append(Timestamp(1), event, Durability::Written);
        appended.await.map(|receipt| receipt.sequence())
    }

    async fn written(path: &Path) -> FileLedger {
        let (ledger, _) = FileLedger::open(path, Timestamp(1)).unwrap();
        for _ in 0..ENTRIES {
            append(&ledger).await.unwrap();
        }
        ledger
    }

    /// Opens the ledger, appends to it, and gives how many entries say what was
    /// appended; all entries of all segments are there, in order.
    async fn count(path: &Path) -> usize {
        let (ledger, _) = FileLedger::open(path, Timestamp(1)).unwrap();
        append(&ledger).await.unwrap();
        drop(ledger);
        let report = verify(path, &Wanted::default()).unwrap();
        assert_eq!((report.findings, report.unsigned), (Vec::new(), 0));
        let older = sealed_segments(path).unwrap();
        let mut paths: Vec<_> = older.into_iter().map(|(_, path)| path).collect();
        paths.push(path.to_owned());
        let texts = paths.iter().map(|path| fs::read_to_string(path).unwrap());
        let texts = texts.collect::<Vec<_>>().concat();
        let entries = texts
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let entries: Vec<Entry> = entries.collect();
        for (place, entry) in entries.iter().enumerate() {
            assert_eq!(entry.sequence, place as u64);
        }
        let appended = |entry: &&Entry| matches!(entry.event, Event::Started { .. });
        entries.iter().filter(appended).count()
    }

    #[tokio::test]
    async fn a_rotation_that_fails_at_any_step_loses_nothing() {
        for failing in STEPS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("audit.jsonl");
            let ledger = written(&path).await;
            let rotated = rotate(ledger.shared(), &mut |step| match step == failing {
                true => Err(io::Error::other("a fault")),
                false => Ok(()),
            });
            assert!(rotated.is_err(), "{failing:?}");
            let appended = append(&ledger).await;
            match failing {
                // Nobody knows which file a crash would leave.
                Step::SyncRename => assert!(appended.is_err()),
                Step::Write | Step::Link | Step::SyncLink | Step::Rename => {
                    assert_eq!(appended, Ok(ENTRIES), "{failing:?}");
                }
            }
            drop(ledger);
            let expected = ENTRIES + u64::from(appended.is_ok()) + 1;
            assert_eq!(count(&path).await as u64, expected, "{failing:?}");
        }
    }

    /// What is there before each step is what a crash would leave.
    #[tokio::test]
    async fn a_crash_at_any_step_of_a_rotation_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let ledger = written(&path).await;
        let mut crashed = Vec::new();
        let rotated = rotate(ledger.shared(), &mut |step| {
            crashed.push((step, copied(folder.path())));
            Ok(())
        });
        assert!(rotated.unwrap().is_some());
        assert_eq!(crashed.len(), STEPS.len());
        for (step, left) in crashed {
            let found = count(&left.path().join("audit.jsonl")).await;
            assert_eq!(found as u64, ENTRIES + 1, "{step:?}");
        }
    }

    /// A copy of a folder in which files with two names have two names.
    fn copied(folder: &Path) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_into(folder, copy.path(), &mut HashMap::new());
        copy
    }

    fn copy_into(folder: &Path, copy: &Path, known: &mut HashMap<u64, PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let to = copy.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                fs::create_dir(&to).unwrap();
                copy_into(&entry.path(), &to, known);
                continue;
            }
            match known.get(&entry.metadata().unwrap().ino()) {
                Some(same) => fs::hard_link(same, to).unwrap(),
                None => {
                    fs::copy(entry.path(), &to).unwrap();
                    known.insert(entry.metadata().unwrap().ino(), to);
                }
            }
        }
    }
}
