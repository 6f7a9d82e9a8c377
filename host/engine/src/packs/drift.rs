//! Capability drift: a version that asks for more than the one before it is
//! refused until the operator granted it.

use gatewright_pack::{
    Ask, Drift, PackManifest, PackName, Refusal, Store, StoreError, VerifiedPack,
};
use gatewright_policy::Digest;

use super::error::Drifted;
use super::{PackError, Packs};

/// Refuses what asks for more than the version in force does, as long as that was
/// not granted. The first version that a gate runs has nothing to be compared with.
pub(super) fn check(
    name: &PackName,
    new: &VerifiedPack,
    granted: &[Ask],
    before: Option<&PackManifest>,
) -> Result<(), PackError> {
    let Some(before) = before else {
        return Ok(());
    };
    let drift = Drift::between(before, new.manifest()).without(granted);
    if drift.is_empty() {
        return Ok(());
    }
    let asks: Vec<_> = drift.0.iter().map(ToString::to_string).collect();
    Err(PackError::Drift(Box::new(Drifted {
        pack: name.to_string(),
        digest: new.digest(),
        revision: new.manifest().revision.clone(),
        before: before.revision.clone(),
        asks: asks.join(", "),
    })))
}

/// The manifest of the version in force; after a start, of the last good one.
pub(super) fn before(
    name: &PackName,
    active: &Packs,
    store: &Store,
) -> Result<Option<PackManifest>, PackError> {
    if let Some(in_force) = active.set.get(name) {
        return Ok(Some(PackManifest::clone(&in_force.pack.manifest)));
    }
    let Some(good) = store.good()? else {
        return Ok(None);
    };
    let Some(wanted) = good.set.get(name) else {
        return Ok(None);
    };
    manifest(wanted.pack, store).map(Some)
}

/// The manifest of a pack in the store: the bytes that its digest names.
fn manifest(pack: Digest, store: &Store) -> Result<PackManifest, PackError> {
    let missing = || StoreError::NotStored(pack);
    let stored = store.find(pack)?.ok_or_else(missing)?;
    let layout = store.layout(&stored)?;
    let bytes = layout.pack_manifest();
    if Digest::of(bytes) != pack {
        return Err(missing().into());
    }
    Ok(PackManifest::parse(bytes).map_err(|error| Box::new(Refusal::from(error)))?)
}
