//! What is known of one status list: itself, why there is no newer one, and when somebody
//! used it last.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gatewright_policy::credential::TrustAnchor;
use gatewright_policy::credential::status::{ListKind, Status, StatusError, StatusList, StatusRef};
use gatewright_policy::{Digest, Stopped, Timestamp};

use crate::ledger::LedgerError;

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
    /// What came is older than the one that is known, here or at a gate that shares the
    /// memory.
    #[error("it is older than the one that is known")]
    Older,
    /// Nobody knows whether what came is older than one that was known.
    #[error("whether a newer one was known cannot be read: {0}")]
    Unsure(LedgerError),
}

/// A list that was fetched, and may count.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) list: Arc<StatusList>,
    /// It takes the place of one that was made then, though that is later: a wrong clock made
    /// that one.
    pub(super) disowned: Option<Timestamp>,
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

    /// Its name where names are short: no two lists have the same, and it is the same at
    /// every gate. What is kept under it says so: it does not change any more.
    pub fn digest(&self) -> Digest {
        let mut text = Vec::new();
        for part in [&*self.list, &*self.issuer] {
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part.as_bytes());
        }
        text.push(match self.kind {
            ListKind::Token => 0,
            ListKind::Revocation => 1,
            ListKind::Suspension => 2,
        });
        Digest::of(&text)
    }

    /// The list, if it is signed as the credentials of its issuer are.
    pub(super) fn verify(
        &self,
        fetched: Result<&str, String>,
        anchor: Option<&TrustAnchor>,
        now: Timestamp,
    ) -> Result<StatusList, ListError> {
        let text = fetched.map_err(ListError::Unreachable)?;
        let anchor = anchor.ok_or(ListError::NoIssuer)?;
        StatusList::verify(text, &self.place(), anchor, now).map_err(ListError::Invalid)
    }

    /// Any place in it.
    fn place(&self) -> StatusRef {
        StatusRef {
            list: Arc::clone(&self.list),
            index: 0,
            kind: self.kind,
        }
    }
}

/// How many of these lists each issuer has.
pub(super) fn by_issuer<'a>(lists: impl Iterator<Item = &'a ListKey>) -> HashMap<&'a str, usize> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for list in lists {
        *counts.entry(&list.issuer).or_default() += 1;
    }
    counts
}

/// A list, if it is as new as the newest that was known of it: who stands between could give
/// an older one back, in which nobody was revoked yet.
pub(super) fn not_older(
    list: StatusList,
    newest: Option<Timestamp>,
) -> Result<StatusList, ListError> {
    match list.issued < newest {
        true => Err(ListError::Older),
        false => Ok(list),
    }
}

impl From<StatusList> for Fetched {
    fn from(list: StatusList) -> Self {
        Self {
            list: Arc::new(list),
            disowned: None,
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

    /// When the one that is kept was made.
    pub(super) fn issued(&self) -> Option<Timestamp> {
        self.list.as_ref().and_then(|list| list.issued)
    }

    /// What came of fetching it: why there is no newer one, if there is none.
    pub(super) fn take(
        &mut self,
        fetched: Result<Fetched, ListError>,
        now: Timestamp,
    ) -> Result<(), ListError> {
        match fetched {
            // Two that were fetched at once came in the other order.
            Ok(fetched) if self.is_newer(&fetched) => self.take(Err(ListError::Older), now),
            Ok(Fetched { list, .. }) => {
                // Fetched again before it is stale.
                let fresh = list.fresh_until.since(now);
                let due = now.plus(fresh.mul_f32(0.8));
                self.due = due.max(now.plus(RENEW_MIN));
                self.list = Some(list);
                self.error = None;
                Ok(())
            }
            Err(error) => {
                let retry = match self.list {
                    Some(_) => RETRY_MS,
                    None => FIRST_RETRY_MS,
                };
                self.due = Timestamp(now.0.saturating_add(retry));
                self.error = Some(error.clone());
                Err(error)
            }
        }
    }

    /// Whether the list that is kept stays, since it was made later.
    fn is_newer(&self, fetched: &Fetched) -> bool {
        let kept = self.issued();
        let is_disowned = kept.is_some() && kept == fetched.disowned;
        fetched.list.issued < kept && !is_disowned
    }

    /// Why it does not count.
    pub(super) const fn stopped(&self) -> Stopped {
        match self.error {
            Some(ListError::Invalid(_) | ListError::Older | ListError::NoIssuer) => {
                Stopped::STATUS_INVALID
            }
            Some(ListError::Unreachable(_) | ListError::Unsure(_)) | None => {
                Stopped::STATUS_UNAVAILABLE
            }
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
