//! The request as the module sees it, `input`: as much of it as the module can read.

use std::collections::BTreeMap;

use gatewright_sdk::{Hints, Proof, Request, Value as Plain};
use regorus::Value;

use crate::mentioned::{Member, Mentioned};

pub(crate) const SUBJECT: [&str; 8] = [
    "id",
    "issuer",
    "principal",
    "owner",
    "delegation",
    "scopes",
    "proof",
    "expires_at",
];
pub(crate) const ACTION: [&str; 4] = ["method", "server", "name", "hints"];
pub(crate) const CONTEXT: [&str; 4] = ["at", "session", "labels", "approvers"];

/// `input` for a request; the error is for the agent, whose arguments cannot be
/// read. Where there are no arguments, `input.arguments` is undefined.
pub(crate) fn of(request: &Request, mentioned: &Mentioned) -> Result<Value, String> {
    let mut members = BTreeMap::new();
    let mut add = |name: &str, names: &[&str], member: &dyn Fn(&str) -> Option<Value>| {
        if let Some(mentioned) = mentioned.member(name) {
            let read = names.iter().filter(|name| mentioned.member(name).is_some());
            let object = read.filter_map(|name| Some((Value::from(*name), member(name)?)));
            let object: BTreeMap<_, _> = object.collect();
            members.insert(Value::from(name), Value::from(object));
        }
    };
    add("subject", &SUBJECT, &|name| subject(request, name));
    add("action", &ACTION, &|name| action(request, name));
    add("context", &CONTEXT, &|name| context(request, name));
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

fn subject(request: &Request, member: &str) -> Option<Value> {
    let subject = &request.subject;
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    match member {
        "id" => Some(Value::from(subject.id.as_str())),
        "issuer" => Some(Value::from(subject.issuer.as_str())),
        "principal" => text(&subject.principal),
        "owner" => text(&subject.owner),
        "delegation" => Some(texts(&subject.delegation)),
        "scopes" => Some(texts(&subject.scopes)),
        "proof" => Some(Value::from(proof(subject.proof))),
        "expires_at" => Some(Value::from(subject.expires_at)),
        _ => None,
    }
}

fn action(request: &Request, member: &str) -> Option<Value> {
    let action = &request.action;
    match member {
        "method" => Some(Value::from(action.method.as_str())),
        "server" => Some(Value::from(action.server.as_str())),
        "name" => Some(Value::from(action.name.as_str())),
        "hints" => Some(hints(action.hints)),
        _ => None,
    }
}

fn context(request: &Request, member: &str) -> Option<Value> {
    let context = &request.context;
    match member {
        "at" => Some(Value::from(context.at)),
        "session" => Some(Value::from(context.session.as_str())),
        "labels" => Some(texts(&context.labels)),
        "approvers" => Some(texts(&context.approvers)),
        _ => None,
    }
}

fn hints(hints: Hints) -> Value {
    let named = [
        (Hints::READ_ONLY, "read-only"),
        (Hints::DESTRUCTIVE, "destructive"),
        (Hints::IDEMPOTENT, "idempotent"),
        (Hints::OPEN_WORLD, "open-world"),
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

fn texts(texts: &[String]) -> Value {
    let values: Vec<_> = texts
        .iter()
        .map(|text| Value::from(text.as_str()))
        .collect();
    Value::from(values)
}
