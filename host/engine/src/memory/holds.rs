//! Which held calls are kept, and whether there is room for one more.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gatewright_policy::{Digest, Envelope, SealedCall, Timestamp};

use crate::config::LimitsConfig;

/// Calls whose time is over and that one call lets go of at the most.
const OVER_MAX: usize = 64;

/// The calls that wait for people at one gate.
#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<Kept>);

/// A call that is to be held, and as many as there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The call.
    pub call: SealedCall,
    /// How many there may be.
    pub room: HoldRoom,
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
}

#[derive(Debug, Default)]
struct Kept {
    calls: HashMap<String, Place>,
}

#[derive(Debug)]
struct Place {
    agent: Digest,
    decide_by: Timestamp,
    bytes: usize,
}

// === impl HoldRoom ===

impl HoldRoom {
    /// As the configuration says.
    pub fn of(limits: &LimitsConfig) -> Self {
        Self {
            calls_max: limits.held_calls_max,
            calls_per_agent_max: limits.held_calls_per_agent_max,
            bytes_max: limits.held_bytes_max.0,
        }
    }

    /// Whether one more call of so many bytes fits.
    pub fn admits(&self, holding: Holding, bytes: usize) -> Result<(), HoldsFull> {
        if holding.of_agent >= self.calls_per_agent_max {
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
    /// Those that are kept: each envelope with its length in bytes.
    pub(super) fn of(kept: impl IntoIterator<Item = (Envelope, usize)>) -> Self {
        let holds = Self::default();
        let mut all = holds.kept();
        for (envelope, bytes) in kept {
            all.take(envelope, bytes);
        }
        drop(all);
        holds
    }

    /// Takes a place.
    pub(super) fn reserve(&self, hold: &Hold, at: Timestamp) -> Result<(), HoldsFull> {
        let mut kept = self.kept();
        let (envelope, bytes) = (&hold.call.envelope, hold.call.sealed.len());
        hold.room.admits(kept.holding(envelope.agent, at), bytes)?;
        kept.take(envelope.clone(), bytes);
        Ok(())
    }

    /// Gives the places of some whose time is over back, and their ids: nobody can
    /// approve them any more.
    pub(super) fn over(&self, at: Timestamp) -> Vec<String> {
        self.kept().over(at)
    }

    /// Gives a place back.
    pub(super) fn release(&self, id: &str) {
        self.kept().calls.remove(id);
    }

    #[cfg(test)]
    pub(super) fn ids(&self) -> Vec<String> {
        self.kept().calls.keys().cloned().collect()
    }

    /// What is known of a call that waits at this time.
    pub(super) fn envelope(&self, id: &str, at: Timestamp) -> Option<Envelope> {
        let kept = self.kept();
        let place = kept.calls.get(id).filter(|place| at < place.decide_by)?;
        Some(Envelope {
            id: id.to_owned(),
            agent: place.agent,
            decide_by: place.decide_by,
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// How much of the room is taken by those that can still be approved.
    fn holding(&self, agent: Digest, at: Timestamp) -> Holding {
        let mut holding = Holding::default();
        for place in self.calls.values().filter(|it| at < it.decide_by) {
            holding.calls += 1;
            holding.of_agent += usize::from(place.agent == agent);
            holding.bytes = holding.bytes.saturating_add(place.bytes);
        }
        holding
    }

    fn take(&mut self, envelope: Envelope, bytes: usize) {
        let place = Place {
            agent: envelope.agent,
            decide_by: envelope.decide_by,
            bytes,
        };
        self.calls.insert(envelope.id, place);
    }

    fn over(&mut self, at: Timestamp) -> Vec<String> {
        let over = self.calls.iter().filter(|(_, it)| it.decide_by <= at);
        let over = over.take(OVER_MAX).map(|(id, _)| id.clone());
        let over: Vec<_> = over.collect();
        for id in &over {
            self.calls.remove(id);
        }
        over
    }
}
