//! Where payloads are written: bounded files, of which only the newest grows.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_disk::{Disk as _, Files};
use gatewright_policy::Timestamp;
use gatewright_policy::json::Document;
use gatewright_policy::record::{Kept, PayloadHead, RecordKeys};

use super::file::{LOCK, files, name, written};
use super::rules::{Wish, masked, wish};
use super::stamp::Stamp;
use crate::config::{KeepConfig, Loaded};

/// One file has this much at the most, or one payload.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// A file is closed at this part of the time that it may be kept, so that what is in it
/// goes at about the same time.
const SPANS: u32 = 16;

/// Files that begin at the same millisecond.
const SAME_TIME_MAX: u32 = 1000;

/// Keeps payloads. Nothing is there before the first.
#[derive(Debug)]
pub struct PayloadStore {
    folder: PathBuf,
    rules: Vec<KeepConfig>,
    bytes_max: u64,
    keep_for: Duration,
    newest: Mutex<Option<Newest>>,
    /// How many erasures the record tells of, where that could not be written down.
    pub(super) told: AtomicU64,
    /// What says what was erased, as it was when the record told of all of it.
    pub(super) all_told: Mutex<Option<Stamp>>,
}

/// The file that grows, of this process alone.
#[derive(Debug)]
struct Newest {
    path: PathBuf,
    file: File,
    lock: File,
    first: Timestamp,
    bytes: u64,
    /// What lies in the other files.
    others: u64,
}

// === impl PayloadStore ===

impl PayloadStore {
    /// As the configuration says; none where it keeps nothing.
    pub fn of(loaded: &Loaded) -> Option<Self> {
        let config = loaded.config.audit.payloads.as_ref()?;
        Some(Self {
            folder: Self::folder(loaded)?,
            rules: config.keep.clone(),
            bytes_max: config.bytes_max.0 as u64,
            keep_for: config.keep_for.0,
            newest: Mutex::default(),
            told: AtomicU64::default(),
            all_told: Mutex::default(),
        })
    }

    /// Where the payloads of a configuration are; none where it keeps nothing.
    pub fn folder(loaded: &Loaded) -> Option<PathBuf> {
        let audit = &loaded.config.audit;
        let config = audit.payloads.as_ref()?;
        Some(match &config.folder {
            Some(folder) => loaded.resolve(folder),
            None => Self::beside(&loaded.resolve(&audit.path)),
        })
    }

    /// Where they are beside a ledger, if nothing else is said.
    pub fn beside(ledger: &Path) -> PathBuf {
        let mut name = ledger.as_os_str().to_owned();
        name.push(".payloads");
        PathBuf::from(name)
    }

    /// The folder.
    pub(super) fn place(&self) -> &Path {
        &self.folder
    }

    /// What is wanted of calls of a tool; none where they are not kept.
    pub(crate) fn wish(&self, server: &str, name: &str) -> Option<Wish> {
        wish(&self.rules, server, name)
    }

    /// A document without what is masked, and what was.
    pub(crate) fn masked(
        document: &Document,
        pointers: impl IntoIterator<Item = String>,
    ) -> io::Result<(String, Vec<String>)> {
        // The error may quote the document.
        masked(document, pointers).map_err(|_quoting| io::Error::other("it cannot be masked"))
    }

    /// Keeps a text, and gives what the entry says of it. It survives the death of the
    /// gate when this returns.
    pub(crate) fn keep(
        &self,
        keys: &RecordKeys,
        head: &PayloadHead,
        (text, is_masked): (&str, bool),
    ) -> io::Result<Kept> {
        let bytes = written(head, &head.seal(keys, text))?;
        self.write(head.at, &bytes)?;
        Ok(Kept {
            digest: keys.digest(text),
            masked: is_masked,
        })
    }

    /// Lets go of what was kept for long enough. To be called every few seconds.
    pub(crate) fn sweep(&self, now: Timestamp) -> io::Result<()> {
        let mut newest = self.lock();
        let millis = u64::try_from(self.keep_for.as_millis()).unwrap_or(u64::MAX);
        let over = |first: Timestamp| first.0.saturating_add(millis) <= now.0;
        if newest.as_ref().is_some_and(|newest| over(newest.first)) {
            *newest = None;
        }
        for (first, path) in files(&self.folder)? {
            if !over(first) {
                break;
            }
            gone(Files.remove(&path))?;
        }
        Ok(())
    }

    fn write(&self, at: Timestamp, bytes: &[u8]) -> io::Result<()> {
        let mut guard = self.lock();
        let more = bytes.len() as u64;
        let mut newest = match guard
            .take()
            .filter(|newest| self.has_room(newest, at, more))
        {
            Some(newest) => newest,
            None => self.begin(at, more)?,
        };
        newest.lock.lock()?;
        // Somebody may have taken something out of it: then it is another file.
        let is_there = newest.is_there();
        let result = match is_there {
            true => newest.append(bytes),
            false => Ok(()),
        };
        newest.lock.unlock()?;
        result?;
        if !is_there {
            newest = self.begin(at, more)?;
            newest.append(bytes)?;
        }
        *guard = Some(newest);
        Ok(())
    }

    fn has_room(&self, newest: &Newest, at: Timestamp, more: u64) -> bool {
        let is_young = at.since(newest.first) < self.keep_for / SPANS;
        let fits = newest.bytes.saturating_add(more) <= FILE_BYTES_MAX;
        let all = newest.others.saturating_add(newest.bytes);
        is_young && fits && all.saturating_add(more) <= self.bytes_max
    }

    /// Begins a file, once there is room for so much.
    fn begin(&self, at: Timestamp, more: u64) -> io::Result<Newest> {
        Files.create_folder(&self.folder)?;
        let others = self.make_room(more)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(self.folder.join(LOCK))?;
        let mut options = OpenOptions::new();
        options.append(true).create_new(true).mode(0o600);
        for number in 0..SAME_TIME_MAX {
            let path = self.folder.join(name(at, number));
            let file = match options.open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error),
            };
            Files.sync_folder(&self.folder)?;
            return Ok(Newest {
                path,
                file,
                lock,
                first: at,
                bytes: 0,
                others,
            });
        }
        Err(io::Error::other("too many files begin at the same time"))
    }

    /// Removes the oldest files until a whole new file fits, and not the next payload alone:
    /// each would have a file of its own. How much the others have.
    fn make_room(&self, more: u64) -> io::Result<u64> {
        let mut sizes = Vec::new();
        for (_, path) in files(&self.folder)? {
            match std::fs::metadata(&path) {
                Ok(metadata) => sizes.push((metadata.len(), path)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let mut all: u64 = sizes.iter().map(|(bytes, _)| bytes).sum();
        for (bytes, path) in sizes {
            if all.saturating_add(more.max(FILE_BYTES_MAX)) <= self.bytes_max {
                break;
            }
            gone(Files.remove(&path))?;
            all = all.saturating_sub(bytes);
        }
        Ok(all)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Newest>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Newest ===

impl Newest {
    fn is_there(&self) -> bool {
        let ours = self.file.metadata().map(|it| (it.dev(), it.ino()));
        let there = std::fs::metadata(&self.path).map(|it| (it.dev(), it.ino()));
        matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
    }

    /// Whole, or not at all. After an error another file is begun: what is torn is the end
    /// of this one.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(bytes);
        if written.is_err() {
            // What cannot be cut off either is torn, and no reader goes beyond it.
            let _ = self.file.set_len(self.bytes);
        }
        written?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
