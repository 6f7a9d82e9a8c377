//! Putting a verified pack into the store.

use std::fs;

use gatewright_policy::Timestamp;

use super::{PACKS_MAX, Store, StoreError, StoredPack};
use crate::sha256::Sha256;
use crate::verify::VerifiedPack;

// === impl Store ===

impl Store {
    /// Keeps a pack, and that its version was seen. Blobs come first and the
    /// record of the pack last: a pack that has a record is whole.
    pub fn import(&self, pack: &VerifiedPack, now: Timestamp) -> Result<StoredPack, StoreError> {
        let _lock = self.lock()?;
        let manifest = pack.manifest();
        let stored = StoredPack {
            pack: pack.digest(),
            name: manifest.name.clone(),
            revision: manifest.revision.clone(),
            version: manifest.version,
            image: pack.layout().image().digest,
            signatures: pack
                .layout()
                .signatures()
                .map(|signature| signature.digest)
                .collect(),
            publisher: pack.publisher().to_owned(),
            signers: pack.signers().to_vec(),
            imported: now.to_string(),
        };
        let known = self.find(stored.pack)?;
        if let Some(known) = &known
            && self.layout(known).is_ok()
            && stored.signers.iter().all(|key| known.signers.contains(key))
        {
            // The annotations of an image are nobody's word: with others it is no
            // other pack, and takes no room.
            return Ok(known.clone());
        }
        if known.is_none() && self.list()?.len() >= PACKS_MAX {
            return Err(StoreError::Full(PACKS_MAX));
        }
        for (digest, blob) in pack.layout().blobs() {
            self.keep(*digest, blob)?;
        }
        // Before the pack: that a version was seen is never lost.
        let mut seen = self.all_seen()?;
        let highest = seen.entry(stored.name.clone()).or_default();
        if *highest < stored.version {
            *highest = stored.version;
            self.write(&self.folder.join("seen.json"), &seen)?;
        }
        self.write(&self.pack_path(stored.pack), &stored)?;
        Ok(stored)
    }

    /// Keeps a blob. One that is there and damaged is written again.
    fn keep(&self, digest: Sha256, blob: &[u8]) -> Result<(), StoreError> {
        let path = self.blob_path(digest);
        if fs::read(&path).is_ok_and(|there| there == blob) {
            return Ok(());
        }
        self.replace(&path, blob)
    }
}
