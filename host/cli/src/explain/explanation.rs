//! What there is to show, as `--json` prints it.

use gatewright_policy::record::RecordedOpinion;
use gatewright_policy::{Edit, Note, Reason, Report};
use gatewright_sandbox::{Guest, Reads, World};
use serde::Serialize;
use serde_json::Value;

use crate::eval::{Answer, Line};

/// What the gate decides, and what each policy said.
#[derive(Debug, Serialize)]
pub(super) struct Explanation {
    /// `allow`, `hold` or `deny`.
    pub(super) decision: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Reason>,
    /// What the agent would be told.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) scopes: Vec<String>,
    /// What the gate would have to do, and the bindings that say so.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) obligations: Value,
    /// What people would be asked, and who asks.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub(super) asks: Value,
    /// The arguments as they would go out, where an editor changed them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<Value>,
    /// What an editor would change; for one component.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) edits: Vec<Edit>,
    /// What a reviewer found; for one component.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finding: Option<Report>,
    /// In the order in which the gate asks them.
    pub(super) policies: Vec<Spoken>,
    pub(super) log: Vec<Line>,
}

/// What one policy said, and how it came to that.
#[derive(Debug, Serialize)]
pub(super) struct Spoken {
    pub(super) binding: String,
    #[serde(serialize_with = "by_name")]
    pub(super) world: World,
    /// None where it was not asked: the decision fell before, or there is no result yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) opinion: Option<RecordedOpinion>,
    /// The rules that spoke.
    pub(super) rules: Vec<Ruled>,
    /// What it asked about the call.
    #[serde(flatten)]
    pub(super) reads: Reads,
}

/// A rule that spoke.
#[derive(Debug, Serialize)]
pub(super) struct Ruled {
    pub(super) id: String,
    /// What the policy says about the rule, whatever its settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// What it says about this call.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) text: String,
}

fn by_name<S: serde::Serializer>(world: &World, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(world.name())
}

// === impl Explanation ===

impl Explanation {
    pub(super) fn new(answer: Answer, policies: Vec<Spoken>) -> Self {
        let is_shown = |line: &Line| {
            line.binding.is_empty() || policies.iter().any(|it| it.binding == line.binding)
        };
        Self {
            decision: answer.decision,
            reason: answer.reason,
            message: answer.message,
            scopes: answer.scopes,
            obligations: answer.obligations,
            asks: answer.asks,
            arguments: answer.arguments,
            edits: answer.edits,
            finding: answer.finding,
            log: answer.log.into_iter().filter(is_shown).collect(),
            policies,
        }
    }
}

// === impl Spoken ===

impl Spoken {
    pub(super) fn new(binding: String, guest: &Guest, opinion: Option<RecordedOpinion>) -> Self {
        let described = guest.description().map(|it| it.rules.as_slice());
        let described = described.unwrap_or_default();
        let ruled = |note: &Note| Ruled {
            id: note.rule.clone(),
            title: described
                .iter()
                .find(|rule| rule.id == note.rule)
                .map(|rule| rule.title.clone()),
            text: note.text.clone(),
        };
        let notes = opinion.iter().flat_map(|opinion| &opinion.notes);
        Self {
            binding,
            world: guest.world(),
            rules: notes.map(ruled).collect(),
            opinion,
            reads: Reads::default(),
        }
    }
}
