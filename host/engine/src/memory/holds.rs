//! Which held calls are kept, and whether there is room for one more.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright_policy::approval::Vote;
use gatewright_policy::{Digest, Envelope, SealedCall, Timestamp};

use super::step::{ApprovalMoved, ApprovalStep, HeldLook};
use crate::config::LimitsConfig;
use crate::ledger::Approvals;

/// Calls whose time is over and that one call lets go of at the most.
const OVER_MAX: usize = 64;

/// The held calls at one gate.
#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<Kept>);

/// A call that is to be held, and as many as there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The call.
    pub call: SealedCall,
    /// How many there may be.
    pub room: HoldRoom,
    /// It is held only where nothing changed about this.
    pub used: Option<UsedBefore>,
}

/// What was known, when it was decided to ask people about a call, of the same call that went
/// ahead before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedBefore {
    /// The held call that it was; none where there is none.
    pub held: Option<String>,
}

/// How many calls may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldRoom {
    /// All of them.
    pub calls_max: usize,
    /// Those of one agent.
    pub calls_per_agent_max: usize,
    /// Bytes of all of them.
    pub bytes_max: usize,
    /// Bytes of those of one agent.
    pub bytes_per_agent_max: usize,
}

/// As many calls wait for people as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("as many calls wait for people as may{}", if *.of_agent { ", of one agent" } else { "" })]
pub struct HoldsFull {
    /// Of this agent.
    pub of_agent: bool,
}

/// How much there is of what is bounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holding {
    /// All of them.
    pub calls: usize,
    /// Those of the agent.
    pub of_agent: usize,
    /// Bytes of all of them.
    pub bytes: usize,
    /// Bytes of those of the agent.
    pub bytes_of_agent: usize,
}

#[derive(Debug, Default)]
struct Kept {
    /// In the order of their ids.
    calls: BTreeMap<String, Place>,
    /// Ids of those that are the same call.
    same: HashMap<Digest, BTreeSet<String>>,
}

#[derive(Debug)]
struct Place {
    agent: Digest,
    called: Digest,
    decide_by: Timestamp,
    /// From then on nobody decides on it, and nobody uses it.
    until: Timestamp,
    bytes: usize,
    votes: Vec<Vote>,
    /// Its entry is there, and nobody is changing it.
    is_settled: bool,
}

/// Why a call takes no place.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotHeld {
    /// There is no room.
    #[error(transparent)]
    Full(#[from] HoldsFull),
    /// The same call has one.
    #[error(transparent)]
    Same(ApprovalMoved),
}

/// What is known of a held call.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) envelope: Envelope,
    pub(super) votes: Vec<Vote>,
}

// === impl HoldRoom ===

impl HoldRoom {
    /// As the configuration says.
    pub fn of(limits: &LimitsConfig) -> Self {
        Self {
            calls_max: limits.held_calls_max,
            calls_per_agent_max: limits.held_calls_per_agent_max,
            bytes_max: limits.held_bytes_max.0,
            bytes_per_agent_max: limits.agent_share.of(limits.held_bytes_max.0),
        }
    }

    /// Whether one more call of so many bytes fits.
    pub fn admits(&self, holding: Holding, bytes: usize) -> Result<(), HoldsFull> {
        let of_agent = holding.bytes_of_agent.saturating_add(bytes);
        if holding.of_agent >= self.calls_per_agent_max || of_agent > self.bytes_per_agent_max {
            return Err(HoldsFull { of_agent: true });
        }
        let has_room =
            holding.calls < self.calls_max && holding.bytes.saturating_add(bytes) <= self.bytes_max;
        match has_room {
            true => Ok(()),
            false => Err(HoldsFull { of_agent: false }),
        }
    }
}

// === impl Holds ===

impl Holds {
    /// Those that are kept: each envelope with its length in bytes, and what was decided.
    pub(super) fn of(
        kept: impl IntoIterator<Item = (Envelope, usize)>,
        approvals: &Approvals,
    ) -> Self {
        let holds = Self::default();
        let mut all = holds.kept();
        for (envelope, bytes) in kept {
            let known = approvals.get(&envelope.id);
            let until = known.map_or(envelope.decide_by, |known| known.until);
            let votes = known.map_or_else(Vec::new, |known| known.votes.clone());
            all.take(
                envelope.id.clone(),
                Place {
                    until,
                    votes,
                    is_settled: true,
                    ..Place::of(&envelope, bytes)
                },
            );
        }
        drop(all);
        holds
    }

    /// Takes a place. Nobody finds the call until it is [`Holds::settle`]d. `ends` is the
    /// call that its own commit lets go of. People are asked about the same call once: where
    /// one is there already, also one that nobody finds at this moment, it takes no second.
    pub(super) fn reserve(
        &self,
        hold: &Hold,
        ends: Option<&str>,
        at: Timestamp,
    ) -> Result<(), NotHeld> {
        let mut kept = self.kept();
        let (envelope, bytes) = (&hold.call.envelope, hold.call.sealed.len());
        if kept.is_there(envelope.called, ends, at) {
            return Err(NotHeld::Same(ApprovalMoved));
        }
        hold.room.admits(kept.holding(envelope.agent, at), bytes)?;
        kept.take(envelope.id.clone(), Place::of(envelope, bytes));
        Ok(())
    }

    /// Its entry is there.
    pub(super) fn settle(&self, id: &str) {
        if let Some(place) = self.kept().calls.get_mut(id) {
            place.is_settled = true;
        }
    }

    /// Lets nobody else change a call while its entry is written, if nobody did since it
    /// was looked at.
    pub(super) fn begin(&self, step: &ApprovalStep, at: Timestamp) -> Result<(), ApprovalMoved> {
        let mut kept = self.kept();
        let place = kept.calls.get_mut(&step.held).ok_or(ApprovalMoved)?;
        if !place.is_settled || place.until <= at || place.votes.len() != step.before {
            return Err(ApprovalMoved);
        }
        place.is_settled = false;
        Ok(())
    }

    /// The entry of a decision is there.
    pub(super) fn vote(&self, id: &str, vote: Vote, until: Timestamp) {
        if let Some(place) = self.kept().calls.get_mut(id) {
            place.votes.push(vote);
            place.until = until;
            place.is_settled = true;
        }
    }

    /// Gives the places of some whose time is over back, and their ids: nobody can
    /// approve them any more.
    pub(super) fn over(&self, at: Timestamp) -> Vec<String> {
        self.kept().over(at)
    }

    /// Gives a place back.
    pub(super) fn release(&self, id: &str) {
        self.kept().remove(id);
    }

    /// What is known of a call, also of one that somebody is changing at this moment.
    pub(super) fn known(&self, id: &str) -> Option<Waiting> {
        let kept = self.kept();
        Some(kept.calls.get(id)?.waiting(id))
    }

    #[cfg(test)]
    pub(super) fn ids(&self) -> Vec<String> {
        self.kept().calls.keys().cloned().collect()
    }

    /// What is known of a held call at this time.
    pub(super) fn waiting(&self, id: &str, at: Timestamp) -> Option<Waiting> {
        self.kept().waiting(id, at)
    }

    /// The same in short, also of one that somebody is changing at this moment.
    pub(super) fn look(&self, id: &str, at: Timestamp) -> Option<HeldLook> {
        let kept = self.kept();
        let place = kept.calls.get(id).filter(|it| at < it.until)?;
        Some(HeldLook {
            decided: place.votes.len(),
            until: place.until,
        })
    }

    /// The latest of those that are the same call.
    pub(super) fn waiting_as(&self, called: Digest, at: Timestamp) -> Option<Waiting> {
        let kept = self.kept();
        let ids = kept.same.get(&called)?;
        ids.iter().rev().find_map(|id| kept.waiting(id, at))
    }

    /// Whether one that is the same call is being held or changed at this moment.
    pub(super) fn is_changing(&self, called: Digest) -> bool {
        let kept = self.kept();
        let ids = kept.same.get(&called).into_iter().flatten();
        let mut places = ids.filter_map(|id| kept.calls.get(id));
        places.any(|place| !place.is_settled)
    }

    /// Those after an id.
    pub(super) fn waiting_after(&self, id: &str, at: Timestamp, count_max: usize) -> Vec<Waiting> {
        let kept = self.kept();
        let after = (Bound::Excluded(id.to_owned()), Bound::Unbounded);
        let after = kept.calls.range(after);
        let waiting = after.filter_map(|(id, _)| kept.waiting(id, at));
        waiting.take(count_max).collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// How much of the room is taken by those that still count.
    fn holding(&self, agent: Digest, at: Timestamp) -> Holding {
        let mut holding = Holding::default();
        for place in self.calls.values().filter(|it| at < it.until) {
            holding.calls += 1;
            holding.bytes = holding.bytes.saturating_add(place.bytes);
            if place.agent == agent {
                holding.of_agent += 1;
                holding.bytes_of_agent = holding.bytes_of_agent.saturating_add(place.bytes);
            }
        }
        holding
    }

    /// Whether the same call has a place that counts, besides one.
    fn is_there(&self, called: Digest, besides: Option<&str>, at: Timestamp) -> bool {
        let ids = self.same.get(&called).into_iter().flatten();
        let mut others = ids.filter(|id| Some(id.as_str()) != besides);
        others.any(|id| self.calls.get(id).is_some_and(|it| at < it.until))
    }

    fn take(&mut self, id: String, place: Place) {
        self.same
            .entry(place.called)
            .or_default()
            .insert(id.clone());
        self.calls.insert(id, place);
    }

    fn remove(&mut self, id: &str) -> Option<Place> {
        let place = self.calls.remove(id)?;
        if let Some(same) = self.same.get_mut(&place.called) {
            same.remove(id);
            if same.is_empty() {
                self.same.remove(&place.called);
            }
        }
        Some(place)
    }

    fn waiting(&self, id: &str, at: Timestamp) -> Option<Waiting> {
        let is_found = |it: &&Place| it.is_settled && at < it.until;
        let place = self.calls.get(id).filter(is_found)?;
        Some(place.waiting(id))
    }

    fn over(&mut self, at: Timestamp) -> Vec<String> {
        let is_over = |it: &Place| it.is_settled && it.until <= at;
        let over = self.calls.iter().filter(|(_, it)| is_over(it));
        let over: Vec<_> = over.take(OVER_MAX).map(|(id, _)| id.clone()).collect();
        for id in &over {
            self.remove(id);
        }
        over
    }
}

// === impl Place ===

impl Place {
    fn of(envelope: &Envelope, bytes: usize) -> Self {
        Self {
            agent: envelope.agent,
            called: envelope.called,
            decide_by: envelope.decide_by,
            until: envelope.decide_by,
            bytes,
            votes: Vec::new(),
            is_settled: false,
        }
    }

    fn waiting(&self, id: &str) -> Waiting {
        Waiting {
            envelope: Envelope {
                id: id.to_owned(),
                agent: self.agent,
                called: self.called,
                decide_by: self.decide_by,
            },
            votes: self.votes.clone(),
        }
    }
}
