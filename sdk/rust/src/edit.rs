//! Changes to arguments and results.

use serde::Serialize;

use crate::Edit;

impl Edit {
    /// Puts a value where the pointer points: replaces what stands there, adds a
    /// missing member, appends to an array at `-`.
    pub fn set(pointer: impl Into<String>, value: impl Serialize) -> Self {
        // Only maps with keys that are not text, and `Serialize` impls that
        // fail on purpose, end in an error. `null` is what JSON says for both.
        let json = serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned());
        Self::set_json(pointer, json)
    }

    /// Puts JSON text there.
    pub fn set_json(pointer: impl Into<String>, json: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            json: Some(json.into()),
        }
    }

    /// Removes the member or element.
    pub fn remove(pointer: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            json: None,
        }
    }
}
