//! Keeps a call in full, where the operator wants that, before there is an entry of it:
//! the entry commits to what is kept.

use std::io;

use gatewright_policy::json::Pointer;
use gatewright_policy::record::{
    CallPayload, JudgedName, Kept, KeptBudget, KeptDefinition, PayloadHead, PayloadKind,
    RecordKeys, RecordedOpinion,
};
use gatewright_policy::segment::CarriedCall;
use gatewright_policy::{Context, Decision, Denied, Reason};

use crate::call::{Judgement, Kind};
use crate::judgements::Judgements;
use crate::payloads::PayloadStore;
use crate::recorder::Recorder;

/// Keeps what was judged, if that is wanted; the denial where it cannot be kept, and the
/// call may therefore not go ahead.
pub(crate) fn keep(recorder: &Recorder, judgements: &mut Judgements) -> Option<Denied> {
    let store = recorder.payloads.as_ref()?;
    match kept(store, &recorder.keys, judgements) {
        Ok(kept) => {
            judgements.kept = kept;
            None
        }
        Err(error) => {
            tracing::error!(%error, "a call is not kept in full");
            match &judgements.first.decision {
                // It stays refused, for what it was.
                Decision::Deny(_) => None,
                Decision::Allow(_) | Decision::Hold(_) => Some(Denied::by_gate(
                    Reason::AuditUnavailable,
                    "the call could not be kept for the record; try again later",
                )),
            }
        }
    }
}

fn kept(
    store: &PayloadStore,
    keys: &RecordKeys,
    judgements: &Judgements,
) -> io::Result<Option<Kept>> {
    let first = &judgements.first;
    if first.kind != Kind::Judged || !first.tracked {
        return Ok(None);
    }
    let mut pointers = Vec::new();
    for judgement in judgements.iter() {
        let action = &judgement.request.action;
        // What no scope covers may be anything that somebody put there.
        let is_covered = judgement.grant.covers(&action.server, &action.name);
        let wish = store.wish(&action.server, &action.name);
        // The message is one: it is kept where all that it names is.
        let Some(wish) = wish.filter(|_| is_covered) else {
            return Ok(None);
        };
        let below = |mask: String| format!("{}{mask}", judgement.arguments_at.as_str());
        pointers.extend(wish.mask.into_iter().map(below));
    }
    let message = first.received.as_ref().unwrap_or(&first.message);
    let (message, masked) = PayloadStore::masked(message, pointers)?;
    let (id, subject, at) = (&first.id, &first.request.subject, first.request.context.at);
    let names: Option<Vec<_>> = judgements.iter().map(judged).collect();
    // Of one that was refused before policies were asked there is nothing to judge again.
    let Some(mut names) = names else {
        return Ok(None);
    };
    if !masked.is_empty() {
        // Such a call is not judged again, and a key may say what is masked.
        names.iter_mut().for_each(|name| name.budgets.clear());
    }
    let call = CallPayload {
        id: id.clone(),
        received_at: at,
        subject: (**subject).clone(),
        session: first.grant.session.to_string(),
        method: first.request.action.method.clone(),
        server: first.request.action.server.to_string(),
        message,
        masked,
        names,
    };
    let head = PayloadHead::of(keys, (id, PayloadKind::Call), subject, at);
    let kept = store.keep(keys, &head, (&call.text(), !call.masked.is_empty()))?;
    Ok(Some(kept))
}

/// What policies made of one thing that the message names; none where they were not asked.
fn judged(judgement: &Judgement) -> Option<JudgedName> {
    let (decision, reason) = judgement.judged?;
    let request = &judgement.request;
    let defined = &request.action.defined;
    let Context {
        at: _,
        decision: _,
        session: _,
        labels,
        approvals,
        history,
        // Each binding has its own.
        budgets: _,
    } = &request.context;
    let arguments_at: Pointer<'static> = judgement.arguments_at;
    Some(JudgedName {
        name: request.action.name.clone(),
        arguments_at: arguments_at.as_str().to_owned(),
        labels: labels.clone(),
        pinned: defined.pinned.as_deref().map(KeptDefinition::from),
        claimed: defined.claimed.as_deref().map(KeptDefinition::from),
        asked: judgement.asked.clone(),
        history: history
            .iter()
            .map(|call| CarriedCall::from(&**call))
            .collect(),
        approvals: approvals.clone(),
        budgets: judgement.opinions.iter().flat_map(budgets).collect(),
        decision,
        reason,
    })
}

/// What the policy of a binding read of its budgets.
fn budgets(opinion: &RecordedOpinion) -> impl Iterator<Item = KeptBudget> {
    opinion.budgets.iter().map(|read| KeptBudget {
        binding: opinion.binding.clone(),
        read: read.clone(),
    })
}
