//! From a decision to what may happen: recorded first, permitted then.
//!
//! A [`Permit`] is made in this module only, from an allowance and the ledger's
//! receipt. No durable record, no permit.

use std::sync::Arc;

use gatewright_policy::json::Document;
use gatewright_policy::record::{Decided, Event};
use gatewright_policy::{Asker, Decision, Denied, Digest, Held, Quota, Reason, Request, Timestamp};

use crate::agents::Sighting;
use crate::approvals::{GivenAgain, crossed, settle};
use crate::approved::Approved;
use crate::call::{Judgement, Refused};
use crate::denied::denied_by;
use crate::durable::durability;
use crate::effects::{owed, remembered};
use crate::entry::{decided, short, unasked};
use crate::held::{decide_by, hold};
use crate::judgements::Judgements;
use crate::keeping::keep;
use crate::ledger::{Durability, LedgerError, Receipt};
use crate::memory::{Commit, Effects, NotCommitted};
use crate::questions;
use crate::recorder::Recorder;
use crate::snapshot::Snapshot;

pub use crate::review::Pending;

/// What became of a call.
#[must_use]
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a ruling is matched where it is made, and most are permits"
)]
pub enum Ruling {
    /// It may go ahead.
    Permitted(Permit),
    /// It waits for a person.
    Held(Ticket),
    /// It went ahead before with what people agreed to, and does not again: what came of it
    /// is given again.
    Repeated(GivenAgain),
    /// It does not go ahead.
    Denied(Denial),
}

/// Proof that a recorded decision allows exactly these bytes to go to this tool
/// server. Cannot be copied; sending uses it up.
#[must_use]
#[derive(Debug)]
pub struct Permit {
    message: Document,
    changed: bool,
    receipt: Receipt,
    pending: Pending,
}

/// A held call.
#[derive(Debug)]
pub struct Ticket {
    /// Id of the held call: of this decision, or of an earlier one on the same call.
    pub id: String,
    /// What must be approved.
    pub held: Held,
    /// Nobody was asked about the same call before.
    pub is_new: bool,
    /// What the same call has in common with it
    /// ([`RecordKeys::called`](gatewright_policy::record::RecordKeys::called)).
    pub called: Digest,
    /// Nobody can decide then, or later.
    pub decide_by: Timestamp,
}

/// A call that was refused.
#[derive(Debug)]
pub struct Denial {
    /// Id of the decision.
    pub id: String,
    /// Why.
    pub denied: Denied,
}

impl Permit {
    /// Id of the decision.
    pub fn id(&self) -> &str {
        self.pending.id()
    }

    /// The tool server that the bytes may go to.
    pub fn server(&self) -> &Arc<str> {
        &self.pending.request().action.server
    }

    /// Position of the decision in the ledger.
    pub fn sequence(&self) -> u64 {
        self.receipt.sequence()
    }

    /// The question that was decided.
    pub fn request(&self) -> &Arc<Request> {
        self.pending.request()
    }

    /// Uses the permit up: the message to send, with its index, whether editors changed it, and
    /// what must still happen to the answer.
    pub fn redeem(mut self) -> (Document, bool, Pending) {
        self.pending.goes_out();
        (self.message, self.changed, self.pending)
    }
}

/// Records what was decided on a message, and rules accordingly: one entry, one
/// charge, one permit, however many things the message names.
pub(crate) async fn record(recorder: &Arc<Recorder>, mut judgements: Judgements) -> Ruling {
    judgements.agree();
    settle(recorder, &mut judgements).await;
    let kept = keep(recorder, &mut judgements);
    let mut counted = count(recorder, &mut judgements, kept.clone()).await;
    if let Err(error) = &counted
        && crossed(recorder, &mut judgements, error).await
    {
        counted = count(recorder, &mut judgements, kept).await;
    }
    let entered = match counted {
        Ok(counted) => Ok(counted),
        Err(error) => match denied_by(error, recorder, &judgements) {
            Ok(denied) => {
                let effects = refused(&mut judgements, denied);
                let entered = enter(recorder, &judgements, effects).await;
                entered.map(|receipt| (receipt, Vec::new()))
            }
            Err(error) => Err(error.into()),
        },
    };
    match entered {
        Ok((receipt, charges)) => ruled(recorder, judgements, receipt, charges),
        Err(NotCommitted::Record(LedgerError::TooLong { .. })) => {
            refuse_shortly(recorder, judgements).await
        }
        Err(error) => unrecorded(recorder, judgements.first, &error),
    }
}

/// Makes a decision count, with all that it costs; `not_kept`: why the call may not go ahead,
/// whatever was decided.
async fn count(
    recorder: &Recorder,
    judgements: &mut Judgements,
    not_kept: Option<Denied>,
) -> Result<(Receipt, Vec<(String, Quota)>), NotCommitted> {
    let effects = match not_kept {
        None => owed(recorder, judgements),
        Some(denied) => Err(denied),
    };
    let effects = match effects {
        Ok(effects) => effects,
        Err(denied) => refused(judgements, denied),
    };
    let charges = effects.charges.clone();
    let receipt = enter(recorder, judgements, effects).await?;
    Ok((receipt, charges))
}

/// Denies the message, which then costs nothing and leaves no label.
fn refused(judgements: &mut Judgements, denied: Denied) -> Effects {
    // What people agreed to stays what it is: nothing happens.
    judgements.approval = None;
    judgements.repeated = None;
    let first = &mut judgements.first;
    first.decision = Decision::Deny(denied);
    Effects::none(first.request.context.at)
}

/// Records a refusal that came before the question. Where nobody knows who asked, and of
/// those that were stopped, only so many get an entry of their own; the others are counted.
pub(crate) async fn refuse(recorder: &Recorder, snapshot: &Snapshot, refused: Refused) -> Denial {
    let reason = refused.denied.reason;
    if let Some(grant) = &refused.grant {
        let sighting = Sighting {
            server: &refused.server,
            name: "",
            at: recorder.now(),
            went_ahead: false,
        };
        recorder
            .memory
            .agents()
            .inventory()
            .saw(&grant.subject, sighting);
    }
    let is_known = refused.grant.is_some() && !reason.is_stop();
    if is_known || recorder.refusals.admits(reason, recorder.now()) {
        let event = Event::Decided(Box::new(unasked(&recorder.keys, snapshot, &refused)));
        if let Err(error) = recorder.append(event, Durability::Written).await {
            recorder.count_unrecorded(&error);
        }
    }
    Denial {
        id: refused.id,
        denied: refused.denied,
    }
}

/// Writes the decision down, with all that it leaves behind.
async fn enter(
    recorder: &Recorder,
    judgements: &Judgements,
    mut effects: Effects,
) -> Result<Receipt, NotCommitted> {
    let held = hold(&recorder.keys, judgements);
    let limits = &judgements.first.snapshot.limits;
    let question = held
        .as_ref()
        .map(|held| questions::cost(&recorder.keys, limits, held));
    effects.charges.extend(question);
    let decided = decided(&recorder.keys, judgements, &effects);
    let effects = Effects {
        held,
        asker: asker(judgements),
        approval: judgements.approval.as_ref().and_then(|it| it.step.clone()),
        ..effects
    };
    let durability = durability(judgements, &effects);
    commit(recorder, judgements, decided, durability, effects).await
}

/// Whoever must not have been stopped when this counts. A refusal counts anyway.
fn asker(judgements: &Judgements) -> Option<Asker> {
    let first = &judgements.first;
    let asker = || {
        let server = &first.request.action.server;
        first.snapshot.asker(&first.grant, server)
    };
    match &first.decision {
        Decision::Allow(_) | Decision::Hold(_) => Some(asker()),
        // Whoever was stopped gets nothing, also not again.
        Decision::Deny(_) => judgements.repeated.is_some().then(asker),
    }
}

async fn commit(
    recorder: &Recorder,
    judgements: &Judgements,
    decided: Decided,
    durability: Durability,
    effects: Effects,
) -> Result<Receipt, NotCommitted> {
    let effects = remembered(effects, judgements, &decided);
    let commit = Commit {
        record: Event::Decided(Box::new(decided)),
        durability,
        effects,
    };
    let receipt = recorder.commit(commit).await?;
    see(recorder, judgements);
    Ok(receipt)
}

/// The inventory gets what the record gets.
fn see(recorder: &Recorder, judgements: &Judgements) {
    let first = &judgements.first;
    let went_ahead = matches!(first.decision, Decision::Allow(_));
    for judgement in judgements.iter() {
        let action = &judgement.request.action;
        // What was refused may be named anything.
        let name = match went_ahead {
            true => recorder.keys.cut(&action.name),
            false => String::new(),
        };
        let sighting = Sighting {
            server: &action.server,
            name: &name,
            at: first.request.context.at,
            went_ahead,
        };
        let agents = recorder.memory.agents();
        agents.inventory().saw(&first.grant.subject, sighting);
    }
}

/// Acts on what was recorded.
fn ruled(
    recorder: &Arc<Recorder>,
    judgements: Judgements,
    receipt: Receipt,
    charges: Vec<(String, Quota)>,
) -> Ruling {
    let Judgements {
        first,
        further,
        approval,
        repeated,
        used: _,
        kept: _,
    } = judgements;
    match first.decision {
        Decision::Allow(allowance) => Ruling::Permitted(Permit {
            message: first.message,
            changed: first.changed,
            receipt,
            pending: Pending::new(
                Arc::clone(recorder),
                Approved {
                    id: first.id,
                    snapshot: first.snapshot,
                    grant: first.grant,
                    kind: first.kind,
                    request: first.request,
                    further: further.into_iter().map(|part| part.request).collect(),
                    allowance,
                    charges,
                    outcome_of: approval
                        .as_ref()
                        .and_then(|settled| settled.keeps_outcome().map(str::to_owned)),
                },
            ),
        }),
        Decision::Hold(held) => {
            let requests = further.iter().map(|part| &*part.request);
            let requests = std::iter::once(&*first.request).chain(requests);
            let called = recorder.keys.called(requests);
            let joined = approval.filter(|settled| settled.joined().is_some());
            let asks = held.asks.iter().map(|(_, ask)| ask);
            Ruling::Held(Ticket {
                called,
                is_new: joined.is_none(),
                decide_by: match &joined {
                    Some(joined) => joined.entry.decide_by,
                    None => decide_by(asks, first.request.context.at),
                },
                id: joined.map_or(first.id, |joined| joined.entry.held),
                held,
            })
        }
        Decision::Deny(denied) => match repeated {
            Some(repeated) => Ruling::Repeated(repeated.given_by(first.id)),
            None => Ruling::Denied(Denial {
                id: first.id,
                denied,
            }),
        },
    }
}

/// What has no entry because the entry would be too long does not go ahead, and that
/// it was asked has one: nobody hides a refusal behind the length of its reasons.
async fn refuse_shortly(recorder: &Recorder, mut judgements: Judgements) -> Ruling {
    let denied = match &judgements.first.decision {
        Decision::Deny(denied) => denied.clone(),
        Decision::Allow(_) | Decision::Hold(_) => Denied::by_gate(
            Reason::AuditUnavailable,
            "the record of this decision would be longer than an entry may be",
        ),
    };
    let effects = refused(&mut judgements, denied.clone());
    let decided = short(&recorder.keys, &judgements);
    let entered = commit(recorder, &judgements, decided, Durability::Written, effects).await;
    if let Err(error) = entered {
        recorder.count_unrecorded(&error);
    }
    let id = judgements.first.id;
    Ruling::Denied(Denial { id, denied })
}

/// A refusal stands without a record; nothing else does.
fn unrecorded(recorder: &Recorder, judgement: Judgement, error: &NotCommitted) -> Ruling {
    recorder.count_unrecorded(error);
    let denied = match judgement.decision {
        Decision::Deny(denied) => denied,
        Decision::Allow(_) | Decision::Hold(_) => Denied::by_gate(
            Reason::AuditUnavailable,
            "the decision could not be recorded; try again later",
        ),
    };
    Ruling::Denied(Denial {
        id: judgement.id,
        denied,
    })
}
