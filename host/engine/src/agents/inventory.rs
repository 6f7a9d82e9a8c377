//! Which agents were seen, what they were granted and what they used of it. Made from
//! what is recorded, bounded, and nothing that a decision rests on.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright_policy::agent::AgentKey;
use gatewright_policy::record::Decided;
use gatewright_policy::{DecisionKind, Subject, Timestamp};
use serde::Serialize;

/// Agents that are remembered; for one more, the one that was seen longest ago is
/// forgotten.
pub const SEEN_MAX: usize = SHARDS * SEEN_PER_SHARD_MAX;

/// Tools that are remembered of each; what is beyond that is counted.
pub const USED_MAX: usize = 64;

/// So many locks, so that calls of different agents do not wait for each other.
const SHARDS: usize = 64;

const SEEN_PER_SHARD_MAX: usize = 128;

/// Scopes of a credential that are shown.
const GRANTED_MAX: usize = 64;

/// The agents that were seen.
pub struct Inventory {
    shards: Vec<Mutex<Shard>>,
}

/// By id; under one id there may be agents of several issuers.
type Shard = HashMap<Box<str>, Vec<Seen>>;

/// One agent.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Whose word it is.
    pub issuer: String,
    /// First seen, as far as is remembered.
    pub first: Timestamp,
    /// Last seen.
    pub last: Timestamp,
    /// Calls that went ahead.
    pub allowed: u64,
    /// Calls that were refused or held.
    pub refused: u64,
    /// Scopes of its latest credential.
    pub granted: Vec<String>,
    /// What it used, by server and name.
    pub used: HashMap<Box<str>, HashMap<Box<str>, Used>>,
    /// Calls of tools for which there was no room in `used`.
    pub used_beyond: u64,
    used_count: usize,
    /// Whose scopes these are: the same credential asks many times.
    subject: Option<Arc<Subject>>,
}

/// How a tool was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Used {
    /// How often.
    pub calls: u64,
    /// When last.
    pub last: Timestamp,
}

/// What an agent asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting<'a> {
    pub(crate) server: &'a str,
    /// Empty where it named nothing.
    pub(crate) name: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) went_ahead: bool,
}

// === impl Inventory ===

impl Default for Inventory {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }
}

impl Inventory {
    /// An agent asked for something.
    pub(crate) fn saw(&self, subject: &Arc<Subject>, sighting: Sighting<'_>) {
        self.with(&subject.id, &subject.issuer, sighting.at, |seen| {
            let is_same = seen.subject.as_ref();
            if !is_same.is_some_and(|known| Arc::ptr_eq(known, subject)) {
                seen.granted = subject.scopes.iter().take(GRANTED_MAX).cloned().collect();
                seen.subject = Some(Arc::clone(subject));
            }
            seen.take(sighting);
        });
    }

    /// The same, as an entry of the record tells it.
    pub fn take_in(&self, decided: &Decided, at: Timestamp) {
        let Some(caller) = &decided.caller else {
            return;
        };
        let went_ahead = decided.decision == DecisionKind::Allow;
        let names = std::iter::once(&decided.name);
        let names = names.chain(decided.parts.iter().map(|part| &part.name));
        self.with(&caller.agent, &caller.issuer, at, |seen| {
            seen.granted.clone_from(&caller.scopes);
            seen.subject = None;
            for name in names {
                seen.take(Sighting {
                    server: &decided.server,
                    name,
                    at,
                    went_ahead,
                });
            }
        });
    }

    /// One agent, as it was seen.
    pub fn agent(&self, id: &str, issuer: &str) -> Option<Seen> {
        let shard = self.shard(id)?;
        let seen = shard.get(id)?.iter().find(|seen| seen.issuer == issuer);
        seen.cloned()
    }

    /// Every agent that was seen.
    pub(crate) fn keys(&self) -> Vec<AgentKey> {
        let mut keys = Vec::new();
        for shard in &self.shards {
            for (id, all) in lock(shard).iter() {
                keys.extend(all.iter().map(|seen| AgentKey {
                    id: id.to_string(),
                    issuer: seen.issuer.clone(),
                }));
            }
        }
        keys
    }

    /// How many agents were seen.
    pub fn len(&self) -> usize {
        let shards = self.shards.iter();
        shards
            .map(|shard| lock(shard).values().map(Vec::len).sum::<usize>())
            .sum()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The issuers that vouched for agents of this id.
    pub(crate) fn issuers_of(&self, id: &str) -> Vec<String> {
        let shard = self.shard(id);
        let seen = shard.as_ref().and_then(|shard| shard.get(id));
        let seen = seen.into_iter().flatten();
        seen.map(|seen| seen.issuer.clone()).collect()
    }

    fn with(&self, id: &str, issuer: &str, at: Timestamp, act: impl FnOnce(&mut Seen)) {
        let Some(mut shard) = self.shard(id) else {
            return;
        };
        let known = shard.get_mut(id);
        if let Some(seen) = known.and_then(|all| all.iter_mut().find(|it| it.issuer == issuer)) {
            return act(seen);
        }
        if shard.values().map(Vec::len).sum::<usize>() >= SEEN_PER_SHARD_MAX {
            forget_one(&mut shard);
        }
        let all = shard.entry(Box::from(id)).or_default();
        all.push(Seen::new(issuer, at));
        if let Some(seen) = all.last_mut() {
            act(seen);
        }
    }

    fn shard(&self, id: &str) -> Option<MutexGuard<'_, Shard>> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % SHARDS as u64).ok()?;
        self.shards.get(place).map(lock)
    }
}

// === impl Seen ===

impl Seen {
    fn new(issuer: &str, at: Timestamp) -> Self {
        Self {
            issuer: issuer.to_owned(),
            first: at,
            last: at,
            allowed: 0,
            refused: 0,
            granted: Vec::new(),
            used: HashMap::new(),
            used_beyond: 0,
            used_count: 0,
            subject: None,
        }
    }

    fn take(&mut self, sighting: Sighting<'_>) {
        self.last = self.last.max(sighting.at);
        if !sighting.went_ahead {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        self.allowed = self.allowed.saturating_add(1);
        if sighting.name.is_empty() {
            return;
        }
        let known = self.used.get_mut(sighting.server);
        let used = match known.and_then(|names| names.get_mut(sighting.name)) {
            Some(used) => used,
            None if self.used_count >= USED_MAX => {
                self.used_beyond = self.used_beyond.saturating_add(1);
                return;
            }
            None => {
                self.used_count += 1;
                let names = self.used.entry(Box::from(sighting.server)).or_default();
                names.entry(Box::from(sighting.name)).or_insert(Used {
                    calls: 0,
                    last: sighting.at,
                })
            }
        };
        used.calls = used.calls.saturating_add(1);
        used.last = used.last.max(sighting.at);
    }
}

fn forget_one(shard: &mut Shard) {
    let oldest = shard
        .iter()
        .filter_map(|(id, seen)| Some((id.clone(), seen.iter().map(|it| it.last).max()?)))
        .min_by_key(|(_, last)| *last);
    if let Some((id, _)) = oldest {
        shard.remove(&id);
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
