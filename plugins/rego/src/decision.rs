//! The decision document, read as an opinion: `deny`, then `ask`, then `allow`; what the
//! module owes beside any of them, and which of its rules spoke.

use gatewright_sdk::{Ask, Denial, Note, Obligation, Opinion, Refusal, Verdict};
use regorus::Value;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::obligations::Obligations;
use crate::rules::{ALLOW, ASK, DENY, OBLIGATIONS, OTHERWISE};

/// What the agent reads where the module gives no message.
const REFUSED: &str = "the policy does not allow this call";

/// Longest title and reason of a question, in bytes: agents choose how long their
/// arguments are.
const TITLE_BYTES_MAX: usize = 256;
const REASON_BYTES_MAX: usize = 4096;

/// Longest id of a rule and longest text of a note, in bytes; most notes of an answer.
const RULE_BYTES_MAX: usize = 128;
const NOTE_BYTES_MAX: usize = 1024;
const NOTES_MAX: usize = 16;

/// What a decision document holds.
const MEMBERS: [&str; 6] = [DENY, ASK, ALLOW, OBLIGATIONS, "reason", "rule"];

/// What an object in `deny` holds; `details`, which others show, is passed over.
pub(crate) const MEMBERS_OF_MESSAGE: [&str; 6] =
    ["msg", "message", "rule", "refusal", "scopes", "details"];

/// What the module says.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    /// None where it says neither yes nor no.
    verdict: Option<Verdict>,
    obligations: Vec<Obligation>,
    /// The rules that spoke.
    notes: Vec<Note>,
}

/// `ask`: what an approver is shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAsk {
    rule: Option<String>,
    title: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    show: Vec<String>,
    #[serde(default)]
    roles: Vec<String>,
    quorum: Option<u8>,
    #[serde(default)]
    exclude_requester: bool,
    #[serde(default)]
    exclude: Vec<String>,
    decide_within_seconds: Option<u32>,
    #[serde(alias = "ttl_seconds")]
    use_within_seconds: Option<u32>,
}

/// One message of `deny`.
struct Message {
    text: String,
    rule: Option<String>,
    refusal: Refusal,
    scopes: Vec<String>,
}

// === impl Decision ===

impl Decision {
    /// Reads what the query gives; `rule` is the one that it names. The error is for the
    /// operator: an answer that cannot be read is no answer. Among rules there may be
    /// helpers; in a document that one rule gives, a member that is not known is a slip.
    pub(crate) fn read(decision: &Value, rule: &str, holds_rules: bool) -> Result<Self, String> {
        match decision {
            Value::Undefined => Ok(Self::default()),
            Value::Bool(true) => Self::default().say(Verdict::Allow, rule, ""),
            Value::Bool(false) => Self::default().say(refused(REFUSED), rule, ""),
            Value::Object(_) => {
                if !holds_rules {
                    check_members(decision, "the query", &MEMBERS)?;
                }
                Self::default().document(decision)
            }
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Set(_) => {
                Err("the query gives neither a boolean nor an object".to_owned())
            }
        }
    }

    /// The opinion; `otherwise` is the verdict where the module gives none.
    pub(crate) fn into_opinion(self, otherwise: impl FnOnce() -> Verdict) -> Opinion {
        let Self {
            verdict,
            obligations,
            mut notes,
        } = self;
        let verdict = verdict.unwrap_or_else(|| {
            let verdict = otherwise();
            if matches!(verdict, Verdict::Deny(_)) {
                note(&mut notes, OTHERWISE, "");
            }
            verdict
        });
        Opinion {
            verdict,
            obligations,
            notes,
        }
    }

    fn document(mut self, document: &Value) -> Result<Self, String> {
        let reason = text_of(document, "reason")?;
        let rule = text_of(document, "rule")?;
        for obligations in each_of(document, "obligations")? {
            self = self.owe(parse("obligations", obligations)?)?;
        }
        let denied = member(document, "deny").map(messages).transpose()?;
        if let Some(messages) = denied.flatten() {
            return self.deny(messages, reason, rule);
        }
        if let Some(ask) = member(document, "ask") {
            let ask: WrittenAsk = parse("ask", ask)?;
            let rule = ask.rule.clone().or(rule);
            let ask = ask.into_ask(reason);
            let title = ask.title.clone();
            return self.say(Verdict::Ask(ask), rule.as_deref().unwrap_or(ASK), &title);
        }
        let rule = rule.as_deref().unwrap_or(ALLOW);
        let reason = reason.as_deref();
        match member(document, "allow") {
            None => Ok(self),
            Some(Value::Bool(true)) => self.say(Verdict::Allow, rule, reason.unwrap_or_default()),
            Some(Value::Bool(false)) => self.say(
                refused(reason.unwrap_or(REFUSED)),
                rule,
                reason.unwrap_or_default(),
            ),
            Some(_) => Err("`allow` is not a boolean".to_owned()),
        }
    }

    /// One denial of all messages.
    fn deny(
        self,
        messages: Vec<Message>,
        reason: Option<String>,
        rule: Option<String>,
    ) -> Result<Self, String> {
        let common = rule.as_deref().unwrap_or(DENY);
        let Some(first) = messages.first() else {
            let message = reason.as_deref().unwrap_or(REFUSED);
            return self.say(refused(message), common, message);
        };
        // One kind of refusal, if all agree on it.
        let agree = messages.iter().all(|it| it.refusal == first.refusal);
        let refusal = if agree {
            first.refusal
        } else {
            Refusal::Forbidden
        };
        let scopes = messages.iter().flat_map(|message| message.scopes.clone());
        let denial = Denial {
            refusal,
            message: messages
                .iter()
                .map(|it| it.text.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            scopes: match refusal {
                Refusal::InsufficientScope => scopes.collect(),
                Refusal::Forbidden | Refusal::InvalidArguments | Refusal::UnsafeContext => {
                    Vec::new()
                }
            },
        };
        let mut denied = Self {
            verdict: Some(Verdict::Deny(denial)),
            ..self
        };
        for message in &messages {
            denied = denied.note(message.rule.as_deref().unwrap_or(common), &message.text)?;
        }
        Ok(denied)
    }

    fn owe(mut self, written: Obligations) -> Result<Self, String> {
        let rule = written.rule.clone();
        let count = self.obligations.len();
        self.obligations.extend(written.into_list()?);
        match self.obligations.len() > count {
            true => self.note(rule.as_deref().unwrap_or(OBLIGATIONS), ""),
            false => Ok(self),
        }
    }

    fn say(self, verdict: Verdict, rule: &str, text: &str) -> Result<Self, String> {
        Self {
            verdict: Some(verdict),
            ..self
        }
        .note(rule, text)
    }

    fn note(mut self, rule: &str, text: &str) -> Result<Self, String> {
        if rule.len() > RULE_BYTES_MAX {
            return Err(format!("`rule` is longer than {RULE_BYTES_MAX} bytes"));
        }
        note(&mut self.notes, rule, text);
        Ok(self)
    }
}

/// Notes a rule that spoke; what is beyond the most that an answer may hold is left out.
fn note(notes: &mut Vec<Note>, rule: &str, text: &str) {
    if notes.len() < NOTES_MAX {
        notes.push(Note {
            rule: rule.to_owned(),
            text: cut(text.to_owned(), NOTE_BYTES_MAX),
        });
    }
}

fn refused(message: &str) -> Verdict {
    Verdict::Deny(Denial::forbidden(message))
}

fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    object
        .as_object()
        .ok()?
        .get(&Value::from(name))
        .filter(|value| **value != Value::Undefined)
}

fn check_members(document: &Value, what: &str, known: &[&str]) -> Result<(), String> {
    let members = document.as_object().map_err(|error| error.to_string())?;
    let is_known = |name: &Value| known.iter().any(|it| *name == Value::from(*it));
    match members.keys().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            let name = match name {
                Value::String(name) => name.to_string(),
                _ => name.to_string(),
            };
            Err(format!(
                "{what} gives `{name}`, which is no member of it\nhint: it is one of `{}`",
                known.join("`, `")
            ))
        }
    }
}

fn text_of(object: &Value, name: &str) -> Result<Option<String>, String> {
    match member(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.to_string())),
        Some(_) => Err(format!("`{name}` is not a text")),
    }
}

/// A member that is one object, or a set or list of such.
fn each_of<'a>(object: &'a Value, name: &str) -> Result<Vec<&'a Value>, String> {
    match member(object, name) {
        None => Ok(Vec::new()),
        Some(Value::Set(all)) => Ok(all.iter().collect()),
        Some(Value::Array(all)) => Ok(all.iter().collect()),
        Some(one @ Value::Object(_)) => Ok(vec![one]),
        Some(_) => Err(format!("`{name}` is neither an object nor a set of such")),
    }
}

/// The messages of `deny`; none where it denies nothing. `true` denies without
/// one.
fn messages(deny: &Value) -> Result<Option<Vec<Message>>, String> {
    let messages: Vec<Message> = match deny {
        Value::Bool(true) => return Ok(Some(Vec::new())),
        Value::Bool(false) => return Ok(None),
        Value::Set(set) => set.iter().map(message).collect::<Result<_, _>>()?,
        Value::Array(array) => array.iter().map(message).collect::<Result<_, _>>()?,
        Value::String(_) | Value::Object(_) => vec![message(deny)?],
        Value::Null | Value::Number(_) | Value::Undefined => {
            return Err("`deny` is not a set of messages".to_owned());
        }
    };
    Ok((!messages.is_empty()).then_some(messages))
}

/// A text, or an object with `msg` or `message`, and what it may say besides.
fn message(value: &Value) -> Result<Message, String> {
    let text = match value {
        Value::Object(_) => {
            check_members(value, "a message of `deny`", &MEMBERS_OF_MESSAGE)?;
            member(value, "msg").or_else(|| member(value, "message"))
        }
        _ => Some(value),
    };
    let Some(Value::String(text)) = text else {
        return Err("a message of `deny` is not a text".to_owned());
    };
    let refusal = match text_of(value, "refusal")?.as_deref() {
        None | Some("forbidden") => Refusal::Forbidden,
        Some("insufficient-scope") => Refusal::InsufficientScope,
        Some("invalid-arguments") => Refusal::InvalidArguments,
        Some("unsafe-context") => Refusal::UnsafeContext,
        Some(other) => return Err(format!("a message of `deny` has the refusal `{other}`")),
    };
    let scopes = match member(value, "scopes") {
        None => Vec::new(),
        Some(scopes) => parse_json("scopes", scopes)?,
    };
    if !scopes.is_empty() && refusal != Refusal::InsufficientScope {
        return Err("`scopes` go with the refusal `insufficient-scope`".to_owned());
    }
    Ok(Message {
        text: text.to_string(),
        rule: text_of(value, "rule")?,
        refusal,
        scopes,
    })
}

/// Reads an object. Read as a list, a struct would take its members by place.
fn parse<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, String> {
    match value {
        Value::Object(_) => parse_json(name, value),
        _ => Err(format!("`{name}` does not fit: it is not an object")),
    }
}

fn parse_json<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, String> {
    let json = value
        .to_json_str()
        .map_err(|error| format!("`{name}` is not JSON: {error:#}"))?;
    serde_json::from_str(&json).map_err(|error| format!("`{name}` does not fit: {error}"))
}

// === impl WrittenAsk ===

impl WrittenAsk {
    fn into_ask(self, reason: Option<String>) -> Ask {
        let title = self.title;
        let reason = self.reason.or(reason);
        let ask = Ask::new(
            cut(
                title.unwrap_or_else(|| "a call needs approval".to_owned()),
                TITLE_BYTES_MAX,
            ),
            cut(
                reason.unwrap_or_else(|| "the policy asks for a person".to_owned()),
                REASON_BYTES_MAX,
            ),
        );
        Ask {
            show: self.show,
            roles: self.roles,
            quorum: self.quorum.unwrap_or(ask.quorum),
            exclude_requester: self.exclude_requester,
            exclude: self.exclude,
            decide_within_seconds: self
                .decide_within_seconds
                .unwrap_or(ask.decide_within_seconds),
            use_within_seconds: self.use_within_seconds.unwrap_or(ask.use_within_seconds),
            ..ask
        }
    }
}
