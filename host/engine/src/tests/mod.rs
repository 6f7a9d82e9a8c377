//! Engines with hand-made judgements: what decisions leave behind.

mod approvals;
mod clocks;
mod dice;
mod effects;
mod held;
mod outcomes;
mod restarts;
mod simulation;

use std::path::Path;
use std::sync::Arc;

use gatewright_policy::json::{Document, Pointer};
use gatewright_policy::pattern::Scope;
use gatewright_policy::{
    Action, Allowance, Ask, Charge, Context, Decision, Denied, Grant, Held, Hints, Limit,
    Obligation, OnFailure, Purpose, Reason, Request, Timestamp, Unregistered, WindowLimit,
};

use crate::call::{Judgement, Kind};
use crate::config::Loaded;
use crate::engine::Engine;
use crate::memory::FileMemory;
use crate::permit::{Permit, Ruling};
use crate::snapshot::Snapshot;

/// Fewer places than there are sessions.
pub(crate) const SESSIONS_MAX: usize = 6;

pub(crate) fn snapshot() -> Arc<Snapshot> {
    let mut snapshot = Snapshot::deny_all();
    snapshot.unregistered = Unregistered::Allow;
    snapshot.limits.tracked_sessions_max = SESSIONS_MAX;
    Arc::new(snapshot)
}

pub(crate) fn loaded(folder: &Path) -> Loaded {
    let path = folder.join("gatewright.toml");
    std::fs::write(
        &path,
        "[[server]]\nname = \"files\"\nurl = \"http://127.0.0.1:1/\"\n",
    )
    .unwrap();
    Loaded::read(&path).unwrap()
}

pub(crate) fn grant(session: &str, expires_at: Timestamp) -> Grant {
    let scopes = vec![Scope::parse("files:*").unwrap()];
    let mut grant = Grant::local("agent", None, scopes, Arc::from(session));
    grant.expires_at = expires_at;
    grant.session_ends = expires_at;
    grant
}

/// What a gate that stands alone keeps in memory.
pub(crate) fn file(engine: &Engine) -> &FileMemory {
    let memory = engine.recorder.memory.as_any();
    memory.and_then(|memory| memory.downcast_ref()).unwrap()
}

/// What is spent of the budgets of policies: a question to people costs the gate's own.
pub(crate) fn spent(engine: &Engine, now: Timestamp) -> Vec<((String, String), u64, u64, u64)> {
    let mut spent = file(engine).quotas.kept(now);
    spent.retain(|((binding, _), ..)| binding != "@questions");
    spent
}

/// A judgement as `judge` makes it: the session takes a place first.
pub(crate) fn judgement(
    engine: &Engine,
    id: &str,
    grant: &Grant,
    name: &str,
    decision: Decision,
) -> Judgement {
    judgement_at(file(engine), engine.now(), id, grant, name, decision)
}

/// The same without an engine.
pub(crate) fn judgement_at(
    memory: &FileMemory,
    at: Timestamp,
    id: &str,
    grant: &Grant,
    name: &str,
    decision: Decision,
) -> Judgement {
    let snapshot = snapshot();
    let entered = memory.sessions.enter(grant, at, &snapshot.limits);
    let tracked = entered.is_ok();
    let (labels, history) = entered.unwrap_or_default();
    let full = || Decision::Deny(Denied::by_gate(Reason::Overloaded, "full"));
    Judgement {
        id: id.to_owned(),
        grant: grant.clone(),
        kind: Kind::Judged,
        tracked,
        unknown: None,
        stand: crate::tools::Stand::Free,
        asked: None,
        snapshot,
        request: Arc::new(Request {
            subject: Arc::clone(&grant.subject),
            action: Action {
                method: "resources/read".into(),
                server: Arc::from("files"),
                name: name.into(),
                hints: Hints {
                    read_only: true,
                    ..Hints::default()
                },
                roles: Arc::default(),
                purpose: Purpose::Call,
                defined: Default::default(),
            },
            context: Context {
                at,
                decision: Arc::from(id),
                session: Arc::clone(&grant.session),
                labels,
                approvals: Vec::new(),
                budgets: Vec::new(),
                history,
            },
            arguments: Document::empty_object(),
        }),
        message: Document::empty_object(),
        arguments_at: Pointer::known("/params"),
        changed: false,
        received: None,
        judged: None,
        opinions: Vec::new(),
        flip: None,
        log: Vec::new(),
        approval: None,
        decision: if tracked { decision } else { full() },
    }
}

pub(crate) fn charge(key: &str, cost: u64) -> Obligation {
    Obligation::Charge(Charge {
        key: key.into(),
        cost,
        limit: Limit::Fixed(WindowLimit {
            limit: 10,
            window_seconds: 60,
        }),
        on_failure: OnFailure::Keep,
    })
}

pub(crate) fn label(label: &str) -> Obligation {
    Obligation::Label(vec![label.into()])
}

pub(crate) fn allow(obligations: Vec<Obligation>) -> Decision {
    let owed = obligations.into_iter();
    Decision::Allow(Allowance {
        obligations: owed.map(|owed| (Arc::from("binding"), owed)).collect(),
    })
}

pub(crate) fn hold(obligations: Vec<Obligation>) -> Decision {
    let Decision::Allow(allowance) = allow(obligations) else {
        unreachable!()
    };
    Decision::Hold(Held {
        asks: vec![(
            Arc::from("binding"),
            Ask {
                title: "t".into(),
                reason: "r".into(),
                show: Vec::new(),
                roles: Vec::new(),
                quorum: 1,
                exclude_requester: false,
                exclude: Vec::new(),
                decide_within_seconds: 60,
                use_within_seconds: 60,
            },
        )],
        allowed: true,
        allowance,
    })
}

pub(crate) fn deny() -> Decision {
    Decision::Deny(Denied::by_gate(Reason::Forbidden, "no"))
}

pub(crate) fn permit(ruling: Ruling) -> Permit {
    match ruling {
        Ruling::Permitted(permit) => permit,
        other => panic!("not permitted: {other:?}"),
    }
}
