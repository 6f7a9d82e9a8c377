//! The status lists that credentials stand in, as calls see them: without a lock, and
//! without waiting for anybody. Whoever fetches asks here what is due, and puts what came.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use gatewright_policy::credential::status::{
    ListKind, Standing, Status, StatusError, StatusList, StatusRef, is_signed,
};
use gatewright_policy::{Stopped, Timestamp};
use tokio::sync::{Notify, watch};

/// Most lists that are kept. A credential in one more is refused.
pub const LISTS_MAX: usize = 1024;

/// A list that could not be fetched is tried again after this time, in milliseconds.
const RETRY_MS: u64 = 5_000;

/// One that credentials ask for the first time is tried again sooner.
const FIRST_RETRY_MS: u64 = 1_000;

/// Which list, of whom, and of which kind it must be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListKey {
    /// Its address.
    pub list: Arc<str>,
    /// Whose signature it must have.
    pub issuer: Arc<str>,
    /// Its kind.
    pub kind: ListKind,
}

/// Why there is no list, or no fresh one.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ListError {
    /// It did not come.
    #[error("it cannot be fetched: {0}")]
    Unreachable(String),
    /// What came is no list that counts.
    #[error(transparent)]
    Invalid(#[from] StatusError),
    /// What came is older than the one that is known.
    #[error("it is older than the one that is known")]
    Older,
}

/// What is known of a list.
#[derive(Clone, Debug)]
struct Known {
    list: Option<Arc<StatusList>>,
    /// Why it could not be since.
    error: Option<ListError>,
    /// It is to be fetched at this time.
    due: Timestamp,
}

/// No list is fetched more often than this, however short it says that it is fresh.
const RENEW_MIN: Duration = Duration::from_millis(500);

/// All of them.
pub struct Statuses {
    known: ArcSwap<HashMap<ListKey, Known>>,
    wanted: Notify,
    news: watch::Sender<u64>,
}

// === impl Statuses ===

impl Default for Statuses {
    fn default() -> Self {
        Self {
            known: ArcSwap::default(),
            wanted: Notify::new(),
            news: watch::Sender::new(0),
        }
    }
}

impl Statuses {
    /// Whether a credential counts for a call. A list that is not fresh, or not there,
    /// counts for nothing, but for tools that are pinned read-only within the grace.
    pub fn admits(&self, status: &Status, read_only: bool, now: Timestamp) -> Result<(), Stopped> {
        if status.refs.is_empty() {
            return Ok(());
        }
        let known = self.known.load();
        for place in &status.refs {
            let Some(known) = known.get(&ListKey::of(status, place)) else {
                return Err(Stopped::STATUS_UNAVAILABLE);
            };
            let Some(list) = &known.list else {
                return Err(known.stopped());
            };
            match list.standing(place) {
                Standing::Valid => {}
                Standing::Revoked => return Err(Stopped::REVOKED),
                Standing::Suspended => return Err(Stopped::CREDENTIAL_SUSPENDED),
                Standing::Unknown => return Err(Stopped::STATUS_INVALID),
            }
            let lasts = match read_only {
                true => list.fresh_until.plus(status.grace),
                false => list.fresh_until,
            };
            let has_ended = list.ends.is_some_and(|ends| ends <= now);
            if lasts <= now || has_ended {
                return Err(known.stopped());
            }
        }
        Ok(())
    }

    /// Whether its issuer took a credential back, as far as is known: what goes on is not
    /// ended for want of a fresh list.
    pub fn keeps(&self, status: &Status) -> Result<(), Stopped> {
        if status.refs.is_empty() {
            return Ok(());
        }
        let known = self.known.load();
        for place in &status.refs {
            let known = known.get(&ListKey::of(status, place));
            let list = known.and_then(|known| known.list.as_ref());
            match list.map(|list| list.standing(place)) {
                Some(Standing::Revoked) => return Err(Stopped::REVOKED),
                Some(Standing::Suspended) => return Err(Stopped::CREDENTIAL_SUSPENDED),
                Some(Standing::Valid | Standing::Unknown) | None => {}
            }
        }
        Ok(())
    }

    /// Has the lists of a credential fetched, where they were never looked for; whether
    /// there is an answer about each.
    pub fn want(&self, status: &Status) -> bool {
        let known = self.known.load();
        let missing = |place: &&StatusRef| !known.contains_key(&ListKey::of(status, place));
        let missing: Vec<_> = status.refs.iter().filter(missing).collect();
        if !missing.is_empty() {
            self.known.rcu(|known| {
                let mut known = HashMap::clone(known);
                for place in &missing {
                    if known.len() < LISTS_MAX {
                        let key = ListKey::of(status, place);
                        known.entry(key).or_insert(Known::NOTHING);
                    }
                }
                known
            });
            self.wanted.notify_one();
        }
        let known = self.known.load();
        status.refs.iter().all(|place| {
            let known = known.get(&ListKey::of(status, place));
            known.is_none_or(|known| known.list.is_some() || known.error.is_some())
        })
    }

    /// The lists that are to be fetched now.
    pub fn due(&self, now: Timestamp) -> Vec<ListKey> {
        let known = self.known.load();
        let due = known.iter().filter(|(_, known)| known.due <= now);
        due.map(|(key, _)| key.clone()).collect()
    }

    /// What came of fetching a list.
    pub fn put(&self, key: &ListKey, fetched: Result<&str, String>, now: Timestamp) {
        let place = StatusRef {
            list: Arc::clone(&key.list),
            index: 0,
            kind: key.kind,
        };
        let list = fetched.map_err(ListError::Unreachable).and_then(|text| {
            let list = StatusList::verify(text, &place, &key.issuer, now, is_signed);
            list.map_err(ListError::Invalid)
        });
        let list = list.map(Arc::new);
        self.known.rcu(|known| {
            let mut known = HashMap::clone(known);
            if let Some(entry) = known.get_mut(key) {
                entry.take(list.clone(), now);
            }
            known
        });
        if let Err(error) = &list {
            tracing::warn!(list = %key.list, %error, "a status list is not renewed");
        }
        self.news
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Hears whenever something was fetched, or could not be.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Completes when a list is wanted that was never looked for.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }
}

// === impl Known ===

impl Known {
    /// To be fetched at once.
    const NOTHING: Self = Self {
        list: None,
        error: None,
        due: Timestamp(0),
    };

    fn take(&mut self, list: Result<Arc<StatusList>, ListError>, now: Timestamp) {
        let list = list.and_then(|list| match (&self.list, list.issued) {
            // Who stands between could give an older one back.
            (Some(known), issued) if issued < known.issued => Err(ListError::Older),
            (Some(_), _) | (None, _) => Ok(list),
        });
        match list {
            Ok(list) => {
                // Fetched again before it is stale.
                let fresh = list.fresh_until.since(now);
                let due = now.plus(fresh.mul_f32(0.8));
                self.due = due.max(now.plus(RENEW_MIN));
                self.list = Some(list);
                self.error = None;
            }
            Err(error) => {
                let retry = match self.list {
                    Some(_) => RETRY_MS,
                    None => FIRST_RETRY_MS,
                };
                self.due = Timestamp(now.0.saturating_add(retry));
                self.error = Some(error);
            }
        }
    }

    /// Why it does not count.
    const fn stopped(&self) -> Stopped {
        match self.error {
            Some(ListError::Invalid(_) | ListError::Older) => Stopped::STATUS_INVALID,
            Some(ListError::Unreachable(_)) | None => Stopped::STATUS_UNAVAILABLE,
        }
    }
}

impl ListKey {
    fn of(status: &Status, place: &StatusRef) -> Self {
        Self {
            list: Arc::clone(&place.list),
            issuer: Arc::clone(&status.issuer),
            kind: place.kind,
        }
    }
}
