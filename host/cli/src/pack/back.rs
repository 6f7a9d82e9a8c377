//! The way back to an earlier set of packs, for the command and for the console.

use anyhow::Result;
use gatewright_engine::config::Loaded;
use gatewright_pack::{Drift, Store, StoreError, Wanted};

use super::activate::manifest;
use super::place::Gate;
use crate::credential::now;

/// What came of it.
pub(crate) enum Back {
    /// The set of the revision `to` is wanted again.
    Wanted {
        /// The revision of then.
        to: u64,
        /// What is wanted now.
        now: Wanted,
    },
    /// A pack of it is not trusted any more.
    Refused(StoreError),
}

/// Sets that were wanted before, the latest first.
pub(crate) fn earlier(loaded: &Loaded) -> Result<Vec<Wanted>> {
    Ok(Gate::store(loaded)?.history()?)
}

/// Wants an earlier set again: the one of a revision, or the one before. `seen`: only if
/// this revision is still the one that is wanted. Every pack is verified again first,
/// except for its age.
pub(crate) fn back(
    loaded: &Loaded,
    (seen, to): (Option<u64>, Option<u64>),
    by: &str,
) -> Result<Back> {
    let store = Gate::store(loaded)?;
    let wanted = store.wanted()?;
    let mut target = store.earlier(to)?;
    let (trust, at) = (loaded.pack_trust(), now()?);
    for (_, pack) in target.packs() {
        match store.load(pack, &trust, at) {
            Ok(_) => {}
            Err(error @ StoreError::Refused { .. }) => return Ok(Back::Refused(error)),
            Err(error) => return Err(error.into()),
        }
    }
    allow(&store, &wanted, &mut target)?;
    let to = target.revision;
    let seen = seen.unwrap_or(wanted.revision);
    let now = store.change(seen, target.set, by, at)?;
    Ok(Back::Wanted { to, now })
}

/// Whoever goes back allows what the earlier set needs: that it is older, and
/// what it asks for beyond the set that is wanted now.
fn allow(store: &Store, wanted: &Wanted, target: &mut Wanted) -> Result<()> {
    for (name, pack) in &mut target.set {
        let seen = store.seen(name)?;
        let own = manifest(store, pack.pack)?;
        pack.older = seen.is_some_and(|seen| own.version < seen);
        if let Some(before) = wanted.set.get(name) {
            let old = manifest(store, before.pack)?;
            let beyond = Drift::between(&old, &own).without(&pack.granted);
            pack.granted.extend(beyond.0);
            pack.granted.sort();
        }
    }
    Ok(())
}
