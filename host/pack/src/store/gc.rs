//! Removing packs that nobody wants, and blobs that no pack has.

use std::collections::BTreeSet;
use std::fs;

use gatewright_policy::Digest;

use super::disk::PART;
use super::{Store, StoreError, StoredPack};
use crate::layout::Layout;
use crate::sha256::Sha256;

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
        Ok(removed)
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

    fn remove(&self, path: &std::path::Path) -> Result<(), StoreError> {
        self.disk
            .remove(path)
            .map_err(|error| StoreError::disk(path, error))
    }
}
