//! One policy of another gate, here: as it is, narrower, or not at all. Never wider.

use cedar_policy::Policy;
use gatewright_policy::Digest;
use serde_json::{Value as Json, json};

use super::expression::{Reader, Reads};
use super::peer::{Condition, Effect, Lost, Peer, Scoped, other};
use super::statements::{Statement, forbid_head};
use super::words::{unless, when};

/// Longest id that stands as it is, in bytes.
const ID_BYTES_MAX: usize = 100;

/// What became of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It means the same here.
    Carried,
    /// There is nothing here that it would be about.
    Needless(String),
    /// It is left out: what it permits is not permitted.
    LeftOut(String),
    /// It forbids more here, since a part of it has no counterpart.
    Wider(String),
    /// It forbids everything here.
    Everything(String),
}

/// A policy, and what became of it.
#[derive(Debug)]
pub(super) struct Carried {
    /// As it is written here.
    pub(super) text: Option<String>,
    pub(super) outcome: Outcome,
}

/// Carries a policy over, and adds what it reads.
pub(super) fn carry<P: Peer>(
    peer: &mut P,
    id: &str,
    statement: &Statement,
    reads: &mut Reads,
) -> Carried {
    let (policy, unread) = match parsed(&statement.text) {
        Ok(policy) => (policy, None),
        Err(error) => match forbid_head(&statement.text).map(|head| parsed(&head)) {
            Some(Ok(head)) => (head, Some(error)),
            Some(Err(_)) => return everything(id, error),
            None if statement.text.contains("forbid") => return everything(id, error),
            None => return left_out(error),
        },
    };
    let effect = match policy.get("effect").and_then(Json::as_str) {
        Some("permit") => Effect::Permit,
        _ => Effect::Forbid,
    };
    let scoped = match (peer.scope(effect, &policy), effect) {
        (Ok(scoped), _) => scoped,
        (Err(Lost::Needless(why)), _) => {
            return Carried {
                text: None,
                outcome: Outcome::Needless(why),
            };
        }
        (Err(Lost::Other(why)), Effect::Permit) => return left_out(why),
        (Err(Lost::Other(why)), Effect::Forbid) => return everything(id, why),
    };
    let mut lost: Vec<String> = unread.into_iter().collect();
    let mut conditions: Vec<Condition> =
        scoped.conditions.iter().map(Condition::of_scope).collect();
    for condition in policy
        .get("conditions")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
    {
        let mut reader = Reader {
            peer: &*peer,
            reads: Reads::default(),
            reads_arguments: false,
        };
        let body = condition.get("body").unwrap_or(&Json::Null);
        let kind = condition.get("kind").and_then(Json::as_str);
        let read = match kind {
            Some("when" | "unless") => reader.condition(body),
            _ => other("a condition that is not understood"),
        };
        match (read, effect) {
            (Ok(body), _) => {
                conditions.push(Condition {
                    is_unless: kind == Some("unless"),
                    body,
                    reads_arguments: reader.reads_arguments,
                });
                reads.extend(reader.reads);
            }
            (Err(error), Effect::Permit) => return left_out(error.why()),
            (Err(error), Effect::Forbid) => lost.push(error.why().to_owned()),
        }
    }
    let outcome = match lost.is_empty() {
        true => Outcome::Carried,
        false => Outcome::Wider(lost.join("; ")),
    };
    match written(effect, id, &scoped, P::in_listings(effect, conditions)) {
        Ok(text) => Carried {
            text: Some(text),
            outcome,
        },
        Err(error) if effect == Effect::Permit => left_out(error),
        Err(error) => everything(id, error),
    }
}

/// Nobody is asked about calls that are made for nobody: there, each is made for somebody.
pub(super) fn for_somebody() -> &'static str {
    "@id(\"imported: made for somebody\")\n\
     @message(\"the call is made for nobody\")\n\
     forbid (principal, action, resource)\n\
     unless { principal has user };"
}

fn parsed(text: &str) -> Result<Json, String> {
    let policy = Policy::parse(None, text).map_err(|errors| {
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        format!("it is not Cedar: {}", errors.join("; "))
    })?;
    policy.to_json().map_err(|error| error.to_string())
}

fn left_out(why: impl Into<String>) -> Carried {
    Carried {
        text: None,
        outcome: Outcome::LeftOut(why.into()),
    }
}

fn everything(id: &str, why: impl Into<String>) -> Carried {
    let scoped = Scoped::default();
    Carried {
        // What is made of fixed words is always Cedar.
        text: written(Effect::Forbid, id, &scoped, Vec::new()).ok(),
        outcome: Outcome::Everything(why.into()),
    }
}

fn written(
    effect: Effect,
    id: &str,
    scoped: &Scoped,
    conditions: Vec<Condition>,
) -> Result<String, String> {
    let all = json!({ "op": "All" });
    let method = |id: &&str| json!({ "type": "Action", "id": id });
    let action = match scoped.methods.as_deref() {
        None => all.clone(),
        Some([one]) => json!({ "op": "==", "entity": method(one) }),
        Some(several) => {
            let several: Vec<_> = several.iter().map(method).collect();
            json!({ "op": "in", "entities": several })
        }
    };
    let conditions: Vec<Json> = conditions
        .into_iter()
        .map(|condition| match condition.is_unless {
            true => unless(condition.body),
            false => when(condition.body),
        })
        .collect();
    // What a policy may be called is bounded.
    let id = match id.len() > ID_BYTES_MAX {
        true => format!("imported: {}", Digest::of(id.as_bytes())),
        false => id.to_owned(),
    };
    let policy = json!({
        "effect": match effect { Effect::Permit => "permit", Effect::Forbid => "forbid" },
        "principal": all.clone(),
        "action": action,
        "resource": scoped.resource.clone().unwrap_or(all),
        "conditions": conditions,
        "annotations": { "id": id },
    });
    let policy = Policy::from_json(None, policy).map_err(|error| error.to_string())?;
    policy
        .to_cedar()
        .ok_or_else(|| "it cannot be written".to_owned())
}

// === impl Condition ===

impl Condition {
    fn of_scope(body: &Json) -> Self {
        Self {
            is_unless: false,
            body: body.clone(),
            reads_arguments: false,
        }
    }
}
