//! The request as the module sees it, `input`: as much of it as the module can read.

use std::collections::BTreeMap;

use gatewright_sdk::{Hints, Proof, Request};
use regorus::Value;

use crate::mentioned::{Mentioned, Reads};

/// `input` for a request; the error is for the agent, whose arguments cannot be
/// read. Where there are no arguments, `input.arguments` is undefined.
pub(crate) fn of(request: &Request, reads: &Reads) -> Result<Value, String> {
    let makers: [(&str, fn(&Request) -> Value); 3] = [
        ("subject", subject),
        ("action", action),
        ("context", context),
    ];
    let mentioned = makers.iter().filter(|(name, _)| reads.input.has(name));
    let mut members: Vec<_> = mentioned
        .map(|(name, make)| (*name, make(request)))
        .collect();
    if reads.input.has("arguments")
        && !request.is_listing()
        && let Some(arguments) = arguments(request, &reads.arguments)?
    {
        members.push(("arguments", arguments));
    }
    Ok(object(members))
}

fn arguments(request: &Request, mentioned: &Mentioned) -> Result<Option<Value>, String> {
    let names = match mentioned {
        Mentioned::All => return read(request, ""),
        Mentioned::Only(names) => names,
    };
    let mut members = BTreeMap::new();
    for name in names {
        // The name is one of an identifier: nothing in it needs an escape.
        if let Some(value) = read(request, &format!("/{name}"))? {
            members.insert(Value::from(name.as_str()), value);
        }
    }
    Ok(Some(Value::from(members)))
}

fn read(request: &Request, pointer: &str) -> Result<Option<Value>, String> {
    let json = request.json(pointer);
    let value = json.map(|json| Value::from_json_str(&json)).transpose();
    value.map_err(|error| format!("the arguments cannot be read: {error:#}"))
}

fn subject(request: &Request) -> Value {
    let subject = &request.subject;
    let mut members = vec![
        ("id", Value::from(subject.id.as_str())),
        ("issuer", Value::from(subject.issuer.as_str())),
        ("delegation", texts(&subject.delegation)),
        ("scopes", texts(&subject.scopes)),
        ("proof", Value::from(proof(subject.proof))),
        ("expires_at", Value::from(subject.expires_at)),
    ];
    for (name, text) in [("principal", &subject.principal), ("owner", &subject.owner)] {
        if let Some(text) = text {
            members.push((name, Value::from(text.as_str())));
        }
    }
    object(members)
}

fn action(request: &Request) -> Value {
    let action = &request.action;
    object([
        ("method", Value::from(action.method.as_str())),
        ("server", Value::from(action.server.as_str())),
        ("name", Value::from(action.name.as_str())),
        ("hints", hints(action.hints)),
    ])
}

fn context(request: &Request) -> Value {
    let context = &request.context;
    object([
        ("at", Value::from(context.at)),
        ("session", Value::from(context.session.as_str())),
        ("labels", texts(&context.labels)),
        ("approvers", texts(&context.approvers)),
    ])
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

fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let members: BTreeMap<_, _> = members
        .into_iter()
        .map(|(name, value)| (Value::from(name), value))
        .collect();
    Value::from(members)
}
