//! Who a call runs for, and how many calls of theirs may run long, with how much data.

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
    /// Data that those of all callers together may write of, in bytes.
    pub(crate) data_bytes: usize,
    /// Of those of one caller.
    pub(crate) data_bytes_each: usize,
}

/// Calls that hold a place.
#[derive(Debug, Default)]
pub(crate) struct Held {
    all: Sum,
    /// Callers without a call are not in it.
    by: HashMap<Caller, Sum>,
}

/// Calls, and the data that they may write of.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    calls: usize,
    data_bytes: usize,
}

// === impl Held ===

impl Held {
    pub(crate) const fn count(&self) -> usize {
        self.all.calls
    }

    /// Whether there was room, which the call has then.
    pub(crate) fn enter(&mut self, caller: &Caller, data_bytes: usize, room: Room) -> bool {
        let own = self.by.get(caller).copied().unwrap_or_default();
        let has_place = self.all.calls < room.all && own.calls < room.each;
        let has_room = self.all.has_room(data_bytes, room.data_bytes)
            && own.has_room(data_bytes, room.data_bytes_each);
        if !has_place || !has_room {
            return false;
        }
        self.all = self.all.with(data_bytes);
        self.by.insert(caller.clone(), own.with(data_bytes));
        true
    }

    pub(crate) fn leave(&mut self, caller: &Caller, data_bytes: usize) {
        self.all = self.all.without(data_bytes);
        match self.by.get_mut(caller) {
            Some(own) if own.calls > 1 => *own = own.without(data_bytes),
            Some(_) | None => {
                self.by.remove(caller);
            }
        }
    }
}

// === impl Sum ===

impl Sum {
    /// Who is the only one with data may have as much as there is.
    const fn has_room(self, data_bytes: usize, bytes_max: usize) -> bool {
        let is_only = data_bytes == 0 || self.data_bytes == 0;
        is_only || self.data_bytes.saturating_add(data_bytes) <= bytes_max
    }

    const fn with(self, data_bytes: usize) -> Self {
        Self {
            calls: self.calls + 1,
            data_bytes: self.data_bytes.saturating_add(data_bytes),
        }
    }

    const fn without(self, data_bytes: usize) -> Self {
        Self {
            calls: self.calls.saturating_sub(1),
            data_bytes: self.data_bytes.saturating_sub(data_bytes),
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
