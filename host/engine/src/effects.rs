//! What a decision leaves behind: charges, labels, and its place in the history
//! of its session. Reserved before the record is written; kept when it is there.

use std::sync::Arc;

use gatewright_policy::record::Decided;
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{Decision, Denied, Fault, Quota, Reason};

use crate::engine::Engine;
use crate::judgements::Judgements;
use crate::session::SessionError;

/// What a message costs, and the labels that it leaves.
#[derive(Clone, Default)]
pub(crate) struct Effects {
    pub(crate) charges: Vec<(String, Quota)>,
    pub(crate) labels: Vec<String>,
    /// Labels that it takes off before it leaves others.
    pub(crate) declassified: Vec<String>,
}

/// What a decision leaves behind, while it is being recorded. Only the ledger's
/// word that there is no entry undoes it: where nobody waits for that word any
/// more, the entry may be there, and then it counts.
pub(crate) struct Intent<'a> {
    engine: &'a Engine,
    judgements: &'a Judgements,
    /// What the history of the session gets; nothing where it has no place.
    calls: Vec<PastCall>,
    effects: Option<Effects>,
}

// === impl Effects ===

impl Effects {
    /// Charges what the message costs and makes sure of room for its labels; all of
    /// it or nothing. Whoever gets the effects keeps them or gives them back.
    pub(crate) fn settle(engine: &Engine, judgements: &Judgements) -> Result<Self, Denied> {
        let first = &judgements.first;
        let mut charges = Vec::new();
        for (binding, charge) in judgements.charges() {
            let quota = charge.quota(&first.snapshot.budgets(binding));
            let quota = quota
                .map_err(|error| Denied::by_fault(binding, &Fault::BadOutput(error.to_string())))?;
            // Counted under the keys that a restart reads.
            charges.push((binding.to_string(), engine.keys.quota(&quota)));
        }
        let labels = judgements.labels();
        // What nobody saw while the call was judged was left meanwhile, and stays.
        let seen = &first.request.context.labels;
        let mut declassified = judgements.declassified();
        declassified.retain(|label| seen.contains(label));
        let at = first.request.context.at;
        engine
            .quotas
            .charge(&charges, at)
            .map_err(|error| Denied::by_gate(Reason::QuotaExceeded, error.to_string()))?;
        let left = (labels.as_slice(), declassified.as_slice());
        if let Err(error) = engine.sessions.reserve(&first.grant.session, left) {
            engine.quotas.give_back(&charges, at);
            let reason = match error {
                SessionError::Underway => Reason::UnsafeContext,
                SessionError::Labels | SessionError::TooManySessions => Reason::LabelsFull,
            };
            return Err(Denied::by_gate(reason, error.to_string()));
        }
        Ok(Self {
            charges,
            labels,
            declassified,
        })
    }
}

// === impl Intent ===

impl<'a> Intent<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        judgements: &'a Judgements,
        decided: &Decided,
        effects: Effects,
    ) -> Self {
        let calls = match judgements.first.tracked {
            true => past_calls(judgements, decided),
            false => Vec::new(),
        };
        Self {
            engine,
            judgements,
            calls,
            effects: Some(effects),
        }
    }

    /// There is an entry. Gives what was charged.
    pub(crate) fn keep(mut self) -> Vec<(String, Quota)> {
        let effects = self.effects.take().unwrap_or_default();
        self.leave(effects.labels, effects.declassified);
        effects.charges
    }

    /// There is no entry: nothing is charged and no label left.
    pub(crate) fn give_up(mut self) {
        let effects = self.effects.take().unwrap_or_default();
        let first = &self.judgements.first;
        let at = first.request.context.at;
        self.engine.quotas.give_back(&effects.charges, at);
        self.engine
            .sessions
            .release(&first.grant.session, &effects.labels);
    }

    fn leave(&mut self, labels: Vec<String>, declassified: Vec<String>) {
        let first = &self.judgements.first;
        if !first.tracked {
            return;
        }
        let calls = std::mem::take(&mut self.calls).into_iter();
        let history_max = first.snapshot.limits.history_calls_max;
        let left = (labels, declassified.as_slice());
        self.engine
            .sessions
            .remember(&first.grant.session, calls, left, history_max);
    }
}

impl Drop for Intent<'_> {
    fn drop(&mut self) {
        if let Some(effects) = self.effects.take() {
            self.leave(effects.labels, effects.declassified);
        }
    }
}

/// INVARIANT: they are what a restart makes of the entry.
fn past_calls(judgements: &Judgements, decided: &Decided) -> Vec<PastCall> {
    let request = &judgements.first.request;
    let server = match *request.action.server == *decided.server {
        true => Arc::clone(&request.action.server),
        false => Arc::from(decided.server.as_str()),
    };
    let outcome = match &judgements.first.decision {
        // Until an answer comes back, there is none.
        Decision::Allow(_) => PastOutcome::Pending,
        Decision::Hold(_) => PastOutcome::Held,
        Decision::Deny(_) => PastOutcome::Denied,
    };
    let id: Arc<str> = Arc::from(decided.id.as_str());
    let parts = decided.parts.iter().map(|part| &part.name);
    let names = std::iter::once(&decided.name).chain(parts);
    let call = |name: &String| PastCall {
        at: request.context.at,
        method: decided.method.clone(),
        server: Arc::clone(&server),
        name: name.clone(),
        id: Arc::clone(&id),
        outcome,
        reason: decided.reason,
    };
    names.map(call).collect()
}
