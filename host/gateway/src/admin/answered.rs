//! Signed requests that were answered, so that none is answered twice.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gatewright_policy::Timestamp;
use gatewright_policy::approval::NotTaken;

/// A request that was signed longer ago, or later than now, is refused.
pub(super) const FRESH: Duration = Duration::from_secs(60);

/// Requests that are remembered.
const REMEMBERED_MAX: usize = 4096;

/// Requests that were answered lately.
#[derive(Debug, Default)]
pub(crate) struct Answered(Mutex<HashMap<String, Timestamp>>);

// === impl Answered ===

impl Answered {
    /// Remembers a request, if it is new. Only those whose signature verified come here:
    /// strangers take no room.
    pub(super) fn take(&self, request: String, now: Timestamp) -> Result<(), NotTaken> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED_MAX {
            // Those that are older are stale by themselves.
            known.retain(|_, at| now.since(*at) <= FRESH * 2);
        }
        if known.len() >= REMEMBERED_MAX || known.contains_key(&request) {
            return Err(NotTaken::Duplicate);
        }
        known.insert(request, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_is_answered_twice_and_room_comes_back() {
        let answered = Answered::default();
        for number in 0..REMEMBERED_MAX {
            let taken = answered.take(number.to_string(), Timestamp(1_000));
            assert_eq!(taken, Ok(()));
        }
        let again = |text: &str, at| answered.take(text.to_owned(), Timestamp(at));
        assert_eq!(again("0", 1_001), Err(NotTaken::Duplicate));
        assert_eq!(again("one more", 1_001), Err(NotTaken::Duplicate));
        assert_eq!(again("one more", 200_000), Ok(()));
        assert_eq!(again("one more", 200_000), Err(NotTaken::Duplicate));
    }
}
