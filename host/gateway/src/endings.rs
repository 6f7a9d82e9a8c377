//! Credentials that agents still show and that end soon: somebody has to renew them, and
//! learns it before calls are refused. Tokens of clients that signed in are not among
//! them: those clients renew by themselves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::{Grant, Timestamp};

use crate::owner::Owner;

/// A credential with less than a tenth of its life ends soon; one with more than this
/// does not.
const SOON_MAX: Duration = Duration::from_secs(3600);

/// Most callers that are remembered; further ones are warned of each time.
const CALLERS_MAX: usize = 4096;

/// Who shows a credential that ends soon, and when it does.
#[derive(Debug, Default)]
pub(crate) struct Endings {
    callers: Mutex<HashMap<Owner, Timestamp>>,
    /// Of them; read without the lock, by every call.
    count: AtomicUsize,
}

impl Endings {
    /// A caller showed a credential. Says so where it ends soon, once.
    pub(crate) fn note(&self, owner: &Owner, grant: &Grant, now: Timestamp) {
        if !ends_soon(grant, now) {
            if self.count.load(Ordering::Relaxed) > 0 {
                let mut callers = self.lock();
                callers.remove(owner);
                self.count.store(callers.len(), Ordering::Relaxed);
            }
            return;
        }
        let mut callers = self.lock();
        let has_room = callers.len() < CALLERS_MAX || callers.contains_key(owner);
        let before = has_room.then(|| callers.insert(owner.clone(), grant.expires_at));
        self.count.store(callers.len(), Ordering::Relaxed);
        drop(callers);
        if before.flatten() != Some(grant.expires_at) {
            let seconds = grant.expires_at.since(now).as_secs();
            tracing::warn!(agent = ?grant.subject.id, seconds, "the credential of an agent ends soon");
        }
    }

    /// How many callers have one that ends soon, and did not end.
    pub(crate) fn count(&self, now: Timestamp) -> usize {
        let mut callers = self.lock();
        callers.retain(|_, ends| *ends > now);
        self.count.store(callers.len(), Ordering::Relaxed);
        callers.len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, Timestamp>> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ends_soon(grant: &Grant, now: Timestamp) -> bool {
    let life = grant.expires_at.since(grant.not_before);
    let soon = (life / 10).min(SOON_MAX);
    grant.sign_in.is_none() && grant.expires_at.since(now) < soon
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_counts_from_its_last_tenth_to_its_end() {
        let hours = |hours: u64| Timestamp(hours * 3_600_000);
        let grant = |agent: &str, until: Timestamp| {
            let mut grant = Grant::local(agent, None, Vec::new(), "s".into());
            (grant.not_before, grant.expires_at) = (hours(1), until);
            grant
        };
        let note = |endings: &Endings, grant: &Grant, now| {
            endings.note(&Owner::of(grant), grant, now);
            endings.count(now)
        };
        let endings = Endings::default();
        // Nine hours: its last tenth is 54 minutes.
        let short = grant("a", hours(10));
        assert_eq!(note(&endings, &short, hours(9)), 0);
        assert_eq!(note(&endings, &short, Timestamp(hours(9).0 + 400_000)), 1);
        assert_eq!(note(&endings, &short, Timestamp(hours(9).0 + 500_000)), 1);
        // A year: its last hour.
        let long = grant("b", hours(8760));
        assert_eq!(note(&endings, &long, Timestamp(hours(9).0 + 600_000)), 1);
        assert_eq!(endings.count(hours(10)), 0);
        let late = Timestamp(hours(8759).0 + 1000);
        assert_eq!(note(&endings, &long, late), 1);
        // It was renewed.
        assert_eq!(note(&endings, &grant("b", hours(17520)), late), 0);
    }
}
