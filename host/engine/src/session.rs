//! What a session did and carries: its last calls and its labels.
//!
//! Kept in memory and made again from the ledger at a restart, so that killing
//! the gate washes no label off.

mod carry;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright_policy::grant::session_id;
use gatewright_policy::record::{Caller, Completed, Decided};
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{Grant, Timestamp};

/// Calls of a session that policies can see.
const HISTORY_MAX: usize = 64;

/// Labels that a session can carry; an obligation to add more denies.
const LABELS_MAX: usize = 64;

/// Longest label, in bytes.
const LABEL_BYTES_MAX: usize = 128;

/// Sessions at once. A session lasts as long as its credential; when there is no
/// room for another, its calls are refused.
const SESSIONS_MAX: usize = 1 << 16;

/// All sessions.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<Arc<str>, Session>>);

#[derive(Default)]
struct Session {
    expires_at: Option<Timestamp>,
    labels: BTreeSet<String>,
    /// Newest first, with the id of the decision.
    calls: VecDeque<(String, Arc<PastCall>)>,
}

/// Why something cannot be remembered. It then does not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// More than `SESSIONS_MAX`.
    #[error("there are too many sessions")]
    TooManySessions,
    /// More than `LABELS_MAX`, or one longer than `LABEL_BYTES_MAX`.
    #[error("the session has too many labels, or one is too long")]
    Labels,
}

/// What the ledger says about sessions.
#[derive(Debug)]
pub(crate) enum SessionEvent {
    Called {
        id: String,
        session: Arc<str>,
        expires_at: Timestamp,
        call: PastCall,
        labels: Vec<String>,
    },
    Completed {
        id: String,
        session: String,
        outcome: PastOutcome,
        labels: Vec<String>,
    },
}

// === impl Sessions ===

impl Sessions {
    /// Labels, sorted, and the last calls, newest first.
    pub fn context(&self, session: &str) -> (Vec<String>, Arc<[Arc<PastCall>]>) {
        self.lock().get(session).map_or_else(
            || (Vec::new(), Arc::from([])),
            |session| {
                (
                    session.labels.iter().cloned().collect(),
                    session
                        .calls
                        .iter()
                        .map(|(_, call)| Arc::clone(call))
                        .collect(),
                )
            },
        )
    }

    /// Whether a call can be remembered with these labels.
    pub fn has_room(
        &self,
        session: &str,
        labels: &[String],
        now: Timestamp,
    ) -> Result<(), SessionError> {
        let mut sessions = self.lock();
        if sessions.len() >= SESSIONS_MAX && !sessions.contains_key(session) {
            sessions.retain(|_, session| session.expires_at.is_none_or(|end| now < end));
            if sessions.len() >= SESSIONS_MAX {
                return Err(SessionError::TooManySessions);
            }
        }
        let carried = sessions.get(session).map(|session| &session.labels);
        let new = labels
            .iter()
            .filter(|label| carried.is_none_or(|carried| !carried.contains(*label)))
            .count();
        let too_long = labels.iter().any(|label| label.len() > LABEL_BYTES_MAX);
        if too_long || carried.map_or(0, BTreeSet::len) + new > LABELS_MAX {
            return Err(SessionError::Labels);
        }
        Ok(())
    }

    /// Remembers a call and its labels.
    pub fn remember(&self, id: &str, grant: &Grant, call: PastCall, labels: &[String]) {
        let mut sessions = self.lock();
        let session = sessions.entry(Arc::clone(&grant.session)).or_default();
        session.push(id.to_owned(), grant.expires_at, call);
        session.labels.extend(labels.iter().cloned());
    }

    /// Notes how a call ended, and what its result left behind.
    pub fn complete(&self, session: &str, id: &str, outcome: PastOutcome, labels: &[String]) {
        if let Some(session) = self.lock().get_mut(session) {
            if let Some((_, call)) = session.calls.iter_mut().find(|(known, _)| known == id) {
                Arc::make_mut(call).outcome = outcome;
            }
            session.labels.extend(labels.iter().cloned());
        }
    }

    /// Leaves labels on a session.
    pub fn label(
        &self,
        session: &str,
        labels: &[String],
        now: Timestamp,
    ) -> Result<(), SessionError> {
        self.has_room(session, labels, now)?;
        if let Some(session) = self.lock().get_mut(session) {
            session.labels.extend(labels.iter().cloned());
        }
        Ok(())
    }

    /// Whether anything is known about a session.
    pub(crate) fn contain(&self, session: &str) -> bool {
        self.lock().contains_key(session)
    }

    /// Takes in what the ledger says.
    pub(crate) fn restore(&self, event: SessionEvent, now: Timestamp) {
        match event {
            SessionEvent::Called {
                id,
                session,
                expires_at,
                call,
                labels,
            } => {
                if now < expires_at {
                    let mut sessions = self.lock();
                    let session = sessions.entry(session).or_default();
                    session.push(id, expires_at, call);
                    session.labels.extend(labels);
                }
            }
            SessionEvent::Completed {
                id,
                session,
                outcome,
                labels,
            } => {
                self.complete(&session, &id, outcome, &labels);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Session>> {
        // Nothing inside can panic half-way: every change is one insertion.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    fn push(&mut self, id: String, expires_at: Timestamp, call: PastCall) {
        self.expires_at = Some(expires_at);
        self.calls.truncate(HISTORY_MAX - 1);
        self.calls.push_front((id, Arc::new(call)));
    }
}

// === impl SessionEvent ===

impl SessionEvent {
    /// None for a decision on a call that nobody could be found to have made.
    pub(crate) fn of_decision(at: Timestamp, decided: Decided) -> Option<Self> {
        let Caller {
            session,
            expires_at,
            ..
        } = decided.caller?;
        let outcome = match decided.decision.as_str() {
            "allow" => PastOutcome::Failed,
            "hold" => PastOutcome::Held,
            _ => PastOutcome::Denied,
        };
        decided.judged.then(|| Self::Called {
            id: decided.id,
            session: session_id(Arc::from(session)),
            expires_at,
            call: PastCall {
                at,
                method: decided.method,
                server: Arc::from(decided.server),
                name: decided.name,
                outcome,
            },
            labels: decided.labels,
        })
    }

    pub(crate) fn of_completion(completed: Completed) -> Self {
        Self::Completed {
            id: completed.id,
            session: completed.session,
            outcome: completed.outcome,
            labels: completed.labels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant() -> Grant {
        Grant::local("agent", None, Vec::new(), Arc::from("s"))
    }

    fn call(name: &str) -> PastCall {
        PastCall {
            at: Timestamp(1),
            method: "tools/call".into(),
            server: Arc::from("files"),
            name: name.into(),
            outcome: PastOutcome::Failed,
        }
    }

    #[test]
    fn the_newest_calls_come_first_and_the_oldest_are_forgotten() {
        let sessions = Sessions::default();
        for number in 0..100 {
            sessions.remember(
                &number.to_string(),
                &grant(),
                call(&number.to_string()),
                &[],
            );
        }
        sessions.complete("s", "99", PastOutcome::Allowed, &["seen".into()]);
        let (labels, calls) = sessions.context("s");
        assert_eq!(labels, ["seen"]);
        assert_eq!(calls.len(), HISTORY_MAX);
        assert_eq!(
            (calls[0].name.as_str(), calls[0].outcome),
            ("99", PastOutcome::Allowed)
        );
        assert_eq!(sessions.context("other").1.len(), 0);
    }

    #[test]
    fn a_label_that_cannot_be_kept_is_refused() {
        let sessions = Sessions::default();
        let many: Vec<_> = (0..LABELS_MAX).map(|number| number.to_string()).collect();
        sessions.remember("1", &grant(), call("a"), &many);
        let now = Timestamp(1);
        assert_eq!(sessions.label("s", &["0".into()], now), Ok(()));
        assert_eq!(
            sessions.label("s", &["new".into()], now),
            Err(SessionError::Labels)
        );
        assert_eq!(
            sessions.label("t", &["x".repeat(129)], now),
            Err(SessionError::Labels)
        );
    }
}
