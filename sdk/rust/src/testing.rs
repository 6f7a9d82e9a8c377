//! Requests for native tests. Whatever is not said has a harmless default.

use serde::Serialize;

use crate::document::Memory;
use crate::{Action, Context, Hints, PastCall, Proof, Request, Subject};

/// 2026-01-01T00:00:00Z, in milliseconds.
const NOW: u64 = 1_767_225_600_000;

/// For native tests.
impl Request {
    /// `tools/call` of a tool, without arguments.
    pub fn tool(name: impl Into<String>) -> Self {
        Self::method("tools/call", name)
    }

    /// Any MCP method, with the tool, prompt or resource that it names.
    pub fn method(method: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            subject: Subject {
                id: "did:example:agent".into(),
                issuer: "did:example:issuer".into(),
                principal: Some("user:alice".into()),
                owner: None,
                delegation: Vec::new(),
                scopes: vec!["*:*".into()],
                proof: Proof::Bearer,
                expires_at: NOW + 3_600_000,
            },
            action: Action {
                method: method.into(),
                server: "server".into(),
                name: name.into(),
                hints: Hints::empty(),
            },
            context: Context {
                at: NOW,
                session: "session".into(),
                labels: Vec::new(),
                approvers: Vec::new(),
            },
            arguments: Memory(serde_json::Value::Object(serde_json::Map::new())),
            history: Vec::new(),
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
        self.arguments.put(pointer, value);
        self
    }

    /// The configured name of the tool server.
    #[must_use]
    pub fn with_server(mut self, server: impl Into<String>) -> Self {
        self.action.server = server.into();
        self
    }

    /// The agent that asks.
    #[must_use]
    pub fn with_agent(mut self, id: impl Into<String>) -> Self {
        self.subject.id = id.into();
        self
    }

    /// The person or organisation that the agent acts for.
    #[must_use]
    pub fn with_principal(mut self, principal: impl Into<String>) -> Self {
        self.subject.principal = Some(principal.into());
        self
    }

    /// What the credential covers.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.subject.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Labels that earlier calls left on the session.
    #[must_use]
    pub fn with_labels(mut self, labels: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.context.labels = labels.into_iter().map(Into::into).collect();
        self.context.labels.sort();
        self
    }

    /// What the session did before, newest first.
    #[must_use]
    pub fn with_history(mut self, history: impl IntoIterator<Item = PastCall>) -> Self {
        self.history = history.into_iter().collect();
        self
    }
}
