//! Who a call runs for, and how many calls of theirs may run long.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use gatewright_policy::Subject;

/// For whom a call runs, whatever credential it shows. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Caller(Arc<Subject>);

/// How many calls may be in the lane.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Of all callers together.
    pub(crate) all: usize,
    /// Of one caller.
    pub(crate) each: usize,
}

/// Calls that hold a place.
#[derive(Debug, Default)]
pub(crate) struct Held {
    all: usize,
    /// Callers without a call are not in it.
    by: HashMap<Caller, usize>,
}

// === impl Held ===

impl Held {
    pub(crate) const fn count(&self) -> usize {
        self.all
    }

    /// Whether there was room, which the call has then.
    pub(crate) fn enter(&mut self, caller: &Caller, room: Room) -> bool {
        let own = self.by.get(caller).copied().unwrap_or_default();
        if self.all >= room.all || own >= room.each {
            return false;
        }
        self.all += 1;
        self.by.insert(caller.clone(), own + 1);
        true
    }

    pub(crate) fn leave(&mut self, caller: &Caller) {
        self.all = self.all.saturating_sub(1);
        match self.by.get_mut(caller) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => {
                self.by.remove(caller);
            }
        }
    }
}

// === impl Caller ===

impl Caller {
    pub(crate) fn of(subject: &Arc<Subject>) -> Self {
        Self(Arc::clone(subject))
    }

    fn key(&self) -> (&str, &str, Option<&str>) {
        let subject = &*self.0;
        let principal = subject.principal.as_deref();
        (subject.account(), &subject.issuer, principal)
    }
}

impl PartialEq for Caller {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Caller {}

impl Hash for Caller {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
