//! Entries as events of the Open Cybersecurity Schema Framework 1.3: calls as API Activity,
//! the gate itself as Application Lifecycle.

use gatewright_policy::DecisionKind;
use gatewright_policy::record::{Completed, Decided, Entry, Event};
use gatewright_policy::request::PastOutcome;
use serde_json::{Value, json};

/// API Activity, in Application Activity.
const API_ACTIVITY: u64 = 6003;

/// Application Lifecycle, in the same category.
const APPLICATION_LIFECYCLE: u64 = 6002;

/// What kind of event it is, and what it is worth.
struct Kind {
    class: u64,
    activity: u64,
    name: &'static str,
    severity: u64,
    status: u64,
}

/// What is "other" in OCSF.
const OTHER: u64 = 99;

/// An event.
pub(super) fn event(entry: &Entry, source: &str) -> Value {
    let kind = kind(&entry.event);
    let mut event = json!({
        "class_uid": kind.class,
        "category_uid": kind.class / 1000,
        "activity_id": kind.activity,
        "activity_name": kind.name,
        "type_uid": kind.class * 100 + kind.activity,
        "severity_id": kind.severity,
        "status_id": kind.status,
        "time": entry.at.0,
        "metadata": {
            "version": "1.3.0",
            "product": { "name": "Gatewright", "vendor_name": "Gatewright" },
            "log_name": source,
            "uid": format!("{source}#{}", entry.sequence),
            "sequence": entry.sequence,
        },
    });
    let more = match &entry.event {
        Event::Decided(decided) => decided_members(decided),
        Event::Completed(completed) => completed_members(completed),
        other => json!({
            "app": { "name": "gatewright", "vendor_name": "Gatewright" },
            "unmapped": other,
        }),
    };
    if let (Some(event), Value::Object(more)) = (event.as_object_mut(), more) {
        event.extend(more);
    }
    event
}

fn kind(event: &Event) -> Kind {
    let of_gate = |activity, name, severity| Kind {
        class: APPLICATION_LIFECYCLE,
        activity,
        name,
        severity,
        status: 1,
    };
    match event {
        Event::Started { .. } => of_gate(3, "Start", 1),
        Event::Stopped => of_gate(4, "Stop", 1),
        Event::Activated { .. } => of_gate(OTHER, "activated", 1),
        Event::ReloadFailed { .. } => of_gate(OTHER, "reload-failed", 3),
        Event::Refused(_) => of_gate(OTHER, "refused", 2),
        Event::Agents(_) => of_gate(OTHER, "agents", 2),
        Event::Tools(_) => of_gate(OTHER, "tools", 2),
        Event::Approval(_) => of_gate(OTHER, "approval", 2),
        Event::Labelled(_) => of_gate(OTHER, "labelled", 1),
        Event::Ledger(_) => of_gate(OTHER, "ledger", 1),
        Event::Decided(decided) => Kind {
            class: API_ACTIVITY,
            activity: OTHER,
            name: "decided",
            severity: match decided.decision {
                DecisionKind::Allow => 1,
                DecisionKind::Hold | DecisionKind::Deny => 2,
            },
            status: match decided.decision {
                DecisionKind::Allow => 1,
                DecisionKind::Deny => 2,
                DecisionKind::Hold => OTHER,
            },
        },
        Event::Completed(completed) => Kind {
            class: API_ACTIVITY,
            activity: OTHER,
            name: "completed",
            severity: 1,
            status: match completed.outcome {
                PastOutcome::Allowed => 1,
                PastOutcome::Denied | PastOutcome::Failed => 2,
                PastOutcome::Held | PastOutcome::Pending => OTHER,
            },
        },
    }
}

fn decided_members(decided: &Decided) -> Value {
    // Allowed, denied, or neither yet.
    let action = match decided.decision {
        DecisionKind::Allow => 1,
        DecisionKind::Deny => 2,
        DecisionKind::Hold => OTHER,
    };
    let caller = decided.caller.as_ref();
    json!({
        "action_id": action,
        "status_detail": decided.reason,
        "message": decided.message,
        "actor": {
            "app_name": caller.map(|caller| &caller.agent),
            "user": { "name": caller.and_then(|caller| caller.principal.as_ref()) },
            "session": { "uid": caller.map(|caller| &caller.session), "issuer": caller.map(|caller| &caller.issuer) },
        },
        "api": {
            "operation": decided.name,
            "service": { "name": decided.server },
            "request": { "uid": decided.id },
        },
        // The gate sees agents, not machines.
        "src_endpoint": { "name": caller.map_or("unknown", |caller| &caller.agent) },
        "policy": { "uid": decided.policies, "version": decided.generation.to_string() },
        "unmapped": {
            "method": decided.method,
            "arguments": decided.arguments,
            "action": decided.action,
            "opinions": decided.opinions,
        },
    })
}

fn completed_members(completed: &Completed) -> Value {
    json!({
        "status_detail": completed.reason,
        "message": completed.message,
        "api": {
            "operation": "completed",
            "request": { "uid": completed.id },
            "response": { "error_message": completed.reason },
        },
        "actor": { "app_name": "gatewright" },
        "src_endpoint": { "name": "gatewright" },
        "unmapped": { "outcome": completed.outcome, "result": completed.result },
    })
}
