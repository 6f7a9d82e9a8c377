//! Removing packs that nobody wants, and blobs that no pack has.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gatewright_disk::{Lock, PART};
use gatewright_policy::Digest;

use super::{Store, StoreError, StoredPack};
use crate::layout::Layout;
use crate::sha256::Sha256;

/// Beginning of the names of folders for what is still to be verified.
const INCOMING: &str = "incoming-";

/// The folder in such a folder that is written to.
const INNER: &str = "in";

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Packs that nobody wanted.
    pub packs: Vec<StoredPack>,
    /// Blobs that no other pack has.
    pub blobs: usize,
    /// How many bytes those had.
    pub bytes: u64,
}

/// A folder in the store for what is still to be verified; dropped, it is gone.
#[derive(Debug)]
pub struct Incoming {
    outer: PathBuf,
    /// In it: who fills it may want a lock on it.
    path: PathBuf,
    /// Held as long as this exists: what is not locked was left by the dead.
    _lock: Lock,
}

// === impl Store ===

impl Store {
    /// Removes every pack that is not wanted, a candidate, good or in the
    /// history, and the blobs that are left over. Versions stay seen.
    pub fn gc(&self) -> Result<Removed, StoreError> {
        let _lock = self.lock()?;
        let kept = self.kept()?;
        let mut removed = Removed::default();
        let mut blobs = BTreeSet::new();
        let (stay, go): (Vec<_>, Vec<_>) = self
            .list()?
            .into_iter()
            .partition(|stored| kept.contains(&stored.pack));
        for stored in stay {
            blobs.extend(self.blobs_of(&stored)?);
        }
        // The record first: a pack that has one is whole.
        for stored in go {
            let path = self.pack_path(stored.pack);
            self.remove(&path)?;
            removed.packs.push(stored);
        }
        let folder = self.folder.join("packs");
        self.disk
            .sync_folder(&folder)
            .map_err(|error| StoreError::disk(&folder, error))?;
        self.remove_blobs(&blobs, &mut removed)?;
        self.remove_parts()?;
        self.remove_incoming()?;
        Ok(removed)
    }

    /// A new folder in the store for what is still to be verified. Those whose
    /// processes died are removed first.
    ///
    /// # Errors
    ///
    /// When the store is busy, or the disk fails.
    pub fn incoming(&self) -> Result<Incoming, StoreError> {
        // Who holds this lock is alone in making and removing.
        let _lock = self.lock()?;
        self.remove_incoming()?;
        let mut number = 0_u64;
        loop {
            let path = self.folder.join(format!("{INCOMING}{number}"));
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Incoming::of(path),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    number = number.saturating_add(1);
                }
                Err(error) => return Err(StoreError::disk(&path, error)),
            }
        }
    }

    fn kept(&self) -> Result<BTreeSet<Digest>, StoreError> {
        let sets = [self.wanted()?]
            .into_iter()
            .chain(self.good()?)
            .chain(self.history()?);
        Ok(sets
            .flat_map(|set| set.packs().map(|(_, pack)| pack).collect::<Vec<_>>())
            .collect())
    }

    /// Every blob of a pack. One that cannot be read names nothing, and the pack
    /// does not load any more either.
    fn blobs_of(&self, stored: &StoredPack) -> Result<Vec<Sha256>, StoreError> {
        let mut blobs = vec![stored.image];
        blobs.extend(&stored.signatures);
        for manifest in blobs.clone() {
            let bytes = self.blob(manifest)?;
            let named = Layout::named_by(&bytes).map_err(|error| StoreError::Refused {
                pack: stored.pack,
                refusal: Box::new(error.into()),
            })?;
            blobs.extend(named.iter().map(|blob| blob.digest));
        }
        Ok(blobs)
    }

    fn remove_blobs(
        &self,
        kept: &BTreeSet<Sha256>,
        removed: &mut Removed,
    ) -> Result<(), StoreError> {
        let folder = self.folder.join("blobs/sha256");
        let unreadable = |error| StoreError::disk(&folder, error);
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let digest = entry.file_name().to_str().and_then(Sha256::from_hex);
            if digest.is_some_and(|digest| !kept.contains(&digest)) {
                let bytes = entry.metadata().map_err(unreadable)?.len();
                self.remove(&entry.path())?;
                removed.blobs += 1;
                removed.bytes = removed.bytes.saturating_add(bytes);
            }
        }
        Ok(())
    }

    /// Files whose writers died.
    fn remove_parts(&self) -> Result<(), StoreError> {
        for folder in ["", "blobs/sha256", "packs", "history"] {
            let folder = self.folder.join(folder);
            let unreadable = |error| StoreError::disk(&folder, error);
            for entry in fs::read_dir(&folder).map_err(unreadable)? {
                let path = entry.map_err(unreadable)?.path();
                if path.extension().is_some_and(|extension| extension == PART) {
                    self.remove(&path)?;
                }
            }
        }
        Ok(())
    }

    /// Folders whose processes died. One that cannot be opened or removed is left:
    /// no pack needs it gone.
    fn remove_incoming(&self) -> Result<(), StoreError> {
        let unreadable = |error| StoreError::disk(&self.folder, error);
        for entry in fs::read_dir(&self.folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let is_one = entry.file_name().to_string_lossy().starts_with(INCOMING)
                && entry.file_type().is_ok_and(|kind| kind.is_dir());
            if !is_one {
                continue;
            }
            let path = entry.path();
            if File::open(&path).is_ok_and(|folder| Lock::within(folder, Duration::ZERO).is_ok()) {
                let _ = fs::remove_dir_all(&path);
            }
        }
        Ok(())
    }

    fn remove(&self, path: &Path) -> Result<(), StoreError> {
        self.disk
            .remove(path)
            .map_err(|error| StoreError::disk(path, error))
    }
}

// === impl Incoming ===

impl Incoming {
    fn of(path: PathBuf) -> Result<Self, StoreError> {
        let locked = File::open(&path).and_then(|folder| {
            let lock = Lock::within(folder, Duration::ZERO).map_err(io::Error::other)?;
            fs::create_dir(path.join(INNER))?;
            Ok(lock)
        });
        match locked {
            Ok(lock) => Ok(Self {
                path: path.join(INNER),
                outer: path,
                _lock: lock,
            }),
            Err(error) => {
                let error = StoreError::disk(&path, error);
                let _ = fs::remove_dir_all(&path);
                Err(error)
            }
        }
    }

    /// Where to write: an empty folder, which nobody has locked.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // What stays here is removed by the next.
        let _ = fs::remove_dir_all(&self.outer);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::Store;

    #[test]
    fn what_the_dead_left_incoming_is_removed_and_the_living_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path().join("packs")).unwrap();
        let dead = |name: &str| {
            let dead = store.folder().join(name);
            fs::create_dir_all(dead.join("pack/blobs")).unwrap();
            dead
        };
        let left = dead("incoming-x1y2");
        let living = store.incoming().unwrap();
        assert!(!left.exists(), "the next who takes a pack removes it");
        let other = store.incoming().unwrap();
        assert_ne!(living.path(), other.path());
        let left = dead("incoming-99");
        store.gc().unwrap();
        assert!(!left.exists(), "gc removes it");
        assert!(living.path().exists() && other.path().exists());
        let path = living.path().to_owned();
        drop(living);
        assert!(!path.exists() && other.path().exists());
    }
}
