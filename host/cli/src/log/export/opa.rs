//! Decisions as Open Policy Agent logs them.

use gatewright_policy::record::{Decided, Entry, Event};
use serde_json::{Value, json};

/// A decision; nothing else has a place in a decision log.
pub(super) fn event(entry: &Entry, source: &str) -> Option<Value> {
    let Event::Decided(decided) = &entry.event else {
        return None;
    };
    let allows = decided.decision == gatewright_policy::DecisionKind::Allow;
    Some(json!({
        "labels": { "id": source, "app": "gatewright" },
        "decision_id": decided.id,
        "path": "gatewright/allow",
        "timestamp": entry.at.to_string(),
        "bundles": { "policies": { "revision": decided.policies } },
        "input": input(decided),
        "result": {
            "allow": allows,
            "decision": decided.decision,
            "reason": decided.reason,
        },
        "metrics": { "counter_fuel": fuel(decided) },
    }))
}

fn input(decided: &Decided) -> Value {
    let caller = decided.caller.as_ref();
    json!({
        "agent": caller.map(|caller| &caller.agent),
        "principal": caller.and_then(|caller| caller.principal.as_ref()),
        "issuer": caller.map(|caller| &caller.issuer),
        "session": caller.map(|caller| &caller.session),
        "method": decided.method,
        "server": decided.server,
        "name": decided.name,
        "arguments": decided.arguments,
        "action": decided.action,
    })
}

fn fuel(decided: &Decided) -> u64 {
    let fuel = decided.opinions.iter().map(|opinion| opinion.fuel);
    fuel.fold(0, u64::saturating_add)
}
