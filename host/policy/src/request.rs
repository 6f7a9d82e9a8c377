//! The authorisation question, in AuthZEN's four parts.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::charge::BudgetRead;
use crate::definition::Defined;
use crate::json::Document;
use crate::reason::Reason;
use crate::timestamp::Timestamp;

/// One question to the engine, with the exact arguments it is about.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks. Shared: the same credential asks many times.
    pub subject: Arc<Subject>,
    /// What for.
    pub action: Action,
    /// Under which conditions.
    pub context: Context,
    /// The `arguments` of `tools/call` and `prompts/get`, the `params` of every
    /// other method.
    pub arguments: Document,
}

/// The agent, and whom it acts for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Stable id of the agent.
    pub id: String,
    /// Who issued the credential.
    pub issuer: String,
    /// The person or organisation the agent acts for.
    pub principal: Option<String>,
    /// The accountable owner from the agent registry.
    pub owner: Option<String>,
    /// Agents between principal and subject, nearest the principal first.
    pub delegation: Vec<String>,
    /// Who says that each of them may delegate, in the same order; empty where nobody
    /// knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegated_by: Vec<String>,
    /// What the credential covers.
    pub scopes: Vec<String>,
    /// How the credential was proved.
    pub proof: Proof,
    /// When the credential ends.
    pub expires_at: Timestamp,
    /// What the operator has read from it for policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
}

/// A claim of a credential, by the name that the operator gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The name in the configuration.
    pub name: String,
    /// Its values: one, or those of a list.
    pub values: Vec<String>,
}

/// How strongly the caller proved that it holds the credential: the later, the stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The operator named this local agent in the configuration.
    None,
    /// Whoever has the token may use it.
    Bearer,
    /// The sender proved that it holds the key.
    Sender,
    /// The sender signed this very call.
    Call,
}

impl Subject {
    /// The agent that the issuer knows: the first of those that handed rights on. Names
    /// of delegates cost nothing, so what bounds an agent bounds this one.
    pub fn account(&self) -> &str {
        self.delegation.first().unwrap_or(&self.id)
    }

    /// Agents between principal and subject, nearest the principal first, each with who
    /// says that it may delegate.
    pub fn chain(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let by = self.delegated_by.iter().map(|by| Some(by.as_str()));
        let by = by.chain(std::iter::repeat(None));
        self.delegation.iter().map(String::as_str).zip(by)
    }
}

/// What the agent wants to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The MCP method.
    pub method: String,
    /// The configured name of the tool server.
    pub server: Arc<str>,
    /// The tool or prompt name, or the resource URI; empty where a method names
    /// nothing.
    pub name: String,
    /// What the operator pinned about it.
    pub hints: Hints,
    /// Which of its arguments are what, as the operator pinned it.
    pub roles: Arc<ArgumentRoles>,
    /// Why policies are asked.
    pub purpose: Purpose,
    /// The definition of the tool, as it is pinned and as its server gives it.
    pub defined: Defined,
}

/// What came back of a call that went ahead, as a reviewer sees it.
#[derive(Clone, Debug)]
pub struct Response {
    /// All of it.
    pub document: Document,
    /// What it is.
    pub kind: ResponseKind,
    /// Whether the tool reported an error.
    pub is_error: bool,
}

/// What a reviewer is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseKind {
    /// The `result` of the answer.
    #[default]
    Final,
    /// The `error` of the answer.
    Error,
    /// The `params` of a message on the way, which has this method.
    Notification(String),
}

/// Why policies are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Somebody makes the call.
    #[default]
    Call,
    /// Somebody asks what there is.
    Listing,
}

/// Which arguments of a tool are what: JSON Pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArgumentRoles {
    /// They say what the tool works on, or where it sends.
    pub targets: Vec<String>,
    /// They are handed on as they are.
    pub contents: Vec<String>,
}

/// What the operator pinned about a tool. Nothing pinned, nothing assumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Hints {
    /// The tool can destroy or overwrite.
    pub destructive: bool,
    /// The same call twice has the effect of one.
    pub idempotent: bool,
    /// The tool reaches beyond the system it belongs to.
    pub open_world: bool,
    /// The tool changes nothing.
    pub read_only: bool,
    /// What it answers must not leave with another call.
    pub sensitive: bool,
    /// What it answers may be written by anybody.
    pub untrusted: bool,
}

/// Everything else that a decision may rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// When the gate received the call.
    pub at: Timestamp,
    /// Id of the decision to come.
    pub decision: Arc<str>,
    /// Groups the calls made with one credential.
    pub session: Arc<str>,
    /// Labels that earlier calls left behind, sorted by name.
    pub labels: Vec<Label>,
    /// Who approved exactly this call already.
    pub approvals: Vec<Approval>,
    /// What the session did before, newest first.
    pub history: Arc<[Arc<PastCall>]>,
    /// Budgets of the binding that is asked, as far as it wanted to know of them.
    pub budgets: Vec<BudgetRead>,
}

/// A label of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// What it is called.
    pub name: String,
    /// The binding that left it; none where that is not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// When; none where that is not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Somebody who approved a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Approval {
    /// Id of the person.
    pub by: String,
    /// The roles of that person.
    #[serde(default)]
    pub roles: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// How it was shown who approves.
    pub method: String,
}

/// One earlier call of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastCall {
    /// When.
    pub at: Timestamp,
    /// The MCP method.
    pub method: String,
    /// The tool server.
    pub server: Arc<str>,
    /// The tool, prompt or resource.
    pub name: String,
    /// Id of the decision.
    pub id: Arc<str>,
    /// How it ended.
    pub outcome: PastOutcome,
    /// Why not, if not.
    pub reason: Option<Reason>,
}

/// How an earlier call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PastOutcome {
    /// Went ahead, and the tool answered.
    Allowed,
    /// Was refused.
    Denied,
    /// Waited for a person.
    Held,
    /// Went ahead, and no usable answer came back.
    Failed,
    /// Went ahead, and nothing came back yet.
    Pending,
}

impl Label {
    /// One of which nobody recorded who left it.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            source: None,
            at: None,
        }
    }
}

impl Hints {
    /// Whether nothing is pinned.
    pub fn are_none(&self) -> bool {
        *self == Self::default()
    }
}

impl PastOutcome {
    /// As records write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }
}
