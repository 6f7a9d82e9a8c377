//! What `eval` prints.

use gatewright_policy::json::Document;
use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::{Decision, Edit, Reason, Report};
use serde::Serialize;
use serde_json::Value;

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
    /// What the gate would have to do, and the bindings that say so.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) obligations: Value,
    /// What a person would be asked.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(crate) approvals: Value,
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
                answer.approvals = serde_json::to_value(&held.asks)?;
                answer.owes(&held.allowance.obligations)?;
            }
            Decision::Deny(denied) => {
                answer.message.clone_from(&denied.message);
                answer.scopes.clone_from(&denied.scopes);
            }
        }
        Ok(answer)
    }

    fn owes(&mut self, obligations: &impl Serialize) -> anyhow::Result<()> {
        let obligations = serde_json::to_value(obligations)?;
        if obligations.as_array().is_some_and(|list| !list.is_empty()) {
            self.obligations = obligations;
        }
        Ok(())
    }
}

/// A document as a value to print.
pub(crate) fn value(document: &Document) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(document.text())?)
}
