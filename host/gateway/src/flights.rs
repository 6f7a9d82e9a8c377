//! What is under way: how much of it, and what a caller may cancel.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::message::Id;
use crate::owner::{Owner, Place};

/// Counts what is under way, up to a limit, and up to a share of it for each
/// caller.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(Arc<Mutex<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Callers without a seat are not in it.
    each: HashMap<Owner, usize>,
}

/// One of them; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Seats,
    owner: Owner,
}

/// Why there is no seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSeat {
    /// All are taken.
    Full,
    /// The caller has its share.
    ShareTaken,
}

/// The ids of the requests that are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flights(Arc<Mutex<HashMap<(Place, Id), usize>>>);

/// One request under way; over when dropped.
#[derive(Debug)]
pub(crate) struct Flight {
    flights: Flights,
    key: Option<(Place, Id)>,
}

impl Seats {
    /// Takes a seat, if one is free among `all`, and among the `each` of the
    /// caller.
    pub(crate) fn take(&self, owner: &Owner, all: usize, each: usize) -> Result<Seat, NoSeat> {
        let owner = owner.account();
        let mut taken = self.lock();
        let own = taken.each.get(owner).copied().unwrap_or_default();
        if own >= each {
            return Err(NoSeat::ShareTaken);
        }
        if taken.all >= all {
            return Err(NoSeat::Full);
        }
        taken.all += 1;
        taken.each.insert(owner.clone(), own + 1);
        Ok(Seat {
            seats: self.clone(),
            owner: owner.clone(),
        })
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.lock().all
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.all = taken.all.saturating_sub(1);
        match taken.each.get_mut(&self.owner) {
            Some(own) if *own > 1 => *own -= 1,
            Some(_) | None => {
                taken.each.remove(&self.owner);
            }
        }
    }
}

impl Flights {
    /// Notes that a request is under way.
    pub(crate) fn begin(&self, place: &Place, id: &Id) -> Flight {
        let key = (place.clone(), id.clone());
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *flights.entry(key.clone()).or_default() += 1;
        Flight {
            flights: self.clone(),
            key: Some(key),
        }
    }

    /// Whether the caller has a request of this id under way.
    pub(crate) fn contain(&self, place: &Place, id: &Id) -> bool {
        let flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flights.contains_key(&(place.clone(), id.clone()))
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let Some(key) = self.key.take() else {
            return;
        };
        let mut flights = self
            .flights
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = flights.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                flights.remove(&key);
            }
        }
    }
}
