//! An approved call that is made a second time: it is not made again, and whoever asks gets
//! what came of the first.

use gatewright_policy::record::{ApprovalUse, UseOfApproval};
use gatewright_policy::{Decision, Denied, Given, Label, Outcome, Reason, Timestamp};

use super::found::Found;
use super::settled::{Repeated, Settled};
use crate::call::Kind;
use crate::held::HeldError;
use crate::judgements::Judgements;
use crate::memory::UsedBefore;
use crate::recorder::Recorder;

/// Said where nobody knows what came of a call.
const NOT_KNOWN: &str = "what people agreed to was used by exactly this call, which was sent at most \
     once; what came of it is not known: it is still under way, or the gate ended before it did; \
     it is not made again";

/// Said where what came of a call is too large to be kept.
const NOT_KEPT: &str = "exactly this call went ahead with what people agreed to, and ended; what came \
     of it is larger than the gate keeps (`limits.outcome_bytes_max`); it is not made again";

/// Said where what came of a call is given again.
const GIVEN: &str = "exactly this call went ahead with what people agreed to; what came of it is given \
     again";

/// Said where it cannot be looked up.
const UNREADABLE: &str =
    "whether exactly this call went ahead already cannot be read now; try again later";

/// What came of the same call, for whoever makes it again.
#[derive(Debug)]
pub(crate) struct Again {
    pub(crate) found: Found,
    /// Id of the decision that let it go ahead.
    pub(crate) made_by: String,
    /// From then on the same call is asked about anew.
    pub(crate) until: Timestamp,
    /// What came of it; none where that is not known.
    pub(crate) outcome: Option<Outcome>,
}

// === impl Again ===

impl Again {
    /// What became of the same call, if people approved it, it went ahead, and that still
    /// counts.
    pub(super) async fn same(
        recorder: &Recorder,
        judgements: &Judgements,
    ) -> Result<Option<Self>, HeldError> {
        let requests = judgements.iter().map(|judgement| &*judgement.request);
        let called = recorder.keys.called(requests);
        let used = recorder.memory.used_as(called, recorder.now()).await?;
        let Some(used) = used else {
            return Ok(None);
        };
        let outcome = used.outcome.map(|sealed| sealed.open(&recorder.keys));
        let outcome = outcome.and_then(|opened| match opened {
            Ok(outcome) => Some(outcome),
            Err(error) => {
                tracing::error!(%error, "what came of an approved call cannot be read");
                None
            }
        });
        Ok(Some(Self {
            found: Found::open(recorder, used.kept)?,
            made_by: used.decision,
            until: used.until,
            outcome,
        }))
    }

    /// Whether a call that is asked about now is the one that went ahead: people agreed to
    /// what is asked, and still may. `agreed`: what they agreed to since.
    fn is_this(
        &self,
        recorder: &Recorder,
        judgements: &Judgements,
        agreed: Option<&Found>,
    ) -> bool {
        let first = &judgements.first;
        let is_covered = match &first.decision {
            Decision::Hold(held) => held.allowed && self.found.covers(held),
            // Policies that heard who agreed allow it: what they asked stands there.
            Decision::Allow(_) => match agreed {
                Some(agreed) => self.found.covers_asks_of(agreed),
                // Nobody is asked any more: it was made, whoever agreed.
                None => return true,
            },
            Decision::Deny(_) => false,
        };
        is_covered && self.found.still_holds(recorder, &first.snapshot.approvers)
    }

    /// What a decision makes of it: nothing more comes of what people agreed to.
    fn settled(&self, what: ApprovalUse) -> Settled {
        let call = &self.found.call;
        Settled {
            entry: UseOfApproval {
                held: call.id.clone(),
                what,
                approvers: self.found.approvers(),
                until: self.until,
                decide_by: call.decide_by,
                outcome_until: None,
                made_by: Some(self.made_by.clone()),
            },
            step: None,
            agreed: call.names.clone(),
        }
    }
}

/// Looks at what became of the same call, where people are asked about this one, agreed to it
/// since, or are not asked about it any more. It is not made a second time.
pub(super) async fn not_twice(
    recorder: &Recorder,
    judgements: &mut Judgements,
    agreed: Option<&Found>,
) {
    let is_asked = match &judgements.first.decision {
        Decision::Hold(_) => true,
        // Hardly ever is there one, and then a call that is allowed looks for nothing.
        Decision::Allow(_) => {
            let is_judged = judgements.first.kind == Kind::Judged;
            agreed.is_some() || is_judged && recorder.memory.keeps_used(recorder.now())
        }
        Decision::Deny(_) => false,
    };
    if !is_asked {
        return;
    }
    let again = match Again::same(recorder, judgements).await {
        Ok(again) => again,
        Err(error) => {
            tracing::error!(%error, "whether a call went ahead already cannot be read");
            let denied = Denied::by_gate(Reason::AuditUnavailable, UNREADABLE);
            judgements.first.decision = Decision::Deny(denied);
            return;
        }
    };
    judgements.used = Some(UsedBefore {
        held: again.as_ref().map(|again| again.found.call.id.clone()),
    });
    let Some(again) = again else {
        return;
    };
    // Of a call that is not remembered nobody would know what its session has seen.
    if !again.is_this(recorder, judgements, agreed) || !judgements.first.tracked {
        return;
    }
    let (what, message) = match &again.outcome {
        None => (ApprovalUse::OutcomeNotGiven, NOT_KNOWN),
        Some(outcome) => match outcome.given {
            Given::TooLarge(_) => (ApprovalUse::OutcomeNotGiven, NOT_KEPT),
            Given::Result(_) | Given::Error(_) => (ApprovalUse::OutcomeGiven, GIVEN),
        },
    };
    let denied = Denied::by_gate(Reason::ApprovalUsed, message);
    judgements.first.decision = Decision::Deny(denied);
    judgements.approval = Some(again.settled(what));
    if what == ApprovalUse::OutcomeGiven {
        let at = judgements.first.request.context.at;
        judgements.repeated = again.outcome.and_then(|it| repeated(it, again.made_by, at));
    }
}

fn repeated(outcome: Outcome, made_by: String, at: Timestamp) -> Option<Repeated> {
    let labels = outcome.labels.into_iter().map(|label| Label {
        name: label.name,
        source: label.source.map(Into::into),
        at: Some(at),
    });
    Some(Repeated {
        made_by,
        at: outcome.at,
        labels: labels.collect(),
        given: match outcome.given {
            Given::Result(text) => Ok(text),
            Given::Error(text) => Err(text),
            Given::TooLarge(_) => return None,
        },
    })
}
