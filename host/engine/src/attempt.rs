//! What activations know of each other, and what came of the last attempt.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use gatewright_pack::{PackName, Wanted};
use gatewright_policy::{Digest, Timestamp};

use crate::packs::Packs;
use crate::snapshot::Snapshot;
use crate::status::{Building, FollowStatus, PackStatus, PacksStatus, RefusedPack, ReloadError};

/// What activations know of each other.
pub(crate) struct Activation {
    /// The last generation.
    pub(crate) generation: u64,
    /// The snapshot before the active one. Its policies stay compiled, so that a
    /// way back costs nothing.
    pub(crate) before: Option<Arc<Snapshot>>,
    /// Packs whose cases held: what a component answers is the same each time.
    pub(crate) probed: HashSet<Digest>,
}

/// What came of the last attempt.
#[derive(Default)]
pub(crate) struct Attempt {
    pub(crate) activated_at: Option<Timestamp>,
    pub(crate) error: Option<ReloadError>,
    pub(crate) building: Option<Building>,
    /// The set of packs that is wanted.
    pub(crate) wanted: Option<Arc<Wanted>>,
    /// The last set that was in force and written down as good.
    pub(crate) good: Option<Wanted>,
    /// What last did not hold its own cases.
    pub(crate) refused: Option<RefusedPack>,
    /// Packs that are followed, by name.
    pub(crate) followed: BTreeMap<String, FollowStatus>,
}

// === impl Activation ===

impl Activation {
    /// After a start: the generations go on counting.
    pub(crate) fn after(generation: u64) -> Self {
        Self {
            generation,
            before: None,
            probed: HashSet::new(),
        }
    }
}

// === impl Attempt ===

impl Attempt {
    /// What is wanted of packs, and what is in force.
    pub(crate) fn packs(&self, packs: &Packs, now: Timestamp) -> Option<PacksStatus> {
        let wanted = self.wanted.as_ref()?;
        let names = wanted.set.keys().chain(packs.set.keys());
        let names = names.map(PackName::as_str);
        let names = names.chain(self.followed.keys().map(String::as_str));
        let names: BTreeSet<_> = names.collect();
        let status = |name: &str| {
            let parsed = name.parse::<PackName>().ok();
            let parsed = parsed.as_ref();
            let active = parsed.and_then(|name| packs.set.get(name));
            let candidate = active.and_then(|active| active.candidate.as_ref());
            let expires = active.and_then(|active| active.pack.expires);
            PackStatus {
                name: name.to_string(),
                wanted: parsed
                    .and_then(|name| wanted.set.get(name))
                    .map(|wanted| wanted.pack),
                active: active.map(|active| active.pack.recorded(None)),
                candidate: candidate.map(|(facts, share)| facts.recorded(Some(*share))),
                follows: self.followed.get(name).cloned(),
                expires,
                expired: expires.is_some_and(|at| now >= at),
            }
        };
        Some(PacksStatus {
            wanted: wanted.revision,
            by: wanted.by.clone(),
            at: wanted.at.clone(),
            active: packs.wanted.as_ref().map(|wanted| wanted.revision),
            last_good: self.good.as_ref().map(|good| good.revision),
            refused: self.refused.clone(),
            set: names.into_iter().map(status).collect(),
        })
    }
}
