//! What the ledger says about sessions.

use std::sync::Arc;

use gatewright_policy::record::{Caller, Completed, Decided, Labelled};
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{DecisionKind, Label, Reason, Timestamp, session_id};

/// What the ledger says about sessions.
#[derive(Debug)]
pub(crate) enum SessionEvent {
    Called {
        session: Arc<str>,
        ends: Timestamp,
        calls: Vec<PastCall>,
        labels: Vec<Label>,
        declassified: Vec<String>,
    },
    Labelled {
        session: String,
        labels: Vec<Label>,
    },
    Completed {
        id: String,
        session: String,
        outcome: PastOutcome,
        reason: Option<Reason>,
        labels: Vec<Label>,
    },
}

impl SessionEvent {
    /// With the labels that it left and took off, opened. None for a decision on a call
    /// that nobody could be found to have made.
    pub(crate) fn of_decision(
        at: Timestamp,
        decided: Decided,
        (labels, declassified): (Vec<Label>, Vec<String>),
    ) -> Option<Self> {
        let Caller {
            session,
            expires_at,
            session_ends,
            ..
        } = decided.caller?;
        let outcome = match decided.decision {
            DecisionKind::Allow => PastOutcome::Pending,
            DecisionKind::Hold => PastOutcome::Held,
            DecisionKind::Deny => PastOutcome::Denied,
        };
        let server: Arc<str> = Arc::from(decided.server);
        let id: Arc<str> = Arc::from(decided.id);
        let parts = decided.parts.into_iter().map(|part| part.name);
        let calls = std::iter::once(decided.name).chain(parts);
        let calls = calls.map(|name| PastCall {
            at: decided.received_at.unwrap_or(at),
            method: decided.method.clone(),
            server: Arc::clone(&server),
            name,
            id: Arc::clone(&id),
            outcome,
            reason: decided.reason,
        });
        decided.judged.then(|| Self::Called {
            session: session_id(Arc::from(session)),
            ends: session_ends.unwrap_or(expires_at),
            calls: calls.collect(),
            labels,
            declassified,
        })
    }

    /// With its labels, opened.
    pub(crate) fn of_labels(labelled: Labelled, labels: Vec<Label>) -> Self {
        Self::Labelled {
            session: labelled.session,
            labels,
        }
    }

    /// With its labels, opened.
    pub(crate) fn of_completion(completed: Completed, labels: Vec<Label>) -> Self {
        Self::Completed {
            id: completed.id,
            session: completed.session,
            outcome: completed.outcome,
            reason: completed.reason,
            labels,
        }
    }
}
