//! Verified packs on disk, the versions that were seen, and the set that is
//! wanted. Several processes use a store at once: whoever writes holds its lock,
//! and every file is replaced in one step, so that a crash leaves the old file
//! or the new one.
//!
//! ```text
//! blobs/sha256/<hex>   shared by packs
//! packs/<blake3>.json  which image and signatures a pack has
//! seen.json            the highest version of each pack
//! wanted.json          the set that the gate should run
//! good.json            the last set that it did run
//! history/<n>.json     sets that were wanted before
//! went-back.json       what was wanted, and an older version after it
//! ```

mod error;
mod gc;
mod import;
mod lock;
mod sets;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gatewright_disk::{Access, Disk, Files, Target, replace};
use gatewright_policy::{Digest, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use error::StoreError;
pub use gc::Removed;
pub use sets::HISTORY_MAX;
pub use wanted::{Candidate, CandidateMode, Wanted, WantedPack};

use crate::layout::{BLOB_BYTES_MAX, Layout};
use crate::name::PackName;
use crate::refusal::Refusal;
use crate::sha256::{Sha256, hex};
use crate::trust::TrustPolicy;
use crate::verify::{Age, VerifiedPack, verify_until};

/// The file in a store that says what is wanted: who runs a gate watches it.
pub const WANTED_FILE: &str = "wanted.json";

/// Longest file besides blobs, in bytes: a set of hundreds of packs.
const STATE_BYTES_MAX: u64 = 4 << 20;

/// Most packs in a store. Past it, `gc` or another store.
pub const PACKS_MAX: usize = 4096;

/// Packs on disk. Cheap to make: nothing is read until it is asked for.
#[derive(Clone)]
pub struct Store {
    folder: PathBuf,
    disk: Arc<dyn Disk>,
}

/// What a store knows about a pack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredPack {
    /// BLAKE3 of its manifest.
    pub pack: Digest,
    /// Its name.
    pub name: PackName,
    /// Its label.
    pub revision: String,
    /// Its version.
    pub version: u64,
    /// The blob of its image manifest.
    pub image: Sha256,
    /// The blobs of its signatures' manifests.
    pub signatures: Vec<Sha256>,
    /// Whose keys had signed it when it came.
    pub publisher: String,
    /// Those keys, as `did:key`.
    #[serde(default)]
    pub signers: Vec<String>,
    /// When it came (RFC 3339).
    pub imported: String,
}

// === impl Store ===

impl Store {
    /// A store in this folder, which is made if it is not there.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::on(folder.into(), Arc::new(Files))
    }

    pub(crate) fn on(folder: PathBuf, disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        let store = Self { folder, disk };
        for part in ["blobs/sha256", "packs", "history"] {
            let path = store.folder.join(part);
            store
                .disk
                .create_folder(&path)
                .map_err(|error| StoreError::disk(&path, error))?;
        }
        Ok(store)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The highest version of a pack that ever came.
    pub fn seen(&self, name: &PackName) -> Result<Option<u64>, StoreError> {
        Ok(self.all_seen()?.get(name).copied())
    }

    /// The packs that are here, by name and version.
    pub fn list(&self) -> Result<Vec<StoredPack>, StoreError> {
        let folder = self.folder.join("packs");
        let unreadable = |error| StoreError::disk(&folder, error);
        let mut packs = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                // A file that was being written when its writer died.
                continue;
            }
            if packs.len() >= PACKS_MAX {
                return Err(StoreError::Full(PACKS_MAX));
            }
            packs.extend(self.read::<StoredPack>(&path)?);
        }
        packs.sort_by(|one: &StoredPack, other| {
            let key = |pack: &StoredPack| (pack.name.clone(), pack.version, pack.pack);
            key(one).cmp(&key(other))
        });
        Ok(packs)
    }

    /// What is known about a pack, if it is here.
    pub fn find(&self, pack: Digest) -> Result<Option<StoredPack>, StoreError> {
        self.read(&self.pack_path(pack))
    }

    /// The pack, verified again against what is trusted now. Its age is not
    /// looked at: what is wanted was not too old when it came, or was allowed.
    pub fn load(
        &self,
        pack: Digest,
        trust: &TrustPolicy,
        now: Timestamp,
    ) -> Result<VerifiedPack, StoreError> {
        self.verified(pack, trust, Some(now))
    }

    /// The same for a pack that is in force already: it may have expired since.
    pub fn load_in_force(
        &self,
        pack: Digest,
        trust: &TrustPolicy,
    ) -> Result<VerifiedPack, StoreError> {
        self.verified(pack, trust, None)
    }

    fn verified(
        &self,
        pack: Digest,
        trust: &TrustPolicy,
        now: Option<Timestamp>,
    ) -> Result<VerifiedPack, StoreError> {
        let stored = self.find(pack)?.ok_or(StoreError::NotStored(pack))?;
        let refused = |refusal: Refusal| StoreError::Refused {
            pack,
            refusal: Box::new(refusal),
        };
        let layout = self.layout(&stored)?;
        let verified = verify_until(layout, trust, Age::Any, now).map_err(refused)?;
        if verified.digest() != pack {
            return Err(StoreError::Damaged {
                path: self.pack_path(pack).display().to_string(),
                cause: format!("it names the blobs of {}", verified.digest()),
            });
        }
        Ok(verified)
    }

    /// The layout of a pack that is here. Whole, and not verified.
    pub fn layout(&self, stored: &StoredPack) -> Result<Layout, StoreError> {
        let refused = |error: crate::LayoutError| StoreError::Refused {
            pack: stored.pack,
            refusal: Box::new(error.into()),
        };
        let image = self.blob(stored.image)?;
        let mut named = Layout::named_by(&image).map_err(refused)?;
        let mut signatures = Vec::new();
        for digest in &stored.signatures {
            let manifest = self.blob(*digest)?;
            named.extend(Layout::named_by(&manifest).map_err(refused)?);
            signatures.push(manifest);
        }
        let named: BTreeSet<_> = named.into_iter().map(|blob| blob.digest).collect();
        let blobs = named.iter().map(|digest| self.blob(*digest));
        let blobs: Vec<_> = blobs.collect::<Result<_, _>>()?;
        Layout::assemble(Some(&stored.revision), image, signatures, blobs).map_err(refused)
    }

    fn blob(&self, digest: Sha256) -> Result<Vec<u8>, StoreError> {
        let path = self.blob_path(digest);
        let limit = u64::try_from(BLOB_BYTES_MAX).unwrap_or(u64::MAX);
        read_bounded(&path, limit)?.ok_or_else(|| StoreError::Damaged {
            path: path.display().to_string(),
            cause: "it is missing".to_owned(),
        })
    }

    fn all_seen(&self) -> Result<BTreeMap<PackName, u64>, StoreError> {
        let path = self.folder.join("seen.json");
        Ok(self.read(&path)?.unwrap_or_default())
    }

    fn blob_path(&self, digest: Sha256) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }

    fn pack_path(&self, pack: Digest) -> PathBuf {
        let name = format!("{}.json", hex(pack.as_bytes()));
        self.folder.join("packs").join(name)
    }

    /// A file of state; nothing where there is none.
    fn read<T: DeserializeOwned>(&self, path: &Path) -> Result<Option<T>, StoreError> {
        let Some(bytes) = read_bounded(path, STATE_BYTES_MAX)? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&bytes).map_err(|error| StoreError::Damaged {
            path: path.display().to_string(),
            cause: error.to_string(),
        })?;
        Ok(Some(value))
    }

    /// Replaces a file of state. The caller holds the lock.
    fn write(&self, path: &Path, value: &impl Serialize) -> Result<(), StoreError> {
        let mut bytes = serde_json::to_vec_pretty(value)
            .map_err(|error| StoreError::disk(path, error.into()))?;
        bytes.push(b'\n');
        self.replace(path, &bytes)
    }

    /// Replaces a file that is for nobody else to read. The caller holds the lock.
    fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        let target = Target::new(path, Access::Owner);
        replace(&*self.disk, target, bytes).map_err(|error| StoreError::disk(path, error))
    }
}

fn read_bounded(path: &Path, bytes_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::disk(path, error)),
    };
    let mut bytes = Vec::new();
    file.take(bytes_max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| StoreError::disk(path, error))?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > bytes_max {
        return Err(StoreError::Damaged {
            path: path.display().to_string(),
            cause: format!("it has more than {bytes_max} bytes"),
        });
    }
    Ok(Some(bytes))
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.folder).finish()
    }
}
