//! The request as the module sees it, `input`: as much of it as the module can read. What
//! it does not mention is not asked for.

use std::collections::BTreeMap;

use gatewright_sdk::{
    Approval, Hints, Label, Link, Node, Outcome, PastCall, Proof, Purpose, Request, Value as Plain,
};
use regorus::Value;

use crate::mentioned::{Member, Mentioned};

pub(crate) const SUBJECT: [&str; 10] = [
    "id",
    "issuer",
    "principal",
    "owner",
    "chain",
    "delegation",
    "scopes",
    "proof",
    "expires_at",
    "claims",
];
pub(crate) const ACTION: [&str; 10] = [
    "purpose",
    "method",
    "server",
    "name",
    "hints",
    "targets",
    "contents",
    "definition",
    "schema",
    "claimed",
];
pub(crate) const CONTEXT: [&str; 8] = [
    "at",
    "decision",
    "session",
    "labels",
    "label_details",
    "approvers",
    "approvals",
    "history",
];

/// Calls that the gate keeps of a session.
const HISTORY_MAX: u32 = 64;

/// A member of a part of `input`, where there is one.
type Part = fn(&Request, &str) -> Result<Option<Value>, String>;

/// `input` for a request; the error is for the agent, whose arguments cannot be
/// read. Where there are no arguments, `input.arguments` is undefined.
pub(crate) fn of(request: &Request, mentioned: &Mentioned) -> Result<Value, String> {
    let mut members = BTreeMap::new();
    let parts: [(&str, &[&str], Part); 3] = [
        ("subject", &SUBJECT, subject),
        ("action", &ACTION, action),
        ("context", &CONTEXT, context),
    ];
    for (name, names, part) in parts {
        let Some(mentioned) = mentioned.member(name) else {
            continue;
        };
        let mut object = BTreeMap::new();
        for name in names.iter().filter(|name| mentioned.member(name).is_some()) {
            if let Some(value) = part(request, name)? {
                object.insert(Value::from(*name), value);
            }
        }
        members.insert(Value::from(name), Value::from(object));
    }
    if let Some(mentioned) = mentioned.member("arguments")
        && !request.is_listing()
        && let Some(arguments) = arguments(request, mentioned)?
    {
        members.insert(Value::from("arguments"), arguments);
    }
    Ok(Value::from(members))
}

fn arguments(request: &Request, mentioned: &Mentioned) -> Result<Option<Value>, String> {
    let mentioned = match mentioned {
        Mentioned::All => return read(request, ""),
        Mentioned::Only(members) => members.values(),
    };
    let mut members = BTreeMap::new();
    for Member { key, pointer, .. } in mentioned {
        if let Some(value) = argument(request, pointer)? {
            members.insert(key.clone(), value);
        }
    }
    Ok(Some(Value::from(members)))
}

/// Most arguments are plain: then there is no JSON to read.
fn argument(request: &Request, pointer: &str) -> Result<Option<Value>, String> {
    Ok(match request.get(pointer) {
        None => None,
        Some(Plain::Null) => Some(Value::Null),
        Some(Plain::Boolean(boolean)) => Some(Value::from(boolean)),
        Some(Plain::Integer(integer)) => Some(Value::from(integer)),
        Some(Plain::Text(text)) => Some(Value::from(text)),
        Some(Plain::Number(_) | Plain::Array(_) | Plain::Object(_)) => read(request, pointer)?,
    })
}

fn read(request: &Request, pointer: &str) -> Result<Option<Value>, String> {
    let json = request.json(pointer);
    let value = json.map(|json| Value::from_json_str(&json)).transpose();
    value.map_err(|error| format!("the arguments cannot be read: {error:#}"))
}

fn subject(request: &Request, member: &str) -> Result<Option<Value>, String> {
    Ok(match member {
        "id" => Some(Value::from(request.agent())),
        "issuer" => Some(Value::from(request.issuer())),
        "principal" => request.principal().map(Value::from),
        "owner" => request.owner().map(Value::from),
        "chain" => Some(list(request.chain(), link)),
        "delegation" => Some(list(request.chain(), |link| Value::from(link.id))),
        "scopes" => Some(list(request.scopes(), Value::from)),
        "proof" => Some(Value::from(proof(request.proof()))),
        "expires_at" => Some(Value::from(request.expires_at())),
        "claims" => Some(claims(request)),
        _ => None,
    })
}

fn action(request: &Request, member: &str) -> Result<Option<Value>, String> {
    Ok(match member {
        "purpose" => Some(Value::from(purpose(request.purpose()))),
        "method" => Some(Value::from(request.method())),
        "server" => Some(Value::from(request.server())),
        "name" => Some(Value::from(request.name())),
        "hints" => Some(hints(request.hints())),
        "targets" => Some(list(request.targets(), Value::from)),
        "contents" => Some(list(request.contents(), Value::from)),
        "definition" => request.definition().map(Value::from),
        "schema" => document("the schema of the tool", request.schema())?,
        "claimed" => document("what the tool server claims", request.claimed())?,
        _ => None,
    })
}

fn context(request: &Request, member: &str) -> Result<Option<Value>, String> {
    Ok(match member {
        "at" => Some(Value::from(request.at())),
        "decision" => Some(Value::from(request.decision())),
        "session" => Some(Value::from(request.session())),
        "labels" => Some(list(request.labels(), |label| Value::from(label.name))),
        "label_details" => Some(list(request.labels(), label)),
        "approvers" => Some(list(request.approvals(), |approval| {
            Value::from(approval.by)
        })),
        "approvals" => Some(list(request.approvals(), approval)),
        "history" => Some(list(request.history(HISTORY_MAX), past_call)),
        _ => None,
    })
}

fn document(what: &str, node: Option<Node>) -> Result<Option<Value>, String> {
    let value = node
        .map(|node| Value::from_json_str(&node.json()))
        .transpose();
    value.map_err(|error| format!("{what} cannot be read: {error:#}"))
}

/// A list for each claim, whether it has one value or several.
fn claims(request: &Request) -> Value {
    let claims = request.claims().into_iter();
    let claims = claims.map(|claim| (Value::from(claim.name), list(claim.values, Value::from)));
    Value::from(claims.collect::<BTreeMap<_, _>>())
}

fn link(link: Link) -> Value {
    object([
        ("id", Some(Value::from(link.id))),
        ("issuer", link.issuer.map(Value::from)),
    ])
}

fn label(label: Label) -> Value {
    object([
        ("name", Some(Value::from(label.name))),
        ("source", label.source.map(Value::from)),
        ("at", label.at.map(Value::from)),
    ])
}

fn approval(approval: Approval) -> Value {
    object([
        ("by", Some(Value::from(approval.by))),
        ("roles", Some(list(approval.roles, Value::from))),
        ("at", Some(Value::from(approval.at))),
        ("method", Some(Value::from(approval.method))),
    ])
}

fn past_call(call: PastCall) -> Value {
    object([
        ("id", Some(Value::from(call.id))),
        ("at", Some(Value::from(call.at))),
        ("method", Some(Value::from(call.method))),
        ("server", Some(Value::from(call.server))),
        ("name", Some(Value::from(call.name))),
        ("outcome", Some(Value::from(outcome(call.outcome)))),
        ("reason", call.reason.map(Value::from)),
    ])
}

/// Without the members that are not there: in Rego they are undefined.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter();
    let members = members.filter_map(|(name, value)| Some((Value::from(name), value?)));
    Value::from(members.collect::<BTreeMap<_, _>>())
}

fn list<T>(items: Vec<T>, value: impl Fn(T) -> Value) -> Value {
    Value::from(items.into_iter().map(value).collect::<Vec<_>>())
}

fn hints(hints: Hints) -> Value {
    let named = [
        (Hints::READ_ONLY, "read-only"),
        (Hints::DESTRUCTIVE, "destructive"),
        (Hints::IDEMPOTENT, "idempotent"),
        (Hints::OPEN_WORLD, "open-world"),
        (Hints::UNTRUSTED, "untrusted"),
        (Hints::SENSITIVE, "sensitive"),
    ];
    let given = named.into_iter().filter(|(hint, _)| hints.contains(*hint));
    Value::from(given.map(|(_, name)| Value::from(name)).collect::<Vec<_>>())
}

const fn proof(proof: Proof) -> &'static str {
    match proof {
        Proof::None => "none",
        Proof::Bearer => "bearer",
        Proof::Sender => "sender",
        Proof::Call => "call",
    }
}

const fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Call => "call",
        Purpose::Listing => "listing",
    }
}

const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Denied => "denied",
        Outcome::Held => "held",
        Outcome::Failed => "failed",
        Outcome::Pending => "pending",
    }
}
