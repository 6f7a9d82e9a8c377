//! A call that is made again: what people decided on it is found by what it is, and is
//! told to the policies that asked.

use gatewright_policy::approval::Stand;
use gatewright_policy::{Decision, Reason};

use super::found::Found;
use crate::call::{Judgement, Kind};
use crate::judge;
use crate::recorder::Recorder;

/// The judgement on a call, with the request for approval that is there of the same call.
/// Where people agreed, policies are asked once more, and hear of it.
pub(crate) async fn resumed(recorder: &Recorder, mut judgement: Judgement) -> Judgement {
    let is_held = match &judgement.decision {
        Decision::Allow(_) => return judgement,
        Decision::Hold(_) => true,
        Decision::Deny(denied) => {
            if !voids(denied.reason) {
                return judgement;
            }
            false
        }
    };
    if judgement.kind != Kind::Judged {
        return judgement;
    }
    let called = recorder.keys.called(std::iter::once(&*judgement.request));
    let found = match Found::same_at_rest(recorder, called).await {
        Ok(Some(found)) => found,
        Ok(None) => return judgement,
        // As if there were none: it is asked anew, or refused.
        Err(error) => {
            tracing::warn!(%error, "what people decided on a call cannot be read");
            return judgement;
        }
    };
    let (now, approvers) = (recorder.now(), &judgement.snapshot.approvers);
    let is_granted = matches!(found.stand(approvers, now), Stand::Granted { .. });
    if is_held && is_granted && found.still_holds(recorder, approvers) {
        judgement = judge::again(judgement, found.approvals(), recorder).await;
    }
    judgement.approval = Some(Box::new(found));
    judgement
}

/// Whether a refusal for this reason means that the call may not happen at all, whatever
/// people said: a fault or a want of room means no such thing.
pub(super) const fn voids(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Forbidden
            | Reason::InsufficientScope
            | Reason::InvalidArguments
            | Reason::UnknownArguments
            | Reason::UnsafeContext
            | Reason::NoPolicy
    )
}
