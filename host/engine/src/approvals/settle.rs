//! What the decision on a message becomes where the same call waits for people already.

use gatewright_policy::approval::Stand;
use gatewright_policy::record::{ApprovalUse, UseOfApproval};
use gatewright_policy::{Decision, Denied, Reason};

use super::again::not_twice;
use super::approvers::Approvers;
use super::found::Found;
use super::resume::voids;
use super::settled::Settled;
use crate::beside;
use crate::call::Judgement;
use crate::judgements::Judgements;
use crate::memory::{ApprovalChange, ApprovalStep};
use crate::recorder::Recorder;

/// Looks at what people decided on the same call: it goes ahead once, waits with the one
/// that is there, or voids it.
pub(crate) async fn settle(recorder: &Recorder, judgements: &mut Judgements) {
    if let Some(denied) = unseen(judgements) {
        judgements.first.decision = Decision::Deny(denied);
        return;
    }
    let found = match judgements.further.is_empty() {
        true => judgements.first.approval.take(),
        false => of_several(recorder, judgements).await.map(Box::new),
    };
    settle_with(recorder, judgements, found.map(|found| *found)).await;
}

/// The same, with the request that there is about the same call.
pub(super) async fn settle_with(
    recorder: &Recorder,
    judgements: &mut Judgements,
    found: Option<Found>,
) {
    // People may have been asked again while the same call was on its way: what they agreed
    // to then is no second call.
    let approvers = &judgements.first.snapshot.approvers;
    let stand = found
        .as_ref()
        .map(|found| found.stand(approvers, recorder.now()));
    let may_repeat = stand.is_none_or(|stand| matches!(stand, Stand::Granted { .. }));
    let was_denied = is_denied(judgements);
    if may_repeat {
        not_twice(recorder, judgements, found.as_ref()).await;
    }
    let was_made = !was_denied && is_denied(judgements);
    let Some(found) = found.filter(|_| !was_made) else {
        return;
    };
    let (decision, settled) = settled(recorder, judgements, &found);
    if let Some(decision) = decision {
        judgements.first.decision = decision;
    }
    judgements.approval = settled;
}

fn is_denied(judgements: &Judgements) -> bool {
    matches!(judgements.first.decision, Decision::Deny(_))
}

/// People cannot agree to what they do not see: a call that carries answers to a tool
/// server neither waits nor goes ahead with what they agreed to.
fn unseen(judgements: &Judgements) -> Option<Denied> {
    let first = &judgements.first;
    let carries = beside::has_answers(first) || beside::goes_on(first);
    let is_asked = matches!(first.decision, Decision::Hold(_)) || first.approval.is_some();
    (carries && is_asked).then(|| {
        Denied::by_gate(
            Reason::InvalidArguments,
            "people would be asked about this call, and they do not see `inputResponses` and \
             `requestState`; call without them",
        )
    })
}

/// The request about a message that names several things.
async fn of_several(recorder: &Recorder, judgements: &Judgements) -> Option<Found> {
    match &judgements.first.decision {
        Decision::Hold(_) => {}
        Decision::Deny(denied) if voids(denied.reason) => {}
        Decision::Allow(_) | Decision::Deny(_) => return None,
    }
    let requests = judgements.iter().map(|judgement| &*judgement.request);
    let called = recorder.keys.called(requests);
    let found = Found::same_at_rest(recorder, called).await;
    found.unwrap_or_else(|error| {
        tracing::warn!(%error, "what people decided on a call cannot be read");
        None
    })
}

fn settled(
    recorder: &Recorder,
    judgements: &Judgements,
    found: &Found,
) -> (Option<Decision>, Option<Settled>) {
    let first = &judgements.first;
    let (now, approvers) = (recorder.now(), &first.snapshot.approvers);
    let stand = found.stand(approvers, now);
    let becomes = |what| of(found, approvers, what);
    let deny = |reason, message| Some(Decision::Deny(Denied::by_gate(reason, message)));
    match (&first.decision, stand) {
        (Decision::Hold(held), Stand::Granted { .. })
            if found.covers(held) && found.still_holds(recorder, approvers) =>
        {
            let decision = held.clone().approved();
            let settled = match matches!(decision, Decision::Allow(_)) {
                true => goes_ahead(recorder, first, found),
                false => becomes(ApprovalUse::Void),
            };
            (Some(decision), Some(settled))
        }
        (Decision::Hold(held), Stand::Requested) if found.covers(held) => {
            (None, Some(becomes(ApprovalUse::Joined)))
        }
        (Decision::Hold(_), Stand::Rejected { .. }) => {
            let message = "somebody was asked about exactly this call, and said no";
            let rejected = Some(becomes(ApprovalUse::Rejected));
            (deny(Reason::ApprovalRejected, message), rejected)
        }
        // More is asked than people agreed to, or they may not decide any more.
        (Decision::Hold(_), Stand::Requested | Stand::Granted { .. }) => {
            (None, Some(becomes(ApprovalUse::Void)))
        }
        // Where some of them are one person, as is known since, it is still there: a new
        // question takes its place, and after a refusal nothing comes of it any more.
        (Decision::Hold(_) | Decision::Deny(_), Stand::Expired)
            if found.is_granted_by_name(now) =>
        {
            (None, Some(becomes(ApprovalUse::Void)))
        }
        (Decision::Hold(_), Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. }) => {
            (None, None)
        }
        // Policies that heard of it allow it.
        (Decision::Allow(_), Stand::Granted { .. }) => {
            (None, Some(goes_ahead(recorder, first, found)))
        }
        (Decision::Allow(_), _over) => {
            let message = "what people agreed to cannot be used any more";
            (deny(Reason::ApprovalRequired, message), None)
        }
        (Decision::Deny(_), Stand::Requested | Stand::Granted { .. }) => {
            (None, Some(becomes(ApprovalUse::Void)))
        }
        (
            Decision::Deny(_),
            Stand::Rejected { .. } | Stand::Expired | Stand::Consumed { .. } | Stand::Void { .. },
        ) => (None, None),
    }
}

/// The call goes ahead, once.
fn goes_ahead(recorder: &Recorder, first: &Judgement, found: &Found) -> Settled {
    let used = found.used_once(&first.id, recorder.now(), &first.snapshot.limits);
    let mut settled = of(found, &first.snapshot.approvers, ApprovalUse::Consumed);
    settled.entry.approvers = found.approvers();
    settled.entry.outcome_until = used.as_ref().map(|used| used.until);
    settled.step = Some(ApprovalStep {
        change: used.map_or(ApprovalChange::End, ApprovalChange::Use),
        ..found.end()
    });
    settled.agreed = found.call.names.clone();
    settled
}

/// What becomes of a request that the call does not go ahead with.
fn of(found: &Found, approvers: &Approvers, what: ApprovalUse) -> Settled {
    Settled {
        entry: UseOfApproval {
            held: found.call.id.clone(),
            what,
            approvers: Vec::new(),
            until: found.until(approvers),
            decide_by: found.call.decide_by,
            outcome_until: None,
            made_by: None,
        },
        step: (what == ApprovalUse::Void).then(|| found.end()),
        agreed: Vec::new(),
    }
}
