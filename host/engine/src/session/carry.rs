//! Sessions from one segment of the ledger to the next.

use std::sync::Arc;

use gatewright_policy::Timestamp;
use gatewright_policy::request::PastCall;
use gatewright_policy::segment::{CarriedCall, CarriedSession};

use super::Sessions;

impl Sessions {
    /// Every session whose credential has not ended.
    pub(crate) fn carried(&self, now: Timestamp) -> Vec<CarriedSession> {
        let sessions = self.lock();
        let lasting = sessions
            .iter()
            .filter(|(_, session)| session.expires_at.is_none_or(|end| now < end));
        lasting
            .map(|(name, session)| CarriedSession {
                session: name.to_string(),
                expires_at: session.expires_at,
                labels: session.labels.iter().cloned().collect(),
                calls: session.calls.iter().map(carried_call).collect(),
            })
            .collect()
    }

    /// Takes in a session as it was carried over. What is known of it already
    /// stays: labels are never taken off.
    pub(crate) fn carry_in(&self, carried: CarriedSession, now: Timestamp) {
        if carried.expires_at.is_some_and(|end| end <= now) {
            return;
        }
        let mut sessions = self.lock();
        let session = sessions.entry(Arc::from(carried.session)).or_default();
        session.expires_at = session.expires_at.max(carried.expires_at);
        session.labels.extend(carried.labels);
        session.calls = carried.calls.into_iter().map(past_call).collect();
    }
}

fn carried_call((id, call): &(String, Arc<PastCall>)) -> CarriedCall {
    CarriedCall {
        id: id.clone(),
        at: call.at,
        method: call.method.clone(),
        server: call.server.to_string(),
        name: call.name.clone(),
        outcome: call.outcome,
    }
}

fn past_call(carried: CarriedCall) -> (String, Arc<PastCall>) {
    let call = PastCall {
        at: carried.at,
        method: carried.method,
        server: Arc::from(carried.server),
        name: carried.name,
        outcome: carried.outcome,
    };
    (carried.id, Arc::new(call))
}
