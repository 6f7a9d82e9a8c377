//! How many bytes of tool servers wait for their readers, in all mailboxes of the gate
//! together and in those of one caller: many sessions of a server that says much wait no
//! longer than a few, and those of one caller leave the rest to others.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::bodies::SumMax;
use crate::owner::Owner;

/// Room for all of them.
#[derive(Clone, Debug)]
pub(crate) struct Room(Arc<Mutex<Sum>>);

#[derive(Debug)]
struct Sum {
    all: usize,
    /// Callers without any are not in it.
    each: HashMap<Owner, usize>,
    max: SumMax,
}

/// What room is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// A message that may stay unread as long as its session is there. Half of the room is
    /// for these: those that nobody reads keep no answer out.
    Message,
    /// An answer, which somebody waits for.
    Answer,
}

impl Room {
    pub(crate) fn new(max: SumMax) -> Self {
        Self(Arc::new(Mutex::new(Sum {
            all: 0,
            each: HashMap::new(),
            max,
        })))
    }

    /// How much of it there is from now on. What waits already stays.
    pub(crate) fn resize(&self, max: SumMax) {
        self.lock().max = max;
    }

    /// Takes room for so many bytes that wait for this caller. `false` where there is none,
    /// or where the caller has its share of it.
    pub(super) fn take(&self, owner: Option<&Owner>, bytes: usize, what: For) -> bool {
        let mut sum = self.lock();
        let most = |max: usize| match what {
            For::Message => max / 2,
            For::Answer => max,
        };
        let own = owner.and_then(|owner| sum.each.get(owner.account()));
        let own = own.copied().unwrap_or_default();
        let is_within =
            |now: usize, max: usize| now.checked_add(bytes).is_some_and(|sum| sum <= max);
        // What takes none has it also where there is less than there was.
        let fits = is_within(sum.all, most(sum.max.all))
            && (owner.is_none() || is_within(own, most(sum.max.each)));
        let has_room = bytes == 0 || fits;
        if has_room {
            sum.add(owner, bytes);
        }
        has_room
    }

    /// Gives back what was taken.
    pub(super) fn give_back(&self, owner: Option<&Owner>, bytes: usize) {
        let mut sum = self.lock();
        sum.all = sum.all.saturating_sub(bytes);
        sum.leave(owner, bytes);
    }

    /// What waited for nobody known waits for this caller.
    pub(super) fn give_to(&self, owner: &Owner, bytes: usize) {
        self.give_back(None, bytes);
        self.lock().add(Some(owner), bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Sum> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Sum ===

impl Sum {
    fn add(&mut self, owner: Option<&Owner>, bytes: usize) {
        self.all = self.all.saturating_add(bytes);
        if let Some(owner) = owner.filter(|_| bytes > 0) {
            let own = self.each.entry(owner.account().clone()).or_default();
            *own = own.saturating_add(bytes);
        }
    }

    fn leave(&mut self, owner: Option<&Owner>, bytes: usize) {
        let Some(owner) = owner.map(Owner::account) else {
            return;
        };
        match self.each.get_mut(owner) {
            Some(own) if *own > bytes => *own -= bytes,
            Some(_) => {
                self.each.remove(owner);
            }
            None => {}
        }
    }
}
