//! What a policy is asked.

use serde::de::DeserializeOwned;

use crate::argument::{self, ArgumentError};
#[cfg(target_family = "wasm")]
use crate::document::Arguments;
#[cfg(not(target_family = "wasm"))]
use crate::document::Memory as Arguments;
use crate::{Action, Context, PastCall, Subject, Value};

/// One call: who asks, what for, under which conditions, with which arguments
/// (the `arguments` of `tools/call` and `prompts/get`, the `params` of every
/// other method).
///
/// Pointers are JSON Pointers (RFC 6901), `""` is the whole. One that is not
/// well-formed is a fault: the call is denied and the operator told.
#[derive(Clone, Debug)]
pub struct Request {
    /// The agent, and whom it acts for.
    pub subject: Subject,
    /// What the agent wants to do.
    pub action: Action,
    /// Everything else that a decision may rest on.
    pub context: Context,
    pub(crate) arguments: Arguments,
    #[cfg(not(target_family = "wasm"))]
    pub(crate) history: Vec<PastCall>,
}

impl Request {
    /// Whether this asks if a tool, prompt or resource may be shown in a list,
    /// and not if it may be used. There are no arguments then; a denial hides
    /// the entry, and no allow is needed to show it.
    pub fn is_listing(&self) -> bool {
        self.action.method.ends_with("/list")
    }

    /// The argument at a pointer. Ask for an `Option` where it may be absent;
    /// `null` counts as absent then.
    pub fn argument<T: DeserializeOwned>(
        &self,
        pointer: impl AsRef<str>,
    ) -> Result<T, ArgumentError> {
        let pointer = pointer.as_ref();
        argument::read(pointer, self.arguments.json(pointer))
    }

    /// All arguments.
    pub fn arguments<T: DeserializeOwned>(&self) -> Result<T, ArgumentError> {
        self.argument("")
    }

    /// What stands at a pointer, one level deep, or nothing. Costs less than a
    /// typed argument.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Value> {
        self.arguments.get(pointer.as_ref())
    }

    /// Member names of the object at a pointer; empty where there is no object.
    pub fn keys(&self, pointer: impl AsRef<str>) -> Vec<String> {
        self.arguments.keys(pointer.as_ref())
    }

    /// The JSON text at a pointer, as the agent wrote it.
    pub fn json(&self, pointer: impl AsRef<str>) -> Option<String> {
        self.arguments.json(pointer.as_ref())
    }

    /// The latest calls of the session, newest first, at most `limit`; the gate
    /// keeps the last 64. Only for policies that judge: the worlds of editors
    /// and reviewers have no history.
    #[cfg(target_family = "wasm")]
    pub fn history(&self, limit: u32) -> Vec<PastCall> {
        crate::bindings::contract::history::recent(limit)
    }

    /// The latest calls of the session, newest first, at most `limit`; the gate
    /// keeps the last 64. Only for policies that judge: the worlds of editors
    /// and reviewers have no history.
    #[cfg(not(target_family = "wasm"))]
    pub fn history(&self, limit: u32) -> Vec<PastCall> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).min(64);
        self.history.iter().take(limit).cloned().collect()
    }
}

#[cfg(target_family = "wasm")]
impl From<crate::bindings::contract::types::Request> for Request {
    fn from(request: crate::bindings::contract::types::Request) -> Self {
        Self {
            subject: request.subject,
            action: request.action,
            context: request.context,
            arguments: Arguments,
        }
    }
}
