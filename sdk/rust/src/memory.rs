//! A document of a native test, where a component asks the gate.

use serde_json::Value as Json;

use crate::Pointer;

/// JSON in memory.
#[derive(Clone, Debug)]
pub(crate) struct Memory(pub(crate) Json);

impl Memory {
    pub(crate) fn json(&self, pointer: &str) -> Option<String> {
        check(pointer);
        self.0.pointer(pointer).map(Json::to_string)
    }

    /// Puts a value there; objects on the way are made where they are missing.
    pub(crate) fn put(&mut self, pointer: &str, value: Json) {
        let pointer = check(pointer);
        let mut place = &mut self.0;
        for token in pointer.tokens() {
            if !place.is_array() && !place.is_object() {
                *place = Json::Object(serde_json::Map::new());
            }
            place = match place {
                Json::Array(elements) => {
                    if token == "-" {
                        elements.push(Json::Null);
                    }
                    let index = token.parse().unwrap_or(elements.len().saturating_sub(1));
                    #[expect(
                        clippy::panic,
                        reason = "a test that builds an impossible request must fail"
                    )]
                    elements
                        .get_mut(index)
                        .unwrap_or_else(|| panic!("no element at `{pointer}`"))
                }
                Json::Object(members) => members.entry(token).or_insert(Json::Null),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => return,
            };
        }
        *place = value;
    }
}

/// A bad pointer is a fault in the gate, and a panic here.
pub(crate) fn check(pointer: &str) -> Pointer {
    #[expect(
        clippy::panic,
        reason = "stands for the fault that the gate makes of a bad pointer"
    )]
    Pointer::parse(pointer).unwrap_or_else(|error| panic!("{error}"))
}
