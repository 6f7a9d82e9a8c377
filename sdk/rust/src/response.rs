//! What a reviewer looks at.

use serde::de::DeserializeOwned;

use crate::Value;
use crate::argument::{self, ArgumentError};
#[cfg(not(target_family = "wasm"))]
use crate::document::Memory as Source;
#[cfg(target_family = "wasm")]
use crate::document::Response as Source;

/// What the tool answered to a call that went ahead: the `result` of the
/// JSON-RPC response. Pointers work as in [`Request`](crate::Request).
#[derive(Clone, Debug)]
pub struct Response {
    source: Source,
    #[cfg(not(target_family = "wasm"))]
    is_error: bool,
}

impl Response {
    /// The value at a pointer. Ask for an `Option` where it may be absent.
    pub fn read<T: DeserializeOwned>(&self, pointer: impl AsRef<str>) -> Result<T, ArgumentError> {
        let pointer = pointer.as_ref();
        argument::read(pointer, self.source.json(pointer))
    }

    /// What stands at a pointer, one level deep, or nothing.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Value> {
        self.source.get(pointer.as_ref())
    }

    /// Member names of the object at a pointer; empty where there is no object.
    pub fn keys(&self, pointer: impl AsRef<str>) -> Vec<String> {
        self.source.keys(pointer.as_ref())
    }

    /// The JSON text at a pointer, as the tool server wrote it.
    pub fn json(&self, pointer: impl AsRef<str>) -> Option<String> {
        self.source.json(pointer.as_ref())
    }

    /// Whether the tool reported an error (`isError`).
    #[cfg(target_family = "wasm")]
    pub fn is_error(&self) -> bool {
        crate::bindings::response::is_error()
    }

    /// The response of the call that is reviewed.
    #[cfg(target_family = "wasm")]
    #[doc(hidden)]
    pub fn of_this_call() -> Self {
        Self { source: Source }
    }
}

/// For native tests.
#[cfg(not(target_family = "wasm"))]
impl Response {
    /// Whether the tool reported an error (`isError`).
    pub fn is_error(&self) -> bool {
        self.is_error
    }

    /// A result, as the tool server would answer it.
    pub fn new(result: serde_json::Value) -> Self {
        let is_error = result.get("isError") == Some(&serde_json::Value::Bool(true));
        Self {
            source: Source(result),
            is_error,
        }
    }

    /// A result of one text block.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(serde_json::json!({ "content": [{ "type": "text", "text": text }] }))
    }
}
