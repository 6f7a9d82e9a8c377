//! Snapshots of configured components, kept on disk beside their compiled code:
//! who loads the same component with the same settings again need not instrument
//! and configure it again. A cache: what is missing, damaged or cannot be written
//! is made anew, and only costs time.
//!
//! Whoever can write there decides what guests do, as with compiled code.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gatewright_policy::Digest;

use crate::limits::Limits;

/// Below the folder for compiled code. Two deep and without an extension, so that
/// wasmtime, which cleans that folder up, counts the files as its own.
const FOLDER: &str = "snapshots/v1";

/// Files, and bytes in them, that are kept; past that the oldest go.
const FILES_MAX: usize = 1024;
const BYTES_MAX: u64 = 512 << 20;

/// Largest snapshot that is kept: several times the largest language runtime.
const SNAPSHOT_BYTES_MAX: usize = 128 << 20;

/// Length of a digest, in bytes.
const DIGEST_BYTES: usize = 32;

/// The snapshots of one folder.
pub(crate) struct SnapshotCache {
    folder: PathBuf,
}

/// Names everything that a snapshot is made from.
#[derive(Clone, Copy)]
pub(crate) struct SnapshotKey(Digest);

// === impl SnapshotKey ===

impl SnapshotKey {
    /// What `configure` builds follows from the component, its settings, the
    /// limits it runs under, and this version of the host: it sees nothing else.
    pub(crate) fn of(component: Digest, settings: &str, limits: Limits) -> Self {
        let made_from = format!(
            "{}\n{component}\n{}\n{:?}",
            env!("CARGO_PKG_VERSION"),
            Digest::of(settings.as_bytes()),
            limits.for_configure(),
        );
        Self(Digest::of(made_from.as_bytes()))
    }

    fn file_name(self) -> String {
        let hex = self.0.as_bytes().iter().map(|byte| format!("{byte:02x}"));
        hex.collect()
    }
}

// === impl SnapshotCache ===

impl SnapshotCache {
    /// In the folder for compiled code; none where nothing can be written there.
    pub(crate) fn open(cache_dir: &Path) -> Option<Self> {
        let folder = cache_dir.join(FOLDER);
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder);
        made.is_ok().then_some(Self { folder })
    }

    /// The snapshot of this key, if it is there and whole.
    pub(crate) fn find(&self, key: SnapshotKey) -> Option<Vec<u8>> {
        let header = DIGEST_BYTES * 2;
        let limit = u64::try_from(SNAPSHOT_BYTES_MAX + header).ok()?;
        let file = File::open(self.folder.join(key.file_name())).ok()?;
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes).ok()?;
        let (checksum, rest) = bytes.split_at_checked(DIGEST_BYTES)?;
        let (found, snapshot) = rest.split_at_checked(DIGEST_BYTES)?;
        let is_whole = checksum == Digest::of(rest).as_bytes() && found == key.0.as_bytes();
        is_whole.then(|| snapshot.to_vec())
    }

    /// Keeps a snapshot. That it cannot be kept is nobody's problem.
    pub(crate) fn keep(&self, key: SnapshotKey, snapshot: &[u8]) {
        if snapshot.len() <= SNAPSHOT_BYTES_MAX && self.write(key, snapshot).is_ok() {
            // What cannot be removed now is found again the next time.
            let _ = self.remove_oldest();
        }
    }

    fn write(&self, key: SnapshotKey, snapshot: &[u8]) -> io::Result<()> {
        let path = self.folder.join(key.file_name());
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let mut rest = key.0.as_bytes().to_vec();
        rest.extend(snapshot);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options.open(&part).and_then(|mut file| {
            file.write_all(Digest::of(&rest).as_bytes())?;
            // Not synced: what a crash leaves half is not whole, and found out.
            file.write_all(&rest)
        });
        let kept = written.and_then(|()| fs::rename(&part, &path));
        if kept.is_err() {
            let _ = fs::remove_file(&part);
        }
        kept
    }

    fn remove_oldest(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let file = entry.metadata()?;
            let written = file.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push((written, file.len(), entry.path()));
        }
        files.sort();
        let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
        let mut count = files.len();
        for (_, length, path) in files {
            if count <= FILES_MAX && bytes <= BYTES_MAX {
                break;
            }
            fs::remove_file(path)?;
            count -= 1;
            bytes = bytes.saturating_sub(length);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u8) -> SnapshotKey {
        SnapshotKey::of(Digest::of(&[number]), "{}", Limits::default())
    }

    #[test]
    fn what_is_kept_is_found_under_its_key_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cache = SnapshotCache::open(folder.path()).unwrap();
        assert_eq!(cache.find(key(1)), None);
        cache.keep(key(1), b"snapshot");
        assert_eq!(cache.find(key(1)).unwrap(), b"snapshot");
        assert_eq!(cache.find(key(2)), None);
        // A file that was put in the place of another one.
        let path = |key: SnapshotKey| cache.folder.join(key.file_name());
        fs::copy(path(key(1)), path(key(2))).unwrap();
        assert_eq!(cache.find(key(2)), None);
    }

    #[test]
    fn everything_that_a_snapshot_is_made_from_is_in_its_key() {
        let (one, two) = (Digest::of(b"1"), Digest::of(b"2"));
        let limits = Limits::default();
        let less_memory = Limits {
            memory_bytes: 1,
            ..limits
        };
        let keys = [
            SnapshotKey::of(one, "{}", limits),
            SnapshotKey::of(two, "{}", limits),
            SnapshotKey::of(one, "[]", limits),
            SnapshotKey::of(one, "{}", less_memory),
        ];
        let names: std::collections::BTreeSet<_> = keys.iter().map(|key| key.file_name()).collect();
        assert_eq!(names.len(), keys.len());
    }

    #[test]
    fn what_is_damaged_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = SnapshotCache::open(folder.path()).unwrap();
        cache.keep(key(1), b"snapshot");
        let path = cache.folder.join(key(1).file_name());
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(cache.find(key(1)), None, "cut off at {length}");
        }
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert_eq!(cache.find(key(1)), None, "flipped at {place}");
        }
        fs::write(&path, &whole).unwrap();
        assert_eq!(cache.find(key(1)).unwrap(), b"snapshot");
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let cache = SnapshotCache::open(folder.path()).unwrap();
        for number in 0..FILES_MAX {
            let path = cache.folder.join(number.to_string());
            let file = File::create(path).unwrap();
            let age = std::time::Duration::from_secs(u64::try_from(number).unwrap());
            file.set_modified(SystemTime::UNIX_EPOCH + age).unwrap();
        }
        cache.keep(key(1), b"snapshot");
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), FILES_MAX);
        assert!(!cache.folder.join("0").exists() && cache.folder.join("1").exists());
        assert!(cache.find(key(1)).is_some());
    }
}
