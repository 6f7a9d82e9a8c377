//! What `eval` prints.

use std::sync::Arc;

use gatewright_policy::json::Document;
use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::{Decision, Edit, Reason, Report};
use serde::Serialize;
use serde_json::{Value, json};

/// The decision and how it came about.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Answer {
    /// `allow`, `hold` or `deny`.
    pub(crate) decision: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<Reason>,
    /// What the agent would be told.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
    /// What the gate would have to do, each with the binding that says so.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) obligations: Value,
    /// What people would be asked, each with the binding that asks.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) asks: Value,
    /// What an editor would change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) edits: Vec<Edit>,
    /// The arguments as they would go out, where an editor changed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) arguments: Option<Value>,
    /// What a reviewer found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finding: Option<Report>,
    /// The result as the agent would see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<Value>,
    pub(crate) opinions: Vec<RecordedOpinion>,
    pub(crate) log: Vec<Line>,
}

/// A line that a policy logged.
#[derive(Debug, Serialize)]
pub(crate) struct Line {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) binding: String,
    pub(crate) level: &'static str,
    pub(crate) message: String,
}

impl Answer {
    /// The answer for a decision.
    pub(crate) fn of(decision: &Decision) -> anyhow::Result<Self> {
        let mut answer = Self {
            decision: decision.name().to_owned(),
            reason: decision.reason(),
            ..Self::default()
        };
        match decision {
            Decision::Allow(allowance) => answer.owes(&allowance.obligations)?,
            Decision::Hold(held) => {
                answer.asks = by_binding("ask", &held.asks)?;
                answer.owes(&held.allowance.obligations)?;
            }
            Decision::Deny(denied) => {
                answer.message.clone_from(&denied.message);
                answer.scopes.clone_from(&denied.scopes);
            }
        }
        Ok(answer)
    }

    fn owes(&mut self, obligations: &[(Arc<str>, impl Serialize)]) -> anyhow::Result<()> {
        if !obligations.is_empty() {
            self.obligations = by_binding("obligation", obligations)?;
        }
        Ok(())
    }
}

/// What each binding says, under a name.
fn by_binding(name: &str, said: &[(Arc<str>, impl Serialize)]) -> anyhow::Result<Value> {
    let named = said.iter().map(|(binding, what)| {
        let what = serde_json::to_value(what)?;
        Ok::<_, anyhow::Error>(json!({ "binding": &**binding, name: what }))
    });
    named.collect()
}

/// A document as a value to print.
pub(crate) fn value(document: &Document) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(document.text())?)
}
