//! When to look again whether a tag or a range leads elsewhere, and whether it
//! does: a schedule without a clock. What is done about it is its owner's.

use std::time::{Duration, Instant};

use gatewright_pack::Sha256;

use crate::error::RegistryError;
use crate::retry::{doubled, fraction};

/// Follows one tag or range.
#[derive(Clone, Debug)]
pub struct Follower {
    interval: Duration,
    due: Instant,
    failures: u32,
    known: Option<Sha256>,
}

/// What an answer means to who follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It leads where it led.
    Same,
    /// It leads elsewhere.
    Changed {
        /// Where it led.
        from: Option<Sha256>,
        /// Where it leads.
        to: Sha256,
    },
    /// Nobody knows; what was known stays.
    Failed {
        /// How often in a row.
        failures: u32,
    },
}

/// Part of the interval that a look may come late by, so that gates started
/// together do not ask together: one in so many.
const JITTER_PART: u32 = 10;

/// Longest time between two looks after failures, unless the interval is longer.
const PAUSE_MAX: Duration = Duration::from_secs(3600);

/// Shortest time between two looks.
const INTERVAL_MIN: Duration = Duration::from_secs(1);

impl Follower {
    /// Follows from `known`, where it led when last looked at. The first look is
    /// due at once, give or take the jitter.
    #[must_use]
    pub fn new(interval: Duration, known: Option<Sha256>, now: Instant, random: u64) -> Self {
        let interval = interval.max(INTERVAL_MIN);
        Self {
            interval,
            due: now + fraction(interval / JITTER_PART, random),
            failures: 0,
            known,
        }
    }

    /// When to look next.
    #[must_use]
    pub const fn due(&self) -> Instant {
        self.due
    }

    /// Takes the answer to a look, and sets when to look next: after the interval,
    /// or later the more often it failed, and never sooner than the registry asked.
    pub fn hear(
        &mut self,
        answer: Result<&Sha256, &RegistryError>,
        now: Instant,
        random: u64,
    ) -> Heard {
        let (heard, asked) = match answer {
            Ok(to) => {
                self.failures = 0;
                let to_elsewhere = self.known.as_ref() != Some(to);
                let heard = if to_elsewhere {
                    Heard::Changed {
                        from: self.known.replace(*to),
                        to: *to,
                    }
                } else {
                    Heard::Same
                };
                (heard, None)
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                let failures = self.failures;
                (Heard::Failed { failures }, error.asked_to_wait())
            }
        };
        let pause_max = PAUSE_MAX.max(self.interval);
        let pause = doubled(self.interval, self.failures)
            .max(asked.unwrap_or_default())
            .min(pause_max);
        self.due = now + pause + fraction(pause / JITTER_PART, random);
        heard
    }

    /// Forgets where it leads: the next answer is a change. For an owner that
    /// could not use what it was told.
    pub fn forget(&mut self) {
        self.known = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Follower, Heard, PAUSE_MAX};
    use crate::error::RegistryError;
    use gatewright_pack::Sha256;
    use std::time::{Duration, Instant};

    const MINUTE: Duration = Duration::from_secs(60);

    fn busy(after: Option<Duration>) -> RegistryError {
        RegistryError::Busy {
            url: "https://registry.example.com/v2/".to_owned(),
            status: 429,
            after,
        }
    }

    #[test]
    fn a_change_is_told_once() {
        let now = Instant::now();
        let [first, second] = [b"1", b"2"].map(|bytes| Sha256::of(bytes));
        let mut follower = Follower::new(MINUTE, Some(first), now, 0);
        assert_eq!(follower.due(), now, "the first look is due at once");
        assert_eq!(follower.hear(Ok(&first), now, 0), Heard::Same);
        let changed = Heard::Changed {
            from: Some(first),
            to: second,
        };
        assert_eq!(follower.hear(Ok(&second), now, 0), changed);
        assert_eq!(follower.hear(Ok(&second), now, 0), Heard::Same);
        follower.forget();
        let again = Heard::Changed {
            from: None,
            to: second,
        };
        assert_eq!(follower.hear(Ok(&second), now, 0), again);
    }

    #[test]
    fn looks_come_after_the_interval_and_a_little() {
        let now = Instant::now();
        let digest = Sha256::of(b"");
        let mut follower = Follower::new(MINUTE, None, now, u64::MAX);
        assert_eq!(follower.due(), now + MINUTE / 10);
        follower.hear(Ok(&digest), now, 0);
        assert_eq!(follower.due(), now + MINUTE);
        follower.hear(Ok(&digest), now, u64::MAX);
        assert_eq!(follower.due(), now + MINUTE + MINUTE / 10);
    }

    #[test]
    fn failures_push_the_next_look_away_and_keep_what_is_known() {
        let now = Instant::now();
        let digest = Sha256::of(b"");
        let mut follower = Follower::new(MINUTE, Some(digest), now, 0);
        let mut pauses = Vec::new();
        for failures in 1..=80 {
            let heard = follower.hear(Err(&busy(None)), now, 0);
            assert_eq!(heard, Heard::Failed { failures });
            pauses.push(follower.due() - now);
        }
        assert_eq!(pauses[..3], [2 * MINUTE, 4 * MINUTE, 8 * MINUTE]);
        assert_eq!(pauses.last(), Some(&PAUSE_MAX));
        assert_eq!(follower.hear(Ok(&digest), now, 0), Heard::Same);
        assert_eq!(follower.due(), now + MINUTE);
    }

    #[test]
    fn a_registry_that_asks_for_peace_gets_it_within_reason() {
        let now = Instant::now();
        let mut follower = Follower::new(MINUTE, None, now, 0);
        follower.hear(Err(&busy(Some(30 * MINUTE))), now, 0);
        assert_eq!(follower.due(), now + 30 * MINUTE);
        follower.hear(Err(&busy(Some(Duration::MAX))), now, 0);
        assert_eq!(follower.due(), now + PAUSE_MAX);
    }
}
