//! What a native test says about a call. Whatever is not said has a harmless default.

use serde::Serialize;

use crate::memory::Memory;
use crate::{Approval, Hints, Label, Link, Node, PastCall, Proof, Purpose, Request, Value};

/// 2026-01-01T00:00:00Z, in milliseconds.
const NOW: u64 = 1_767_225_600_000;

/// Calls that the gate keeps of a session.
const HISTORY_MAX: usize = 64;

/// All that a policy can ask about.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) agent: String,
    pub(crate) issuer: String,
    pub(crate) principal: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) chain: Vec<Link>,
    pub(crate) scopes: Vec<String>,
    pub(crate) proof: Proof,
    pub(crate) expires_at: u64,
    pub(crate) purpose: Purpose,
    pub(crate) method: String,
    pub(crate) server: String,
    pub(crate) name: String,
    pub(crate) hints: Hints,
    pub(crate) targets: Vec<String>,
    pub(crate) contents: Vec<String>,
    pub(crate) definition: Option<String>,
    pub(crate) at: u64,
    pub(crate) decision: String,
    pub(crate) session: String,
    pub(crate) labels: Vec<Label>,
    pub(crate) approvals: Vec<Approval>,
    pub(crate) arguments: Memory,
    pub(crate) history: Vec<PastCall>,
}

impl Facts {
    pub(crate) fn recent(&self, limit: u32) -> Vec<PastCall> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        self.history
            .iter()
            .take(limit.min(HISTORY_MAX))
            .cloned()
            .collect()
    }

    pub(crate) fn root(&self) -> Node {
        Node::of(self.arguments.0.clone())
    }
}

/// One level of a JSON value.
pub(crate) fn value(value: &serde_json::Value) -> Value {
    let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Boolean(*flag),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Number(number.to_string()),
        },
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(elements) => Value::Array(count(elements.len())),
        serde_json::Value::Object(members) => Value::Object(count(members.len())),
    }
}

/// For native tests.
impl Request {
    /// `tools/call` of a tool, without arguments.
    pub fn tool(name: impl Into<String>) -> Self {
        Self::of_method("tools/call", name)
    }

    /// Any MCP method, with the tool, prompt or resource that it names. One that
    /// lists asks whether the thing may be shown.
    pub fn of_method(method: impl Into<String>, name: impl Into<String>) -> Self {
        let method = method.into();
        Self {
            facts: Facts {
                agent: "did:example:agent".into(),
                issuer: "did:example:issuer".into(),
                principal: Some("user:alice".into()),
                owner: None,
                chain: Vec::new(),
                scopes: vec!["*:*".into()],
                proof: Proof::Bearer,
                expires_at: NOW + 3_600_000,
                purpose: match method.ends_with("/list") {
                    true => Purpose::Listing,
                    false => Purpose::Call,
                },
                method,
                server: "server".into(),
                name: name.into(),
                hints: Hints::empty(),
                targets: Vec::new(),
                contents: Vec::new(),
                definition: None,
                at: NOW,
                decision: "decision".into(),
                session: "session".into(),
                labels: Vec::new(),
                approvals: Vec::new(),
                arguments: Memory(serde_json::Value::Object(serde_json::Map::new())),
                history: Vec::new(),
            },
        }
    }

    /// All arguments. A value that is not JSON fails the test.
    #[must_use]
    pub fn with_arguments(self, arguments: impl Serialize) -> Self {
        self.with_argument("", arguments)
    }

    /// One argument; objects on the way are made where they are missing.
    #[must_use]
    pub fn with_argument(mut self, pointer: &str, value: impl Serialize) -> Self {
        #[expect(
            clippy::expect_used,
            reason = "a test that builds an impossible request must fail"
        )]
        let value = serde_json::to_value(value).expect("an argument is JSON");
        self.facts.arguments.put(pointer, value);
        self
    }

    /// The configured name of the tool server.
    #[must_use]
    pub fn with_server(mut self, server: impl Into<String>) -> Self {
        self.facts.server = server.into();
        self
    }

    /// The agent that asks.
    #[must_use]
    pub fn with_agent(mut self, id: impl Into<String>) -> Self {
        self.facts.agent = id.into();
        self
    }

    /// The person or organisation that the agent acts for.
    #[must_use]
    pub fn with_principal(mut self, principal: impl Into<String>) -> Self {
        self.facts.principal = Some(principal.into());
        self
    }

    /// What the credential covers.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.facts.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// What the operator pinned about the tool.
    #[must_use]
    pub fn with_hints(mut self, hints: Hints) -> Self {
        self.facts.hints = hints;
        self
    }

    /// Arguments that the operator pinned as targets.
    #[must_use]
    pub fn with_targets(mut self, targets: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.facts.targets = targets.into_iter().map(Into::into).collect();
        self
    }

    /// Arguments that the operator pinned as contents.
    #[must_use]
    pub fn with_contents(mut self, contents: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.facts.contents = contents.into_iter().map(Into::into).collect();
        self
    }

    /// When the call came, Unix time in milliseconds.
    #[must_use]
    pub const fn at_time(mut self, at: u64) -> Self {
        self.facts.at = at;
        self
    }

    /// Labels that earlier calls left on the session.
    #[must_use]
    pub fn with_labels(mut self, labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let label = |name: String| Label {
            name,
            source: None,
            at: None,
        };
        self.facts.labels = labels.into_iter().map(|name| label(name.into())).collect();
        self.facts
            .labels
            .sort_by(|one, other| one.name.cmp(&other.name));
        self
    }

    /// What the session did before, newest first.
    #[must_use]
    pub fn with_history(mut self, history: impl IntoIterator<Item = PastCall>) -> Self {
        self.facts.history = history.into_iter().collect();
        self
    }
}
