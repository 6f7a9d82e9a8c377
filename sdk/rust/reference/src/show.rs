//! What a policy can see, as text.

use gatewright_sdk::{Action, Context, Hints, Outcome, PastCall, Proof, Subject, Value};

pub(crate) fn show_value(value: Option<Value>) -> String {
    match value {
        None => "missing".to_owned(),
        Some(Value::Null) => "null".to_owned(),
        Some(Value::Boolean(flag)) => format!("boolean {flag}"),
        Some(Value::Integer(integer)) => format!("integer {integer}"),
        Some(Value::Number(number)) => format!("number {number}"),
        Some(Value::Text(text)) => format!("text {text}"),
        Some(Value::Array(count)) => format!("array {count}"),
        Some(Value::Object(count)) => format!("object {count}"),
    }
}

pub(crate) fn show_subject(subject: &Subject) -> String {
    let proof = match subject.proof {
        Proof::None => "none",
        Proof::Bearer => "bearer",
        Proof::Sender => "sender",
        Proof::Call => "call",
    };
    [
        &subject.id,
        &subject.issuer,
        subject.principal.as_deref().unwrap_or("-"),
        subject.owner.as_deref().unwrap_or("-"),
        &subject.delegation.join(","),
        &subject.scopes.join(","),
        proof,
        &subject.expires_at.to_string(),
    ]
    .join("|")
}

pub(crate) fn show_action(action: &Action) -> String {
    let hints = [
        (Hints::READ_ONLY, "read-only"),
        (Hints::DESTRUCTIVE, "destructive"),
        (Hints::IDEMPOTENT, "idempotent"),
        (Hints::OPEN_WORLD, "open-world"),
    ];
    let set: Vec<_> = hints
        .into_iter()
        .filter_map(|(hint, name)| action.hints.contains(hint).then_some(name))
        .collect();
    [
        action.method.as_str(),
        &action.server,
        &action.name,
        &set.join(","),
    ]
    .join("|")
}

pub(crate) fn show_context(context: &Context) -> String {
    [
        context.at.to_string().as_str(),
        &context.session,
        &context.labels.join(","),
        &context.approvers.join(","),
    ]
    .join("|")
}

pub(crate) fn show_past(call: &PastCall) -> String {
    let outcome = match call.outcome {
        Outcome::Allowed => "allowed",
        Outcome::Denied => "denied",
        Outcome::Held => "held",
        Outcome::Failed => "failed",
    };
    format!(
        "{} {} {} {} {outcome}",
        call.at, call.method, call.server, call.name
    )
}
