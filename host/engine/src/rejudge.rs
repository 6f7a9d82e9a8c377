//! Recorded calls, judged again: by any snapshot, with what policies saw then. What comes
//! of it is told and nothing else: no judgement leaves, so no permit can be made of one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gatewright_policy::json::{Document, JsonError, JsonLimits, Pointer};
use gatewright_policy::pattern::Scope;
use gatewright_policy::record::{
    CallPayload, JudgedName, KeptDefinition, RecordKeys, RecordedOpinion, Seen,
};
use gatewright_policy::request::PastCall;
use gatewright_policy::scope::{DetailsError, read_shown};
use gatewright_policy::{Context, DecisionKind, Defined, Definition, Grant, Reason, Subject};

use crate::call::{Call, Kind};
use crate::entry::opinions;
use crate::judge;
use crate::reading::Spending;
use crate::snapshot::Snapshot;

/// What a snapshot makes of one thing that a recorded call names: what its policies say,
/// and what comes of that, before budgets and before people.
#[derive(Clone, Debug, PartialEq)]
pub struct JudgedAgain {
    /// The tool, prompt or resource.
    pub name: String,
    /// What is decided.
    pub decision: DecisionKind,
    /// Why not, if not.
    pub reason: Option<Reason>,
    /// What each policy says, as an entry has it.
    pub opinions: Vec<RecordedOpinion>,
    /// What policies saw of the past, as an entry has it.
    pub seen: Option<Seen>,
}

/// Why a recorded call cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum NotJudged {
    /// A policy would see another argument than it saw.
    #[error("something of it was masked before it was kept")]
    Masked,
    /// Its message cannot be read with the limits of the configuration.
    #[error("its message cannot be read: {cause}")]
    Message {
        /// Why.
        cause: JsonError,
    },
    /// Its scopes cannot be read.
    #[error("its scopes cannot be read: {cause}")]
    Scopes {
        /// Why.
        cause: DetailsError,
    },
    /// A policy wants to know of a budget that none read when it was judged.
    #[error("a policy reads a budget that none read when it was judged")]
    Budget,
    /// Its arguments are nowhere that this gate looks.
    #[error("its arguments stand where no gate of this version looks")]
    Place,
}

/// Judges a call again that was kept.
pub async fn judge_again(
    snapshot: &Arc<Snapshot>,
    keys: &RecordKeys,
    call: &CallPayload,
) -> Result<Vec<JudgedAgain>, NotJudged> {
    if !call.masked.is_empty() {
        return Err(NotJudged::Masked);
    }
    let message = Document::parse(call.message.as_str(), &limits(call))
        .map_err(|cause| NotJudged::Message { cause })?;
    let grant = grant(&call.subject, &call.session).map_err(|cause| NotJudged::Scopes { cause })?;
    let mut names = Vec::with_capacity(call.names.len());
    for name in &call.names {
        names.push(one(snapshot, keys, (call, name), &message, &grant).await?);
    }
    Ok(names)
}

async fn one(
    snapshot: &Arc<Snapshot>,
    keys: &RecordKeys,
    (call, name): (&CallPayload, &JudgedName),
    message: &Document,
    grant: &Grant,
) -> Result<JudgedAgain, NotJudged> {
    let history = name.history.iter().cloned().map(PastCall::from);
    let history: Arc<[_]> = history.map(Arc::new).collect();
    let seen = keys.seen(&Context {
        at: call.received_at,
        decision: Arc::from(call.id.as_str()),
        session: Arc::clone(&grant.session),
        labels: name.labels.clone(),
        approvals: name.approvals.clone(),
        history: Arc::clone(&history),
        budgets: Vec::new(),
    });
    let asked = Call {
        id: call.id.clone(),
        grant: grant.clone(),
        kind: Kind::Judged,
        method: call.method.clone(),
        server: Arc::from(call.server.as_str()),
        name: name.name.clone(),
        message: message.clone(),
        arguments_at: place(&name.arguments_at).ok_or(NotJudged::Place)?,
        at: call.received_at,
    };
    let carried = (name.labels.clone(), history);
    let definition = |kept: &KeptDefinition| Arc::new(Definition::from(kept));
    let defined = Defined {
        pinned: name.pinned.as_ref().map(definition),
        claimed: name.claimed.as_ref().map(definition),
    };
    let by_gate = (defined, name.asked.clone());
    let approvals = name.approvals.clone();
    let lacks = AtomicBool::new(false);
    let spending = Spending::Then {
        read: &name.budgets,
        lacks: &lacks,
    };
    let judgement = judge::recorded(snapshot, asked, carried, by_gate, approvals, &spending).await;
    if lacks.load(Ordering::Relaxed) {
        return Err(NotJudged::Budget);
    }
    Ok(JudgedAgain {
        name: name.name.clone(),
        decision: judgement.decision.kind(),
        reason: judgement.decision.reason(),
        opinions: opinions(keys, snapshot, &judgement.opinions),
        seen,
    })
}

/// Who asked, as far as a decision rests on it: the credential was verified then.
fn grant(subject: &Subject, session: &str) -> Result<Grant, DetailsError> {
    let scopes = subject.scopes.iter().map(|scope| read_shown(scope));
    let scopes: Vec<Scope> = scopes.collect::<Result<_, _>>()?;
    let mut grant = Grant::local(&subject.id, None, scopes, Arc::from(session));
    grant.subject = Arc::new(subject.clone());
    Ok(grant)
}

/// What was within the limits of the gate then is read, whatever they are now.
fn limits(call: &CallPayload) -> JsonLimits {
    JsonLimits {
        bytes_max: call.message.len(),
        depth_max: 1 << 10,
        nodes_max: call.message.len(),
    }
}

fn place(text: &str) -> Option<Pointer<'static>> {
    const PLACES: [Pointer<'static>; 3] = [
        Pointer::known("/params/arguments"),
        Pointer::known("/params"),
        Pointer::known(""),
    ];
    PLACES.into_iter().find(|place| place.as_str() == text)
}
