//! Where arguments and results come from: from the gate in a component, from
//! memory in a native test.

#[cfg(target_family = "wasm")]
pub(crate) use imports::{Arguments, Response};
#[cfg(not(target_family = "wasm"))]
pub(crate) use memory::{Memory, check};

#[cfg(target_family = "wasm")]
mod imports {
    use crate::Value;
    use crate::bindings::contract::arguments;
    use crate::bindings::response;

    #[derive(Clone, Debug)]
    pub(crate) struct Arguments;

    impl Arguments {
        pub(crate) fn get(&self, pointer: &str) -> Option<Value> {
            arguments::get(pointer)
        }

        pub(crate) fn keys(&self, pointer: &str) -> Vec<String> {
            arguments::keys(pointer)
        }

        pub(crate) fn json(&self, pointer: &str) -> Option<String> {
            arguments::json(pointer)
        }
    }

    #[derive(Clone, Debug)]
    pub(crate) struct Response;

    impl Response {
        pub(crate) fn get(&self, pointer: &str) -> Option<Value> {
            response::get(pointer)
        }

        pub(crate) fn keys(&self, pointer: &str) -> Vec<String> {
            response::keys(pointer)
        }

        pub(crate) fn json(&self, pointer: &str) -> Option<String> {
            response::json(pointer)
        }
    }
}

#[cfg(not(target_family = "wasm"))]
mod memory {
    use serde_json::Value as Json;

    use crate::{Pointer, Value};

    /// A document of a test.
    #[derive(Clone, Debug)]
    pub(crate) struct Memory(pub(crate) Json);

    impl Memory {
        pub(crate) fn get(&self, pointer: &str) -> Option<Value> {
            let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
            Some(match self.at(pointer)? {
                Json::Null => Value::Null,
                Json::Bool(flag) => Value::Boolean(*flag),
                Json::Number(number) => match number.as_i64() {
                    Some(integer) => Value::Integer(integer),
                    None => Value::Number(number.to_string()),
                },
                Json::String(text) => Value::Text(text.clone()),
                Json::Array(elements) => Value::Array(count(elements.len())),
                Json::Object(members) => Value::Object(count(members.len())),
            })
        }

        pub(crate) fn keys(&self, pointer: &str) -> Vec<String> {
            self.at(pointer)
                .and_then(Json::as_object)
                .map(|members| members.keys().cloned().collect())
                .unwrap_or_default()
        }

        pub(crate) fn json(&self, pointer: &str) -> Option<String> {
            self.at(pointer).map(Json::to_string)
        }

        fn at(&self, pointer: &str) -> Option<&Json> {
            check(pointer);
            self.0.pointer(pointer)
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
}
