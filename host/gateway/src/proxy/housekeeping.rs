//! What is not about any one call.

use std::sync::atomic::Ordering;

use super::Proxy;
use crate::message::Id;
use crate::owner::Place;

impl Proxy {
    /// Calls and streams under way.
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        (self.calls.taken(), self.streams.taken())
    }

    /// Whether a request of this id is, in a session at one server.
    pub(crate) fn is_under_way(&self, place: &Place, id: &Id) -> bool {
        self.flights.contain(place, id) || self.waiters.contain(place, id)
    }

    /// Held calls, with the agent on the line.
    pub(crate) fn waiting(&self) -> usize {
        self.waits.taken()
    }

    /// From now on new calls are refused, and streams without an end are ended.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.gate.closing.cancel();
    }
}
