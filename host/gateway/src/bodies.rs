//! Bytes of messages that are in memory: how many on all connections together, and how many
//! of each caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use gatewright_engine::config::LimitsConfig;

use crate::owner::Owner;

/// How many bytes of bodies are in memory, on all connections together, and how many
/// of each caller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bodies(Arc<Mutex<Sum>>);

#[derive(Debug, Default)]
struct Sum {
    all: usize,
    /// Callers without any are not in it.
    each: HashMap<Owner, usize>,
}

/// The bytes of one of them; given back when dropped.
#[derive(Debug)]
pub(crate) struct Held {
    bodies: Bodies,
    owner: Owner,
    bytes: usize,
}

/// The most bytes of bodies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SumMax {
    /// Of all together.
    pub(crate) all: usize,
    /// Of those of one caller together.
    pub(crate) each: usize,
}

/// A text whose bytes are counted.
struct Counted {
    text: String,
    _held: Held,
}

// === impl SumMax ===

impl SumMax {
    /// Of messages of agents.
    pub(crate) fn of_messages(limits: &LimitsConfig) -> Self {
        Self::of(limits, limits.bodies_bytes_max.0, limits.body_bytes_max.0)
    }

    /// Of answers that agents have not taken yet.
    pub(crate) fn of_answers(limits: &LimitsConfig) -> Self {
        Self::of(
            limits,
            limits.answers_bytes_max.0,
            limits.result_bytes_max.0,
        )
    }

    /// One caller may have its share, and one message in any case.
    fn of(limits: &LimitsConfig, all: usize, one: usize) -> Self {
        Self {
            all,
            each: limits.agent_share.of(all).max(one),
        }
    }
}

// === impl Counted ===

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        self.text.as_bytes()
    }
}

// === impl Bodies ===

impl Bodies {
    /// How many bytes there are.
    pub(crate) fn bytes(&self) -> usize {
        self.lock().all
    }

    pub(crate) fn held(&self, owner: &Owner) -> Held {
        Held {
            bodies: self.clone(),
            owner: owner.account().clone(),
            bytes: 0,
        }
    }

    /// Bytes that are there already, unless all together are too many then, or those of
    /// the caller. Says which.
    pub(crate) fn hold(
        &self,
        owner: &Owner,
        bytes: usize,
        max: SumMax,
    ) -> Result<Held, &'static str> {
        let mut held = self.held(owner);
        held.grow(bytes, max)?;
        Ok(held)
    }

    fn lock(&self) -> MutexGuard<'_, Sum> {
        // Nothing inside can panic half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The text, which counts until the last of its bytes is gone.
    pub(crate) fn text(self, text: String) -> Bytes {
        Bytes::from_owner(Counted { text, _held: self })
    }

    /// Adds bytes, unless all together are too many then, or those of the caller. Says
    /// which.
    pub(crate) fn grow(&mut self, bytes: usize, max: SumMax) -> Result<(), &'static str> {
        let mut sum = self.bodies.lock();
        let own = sum.each.get(&self.owner).copied().unwrap_or_default();
        let (own, all) = (own.saturating_add(bytes), sum.all.saturating_add(bytes));
        if own > max.each {
            return Err("the agent has its share of the messages in memory; try again later");
        }
        if all > max.all {
            return Err("the gate has as many messages in memory as it takes; try again later");
        }
        sum.all = all;
        sum.each.insert(self.owner.clone(), own);
        drop(sum);
        self.bytes += bytes;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut sum = self.bodies.lock();
        sum.all = sum.all.saturating_sub(self.bytes);
        match sum.each.get_mut(&self.owner) {
            Some(own) if *own > self.bytes => *own -= self.bytes,
            Some(_) | None => {
                sum.each.remove(&self.owner);
            }
        }
    }
}
