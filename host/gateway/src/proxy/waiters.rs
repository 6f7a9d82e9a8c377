//! The held calls, by the ids that their clients gave them: a client that
//! cancels one gets no answer, and nothing is called, whatever people decide.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::message::Id;
use crate::owner::Place;

/// How many calls of one id wait, and what ends them.
type Waiting = HashMap<(Place, Id), (usize, CancellationToken)>;

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiters(Arc<Mutex<Waiting>>);

/// One of them; it waits no more when dropped.
#[derive(Debug)]
pub(super) struct Waiter {
    waiters: Waiters,
    key: (Place, Id),
    cancelled: CancellationToken,
}

impl Waiters {
    /// A call waits from now on.
    pub(super) fn begin(&self, place: &Place, id: &Id) -> Waiter {
        let key = (place.clone(), id.clone());
        let mut waiting = self.lock();
        let (count, cancelled) = waiting.entry(key.clone()).or_default();
        *count += 1;
        let cancelled = cancelled.clone();
        drop(waiting);
        Waiter {
            waiters: self.clone(),
            key,
            cancelled,
        }
    }

    /// Whether a call of this id waits.
    pub(super) fn contain(&self, place: &Place, id: &Id) -> bool {
        self.lock().contains_key(&(place.clone(), id.clone()))
    }

    /// Ends the calls of this id. Without a session it ends none: its ids are any client's.
    /// False where none was to end.
    pub(super) fn cancel(&self, place: &Place, id: &Id) -> bool {
        if place.session.is_none() {
            return false;
        }
        let key = (place.clone(), id.clone());
        let cancelled = self.lock().get(&key).map(|(_, it)| it.clone());
        if let Some(cancelled) = &cancelled {
            cancelled.cancel();
        }
        cancelled.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Waiter ===

impl Waiter {
    /// Completes when its client wants no answer any more.
    pub(super) async fn cancelled(&self) {
        self.cancelled.cancelled().await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiters.lock();
        match waiting.get_mut(&self.key) {
            Some((count, _)) if *count > 1 => *count -= 1,
            Some(_) | None => {
                waiting.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::Grant;

    use super::*;
    use crate::owner::Owner;

    fn place(agent: &str, session: Option<&str>) -> Place {
        Place {
            owner: Owner::of(&Grant::local(agent, None, Vec::new(), "t".into())),
            server: Arc::from("files"),
            session: session.map(Arc::from),
        }
    }

    #[test]
    fn only_calls_of_the_same_session_and_id_are_cancelled() {
        let waiters = Waiters::default();
        let id = |id: &str| Id::Text(id.to_owned());
        let here = place("a", Some("one"));
        let waiter = waiters.begin(&here, &id("1"));
        for (place, other) in [
            (place("b", Some("one")), id("1")),
            (place("a", Some("two")), id("1")),
            (place("a", None), id("1")),
            (here.clone(), id("2")),
        ] {
            assert!(!waiters.cancel(&place, &other), "{place:?} {other:?}");
        }
        assert!(!waiter.cancelled.is_cancelled());
        assert!(waiters.cancel(&here, &id("1")));
        assert!(waiter.cancelled.is_cancelled());
        drop(waiter);
        assert!(!waiters.contain(&here, &id("1")));
        // The id is free again, and nothing is cancelled before it began.
        let again = waiters.begin(&here, &id("1"));
        assert!(!again.cancelled.is_cancelled());
        let nowhere = place("a", None);
        let _waits = waiters.begin(&nowhere, &id("1"));
        assert!(!waiters.cancel(&nowhere, &id("1")));
    }
}
