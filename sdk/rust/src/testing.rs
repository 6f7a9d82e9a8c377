//! Requests for native tests.

use serde::Serialize;

use crate::facts::Facts;
use crate::{Approval, Budget, Claim, Hints, Label, Link, PastCall, Request};

/// For native tests.
impl Request {
    /// `tools/call` of a tool, without arguments.
    pub fn tool(name: impl Into<String>) -> Self {
        Self::of_method("tools/call", name)
    }

    /// Any MCP method, with the tool, prompt or resource that it names. One that
    /// lists asks whether the thing may be shown.
    pub fn of_method(method: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            facts: Facts::of(method.into(), name.into()),
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

    /// The agent acts for nobody.
    #[must_use]
    pub fn without_principal(mut self) -> Self {
        self.facts.principal = None;
        self
    }

    /// The accountable owner.
    #[must_use]
    pub fn with_owner(mut self, owner: impl Into<String>) -> Self {
        self.facts.owner = Some(owner.into());
        self
    }

    /// The agents between the principal and this one, nearest the principal first.
    #[must_use]
    pub fn with_chain(mut self, chain: impl IntoIterator<Item = Link>) -> Self {
        self.facts.chain = chain.into_iter().collect();
        self
    }

    /// A claim of the credential, with its values.
    #[must_use]
    pub fn with_claim(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let name = name.into();
        self.facts.claims.retain(|claim| claim.name != name);
        let values = values.into_iter().map(Into::into).collect();
        self.facts.claims.push(Claim { name, values });
        self.facts
            .claims
            .sort_by(|one, other| one.name.cmp(&other.name));
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

    /// The same, each with who left it and when.
    #[must_use]
    pub fn with_labels_left(mut self, labels: impl IntoIterator<Item = Label>) -> Self {
        self.facts.labels = labels.into_iter().collect();
        self.facts
            .labels
            .sort_by(|one, other| one.name.cmp(&other.name));
        self
    }

    /// Who approved this call.
    #[must_use]
    pub fn with_approvals(mut self, approvals: impl IntoIterator<Item = Approval>) -> Self {
        self.facts.approvals = approvals.into_iter().collect();
        self
    }

    /// A budget that the operator set, with what is spent of it under a key.
    #[must_use]
    pub fn with_budget(
        mut self,
        name: impl Into<String>,
        key: impl Into<String>,
        budget: Budget,
    ) -> Self {
        let place = (name.into(), key.into());
        self.facts.budgets.insert(place, budget);
        self
    }

    /// What the session did before, newest first.
    #[must_use]
    pub fn with_history(mut self, history: impl IntoIterator<Item = PastCall>) -> Self {
        self.facts.history = history.into_iter().collect();
        self
    }
}
