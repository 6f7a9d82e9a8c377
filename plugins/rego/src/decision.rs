//! The decision document, read as a verdict: `deny`, then `ask`, then `allow`.

use gatewright_sdk::{ApprovalRequest, Obligation, Quota, Verdict};
use regorus::Value;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What the agent reads where the module gives no message.
const REFUSED: &str = "the policy does not allow this call";

/// `ask`: what an approver is shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    title: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    quorum: Option<u8>,
    ttl_seconds: Option<u32>,
}

/// `obligations`: what the gate must do if the call goes ahead.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Obligations {
    labels: Vec<String>,
    redact: Vec<String>,
    limit_result: Option<u64>,
    charge: Vec<Charge>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Charge {
    key: String,
    cost: u64,
    limit: u64,
    window_seconds: u32,
}

/// The verdict, or none where the module says nothing. The error is for the
/// operator: an answer that cannot be read is no answer.
pub(crate) fn read(decision: &Value) -> Result<Option<Verdict>, String> {
    match decision {
        Value::Undefined => Ok(None),
        Value::Bool(true) => Ok(Some(Verdict::allow())),
        Value::Bool(false) => Ok(Some(Verdict::deny(REFUSED))),
        Value::Object(_) => read_document(decision),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Set(_) => {
            Err("the query gives neither a boolean nor an object".to_owned())
        }
    }
}

fn read_document(document: &Value) -> Result<Option<Verdict>, String> {
    let reason = match member(document, "reason") {
        None => None,
        Some(Value::String(reason)) => Some(reason.to_string()),
        Some(_) => return Err("`reason` is not a text".to_owned()),
    };
    let refused = || reason.clone().unwrap_or_else(|| REFUSED.to_owned());
    if let Some(messages) = member(document, "deny")
        .map(messages)
        .transpose()?
        .flatten()
    {
        let message = match messages.as_slice() {
            [] => refused(),
            [_, ..] => messages.join("; "),
        };
        return Ok(Some(Verdict::deny(message)));
    }
    let obligations = match member(document, "obligations") {
        Some(obligations) => parse::<Obligations>("obligations", obligations)?.into_list(),
        None => Vec::new(),
    };
    if let Some(ask) = member(document, "ask") {
        if !obligations.is_empty() {
            return Err("`obligations` do not go with `ask`: the gate would not meet them".into());
        }
        let ask: Ask = parse("ask", ask)?;
        return Ok(Some(Verdict::ask(ask.with_reason(reason))));
    }
    match member(document, "allow") {
        None => Ok(None),
        Some(Value::Bool(true)) => Ok(Some(Verdict::allow_with(obligations))),
        Some(Value::Bool(false)) => Ok(Some(Verdict::deny(refused()))),
        Some(_) => Err("`allow` is not a boolean".to_owned()),
    }
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .as_object()
        .ok()?
        .get(&Value::from(name))
        .filter(|value| **value != Value::Undefined)
}

/// The messages of `deny`; none where it denies nothing. `true` denies without
/// one.
fn messages(deny: &Value) -> Result<Option<Vec<String>>, String> {
    let texts: Vec<String> = match deny {
        Value::Bool(true) => return Ok(Some(Vec::new())),
        Value::Bool(false) => return Ok(None),
        Value::Set(set) => set.iter().map(message).collect::<Result<_, _>>()?,
        Value::Array(array) => array.iter().map(message).collect::<Result<_, _>>()?,
        Value::String(_) | Value::Object(_) => vec![message(deny)?],
        Value::Null | Value::Number(_) | Value::Undefined => {
            return Err("`deny` is not a set of messages".to_owned());
        }
    };
    Ok((!texts.is_empty()).then_some(texts))
}

/// A text, or the `msg` or `message` of an object.
fn message(value: &Value) -> Result<String, String> {
    let text = match value {
        Value::Object(_) => member(value, "msg").or_else(|| member(value, "message")),
        _ => Some(value),
    };
    match text {
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(_) | None => Err("a message of `deny` is not a text".to_owned()),
    }
}

fn parse<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, String> {
    let json = value
        .to_json_str()
        .map_err(|error| format!("`{name}` is not JSON: {error:#}"))?;
    // Read as a list, a struct would take its members by place.
    if !json.starts_with('{') {
        return Err(format!("`{name}` does not fit: it is not an object"));
    }
    serde_json::from_str(&json).map_err(|error| format!("`{name}` does not fit: {error}"))
}

// === impl Ask ===

impl Ask {
    fn with_reason(self, reason: Option<String>) -> ApprovalRequest {
        let mut request = ApprovalRequest::new(
            self.title
                .unwrap_or_else(|| "a call needs approval".to_owned()),
            self.reason
                .or(reason)
                .unwrap_or_else(|| "the policy asks for a person".to_owned()),
        )
        .with_roles(self.roles)
        .with_quorum(self.quorum.unwrap_or(1));
        if let Some(ttl_seconds) = self.ttl_seconds {
            request = request.with_ttl_seconds(ttl_seconds);
        }
        request
    }
}

// === impl Obligations ===

impl Obligations {
    fn into_list(self) -> Vec<Obligation> {
        let charges = self.charge.into_iter().map(|charge| {
            Obligation::Charge(Quota {
                key: charge.key,
                cost: charge.cost,
                limit: charge.limit,
                window_seconds: charge.window_seconds,
            })
        });
        let mut list: Vec<_> = charges.collect();
        if !self.labels.is_empty() {
            list.push(Obligation::Label(self.labels));
        }
        if !self.redact.is_empty() {
            list.push(Obligation::Redact(self.redact));
        }
        list.extend(self.limit_result.map(Obligation::LimitResult));
        list
    }
}
