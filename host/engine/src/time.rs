//! Time that never runs back: what has ended stays ended when somebody sets the
//! machine's clock back, also across a restart.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use gatewright_policy::Timestamp;

/// Reads a clock: the machine's, or one that a test steps.
pub(crate) type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// A clock that is further behind than this was set back: an operator is told.
/// Corrections over the network are far smaller.
const BEHIND: Duration = Duration::from_secs(60);

/// A clock, and the latest time that was ever read or recorded.
pub(crate) struct Time {
    clock: Clock,
    latest: AtomicU64,
    is_behind: AtomicBool,
}

impl Time {
    /// Goes on from the latest time of an entry.
    pub(crate) fn new(clock: Clock, latest: Option<Timestamp>) -> Self {
        Self {
            clock,
            latest: AtomicU64::new(latest.unwrap_or(Timestamp(0)).0),
            is_behind: AtomicBool::new(false),
        }
    }

    /// The time: while the clock is behind the latest one, it stands still.
    pub(crate) fn now(&self) -> Timestamp {
        let read = (self.clock)();
        let latest = Timestamp(self.latest.load(Ordering::Relaxed));
        if read > latest {
            // Another thread may have read a later one.
            let latest = self.latest.fetch_max(read.0, Ordering::Relaxed);
            self.note(false);
            return Timestamp(latest).max(read);
        }
        self.note(latest.since(read) > BEHIND);
        latest
    }

    /// How far the clock is behind, if it is far behind.
    pub(crate) fn behind(&self) -> Option<Duration> {
        let latest = Timestamp(self.latest.load(Ordering::Relaxed));
        let behind = latest.since((self.clock)());
        (behind > BEHIND).then_some(behind)
    }

    /// Says in the log what is new.
    fn note(&self, is_behind: bool) {
        if self.is_behind.load(Ordering::Relaxed) == is_behind {
            return;
        }
        self.is_behind.store(is_behind, Ordering::Relaxed);
        if is_behind {
            tracing::error!(
                "the clock is far behind the latest entry of the ledger: until it has caught up, \
                 time stands still; hint: mend the clock, or see `gatewright log set-clock --help`"
            );
        } else {
            tracing::info!("the clock has caught up with the ledger");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static CLOCK: AtomicU64 = AtomicU64::new(0);

    fn clock() -> Timestamp {
        Timestamp(CLOCK.load(Ordering::Relaxed))
    }

    #[test]
    fn time_never_runs_back_and_goes_on_when_the_clock_has_caught_up() {
        let time = Time::new(Box::new(clock), Some(Timestamp(5_000)));
        for (read, expected, behind) in [
            (4_000, 5_000, None),
            (6_000, 6_000, None),
            (3_000, 6_000, None),
            (6_001, 6_001, None),
            (1_000_000, 1_000_000, None),
            (1_000, 1_000_000, Some(999)),
            (1_000_001, 1_000_001, None),
        ] {
            CLOCK.store(read, Ordering::Relaxed);
            assert_eq!(time.now(), Timestamp(expected), "read {read}");
            let seconds = time.behind().map(|behind| behind.as_secs());
            assert_eq!(seconds, behind, "read {read}");
        }
    }
}
