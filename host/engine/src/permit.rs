//! From a decision to what may happen: recorded first, permitted then.
//!
//! A [`Permit`] is made in this module only, from an allowance and the ledger's
//! receipt. No durable record, no permit.

use std::sync::Arc;

use gatewright_policy::record::{Decided, Event};
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{Allowance, Decision, Denied, Held, Obligation, Quota, Reason, Request};

use crate::call::{Judgement, Kind, Refused};
use crate::engine::Engine;
use crate::entry::{decided, unasked};
use crate::ledger::{Durability, LedgerError, Receipt};
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
    /// It does not go ahead.
    Denied(Denial),
}

/// Proof that a recorded decision allows exactly these bytes to go to this tool
/// server. Cannot be copied; sending uses it up.
#[must_use]
#[derive(Debug)]
pub struct Permit {
    message: Arc<str>,
    changed: bool,
    receipt: Receipt,
    pending: Pending,
}

/// A call that waits for a person.
#[derive(Debug)]
pub struct Ticket {
    /// Id of the decision.
    pub id: String,
    /// What must be approved.
    pub held: Held,
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
        &self.pending.id
    }

    /// The tool server that the bytes may go to.
    pub fn server(&self) -> &Arc<str> {
        &self.pending.request.action.server
    }

    /// Position of the decision in the ledger.
    pub fn sequence(&self) -> u64 {
        self.receipt.sequence()
    }

    /// The question that was decided.
    pub fn request(&self) -> &Arc<Request> {
        &self.pending.request
    }

    /// Uses the permit up: the bytes to send, whether editors changed them, and
    /// what must still happen to the answer.
    pub fn redeem(self) -> (Arc<str>, bool, Pending) {
        (self.message, self.changed, self.pending)
    }
}

/// Records a judgement, and rules accordingly.
pub(crate) async fn record(engine: &Arc<Engine>, judgement: Judgement) -> Ruling {
    let charges = match settle(engine, &judgement) {
        Ok(charges) => charges,
        Err(denied) => {
            let judgement = Judgement {
                decision: Decision::Deny(denied),
                ..judgement
            };
            return enter(engine, judgement, Vec::new()).await;
        }
    };
    enter(engine, judgement, charges).await
}

/// Records a refusal that came before the question. Where nobody knows who asked,
/// only so many get an entry of their own; the others are counted.
pub(crate) async fn refuse(engine: &Engine, snapshot: &Snapshot, refused: Refused) -> Denial {
    let reason = refused.denied.reason;
    if refused.grant.is_some() || engine.refusals.admits(reason, engine.now()) {
        let event = Event::Decided(Box::new(unasked(&engine.keys, snapshot, &refused)));
        if let Err(error) = engine.append(event, Durability::Written).await {
            engine.count_unrecorded(&error);
        }
    }
    Denial {
        id: refused.id,
        denied: refused.denied,
    }
}

/// Charges what the call costs and makes sure that its session has room.
fn settle(engine: &Engine, judgement: &Judgement) -> Result<Vec<(String, Quota)>, Denied> {
    let Decision::Allow(allowance) = &judgement.decision else {
        return Ok(Vec::new());
    };
    if judgement.kind != Kind::Judged {
        return Ok(Vec::new());
    }
    let at = judgement.request.context.at;
    let labels = labels_of(allowance);
    engine
        .sessions
        .has_room(&judgement.grant.session, &labels, at)
        .map_err(|error| Denied::by_gate(Reason::Overloaded, error.to_string()))?;
    let charges = charges_of(engine, allowance);
    engine
        .quotas
        .charge(&charges, at)
        .map_err(|error| Denied::by_gate(Reason::QuotaExceeded, error.to_string()))?;
    Ok(charges)
}

/// Writes the decision down and acts on it.
async fn enter(
    engine: &Arc<Engine>,
    judgement: Judgement,
    charges: Vec<(String, Quota)>,
) -> Ruling {
    let labels = match &judgement.decision {
        Decision::Allow(allowance) => labels_of(allowance),
        Decision::Hold(_) | Decision::Deny(_) => Vec::new(),
    };
    let decided = decided(&engine.keys, &judgement, &labels, charges);
    let call = (judgement.kind == Kind::Judged).then(|| past_call(&judgement, &decided));
    let event = Event::Decided(Box::new(decided));
    let receipt = engine.append(event, durability(&judgement)).await;
    let Judgement {
        id,
        grant,
        kind,
        snapshot,
        request,
        message,
        changed,
        decision,
        ..
    } = judgement;
    let receipt = match receipt {
        Ok(receipt) => receipt,
        Err(error) => return unrecorded(engine, id, decision, &error),
    };
    if let Some(call) = call {
        engine.sessions.remember(&id, &grant, call, &labels);
    }
    match decision {
        Decision::Allow(allowance) => Ruling::Permitted(Permit {
            message: message.shared_text(),
            changed,
            receipt,
            pending: Pending::new(
                Arc::clone(engine),
                snapshot,
                id,
                grant,
                kind,
                request,
                allowance,
            ),
        }),
        Decision::Hold(held) => Ruling::Held(Ticket { id, held }),
        Decision::Deny(denied) => Ruling::Denied(Denial { id, denied }),
    }
}

/// A refusal stands without a record; nothing else does.
fn unrecorded(engine: &Engine, id: String, decision: Decision, error: &LedgerError) -> Ruling {
    engine.count_unrecorded(error);
    let denied = match decision {
        Decision::Deny(denied) => denied,
        Decision::Allow(_) | Decision::Hold(_) => Denied::by_gate(
            Reason::AuditUnavailable,
            "the decision could not be recorded; try again later",
        ),
    };
    Ruling::Denied(Denial { id, denied })
}

/// What is not pinned read-only must be on disk before it goes ahead.
fn durability(judgement: &Judgement) -> Durability {
    let synced = match (&judgement.decision, judgement.kind) {
        (Decision::Allow(_), Kind::Judged) => !judgement.request.action.hints.read_only,
        (Decision::Hold(_), Kind::Judged) => true,
        (Decision::Deny(_), _) | (_, Kind::Listing | Kind::Protocol) => false,
    };
    if synced {
        Durability::Synced
    } else {
        Durability::Written
    }
}

/// INVARIANT: it is what a restart makes of the entry.
fn past_call(judgement: &Judgement, decided: &Decided) -> PastCall {
    let server = &judgement.request.action.server;
    PastCall {
        at: judgement.request.context.at,
        method: decided.method.clone(),
        server: match **server == *decided.server {
            true => Arc::clone(server),
            false => Arc::from(decided.server.as_str()),
        },
        name: decided.name.clone(),
        outcome: match &judgement.decision {
            // Until an answer comes back, there is none.
            Decision::Allow(_) => PastOutcome::Failed,
            Decision::Hold(_) => PastOutcome::Held,
            Decision::Deny(_) => PastOutcome::Denied,
        },
    }
}

fn labels_of(allowance: &Allowance) -> Vec<String> {
    let mut labels = Vec::new();
    for (_, obligation) in &allowance.obligations {
        match obligation {
            Obligation::Label(more) => labels.extend(more.iter().cloned()),
            Obligation::Charge(_) | Obligation::Redact(_) | Obligation::LimitResult(_) => {}
        }
    }
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// INVARIANT: quotas are counted under the keys that a restart reads.
fn charges_of(engine: &Engine, allowance: &Allowance) -> Vec<(String, Quota)> {
    let mut charges = Vec::new();
    for (binding, obligation) in &allowance.obligations {
        match obligation {
            Obligation::Charge(quota) => {
                charges.push((binding.to_string(), engine.keys.quota(quota)));
            }
            Obligation::Label(_) | Obligation::Redact(_) | Obligation::LimitResult(_) => {}
        }
    }
    charges
}
