//! What a permit owes if the call goes ahead, by its annotations.

use cedar_policy::Policy;
use gatewright_sdk::{Charge, Obligation, Request};
use serde_json::{Value as Json, json};

/// Annotations that say what is owed.
pub(crate) const OWING: [&str; 5] = ["labels", "declassify", "redact", "limit_result", "charge"];

/// Annotations about a charge.
pub(crate) const ABOUT_CHARGES: [&str; 6] = [
    "per",
    "cost",
    "budget",
    "limit",
    "window_seconds",
    "on_failure",
];

/// What is owed.
#[derive(Clone, Debug)]
pub(crate) enum Owed {
    Plain(Obligation),
    /// With a budget for each of these.
    Charge(Charge, Vec<Per>),
}

/// What has a budget of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Per {
    Agent,
    User,
    Session,
    Server,
    Tool,
}

/// An obligation of a list of texts.
type OfTexts = fn(Vec<String>) -> Obligation;

/// Reads a list in an annotation.
type ReadTexts = fn(&Policy, &str) -> Result<Option<Vec<String>>, String>;

// === impl Owed ===

impl Owed {
    /// What a policy owes.
    pub(crate) fn of(policy: &Policy) -> Result<Vec<Self>, String> {
        let mut owed = Vec::new();
        let lists: [(&str, ReadTexts, OfTexts); 3] = [
            ("labels", words, Obligation::Label),
            ("declassify", words, Obligation::Declassify),
            ("redact", pointers, Obligation::Redact),
        ];
        for (name, read, obligation) in lists {
            if let Some(texts) = read(policy, name)? {
                owed.push(Self::Plain(obligation(texts)));
            }
        }
        if let Some(bytes) = number(policy, "limit_result")? {
            owed.push(Self::Plain(Obligation::LimitResult(bytes)));
        }
        match policy.annotation("charge") {
            Some(key) => owed.push(Self::charge(policy, key)?),
            None => {
                let lonely = ABOUT_CHARGES.iter();
                let mut lonely = lonely.filter(|name| policy.annotation(name).is_some());
                if let Some(name) = lonely.next() {
                    return Err(format!("`@{name}` without `@charge` charges nothing"));
                }
            }
        }
        Ok(owed)
    }

    fn charge(policy: &Policy, key: &str) -> Result<Self, String> {
        let cost = number(policy, "cost")?.unwrap_or(1);
        let limit = number(policy, "limit")?;
        let seconds = number(policy, "window_seconds")?;
        let charge = match (policy.annotation("budget"), limit, seconds) {
            (Some(budget), None, None) => Charge::set(key, cost, budget),
            (None, Some(limit), Some(seconds)) => Charge::fixed(key, cost, limit, seconds),
            _ => {
                return Err(
                    "`@charge` has either `@budget`, or `@limit` and `@window_seconds`".to_owned(),
                );
            }
        };
        let charge = match policy.annotation("on_failure") {
            None | Some("keep") => charge,
            Some("refund") => charge.refunded_on_failure(),
            Some(other) => {
                return Err(format!(
                    "`@on_failure(\"{other}\")` is neither `keep` nor `refund`"
                ));
            }
        };
        let per = words(policy, "per")?.unwrap_or_default();
        let per = per.iter().map(|name| Per::parse(name));
        Ok(Self::Charge(charge, per.collect::<Result<_, _>>()?))
    }

    /// The obligation for a call.
    pub(crate) fn obligation(&self, request: &Request) -> Obligation {
        match self {
            Self::Plain(obligation) => obligation.clone(),
            Self::Charge(charge, per) => {
                let mut charge = charge.clone();
                for per in per {
                    // As JSON no two lists of names make the same key.
                    charge.key.push_str(&format!(":{}", per.name(request)));
                }
                Obligation::Charge(charge)
            }
        }
    }
}

// === impl Per ===

impl Per {
    fn parse(name: &str) -> Result<Self, String> {
        Ok(match name {
            "agent" => Self::Agent,
            "user" => Self::User,
            "session" => Self::Session,
            "server" => Self::Server,
            "tool" => Self::Tool,
            _ => {
                return Err(format!(
                    "`@per(\"{name}\")` is none of `agent`, `user`, `session`, `server` and `tool`"
                ));
            }
        })
    }

    fn name(self, request: &Request) -> Json {
        match self {
            Self::Agent => agent(request),
            Self::User => match request.principal() {
                Some(user) => json!({ "user": [request.first_agent().0, user] }),
                // Who acts for nobody has a budget of its own.
                None => json!({ "agent": agent(request) }),
            },
            Self::Session => Json::from(request.session()),
            Self::Server => Json::from(request.server()),
            Self::Tool => Json::from(format!("{}/{}", request.server(), request.name())),
        }
    }
}

/// Another issuer's agent of the same id is another agent, as its user is another user. What
/// an agent hands its rights on to has no budget beside the agent's own.
fn agent(request: &Request) -> Json {
    json!(request.first_agent())
}

/// What stands between the commas of an annotation; none where it is not there. An empty list
/// would often mean anything, so no list and no element is empty.
pub(crate) fn texts(policy: &Policy, name: &str) -> Result<Option<Vec<String>>, String> {
    let Some(list) = policy.annotation(name) else {
        return Ok(None);
    };
    let texts = list.split(',').map(str::trim);
    let texts: Vec<String> = texts.map(str::to_owned).collect();
    match texts.iter().any(String::is_empty) {
        true => Err(format!(
            "`@{name}(\"{list}\")` names nothing, or nothing between two commas\nhint: write it like `@{name}(\"a, b\")`, or leave it out"
        )),
        false => Ok(Some(texts)),
    }
}

/// Names of one word each: what has a space between words may be a list without commas.
pub(crate) fn words(policy: &Policy, name: &str) -> Result<Option<Vec<String>>, String> {
    let is_list = |text: &str| text.contains(char::is_whitespace);
    without_gap(texts(policy, name)?, name, is_list)
}

/// JSON Pointers. A member may have a space in its name, and seldom one at its end.
pub(crate) fn pointers(policy: &Policy, name: &str) -> Result<Option<Vec<String>>, String> {
    without_gap(texts(policy, name)?, name, |text| text.contains(" /"))
}

fn without_gap(
    texts: Option<Vec<String>>,
    name: &str,
    is_list: impl Fn(&str) -> bool,
) -> Result<Option<Vec<String>>, String> {
    let mut all = texts.iter().flatten();
    match all.find(|text| is_list(text)) {
        Some(text) => Err(format!(
            "`@{name}` has `{text}`, which looks like several\nhint: put commas between them"
        )),
        None => Ok(texts),
    }
}

/// A number from 1 in an annotation.
pub(crate) fn number<N: std::str::FromStr + PartialOrd + From<u8>>(
    policy: &Policy,
    name: &str,
) -> Result<Option<N>, String> {
    let Some(text) = policy.annotation(name) else {
        return Ok(None);
    };
    match text.parse() {
        Ok(number) if number >= N::from(1) => Ok(Some(number)),
        Ok(_) | Err(_) => Err(format!("`@{name}(\"{text}\")` is not a number from 1")),
    }
}
