//! What is under way: how much of it, and what a caller may cancel.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::message::Id;
use crate::sessions::Place;

/// Counts what is under way, up to a limit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(Arc<AtomicUsize>);

/// One of them; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat(Arc<AtomicUsize>);

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
    /// Takes a seat, if one of so many is free.
    pub(crate) fn take(&self, seats_max: usize) -> Option<Seat> {
        let taken = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |taken| {
                (taken < seats_max).then_some(taken + 1)
            });
        taken.ok().map(|_before| Seat(Arc::clone(&self.0)))
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
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
