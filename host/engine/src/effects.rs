//! What a decision leaves behind: charges, labels, and its place in the history of
//! its session.

use std::sync::Arc;

use gatewright_policy::record::Decided;
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{Decision, Denied, Fault};

use crate::judgements::Judgements;
use crate::memory::Effects;
use crate::recorder::Recorder;

/// What the message costs and the labels that it leaves, once it is recorded.
pub(crate) fn owed(recorder: &Recorder, judgements: &Judgements) -> Result<Effects, Denied> {
    let first = &judgements.first;
    let mut charges = Vec::new();
    for (binding, charge) in judgements.charges() {
        let quota = charge.quota(&first.snapshot.budgets(binding));
        let quota = quota
            .map_err(|error| Denied::by_fault(binding, &Fault::BadOutput(error.to_string())))?;
        // Counted under the keys that a restart reads.
        charges.push((binding.to_string(), recorder.keys.quota(&quota)));
    }
    // What nobody saw while the call was judged was left meanwhile, and stays.
    let seen = &first.request.context.labels;
    let mut declassified = judgements.declassified();
    declassified.retain(|label| seen.iter().any(|seen| seen.name == *label));
    let repeated = judgements.repeated.as_ref();
    Ok(Effects {
        charges,
        labels: match repeated {
            Some(repeated) => repeated.labels.clone(),
            None => judgements.labels(),
        },
        declassified,
        ..Effects::none(first.request.context.at)
    })
}

/// The same, with what the history gets. INVARIANT: the calls are what a restart
/// makes of the entry.
pub(crate) fn remembered(effects: Effects, judgements: &Judgements, decided: &Decided) -> Effects {
    let first = &judgements.first;
    if !first.tracked {
        return effects;
    }
    Effects {
        session: Some(Arc::clone(&first.grant.session)),
        calls: past_calls(judgements, decided),
        history_max: first.snapshot.limits.history_calls_max,
        seen: Arc::clone(&first.request.context.history),
        ..effects
    }
}

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
