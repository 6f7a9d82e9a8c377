//! What a policy can see, as text.

use gatewright_sdk::{
    Approval, Claim, Hints, Kind, Label, Link, Node, Outcome, PastCall, Proof, Purpose, Request,
    Value,
};

/// Stands for what there is not.
const NOTHING: &str = "-";

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

pub(crate) fn show_node(node: &Node) -> String {
    let kind = match node.kind() {
        Kind::Null => "null",
        Kind::Boolean => "boolean",
        Kind::Number => "number",
        Kind::Text => "text",
        Kind::Array => "array",
        Kind::Object => "object",
    };
    format!("{kind} {} {}", node.len(), node.json())
}

/// A node, written by walking it.
pub(crate) fn show_walk(node: &Node) -> String {
    match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Boolean | Kind::Number => match node.value() {
            Value::Boolean(flag) => flag.to_string(),
            Value::Integer(integer) => integer.to_string(),
            Value::Number(number) => number,
            other => show_value(Some(other)),
        },
        Kind::Text => format!("'{}'", node.text().unwrap_or_default()),
        Kind::Array => {
            let children = node.children();
            let elements: Vec<_> = children.iter().map(show_walk).collect();
            format!("[{}]", elements.join(","))
        }
        Kind::Object => {
            let (names, children) = (node.keys(), node.children());
            let member = |(name, child): (&String, &Node)| format!("{name}={}", show_walk(child));
            let members: Vec<_> = names.iter().zip(&children).map(member).collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

pub(crate) fn show_caller(request: &Request) -> String {
    let proof = match request.proof() {
        Proof::None => "none",
        Proof::Bearer => "bearer",
        Proof::Sender => "sender",
        Proof::Call => "call",
    };
    let chain: Vec<_> = request.chain().iter().map(show_link).collect();
    [
        request.agent(),
        request.issuer(),
        or_nothing(request.principal()),
        or_nothing(request.owner()),
        chain.join(","),
        request.scopes().join(","),
        proof.to_owned(),
        request.expires_at().to_string(),
    ]
    .join("|")
}

pub(crate) fn show_action(request: &Request) -> String {
    let hints = request.hints();
    let names = [
        (Hints::READ_ONLY, "read-only"),
        (Hints::DESTRUCTIVE, "destructive"),
        (Hints::IDEMPOTENT, "idempotent"),
        (Hints::OPEN_WORLD, "open-world"),
        (Hints::UNTRUSTED, "untrusted"),
        (Hints::SENSITIVE, "sensitive"),
    ];
    let set: Vec<_> = names
        .into_iter()
        .filter_map(|(hint, name)| hints.contains(hint).then_some(name))
        .collect();
    let purpose = match request.purpose() {
        Purpose::Call => "call",
        Purpose::Listing => "listing",
    };
    [
        purpose.to_owned(),
        request.method(),
        request.server(),
        request.name(),
        set.join(","),
        request.targets().join(","),
        request.contents().join(","),
    ]
    .join("|")
}

pub(crate) fn show_tool(request: &Request) -> String {
    let json = |node: Option<Node>| or_nothing(node.map(|node| node.json()));
    [
        or_nothing(request.definition()),
        json(request.schema()),
        json(request.claimed()),
    ]
    .join("|")
}

pub(crate) fn show_context(request: &Request) -> String {
    let labels: Vec<_> = request.labels().iter().map(show_label).collect();
    let approvals: Vec<_> = request.approvals().iter().map(show_approval).collect();
    [
        request.at().to_string(),
        request.session(),
        labels.join(","),
        approvals.join(","),
    ]
    .join("|")
}

pub(crate) fn show_past(call: &PastCall) -> String {
    let outcome = match call.outcome {
        Outcome::Allowed => "allowed",
        Outcome::Denied => "denied",
        Outcome::Held => "held",
        Outcome::Failed => "failed",
        Outcome::Pending => "pending",
    };
    [
        call.id.as_str(),
        &call.at.to_string(),
        &call.method,
        &call.server,
        &call.name,
        outcome,
        call.reason.as_deref().unwrap_or(NOTHING),
    ]
    .join(" ")
}

pub(crate) fn show_claims(request: &Request, name: &str) -> String {
    let claims: Vec<_> = request.claims().iter().map(show_claim).collect();
    [claims.join(","), request.claim(name).join("+")].join("|")
}

fn show_claim(claim: &Claim) -> String {
    format!("{}={}", claim.name, claim.values.join("+"))
}

fn show_link(link: &Link) -> String {
    match &link.issuer {
        Some(issuer) => format!("{}<{issuer}>", link.id),
        None => link.id.clone(),
    }
}

fn show_label(label: &Label) -> String {
    let source = label.source.iter().map(|source| format!("<{source}"));
    let at = label.at.iter().map(|at| format!("@{at}"));
    let parts = [label.name.clone()].into_iter().chain(source).chain(at);
    parts.collect()
}

fn show_approval(approval: &Approval) -> String {
    let Approval {
        by,
        roles,
        at,
        method,
    } = approval;
    format!("{by}:{}:{at}:{method}", roles.join("+"))
}

fn or_nothing(text: Option<String>) -> String {
    text.unwrap_or_else(|| NOTHING.to_owned())
}
