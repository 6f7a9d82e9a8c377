//! Which proofs were used: each counts once. Nothing is forgotten before it is too old to
//! count anyway; where there is no room, the next one is refused.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::holder::HolderKey;
use super::error::ProofError;
use super::moment::{PROOF_AGE_MAX, Proved};
use crate::digest::Digest;
use crate::timestamp::Timestamp;

/// Proofs of so many seconds are forgotten together.
const SPAN_SECONDS: u64 = 15;

/// Most proofs that are remembered.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Of one key, made within 15 seconds.
    pub of_key: usize,
    /// Of all keys.
    pub of_all: usize,
}

impl Default for Bounds {
    /// 1,000 calls a second for one key, over 5,000 for all; some 40 MiB.
    fn default() -> Self {
        Self {
            of_key: 15_000,
            of_all: 500_000,
        }
    }
}

/// The proofs that were used, by when they were made and by their keys.
#[derive(Debug, Default)]
pub struct Replays {
    spans: BTreeMap<u64, HashMap<HolderKey, HashSet<[u8; 16]>>>,
    all: usize,
    bounds: Bounds,
}

impl Replays {
    /// None was used yet.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            ..Self::default()
        }
    }

    /// Counts a proof as used, unless it was.
    pub fn admit(
        &mut self,
        holder: &HolderKey,
        proved: &Proved,
        now: Timestamp,
    ) -> Result<(), ProofError> {
        self.forget(now);
        let id = short(&proved.id);
        let mut spans = self.spans.values();
        if spans.any(|keys| keys.get(holder).is_some_and(|used| used.contains(&id))) {
            return Err(ProofError::Replayed);
        }
        if self.all >= self.bounds.of_all {
            return Err(ProofError::Full);
        }
        let span = self.spans.entry(proved.issued_at / SPAN_SECONDS);
        let used = span.or_default().entry(holder.clone()).or_default();
        if used.len() >= self.bounds.of_key {
            return Err(ProofError::Full);
        }
        used.insert(id);
        self.all += 1;
        Ok(())
    }

    /// Drops what is too old to count, whatever it is.
    fn forget(&mut self, now: Timestamp) {
        let oldest = now.seconds().saturating_sub(PROOF_AGE_MAX.as_secs());
        while let Some(first) = self.spans.first_entry() {
            let last_second = first.key().saturating_mul(SPAN_SECONDS) + SPAN_SECONDS - 1;
            if last_second >= oldest {
                return;
            }
            let gone: usize = first.remove().values().map(HashSet::len).sum();
            self.all = self.all.saturating_sub(gone);
        }
    }

    /// How many are remembered.
    pub const fn len(&self) -> usize {
        self.all
    }

    /// Whether none is.
    pub const fn is_empty(&self) -> bool {
        self.all == 0
    }
}

/// An id may be long, and is the caller's to choose: its digest is neither.
fn short(id: &str) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(Digest::of(id.as_bytes()).as_bytes().split_at(16).0);
    short
}
