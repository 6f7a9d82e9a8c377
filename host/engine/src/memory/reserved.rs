//! What a commit changes of sessions and budgets, while nobody knows yet whether its
//! entry will be there.

use std::sync::Arc;

use super::commit::{Effects, NotCommitted};
use crate::quota::Quotas;
use crate::session::Sessions;

/// What a commit changes, while its entry is being written. Only the word that there is
/// no entry undoes it: where nobody waits for that word any more, the entry may be
/// there, and then it counts.
pub(super) struct Reserved<'a> {
    sessions: &'a Sessions,
    quotas: &'a Quotas,
    effects: Option<Effects>,
}

/// Charges what it costs and makes sure of room for its labels: both or neither.
pub(super) fn reserve<'a>(
    (sessions, quotas): (&'a Sessions, &'a Quotas),
    effects: Effects,
) -> Result<Reserved<'a>, NotCommitted> {
    quotas.charge(&effects.charges, effects.at)?;
    if let Some(session) = &effects.session
        && let Err(error) = sessions.reserve(session, effects.reservation())
    {
        quotas.give_back(&effects.charges, effects.at);
        return Err(error.into());
    }
    Ok(Reserved {
        sessions,
        quotas,
        effects: Some(effects),
    })
}

impl Reserved<'_> {
    /// There is an entry.
    pub(super) fn keep(mut self) {
        self.leave();
    }

    /// There is no entry: nothing is charged and no label left. A call that ended has
    /// ended all the same.
    pub(super) fn give_up(mut self) {
        let Some(effects) = self.effects.take() else {
            return;
        };
        self.quotas.give_back(&effects.charges, effects.at);
        if let Some(session) = &effects.session {
            self.sessions.release(session, effects.reservation());
            if let Some(ended) = &effects.ended {
                self.sessions.ended(session, &ended.id);
            }
        }
    }

    fn leave(&mut self) {
        let Some(effects) = self.effects.take() else {
            return;
        };
        if let Some(returned) = &effects.returned {
            self.quotas
                .give_back(&returned.charges, returned.received_at);
        }
        if let Some(settled) = &effects.settled {
            self.quotas.restore(&settled.charges, settled.received_at);
        }
        if let Some(session) = &effects.session {
            if let Some(ended) = &effects.ended {
                self.sessions
                    .complete(session, &ended.id, ended.outcome, ended.reason);
            }
            let left = (effects.labels, effects.declassified.as_slice());
            let calls = effects.calls.into_iter();
            self.sessions
                .remember(session, calls, left, effects.history_max);
        }
    }
}

/// Nobody waits for the word any more. What tightens counts: charges, labels, the call in
/// the history. What loosens does not: labels stay on, and nothing is given back. The
/// call itself goes nowhere, so nothing more comes of it.
impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        let Some(mut effects) = self.effects.take() else {
            return;
        };
        if let Some(session) = &effects.session {
            self.sessions.stays_labelled(session, &effects.declassified);
        }
        effects.declassified.clear();
        effects.returned = None;
        let session = effects.session.clone();
        let ids: Vec<_> = effects
            .calls
            .iter()
            .map(|call| Arc::clone(&call.id))
            .collect();
        self.effects = Some(effects);
        self.leave();
        for id in ids {
            if let Some(session) = &session {
                self.sessions.ended(session, &id);
            }
        }
    }
}
