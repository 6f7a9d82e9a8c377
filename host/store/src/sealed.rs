//! What this gate knows of the calls that are kept sealed, without asking the database: of
//! what another gate did, a quarter of a second later.

use std::sync::atomic::{AtomicI64, Ordering};

use gatewright_engine::memory::{ApprovalChange, Effects};
use gatewright_engine::quota::LATE_SECONDS;
use gatewright_policy::Timestamp;

use crate::kept::millis;

/// When calls that are kept sealed are over.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// Until then some call is kept that went ahead at this gate; never too early.
    own_until: AtomicI64,
    /// Until then some call is kept that went ahead, as the database last said.
    used_until: AtomicI64,
    /// Then the first of all is over; 0 where there is none.
    first_over: AtomicI64,
}

impl Default for Sealed {
    /// Before anybody looked there may be some.
    fn default() -> Self {
        Self {
            own_until: AtomicI64::new(0),
            used_until: AtomicI64::new(i64::MAX),
            first_over: AtomicI64::new(0),
        }
    }
}

impl Sealed {
    /// A call may be held, or go ahead, with a commit that begins now.
    pub(crate) fn about_to(&self, effects: &Effects) {
        if let Some(hold) = &effects.held {
            self.is_over(millis(hold.call.envelope.decide_by));
        }
        match effects.approval.as_ref().map(|step| &step.change) {
            Some(ApprovalChange::Use(how)) => {
                let until = millis(how.until);
                self.own_until.fetch_max(until, Ordering::AcqRel);
                self.is_over(until);
            }
            Some(ApprovalChange::Vote { .. } | ApprovalChange::End) | None => {}
        }
    }

    /// One of them is over then.
    fn is_over(&self, at: i64) {
        let sooner = |first: i64| (first == 0 || at < first).then_some(at);
        let order = Ordering::AcqRel;
        // Where another one is sooner, nothing is to be said.
        let _was = self
            .first_over
            .fetch_update(order, Ordering::Acquire, sooner);
    }

    /// The database has calls that went ahead until then.
    pub(crate) fn found_used(&self, until: i64) {
        self.used_until.store(until, Ordering::Release);
    }

    /// The database did not say what it has: every call looks for itself.
    pub(crate) fn looked_in_vain(&self) {
        self.used_until.store(i64::MAX, Ordering::Release);
    }

    /// The first of all that it has is over then.
    pub(crate) fn found_first(&self, over: i64) {
        self.first_over.store(over, Ordering::Release);
    }

    /// Whether there may be a call that went ahead and is kept at this time.
    pub(crate) fn has_used(&self, at: Timestamp) -> bool {
        let own = self.own_until.load(Ordering::Acquire);
        millis(at) < own.max(self.used_until.load(Ordering::Acquire))
    }

    /// Whether there is something that is over at this time.
    pub(crate) fn has_over(&self, at: Timestamp) -> bool {
        let first = self.first_over.load(Ordering::Acquire);
        first > 0 && first <= millis(at)
    }
}

/// What is over then is over by the clock of every gate.
pub(crate) fn late(at: Timestamp) -> Timestamp {
    Timestamp(at.0.saturating_sub(LATE_SECONDS.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_could_look_there_may_be_calls_that_went_ahead() {
        let (sealed, at) = (Sealed::default(), Timestamp(1000));
        assert!(sealed.has_used(at), "nobody looked yet");
        sealed.found_used(0);
        assert!(!sealed.has_used(at));
        sealed.found_used(1001);
        assert!(sealed.has_used(at));
        sealed.found_used(0);
        sealed.looked_in_vain();
        assert!(sealed.has_used(at));
    }
}
