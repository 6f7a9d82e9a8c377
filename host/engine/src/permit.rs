//! From a decision to what may happen: recorded first, permitted then.
//!
//! A [`Permit`] is made in this module only, from an allowance and the ledger's
//! receipt. No durable record, no permit.

use std::sync::Arc;

use gatewright_policy::record::{Caller, Decided, Event};
use gatewright_policy::request::{PastCall, PastOutcome};
use gatewright_policy::{
    Allowance, Decision, Denied, Digest, Grant, Held, Obligation, Quota, Reason, Request,
};

use crate::call::{Judgement, Kind, Refused};
use crate::engine::Engine;
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

/// Records a refusal that came before the question.
pub(crate) async fn refuse(engine: &Engine, snapshot: &Snapshot, refused: Refused) -> Denial {
    let message = if refused.detail.is_empty() {
        refused.denied.message.clone()
    } else {
        refused.detail
    };
    let decided = Decided {
        id: refused.id.clone(),
        generation: snapshot.generation,
        policies: snapshot.policies,
        caller: refused.grant.as_ref().map(caller),
        method: bounded(refused.method),
        server: bounded(refused.server),
        name: bounded(refused.name),
        arguments: None,
        action: None,
        judged: false,
        decision: "deny".to_owned(),
        reason: Some(refused.denied.reason),
        message: bounded(message),
        opinions: Vec::new(),
        flip: None,
        labels: Vec::new(),
        charges: Vec::new(),
    };
    let event = Event::Decided(Box::new(decided));
    if let Err(error) = engine.append(event, Durability::Written).await {
        engine.count_unrecorded(&error);
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
    let charges = charges_of(allowance);
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
    let event = Event::Decided(Box::new(decided(engine, &judgement, &labels, charges)));
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
    if kind == Kind::Judged {
        let call = past_call(&request, &decision);
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

fn decided(
    engine: &Engine,
    judgement: &Judgement,
    labels: &[String],
    charges: Vec<(String, Quota)>,
) -> Decided {
    let action = &judgement.request.action;
    Decided {
        id: judgement.id.clone(),
        generation: judgement.snapshot.generation,
        policies: judgement.snapshot.policies,
        caller: Some(caller(&judgement.grant)),
        method: action.method.clone(),
        server: action.server.to_string(),
        name: bounded(action.name.clone()),
        arguments: Some(engine.salted(judgement.request.arguments.text())),
        action: judgement.action,
        judged: judgement.kind == Kind::Judged,
        decision: judgement.decision.name().to_owned(),
        reason: judgement.decision.reason(),
        message: match &judgement.decision {
            Decision::Deny(denied) => denied.message.clone(),
            Decision::Allow(_) | Decision::Hold(_) => String::new(),
        },
        opinions: judgement.opinions.clone(),
        flip: judgement.flip.clone(),
        labels: labels.to_vec(),
        charges,
    }
}

fn caller(grant: &Grant) -> Caller {
    Caller {
        agent: grant.subject.id.clone(),
        issuer: grant.subject.issuer.clone(),
        principal: grant.subject.principal.clone(),
        session: grant.session.to_string(),
        credential: grant.credential,
        expires_at: grant.expires_at,
    }
}

fn past_call(request: &Request, decision: &Decision) -> PastCall {
    PastCall {
        at: request.context.at,
        method: request.action.method.clone(),
        server: Arc::clone(&request.action.server),
        name: request.action.name.clone(),
        outcome: match decision {
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
    labels
}

fn charges_of(allowance: &Allowance) -> Vec<(String, Quota)> {
    let mut charges = Vec::new();
    for (binding, obligation) in &allowance.obligations {
        match obligation {
            Obligation::Charge(quota) => charges.push((binding.to_string(), quota.clone())),
            Obligation::Label(_) | Obligation::Redact(_) | Obligation::LimitResult(_) => {}
        }
    }
    charges
}

/// Longest text from an agent that a record keeps, in bytes.
const RECORDED_BYTES_MAX: usize = 1024;

/// Text cut to what a record keeps.
fn bounded(text: String) -> String {
    if text.len() <= RECORDED_BYTES_MAX {
        return text;
    }
    let cut = text.floor_char_boundary(RECORDED_BYTES_MAX);
    let digest = Digest::of(text.as_bytes());
    format!("{}... {digest}", text.get(..cut).unwrap_or_default())
}
