//! How long a server is left alone whose stream did not open, or ended.

use std::time::Duration;

/// The first wait for a stream that did not open, or ended at once; it doubles each time.
const FIRST: Duration = Duration::from_secs(10);

/// The longest of these waits.
const LONGEST: Duration = Duration::from_secs(600);

/// The wait for one that was there for a while.
const SOON: Duration = Duration::from_secs(1);

/// The waits for one server.
#[derive(Debug)]
pub(super) struct Pace {
    next: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Pace {
    /// The wait after a stream that was open for so long; not at all where it did not open.
    pub(super) fn after(&mut self, open_for: Duration) -> Duration {
        if open_for >= FIRST {
            self.next = FIRST;
            return SOON;
        }
        let wait = self.next;
        self.next = (2 * wait).min(LONGEST);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ends_at_once_is_asked_less_and_less() {
        let mut pace = Pace::default();
        let waits = (0..8).map(|_| pace.after(Duration::ZERO).as_secs());
        let waits: Vec<_> = waits.collect();
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(pace.after(FIRST), SOON);
        assert_eq!(pace.after(Duration::ZERO), FIRST, "as in the beginning");
    }
}
