//! From the set that is wanted to verified packs.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use gatewright_pack::{CandidateMode, PackName, Store, TrustPolicy, Wanted};
use gatewright_policy::{Digest, Share, Timestamp};

use super::{PackError, PackFacts, PackInForce, Packs, Resolved, drift};
use crate::config::Loaded;

/// Where in the configuration a problem belongs, and what it is.
type Misfit = (Range<usize>, PackError);

/// Verifies every pack of the set that the configuration uses. Reads and hashes:
/// not for a request thread.
pub(crate) fn resolve(
    loaded: &Loaded,
    store: &Store,
    wanted: &Arc<Wanted>,
    active: &Packs,
    now: Timestamp,
) -> Result<(Packs, BTreeMap<PackName, Resolved>), Vec<Misfit>> {
    let trust = loaded.pack_trust();
    let mut packs = Packs {
        wanted: Some(Arc::clone(wanted)),
        set: BTreeMap::new(),
    };
    let (mut bytes, mut misfits) = (BTreeMap::new(), Vec::new());
    for config in &loaded.config.packs_used {
        let span = config.name.span();
        let of = |name: &str| -> Result<_, PackError> {
            let name: PackName = name.parse()?;
            let (in_force, resolved) = one(&name, store, wanted, active, &trust, now)?;
            Ok((name, in_force, resolved))
        };
        match of(config.name.get_ref()) {
            Ok((name, in_force, resolved)) => {
                packs.set.insert(name.clone(), in_force);
                bytes.insert(name, resolved);
            }
            Err(error) => misfits.push((span, error)),
        }
    }
    match misfits.is_empty() {
        true => Ok((packs, bytes)),
        false => Err(misfits),
    }
}

fn one(
    name: &PackName,
    store: &Store,
    wanted: &Wanted,
    active: &Packs,
    trust: &TrustPolicy,
    now: Timestamp,
) -> Result<(PackInForce, Resolved), PackError> {
    let missing = || PackError::NotWanted(name.to_string());
    let wanted = wanted.set.get(name).ok_or_else(missing)?;
    let before = drift::before(name, active, store)?;
    // What is in force stays when it expires: a restart is no reason to go without.
    let good = store.good()?.unwrap_or_else(Wanted::nothing);
    let good = good.set.get(name);
    let load = |pack: Digest, in_force: Option<Digest>| match in_force == Some(pack) {
        true => store.load_in_force(pack, trust),
        false => store.load(pack, trust, now),
    };
    let pack = load(wanted.pack, good.map(|good| good.pack))?;
    drift::check(name, &pack, &wanted.granted, before.as_ref())?;
    let words =
        |granted: &[gatewright_pack::Ask]| granted.iter().map(ToString::to_string).collect();
    let facts = PackFacts::of(&pack, words(&wanted.granted), wanted.older);
    let candidate = match &wanted.candidate {
        None => None,
        Some(candidate) => {
            let share = match candidate.mode {
                CandidateMode::Observe => Share::NONE,
                CandidateMode::Canary(share) => share,
            };
            let beside = good.and_then(|good| good.candidate.as_ref());
            let tried = load(candidate.pack, beside.map(|beside| beside.pack))?;
            drift::check(name, &tried, &candidate.granted, Some(pack.manifest()))?;
            let facts = PackFacts::of(&tried, words(&candidate.granted), candidate.older);
            Some((facts, tried, share))
        }
    };
    let (facts_of_candidate, candidate) = match candidate {
        Some((facts, tried, share)) => (Some((facts, share)), Some((tried, share))),
        None => (None, None),
    };
    Ok((
        PackInForce {
            pack: facts,
            candidate: facts_of_candidate,
        },
        Resolved { pack, candidate },
    ))
}
