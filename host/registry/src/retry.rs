//! When to ask again: exponential back-off with full jitter, bounded in number
//! and time. Time and randomness are parameters.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// How often and how soon a request is sent again.
#[derive(Clone, Debug)]
pub struct Backoff {
    /// Most tries, the first with them.
    pub tries_max: u32,
    /// Longest wait after the first try; it doubles from try to try.
    pub first: Duration,
    /// Longest wait at all.
    pub wait_max: Duration,
    /// Longest wait that a registry may ask for with `Retry-After`; one that asks
    /// for more is given up.
    pub asked_max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            tries_max: 5,
            first: Duration::from_millis(500),
            wait_max: Duration::from_secs(20),
            asked_max: Duration::from_secs(60),
        }
    }
}

impl Backoff {
    /// How long to wait after `tries` tries failed, or `None`: give up. `asked` is
    /// what the registry asked for, which is never undercut.
    #[must_use]
    pub fn wait(&self, tries: u32, asked: Option<Duration>, random: u64) -> Option<Duration> {
        if tries >= self.tries_max || asked.is_some_and(|asked| asked > self.asked_max) {
            return None;
        }
        let most = doubled(self.first, tries.saturating_sub(1)).min(self.wait_max);
        Some(asked.unwrap_or_default() + fraction(most, random))
    }
}

/// `first` times two to the power of `times`.
pub(crate) fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(1u32.checked_shl(times).unwrap_or(u32::MAX))
}

/// Between nothing and `most`, evenly.
pub(crate) fn fraction(most: Duration, random: u64) -> Duration {
    // The upper 32 bits as a fraction of one.
    let share = f64::from(u32::try_from(random >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    most.mul_f64(share)
}

/// `Retry-After`: seconds, or a date (RFC 9110, 10.2.3).
pub(crate) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = OffsetDateTime::parse(value.trim(), &Rfc2822).ok()?;
    let wait = SystemTime::from(date).duration_since(now);
    Some(wait.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Backoff, retry_after};
    use std::time::{Duration, SystemTime};

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn waits_double_have_jitter_and_end() {
        let backoff = Backoff {
            tries_max: 5,
            first: SECOND,
            wait_max: 3 * SECOND,
            asked_max: 10 * SECOND,
        };
        let longest: Vec<_> = (1..=5)
            .map(|tries| backoff.wait(tries, None, u64::MAX))
            .collect();
        assert_eq!(
            longest,
            [
                Some(SECOND),
                Some(2 * SECOND),
                Some(3 * SECOND),
                Some(3 * SECOND),
                None
            ]
        );
        assert_eq!(backoff.wait(4, None, 0), Some(Duration::ZERO));
        let half = backoff.wait(2, None, u64::MAX / 2).unwrap();
        assert!(
            half < SECOND + SECOND / 1000 && half > SECOND - SECOND / 1000,
            "{half:?}"
        );
    }

    #[test]
    fn what_the_registry_asks_for_is_kept_or_given_up() {
        let backoff = Backoff::default();
        let asked = |seconds| Some(Duration::from_secs(seconds));
        assert!(backoff.wait(1, asked(7), 0).unwrap() >= 7 * SECOND);
        assert_eq!(backoff.wait(1, asked(86_400), 0), None);
    }

    #[test]
    fn no_number_of_tries_overflows() {
        let backoff = Backoff {
            tries_max: u32::MAX,
            ..Backoff::default()
        };
        for tries in [31, 32, 33, 1_000, u32::MAX - 1] {
            assert_eq!(backoff.wait(tries, None, u64::MAX), Some(backoff.wait_max));
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        for (value, expected) in [
            ("120", Some(120)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(7)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                expected.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
