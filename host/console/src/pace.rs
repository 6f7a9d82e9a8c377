//! How often something may be tried.

use std::sync::{Mutex, PoisonError};

use gatewright_policy::Timestamp;

/// So many tries at once, and then one each so many milliseconds, by everybody together:
/// whoever is behind a proxy looks like everybody else.
pub(crate) struct Pace {
    burst: u64,
    each_ms: u64,
    /// Up to when tries were used up.
    used: Mutex<u64>,
}

impl Pace {
    pub(crate) const fn new(burst: u64, each_ms: u64) -> Self {
        Self {
            burst,
            each_ms,
            used: Mutex::new(0),
        }
    }

    /// Whether one more may be tried now; it counts as tried.
    pub(crate) fn allows(&self, now: Timestamp) -> bool {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let next = (*used).max(now.0).saturating_add(self.each_ms);
        let room = now
            .0
            .saturating_add(self.burst.saturating_mul(self.each_ms));
        if next > room {
            return false;
        }
        *used = next;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_used_up_and_come_back() {
        let pace = Pace::new(3, 1000);
        let tried = |at| (0..5).filter(|_| pace.allows(Timestamp(at))).count();
        assert_eq!(tried(10_000), 3);
        assert_eq!(tried(10_999), 0);
        assert_eq!(tried(11_000), 1);
        assert_eq!(tried(60_000), 3);
    }
}
