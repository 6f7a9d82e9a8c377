//! What a reviewer looks at.

use serde::de::DeserializeOwned;

use crate::argument::{self, ArgumentError};
use crate::{Node, Value};

#[cfg(target_family = "wasm")]
pub use crate::bindings::reviewer::gatewright::policy::response::ResponseKind;

/// What a reviewer is shown.
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponseKind {
    /// The `result` of the answer.
    Final,
    /// The `error` of the answer.
    Error,
    /// The `params` of a message on the way, which has this method.
    Notification(String),
}

/// What came back of a call that went ahead. Pointers work as in
/// [`Request`](crate::Request).
#[derive(Debug)]
pub struct Response {
    #[cfg(not(target_family = "wasm"))]
    document: crate::memory::Memory,
    #[cfg(not(target_family = "wasm"))]
    kind: ResponseKind,
}

impl Response {
    /// The value at a pointer. Ask for an `Option` where it may be absent.
    pub fn read<T: DeserializeOwned>(&self, pointer: impl AsRef<str>) -> Result<T, ArgumentError> {
        let pointer = pointer.as_ref();
        argument::read(pointer, self.json(pointer))
    }
}

#[cfg(target_family = "wasm")]
impl Response {
    /// What it is.
    pub fn kind(&self) -> ResponseKind {
        crate::bindings::response::kind()
    }

    /// Whether the tool reported an error.
    pub fn is_error(&self) -> bool {
        crate::bindings::response::is_error()
    }

    /// All of it.
    pub fn root(&self) -> Node {
        Node::of(crate::bindings::response::root())
    }

    /// What stands at a pointer, one level deep, or nothing.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Value> {
        crate::bindings::response::get(pointer.as_ref())
    }

    /// The JSON text at a pointer, as the tool server wrote it.
    pub fn json(&self, pointer: impl AsRef<str>) -> Option<String> {
        crate::bindings::response::json(pointer.as_ref())
    }

    /// The response of the call that is reviewed.
    #[doc(hidden)]
    pub const fn of_this_call() -> Self {
        Self {}
    }
}

/// For native tests.
#[cfg(not(target_family = "wasm"))]
impl Response {
    /// A result, as the tool server would answer it.
    pub const fn new(result: serde_json::Value) -> Self {
        Self::of(result, ResponseKind::Final)
    }

    /// Anything else that comes back.
    pub const fn of(document: serde_json::Value, kind: ResponseKind) -> Self {
        Self {
            document: crate::memory::Memory(document),
            kind,
        }
    }

    /// A result of one text block.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(serde_json::json!({ "content": [{ "type": "text", "text": text }] }))
    }

    /// What it is.
    pub fn kind(&self) -> ResponseKind {
        self.kind.clone()
    }

    /// Whether the tool reported an error.
    pub fn is_error(&self) -> bool {
        let says = self.document.0.get("isError") == Some(&serde_json::Value::Bool(true));
        match self.kind {
            ResponseKind::Final => says,
            ResponseKind::Error => true,
            ResponseKind::Notification(_) => false,
        }
    }

    /// All of it.
    pub fn root(&self) -> Node {
        Node::of(self.document.0.clone())
    }

    /// What stands at a pointer, one level deep, or nothing.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Value> {
        self.root().get(pointer).map(|node| node.value())
    }

    /// The JSON text at a pointer.
    pub fn json(&self, pointer: impl AsRef<str>) -> Option<String> {
        self.document.json(pointer.as_ref())
    }
}
