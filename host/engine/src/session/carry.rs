//! Sessions from one segment of the ledger to the next.

use std::collections::BTreeSet;
use std::sync::Arc;

use gatewright_policy::record::RecordKeys;
use gatewright_policy::request::PastCall;
use gatewright_policy::segment::{CarriedCall, CarriedSession};
use gatewright_policy::{Label, Timestamp};

use super::Sessions;

impl Sessions {
    /// Every session that has not ended, with its labels sealed.
    pub(crate) fn carried(&self, now: Timestamp, keys: &RecordKeys) -> Vec<CarriedSession> {
        let tracked = self.lock();
        let lasting = tracked
            .sessions
            .iter()
            .filter(|(_, session)| now < session.expires_at);
        lasting
            .map(|(name, session)| CarriedSession {
                session: name.to_string(),
                expires_at: session.expires_at,
                labels: session
                    .labels
                    .all()
                    .iter()
                    .map(|it| keys.seal(it))
                    .collect(),
                calls: session
                    .calls
                    .iter()
                    .map(|call| CarriedCall::from(&**call))
                    .collect(),
            })
            .collect()
    }

    /// Takes in a session as it was carried over, and its labels, opened. What is
    /// known of it already stays: labels are never taken off.
    pub(crate) fn carry_in(&self, carried: CarriedSession, labels: Vec<Label>, at: Timestamp) {
        let mut tracked = self.lock();
        let name = Arc::from(carried.session);
        let session = tracked.place(&name, carried.expires_at, at);
        session.labels.leave(labels);
        let calls = carried.calls.into_iter().map(PastCall::from);
        session.calls = calls.map(Arc::new).collect();
    }

    /// Ids of the calls of a session that are under way.
    pub(crate) fn under_way(&self, session: &str) -> BTreeSet<Arc<str>> {
        let tracked = self.lock();
        let session = tracked.sessions.get(session);
        session.map_or_else(BTreeSet::new, |session| {
            session.open.iter().cloned().collect()
        })
    }

    /// Calls of a session are under way.
    pub(crate) fn carry_under_way(&self, session: &str, ids: impl Iterator<Item = Arc<str>>) {
        if let Some(session) = self.lock().sessions.get_mut(session) {
            session.open.extend(ids);
        }
    }
}
