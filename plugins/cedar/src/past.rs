//! What the session did before, as Cedar can ask about it: it has no way through a list, so
//! names and numbers stand by outcome.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy_core::ast::Value;
use gatewright_sdk::{Outcome, PastCall, Request};
use smol_str::SmolStr;

/// Calls that the gate keeps of a session.
const CALLS_MAX: u32 = 64;

const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Allowed, "allowed"),
    (Outcome::Denied, "denied"),
    (Outcome::Held, "held"),
    (Outcome::Failed, "failed"),
    (Outcome::Pending, "pending"),
];

/// `context.history`.
pub(crate) fn of(request: &Request) -> Value {
    let calls = request.history(CALLS_MAX);
    let mut members: BTreeMap<SmolStr, Value> = BTreeMap::new();
    for (outcome, name) in OUTCOMES {
        let of_outcome: Vec<_> = calls.iter().filter(|it| it.outcome == outcome).collect();
        members.insert(SmolStr::new_static(name), summary(&of_outcome));
    }
    let reasons = calls.iter().filter_map(|call| call.reason.clone());
    members.insert(SmolStr::new_static("reasons"), texts(reasons));
    let ids = calls.iter().map(|call| call.id.clone());
    members.insert(SmolStr::new_static("ids"), texts(ids));
    Value::record(members, None)
}

fn summary(calls: &[&PastCall]) -> Value {
    let count = i64::try_from(calls.len()).unwrap_or(i64::MAX);
    let names = calls
        .iter()
        .map(|call| format!("{}/{}", call.server, call.name));
    let servers = calls.iter().map(|call| call.server.clone());
    Value::record(
        [
            ("count", Value::from(count)),
            ("names", texts(names)),
            ("servers", texts(servers)),
        ],
        None,
    )
}

fn texts(texts: impl Iterator<Item = String>) -> Value {
    let texts: BTreeSet<String> = texts.collect();
    Value::set_of_lits(texts.iter().map(|text| text.as_str().into()), None)
}
