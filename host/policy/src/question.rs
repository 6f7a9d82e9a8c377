//! A request written down, for `gatewright eval` and for a policy's cases.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::charge::BudgetRead;
use crate::definition::{Defined, Definition};
use crate::json::{Document, JsonError, JsonLimits};
use crate::reason::Reason;
use crate::request::{
    Action, Approval, ArgumentRoles, Claim, Context, Hints, Label, PastCall, PastOutcome, Proof,
    Purpose, Request, Response, ResponseKind, Subject,
};
use crate::timestamp::Timestamp;

/// A request with everything that does not matter left out. Every member has a
/// default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Question {
    /// Who asks.
    pub subject: AskedBy,
    /// What for.
    pub action: AskedFor,
    /// Under which conditions.
    pub context: AskedIn,
    /// The arguments; `{}` where there are none.
    pub arguments: Option<serde_json::Value>,
    /// For reviewers: the `result` that the tool answered with.
    pub response: Option<serde_json::Value>,
    /// For reviewers: what `response` is; a `result` where it is not said.
    pub response_kind: ResponseKind,
}

/// `subject`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct AskedBy {
    pub id: String,
    pub issuer: String,
    pub principal: Option<String>,
    pub owner: Option<String>,
    pub delegation: Vec<AskedLink>,
    pub scopes: Vec<String>,
    pub proof: Proof,
    pub expires_at: Timestamp,
    /// What the operator reads from the credential, by name.
    pub claims: BTreeMap<String, ClaimValues>,
}

/// An agent on the way: its id, or with who says that it may delegate.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected an agent, a text, or a table of `id` and `issuer`"
)]
pub enum AskedLink {
    /// Its id.
    Id(String),
    /// All of it.
    Whole(WholeLink),
}

/// An agent on the way, and who says that it may delegate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct WholeLink {
    pub id: String,
    pub issuer: String,
}

/// The values of a claim: one, or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected the value of a claim, a text, or a list of texts"
)]
pub enum ClaimValues {
    /// One.
    One(String),
    /// As many as there are.
    Several(Vec<String>),
}

/// `action`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct AskedFor {
    pub method: String,
    pub server: String,
    pub name: String,
    pub hints: Hints,
    /// Arguments that say what the tool works on, as the operator pinned them.
    pub targets: Vec<String>,
    /// Arguments that are handed on as they are, as the operator pinned them.
    pub contents: Vec<String>,
    /// Not said: a listing where the method is one.
    pub purpose: Option<Purpose>,
    /// The definition of the tool that is pinned, as it stands in a list.
    pub definition: Option<serde_json::Value>,
    /// The one that the tool server gives, where that is another one.
    pub claimed: Option<serde_json::Value>,
}

/// `context`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct AskedIn {
    pub at: Option<Timestamp>,
    pub decision: Option<String>,
    pub session: Option<String>,
    pub labels: Vec<AskedLabel>,
    /// Who approved it, by id alone.
    pub approvers: Vec<String>,
    /// Who approved it, besides.
    pub approvals: Vec<Approval>,
    /// Earlier calls of the session, newest first.
    pub history: Vec<AskedBefore>,
    /// Budgets of the binding, as far as they are spent.
    pub budgets: Vec<BudgetRead>,
}

/// A label: its name, or all of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a label, a text, or a table of `name`, `source` and `at`"
)]
pub enum AskedLabel {
    /// Its name.
    Name(String),
    /// All of it.
    Whole(WholeLabel),
}

/// A label, with who left it and when.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct WholeLabel {
    pub name: String,
    #[serde(default)]
    pub source: Option<String>,
    #[serde(default)]
    pub at: Option<Timestamp>,
}

/// One earlier call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members are those of the contract")]
pub struct AskedBefore {
    #[serde(default = "default_at")]
    pub at: Timestamp,
    pub method: String,
    pub server: String,
    pub name: String,
    pub outcome: PastOutcome,
    #[serde(default)]
    pub id: String,
    pub reason: Option<Reason>,
}

/// 2026-01-01T00:00:00Z.
const DEFAULT_AT: Timestamp = Timestamp(1_767_225_600_000);

fn default_at() -> Timestamp {
    DEFAULT_AT
}

impl Default for AskedBy {
    fn default() -> Self {
        Self {
            id: "did:example:agent".to_owned(),
            issuer: "did:example:issuer".to_owned(),
            principal: Some("user:alice".to_owned()),
            owner: None,
            delegation: Vec::new(),
            scopes: vec!["*:*".to_owned()],
            proof: Proof::Bearer,
            expires_at: Timestamp(DEFAULT_AT.0 + 3_600_000),
            claims: BTreeMap::new(),
        }
    }
}

impl Default for AskedFor {
    fn default() -> Self {
        Self {
            method: "tools/call".to_owned(),
            server: "server".to_owned(),
            name: "tool".to_owned(),
            hints: Hints::default(),
            targets: Vec::new(),
            contents: Vec::new(),
            purpose: None,
            definition: None,
            claimed: None,
        }
    }
}

impl Question {
    /// The request, as the gate would ask it.
    pub fn to_request(&self, limits: &JsonLimits) -> Result<Request, JsonError> {
        let arguments = match &self.arguments {
            Some(value) => Document::parse(value.to_string(), limits)?,
            None => Document::empty_object(),
        };
        let labels = self.context.labels.iter().map(Label::from);
        let mut labels: Vec<_> = labels.collect();
        labels.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Request {
            subject: Arc::new(Subject {
                id: self.subject.id.clone(),
                issuer: self.subject.issuer.clone(),
                principal: self.subject.principal.clone(),
                owner: self.subject.owner.clone(),
                delegation: self.subject.delegation.iter().map(AskedLink::id).collect(),
                delegated_by: self.subject.all_delegated_by(),
                scopes: self.subject.scopes.clone(),
                proof: self.subject.proof,
                expires_at: self.subject.expires_at,
                claims: self.subject.all_claims(),
            }),
            action: Action {
                method: self.action.method.clone(),
                server: Arc::from(self.action.server.as_str()),
                name: self.action.name.clone(),
                hints: self.action.hints,
                roles: Arc::new(ArgumentRoles {
                    targets: self.action.targets.clone(),
                    contents: self.action.contents.clone(),
                }),
                purpose: self.action.purpose(),
                defined: self.action.defined(limits)?,
            },
            context: Context {
                at: self.context.at.unwrap_or(DEFAULT_AT),
                decision: Arc::from(self.context.decision.as_deref().unwrap_or("decision")),
                session: Arc::from(self.context.session.as_deref().unwrap_or("session")),
                labels,
                approvals: self.context.all_approvals(),
                history: self
                    .context
                    .history
                    .iter()
                    .map(PastCall::from)
                    .map(Arc::new)
                    .collect(),
                budgets: self.context.budgets.clone(),
            },
            arguments,
        })
    }

    /// What is to be reviewed, if the question has it.
    pub fn to_response(&self, limits: &JsonLimits) -> Result<Option<Response>, JsonError> {
        let Some(value) = &self.response else {
            return Ok(None);
        };
        let says_error = value.get("isError").and_then(serde_json::Value::as_bool);
        Ok(Some(Response {
            document: Document::parse(value.to_string(), limits)?,
            is_error: match self.response_kind {
                ResponseKind::Final => says_error.unwrap_or(false),
                ResponseKind::Error => true,
                ResponseKind::Notification(_) => false,
            },
            kind: self.response_kind.clone(),
        }))
    }
}

impl AskedLink {
    fn id(&self) -> String {
        match self {
            Self::Id(id) | Self::Whole(WholeLink { id, .. }) => id.clone(),
        }
    }

    fn issuer(&self) -> Option<String> {
        match self {
            Self::Id(_) => None,
            Self::Whole(link) => Some(link.issuer.clone()),
        }
    }
}

impl AskedBy {
    /// Of all of them, or of none.
    fn all_delegated_by(&self) -> Vec<String> {
        let issuers = self.delegation.iter().map(AskedLink::issuer);
        issuers.collect::<Option<_>>().unwrap_or_default()
    }

    fn all_claims(&self) -> Vec<Claim> {
        let claims = self.claims.iter().map(|(name, values)| Claim {
            name: name.clone(),
            values: match values {
                ClaimValues::One(value) => vec![value.clone()],
                ClaimValues::Several(values) => values.clone(),
            },
        });
        claims.collect()
    }
}

impl AskedFor {
    fn defined(&self, limits: &JsonLimits) -> Result<Defined, JsonError> {
        let read = |value: &Option<serde_json::Value>| {
            let document = value
                .as_ref()
                .map(|value| Document::parse(value.to_string(), limits));
            let document = document.transpose()?;
            let definition = document.map(|it| Arc::new(Definition::of(it.root())));
            Ok::<_, JsonError>(definition)
        };
        let pinned = read(&self.definition)?;
        Ok(Defined {
            claimed: read(&self.claimed)?.or_else(|| pinned.clone()),
            pinned,
        })
    }

    fn purpose(&self) -> Purpose {
        self.purpose
            .unwrap_or(match self.method.ends_with("/list") {
                true => Purpose::Listing,
                false => Purpose::Call,
            })
    }
}

impl AskedIn {
    fn all_approvals(&self) -> Vec<Approval> {
        let by_id = self.approvers.iter().map(|by| Approval {
            by: by.clone(),
            roles: Vec::new(),
            at: self.at.unwrap_or(DEFAULT_AT),
            method: "unknown".to_owned(),
        });
        by_id.chain(self.approvals.iter().cloned()).collect()
    }
}

impl From<&AskedLabel> for Label {
    fn from(label: &AskedLabel) -> Self {
        match label {
            AskedLabel::Name(name) => Self::named(name),
            AskedLabel::Whole(whole) => Self {
                name: whole.name.clone(),
                source: whole.source.as_deref().map(Arc::from),
                at: whole.at,
            },
        }
    }
}

impl From<&AskedBefore> for PastCall {
    fn from(before: &AskedBefore) -> Self {
        Self {
            at: before.at,
            method: before.method.clone(),
            server: Arc::from(before.server.as_str()),
            name: before.name.clone(),
            id: Arc::from(before.id.as_str()),
            outcome: before.outcome,
            reason: before.reason,
        }
    }
}
