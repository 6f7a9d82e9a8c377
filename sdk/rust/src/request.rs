//! What a policy is asked, fact by fact.

use serde::de::DeserializeOwned;

use crate::argument::{self, ArgumentError};
#[cfg(target_family = "wasm")]
use crate::bindings::contract::{action, arguments, budget, caller, context, history};
use crate::{Approval, Budget, Claim, Hints, Label, Link, Node, PastCall, Proof, Purpose, Value};

/// One call. Whatever is asked about it is read from the gate then, and costs
/// nothing before.
///
/// Arguments are the `arguments` of `tools/call` and `prompts/get`, the `params` of
/// every other method. Pointers are JSON Pointers (RFC 6901), `""` is the whole.
/// One that is not well-formed is a fault: the call is denied and the operator told.
#[derive(Clone, Debug)]
pub struct Request {
    #[cfg(not(target_family = "wasm"))]
    pub(crate) facts: crate::facts::Facts,
}

/// Each fact: from the gate in a component, from memory in a native test.
macro_rules! facts {
    ($($(#[$doc:meta])+ $name:ident: $type:ty = $interface:ident.$function:ident;)+) => {
        impl Request {
            $(
                $(#[$doc])+
                pub fn $name(&self) -> $type {
                    #[cfg(target_family = "wasm")]
                    {
                        $interface::$function()
                    }
                    #[cfg(not(target_family = "wasm"))]
                    {
                        self.facts.$name.clone()
                    }
                }
            )+
        }
    };
}

facts! {
    /// Stable id of the agent.
    agent: String = caller.id;
    /// Who issued the credential.
    issuer: String = caller.issuer;
    /// The person or organisation that the agent acts for.
    principal: Option<String> = caller.principal;
    /// The accountable owner, as the agent registry of the gate has it.
    owner: Option<String> = caller.owner;
    /// Every agent between the principal and this one, nearest the principal first.
    chain: Vec<Link> = caller.chain;
    /// What the credential covers.
    scopes: Vec<String> = caller.scopes;
    /// How strongly the caller proved that it holds the credential.
    proof: Proof = caller.proof;
    /// When the credential ends. Unix time, milliseconds.
    expires_at: u64 = caller.expires_at;
    /// The claims of the credential that the operator lets policies see: groups,
    /// roles, a tenant. Sorted by name.
    claims: Vec<Claim> = caller.claims;
    /// Why the policy is asked.
    purpose: Purpose = action.purpose;
    /// The MCP method.
    method: String = action.method;
    /// The configured name of the tool server.
    server: String = action.server;
    /// The tool or prompt name, or the resource URI.
    name: String = action.name;
    /// What the operator pinned about the tool.
    hints: Hints = action.hints;
    /// Arguments that the operator pinned as what the tool works on, or where it
    /// sends: JSON Pointers.
    targets: Vec<String> = action.targets;
    /// Arguments that the operator pinned as handed on as they are: JSON Pointers.
    contents: Vec<String> = action.contents;
    /// Digest of the definition that is pinned, if any.
    definition: Option<String> = action.definition;
    /// When the gate received the call. Unix time, milliseconds.
    at: u64 = context.at;
    /// Id of the decision to come.
    decision: String = context.decision;
    /// Groups the calls of one agent, for one principal, at one task.
    session: String = context.session;
    /// Labels that earlier calls of this session left behind, sorted by name.
    labels: Vec<Label> = context.labels;
    /// Who approved this call already.
    approvals: Vec<Approval> = context.approvals;
}

impl Request {
    /// Whether this asks if a tool, prompt or resource may be shown in a list,
    /// and not if it may be used. There are no arguments then; a denial hides
    /// the entry, and no allow is needed to show it.
    pub fn is_listing(&self) -> bool {
        self.purpose() == Purpose::Listing
    }

    /// The argument at a pointer. Ask for an `Option` where it may be absent;
    /// `null` counts as absent then.
    pub fn argument<T: DeserializeOwned>(
        &self,
        pointer: impl AsRef<str>,
    ) -> Result<T, ArgumentError> {
        let pointer = pointer.as_ref();
        argument::read(pointer, self.json(pointer))
    }

    /// All arguments.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, ArgumentError> {
        self.argument("")
    }

    /// Member names of the object at a pointer; empty where there is no object.
    pub fn keys(&self, pointer: impl AsRef<str>) -> Vec<String> {
        let root = self.root();
        match pointer.as_ref() {
            // The gate is asked less.
            "" => root.keys(),
            pointer => root
                .get(pointer)
                .map(|node| node.keys())
                .unwrap_or_default(),
        }
    }
}

#[cfg(target_family = "wasm")]
impl Request {
    /// All arguments, to walk through.
    pub fn root(&self) -> Node {
        Node::of(arguments::root())
    }

    /// What stands at a pointer, one level deep, or nothing. Costs less than a
    /// typed argument.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Value> {
        arguments::get(pointer.as_ref())
    }

    /// The JSON text at a pointer, as the agent wrote it.
    pub fn json(&self, pointer: impl AsRef<str>) -> Option<String> {
        arguments::json(pointer.as_ref())
    }

    /// Whether the session carries a label.
    pub fn has_label(&self, name: impl AsRef<str>) -> bool {
        context::has_label(name.as_ref())
    }

    /// The values of the claim of this name; empty where there is none.
    pub fn claim(&self, name: impl AsRef<str>) -> Vec<String> {
        caller::claim(name.as_ref())
    }

    /// The latest calls of the session, newest first, at most `limit`; the gate
    /// keeps the last 64.
    pub fn history(&self, limit: u32) -> Vec<PastCall> {
        history::recent(limit)
    }

    /// A budget that the operator set for the binding under this name, as it is
    /// charged under a key. A name that is not set is a fault. What others spend
    /// meanwhile is not in it: a charge keeps a call within its budget.
    pub fn budget(&self, name: impl AsRef<str>, key: impl AsRef<str>) -> Budget {
        budget::read(name.as_ref(), key.as_ref())
    }

    /// The JSON Schema of the arguments that is pinned, if any.
    pub fn schema(&self) -> Option<Node> {
        action::schema().map(Node::of)
    }

    /// What the tool server claims about the tool, if any.
    pub fn claimed(&self) -> Option<Node> {
        action::claimed().map(Node::of)
    }

    /// The call that is asked about.
    #[doc(hidden)]
    pub const fn of_this_call() -> Self {
        Self {}
    }
}

/// In a native test, from memory.
#[cfg(not(target_family = "wasm"))]
impl Request {
    /// All arguments, to walk through.
    pub fn root(&self) -> Node {
        Node::of(self.facts.arguments.0.clone())
    }

    /// What stands at a pointer, one level deep, or nothing. Costs less than a
    /// typed argument.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Value> {
        self.root().get(pointer).map(|node| node.value())
    }

    /// The JSON text at a pointer.
    pub fn json(&self, pointer: impl AsRef<str>) -> Option<String> {
        self.facts.arguments.json(pointer.as_ref())
    }

    /// Whether the session carries a label.
    pub fn has_label(&self, name: impl AsRef<str>) -> bool {
        let name = name.as_ref();
        self.facts.labels.iter().any(|label| label.name == name)
    }

    /// The values of the claim of this name; empty where there is none.
    pub fn claim(&self, name: impl AsRef<str>) -> Vec<String> {
        let name = name.as_ref();
        let claim = self.facts.claims.iter().find(|claim| claim.name == name);
        claim.map(|claim| claim.values.clone()).unwrap_or_default()
    }

    /// The latest calls of the session, newest first, at most `limit`; the gate
    /// keeps the last 64.
    pub fn history(&self, limit: u32) -> Vec<PastCall> {
        self.facts.recent(limit)
    }

    /// A budget that the operator set for the binding under this name, as it is
    /// charged under a key. One that the test did not set fails it.
    pub fn budget(&self, name: impl AsRef<str>, key: impl AsRef<str>) -> Budget {
        self.facts.budget(name.as_ref(), key.as_ref())
    }

    /// The JSON Schema of the arguments that is pinned, if any.
    pub const fn schema(&self) -> Option<Node> {
        None
    }

    /// What the tool server claims about the tool, if any.
    pub const fn claimed(&self) -> Option<Node> {
        None
    }
}
