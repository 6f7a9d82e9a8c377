//! One look at a repository: pull, verify, keep, and want what is newer.

use std::collections::BTreeMap;
use std::path::Path;

use gatewright_engine::config::Loaded;
use gatewright_pack::{
    Age, Drift, Layout, LayoutError, PackManifest, PackName, Refusal, Sha256, Store, StoreError,
    VerifiedPack, Wanted, WantedPack, verify,
};
use gatewright_policy::{Digest, Timestamp};
use gatewright_registry::{
    Backoff, Credentials, Limits, Reference, ReferenceError, Registry, RegistryError, Settings,
};

use crate::credential::now;

/// How often it is tried again when somebody else changes what is wanted at the
/// same time.
const TRIES: usize = 8;

/// Why what was found is not wanted.
#[derive(Debug, thiserror::Error)]
pub(super) enum TakeError {
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the repository of `{expected}` has a pack that is called `{found}`")]
    OtherName { expected: String, found: String },
    #[error(
        "the repository has `{name}` {revision} under a tag of another version, and {track} does \
         not take that; hint: tell who may push there"
    )]
    OtherVersion {
        name: String,
        revision: String,
        track: String,
    },
    #[error(
        "`{name}` {revision} asks for more than what is wanted now: {asks}; hint: if it may \
         have that, `gatewright pack activate {name}@{digest} --grant`"
    )]
    Drift {
        name: String,
        revision: String,
        digest: Digest,
        asks: String,
    },
    #[error(
        "`{name}` {revision} is what the gate, or somebody, went back from; hint: \
         `gatewright pack activate {name}@{digest}` takes it again"
    )]
    WentBack {
        name: String,
        revision: String,
        digest: Digest,
    },
    #[error("`{folder}`: {cause}")]
    Disk {
        folder: String,
        cause: std::io::Error,
    },
    #[error("the clock is wrong: {0}")]
    Clock(String),
}

// === impl TakeError ===

impl TakeError {
    /// Whether the same pack may be taken another time.
    pub(super) const fn may_pass(&self) -> bool {
        match self {
            Self::Registry(_) | Self::Store(_) | Self::Disk { .. } | Self::Clock(_) => true,
            // What the operator trusts may change, and the pack does not.
            Self::Refused(_) | Self::Drift { .. } => true,
            Self::Layout(_)
            | Self::OtherName { .. }
            | Self::OtherVersion { .. }
            | Self::WentBack { .. } => false,
        }
    }
}

/// A client with the credentials of the gate's user.
pub(super) fn registry(plain_http: bool) -> Registry {
    Registry::new(Settings {
        credentials: Credentials::of_this_user(),
        plain_http,
        limits: Limits::default(),
        backoff: Backoff::default(),
    })
}

pub(super) fn reference(from: &str, track: &str) -> Result<Reference, ReferenceError> {
    Reference::tracking(from, track)
}

/// Pulls the pack, verifies it against what the configuration trusts, keeps it,
/// and wants it where it is newer than what is wanted. Gives the revision of the
/// set that is wanted then, or nothing where it is wanted already.
pub(super) async fn take(
    loaded: &Loaded,
    name: &str,
    registry: &Registry,
    reference: &Reference,
    image: Sha256,
) -> Result<Option<u64>, TakeError> {
    let store = Store::open(loaded.resolve(&loaded.config.packs.store))?;
    if is_wanted(&store, name, image)? {
        return Ok(None);
    }
    let disk = |folder: &Path, cause| TakeError::Disk {
        folder: folder.display().to_string(),
        cause,
    };
    let place = store.folder().to_owned();
    let making = tokio::task::spawn_blocking(move || store.incoming().map(|made| (store, made)));
    let (store, folder) = making
        .await
        .map_err(|error| disk(&place, std::io::Error::other(error)))??;
    let target = folder.path().join("pack");
    let exactly = reference.at(gatewright_registry::Version::Digest(image));
    registry.pull(&exactly, &target).await?;
    let now = now().map_err(|error| TakeError::Clock(error.to_string()))?;
    let (trust, name) = (loaded.pack_trust(), name.to_owned());
    let by = format!("{}/{}", reference.registry(), reference.repository());
    let reference = reference.clone();
    // Reading, hashing and waiting for the store's lock are not for the threads
    // that serve.
    let taking = tokio::task::spawn_blocking(move || {
        let layout = Layout::read(&target)?;
        let seen = seen(&store, &name)?;
        let pack = verify(layout, &trust, Age::NotBelow(seen), now)?;
        if pack.manifest().name.as_str() != name {
            return Err(TakeError::OtherName {
                expected: name,
                found: pack.manifest().name.to_string(),
            });
        }
        if !reference.admits(&pack.manifest().revision) {
            return Err(TakeError::OtherVersion {
                name,
                revision: pack.manifest().revision.clone(),
                track: reference.version().to_string(),
            });
        }
        store.import(&pack, now)?;
        want(&store, &pack, &by, now)
    });
    taking.await.unwrap_or_else(|error| {
        Err(TakeError::Disk {
            folder: folder.path().display().to_string(),
            cause: std::io::Error::other(error),
        })
    })
}

/// Whether any version of a pack is wanted.
pub(super) fn has_version(loaded: &Loaded, name: &str) -> Result<bool, TakeError> {
    let store = Store::open(loaded.resolve(&loaded.config.packs.store))?;
    let wanted = store.wanted()?;
    Ok(wanted.set.keys().any(|wanted| wanted.as_str() == name))
}

/// Whether any version of a pack was in force.
pub(super) fn was_good(loaded: &Loaded, name: &str) -> Result<bool, TakeError> {
    let store = Store::open(loaded.resolve(&loaded.config.packs.store))?;
    let good = store.good()?;
    Ok(good.is_some_and(|good| good.set.keys().any(|good| good.as_str() == name)))
}

fn seen(store: &Store, name: &str) -> Result<Option<u64>, TakeError> {
    match name.parse::<PackName>() {
        Ok(name) => Ok(store.seen(&name)?),
        Err(_) => Ok(None),
    }
}

/// Whether what is wanted is this image already.
fn is_wanted(store: &Store, name: &str, image: Sha256) -> Result<bool, TakeError> {
    let wanted = store.wanted()?;
    for (wanted, pack) in wanted.packs() {
        if wanted.as_str() == name
            && store
                .find(pack)?
                .is_some_and(|stored| stored.image == image)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Wants the pack in the place of the version before, unless that is not older,
/// or somebody went back from this one.
fn want(
    store: &Store,
    pack: &VerifiedPack,
    by: &str,
    now: Timestamp,
) -> Result<Option<u64>, TakeError> {
    for _ in 0..TRIES {
        let before = store.wanted()?;
        let Some(set) = set_with(store, pack, &before)? else {
            return Ok(None);
        };
        match store.change(before.revision, set, by, now) {
            Ok(wanted) => return Ok(Some(wanted.revision)),
            Err(StoreError::Moved { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StoreError::Busy(store.folder().display().to_string()).into())
}

fn set_with(
    store: &Store,
    pack: &VerifiedPack,
    before: &Wanted,
) -> Result<Option<BTreeMap<PackName, WantedPack>>, TakeError> {
    let manifest = pack.manifest();
    let (name, digest) = (&manifest.name, pack.digest());
    let mut set = before.set.clone();
    if let Some(wanted) = set.get(name) {
        let stored = store.find(wanted.pack)?;
        let version = stored.as_ref().map_or(0, |stored| stored.version);
        if wanted.pack == digest || version >= manifest.version {
            return Ok(None);
        }
        if store.went_back_from(name, digest)? {
            return Err(TakeError::WentBack {
                name: name.to_string(),
                revision: manifest.revision.clone(),
                digest,
            });
        }
        if let Some(stored) = stored {
            let layout = store.layout(&stored)?;
            let old = PackManifest::parse(layout.pack_manifest()).map_err(Refusal::from)?;
            let drift = Drift::between(&old, manifest).without(&wanted.granted);
            if !drift.is_empty() {
                let asks: Vec<_> = drift.0.iter().map(ToString::to_string).collect();
                return Err(TakeError::Drift {
                    name: name.to_string(),
                    revision: manifest.revision.clone(),
                    digest,
                    asks: asks.join(", "),
                });
            }
        }
    }
    // Who tries a still newer version goes on trying it.
    let candidate = match set.remove(name).and_then(|wanted| wanted.candidate) {
        Some(candidate) => {
            let stored = store.find(candidate.pack)?;
            let is_newer = stored.is_some_and(|stored| stored.version > manifest.version);
            Some(candidate).filter(|_| is_newer)
        }
        None => None,
    };
    set.insert(
        name.clone(),
        WantedPack {
            pack: digest,
            granted: Vec::new(),
            older: false,
            candidate,
        },
    );
    Ok(Some(set))
}
