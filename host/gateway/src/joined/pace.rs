//! How long a server is left alone whose stream did not open, or ended.

use std::time::Duration;

/// The longest wait, as a multiple of the first.
const LONGEST: u32 = 60;

/// The wait for one that was there for a while, as a part of the first.
const SOON: u32 = 10;

/// The waits for one server. The first is for a stream that did not open, or ended at once;
/// it doubles each time.
#[derive(Debug)]
pub(super) struct Pace {
    first: Duration,
    next: Duration,
}

impl Pace {
    /// As in the beginning.
    pub(super) fn new(first: Duration) -> Self {
        Self { first, next: first }
    }

    /// The wait after a stream that was open for so long; not at all where it did not open.
    pub(super) fn after(&mut self, open_for: Duration) -> Duration {
        if open_for >= self.first {
            self.next = self.first;
            return self.first / SOON;
        }
        let wait = self.next;
        self.next = (2 * wait).min(LONGEST * self.first);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::FIRST_WAIT;

    #[test]
    fn a_server_that_ends_at_once_is_asked_less_and_less() {
        let mut pace = Pace::new(FIRST_WAIT);
        let waits = (0..8).map(|_| pace.after(Duration::ZERO).as_secs());
        let waits: Vec<_> = waits.collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(pace.after(FIRST_WAIT), Duration::from_secs(1));
        assert_eq!(
            pace.after(Duration::ZERO),
            FIRST_WAIT,
            "as in the beginning"
        );
    }
}
