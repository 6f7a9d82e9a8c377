//! What is known of one status list: itself, why there is no newer one, and when somebody
//! used it last.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gatewright_policy::credential::status::{ListKind, Status, StatusError, StatusList, StatusRef};
use gatewright_policy::{Stopped, Timestamp};

/// A list that could not be fetched is tried again after this time, in milliseconds.
const RETRY_MS: u64 = 5_000;

/// One that credentials ask for the first time is tried again sooner.
const FIRST_RETRY_MS: u64 = 1_000;

/// No list is fetched more often than this, however short it says that it is fresh.
const RENEW_MIN: Duration = Duration::from_millis(500);

/// Uses within this time are one: not every call writes what all threads read.
const USED_EVERY_MS: u64 = 1_000;

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
    /// Nobody here vouches for its issuer any more.
    #[error("its issuer is not configured")]
    NoIssuer,
    /// What came is no list that counts.
    #[error(transparent)]
    Invalid(#[from] StatusError),
    /// What came is older than the one that is known.
    #[error("it is older than the one that is known")]
    Older,
}

/// What is known of a list.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) list: Option<Arc<StatusList>>,
    /// Why it could not be fetched since.
    pub(super) error: Option<ListError>,
    /// It is to be fetched at this time.
    pub(super) due: Timestamp,
    /// When a credential that stands in it was used last, in milliseconds.
    used: Arc<AtomicU64>,
}

impl ListKey {
    pub(super) fn of(status: &Status, place: &StatusRef) -> Self {
        Self {
            list: Arc::clone(&place.list),
            issuer: Arc::clone(&status.issuer),
            kind: place.kind,
        }
    }

    /// Any place in it.
    pub(super) fn place(&self) -> StatusRef {
        StatusRef {
            list: Arc::clone(&self.list),
            index: 0,
            kind: self.kind,
        }
    }
}

impl Known {
    /// One that is to be fetched at once.
    pub(super) fn wanted(now: Timestamp) -> Self {
        Self {
            list: None,
            error: None,
            due: Timestamp(0),
            used: Arc::new(AtomicU64::new(now.0)),
        }
    }

    /// Whether there is an answer about it.
    pub(super) const fn is_answered(&self) -> bool {
        self.list.is_some() || self.error.is_some()
    }

    /// When the one that is known was made, as far as it says so.
    pub(super) fn issued(&self) -> Option<Timestamp> {
        self.list.as_ref().and_then(|list| list.issued)
    }

    /// `floor`: when one was made that was known and let go of.
    pub(super) fn take(
        &mut self,
        list: Result<Arc<StatusList>, ListError>,
        floor: Option<Timestamp>,
        now: Timestamp,
    ) {
        // Who stands between could give an older one back.
        let least = self.issued().max(floor);
        let list = list.and_then(|list| match list.issued < least {
            true => Err(ListError::Older),
            false => Ok(list),
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
    pub(super) const fn stopped(&self) -> Stopped {
        match self.error {
            Some(ListError::Invalid(_) | ListError::Older | ListError::NoIssuer) => {
                Stopped::STATUS_INVALID
            }
            Some(ListError::Unreachable(_)) | None => Stopped::STATUS_UNAVAILABLE,
        }
    }

    /// A credential that stands in it is used.
    pub(super) fn touch(&self, now: Timestamp) {
        let used = self.used.load(Ordering::Relaxed);
        if now.0 >= used.saturating_add(USED_EVERY_MS) {
            self.used.fetch_max(now.0, Ordering::Relaxed);
        }
    }

    /// How long nobody used it.
    pub(super) fn unused(&self, now: Timestamp) -> Duration {
        now.since(Timestamp(self.used.load(Ordering::Relaxed)))
    }
}
