//! JSON as the gate has parsed it.

use crate::{Kind, Value};

#[cfg(target_family = "wasm")]
type Source = crate::bindings::contract::json::Node;
#[cfg(not(target_family = "wasm"))]
type Source = serde_json::Value;

/// One value of a document. Walking it costs what is read, and needs no parser.
#[derive(Debug)]
pub struct Node(Source);

#[cfg(target_family = "wasm")]
impl Node {
    /// What kind of value it is.
    pub fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// The value, one level deep.
    pub fn value(&self) -> Value {
        self.0.value()
    }

    /// Elements of an array, members of an object, bytes of a text; 0 for others.
    pub fn len(&self) -> u32 {
        self.0.len()
    }

    /// The value at a pointer, from here.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Self> {
        self.0.get(pointer.as_ref()).map(Self)
    }

    /// The member of this name.
    pub fn member(&self, name: impl AsRef<str>) -> Option<Self> {
        self.0.member(name.as_ref()).map(Self)
    }

    /// The element or member at a place.
    pub fn at(&self, index: u32) -> Option<Self> {
        self.0.at(index).map(Self)
    }

    /// All elements, or the values of all members.
    pub fn children(&self) -> Vec<Self> {
        self.0.children().into_iter().map(Self).collect()
    }

    /// Member names; empty where this is no object.
    pub fn keys(&self) -> Vec<String> {
        self.0.keys()
    }

    /// The text; none where this is none.
    pub fn text(&self) -> Option<String> {
        self.0.text()
    }

    /// The JSON text, as it was written.
    pub fn json(&self) -> String {
        self.0.json()
    }

    pub(crate) const fn of(source: Source) -> Self {
        Self(source)
    }
}

/// In a native test, from memory.
#[cfg(not(target_family = "wasm"))]
impl Node {
    /// What kind of value it is.
    pub fn kind(&self) -> Kind {
        match &self.0 {
            Source::Null => Kind::Null,
            Source::Bool(_) => Kind::Boolean,
            Source::Number(_) => Kind::Number,
            Source::String(_) => Kind::Text,
            Source::Array(_) => Kind::Array,
            Source::Object(_) => Kind::Object,
        }
    }

    /// The value, one level deep.
    pub fn value(&self) -> Value {
        one_level(&self.0)
    }

    /// Elements of an array, members of an object, bytes of a text; 0 for others.
    pub fn len(&self) -> u32 {
        let length = match &self.0 {
            Source::Null | Source::Bool(_) | Source::Number(_) => 0,
            Source::String(text) => text.len(),
            Source::Array(elements) => elements.len(),
            Source::Object(members) => members.len(),
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }

    /// The value at a pointer, from here.
    pub fn get(&self, pointer: impl AsRef<str>) -> Option<Self> {
        let pointer = crate::memory::check(pointer.as_ref());
        self.0.pointer(pointer.as_ref()).cloned().map(Self)
    }

    /// The member of this name.
    pub fn member(&self, name: impl AsRef<str>) -> Option<Self> {
        self.0.as_object()?.get(name.as_ref()).cloned().map(Self)
    }

    /// The element or member at a place.
    pub fn at(&self, index: u32) -> Option<Self> {
        let index = usize::try_from(index).ok()?;
        self.children().into_iter().nth(index)
    }

    /// All elements, or the values of all members.
    pub fn children(&self) -> Vec<Self> {
        match &self.0 {
            Source::Array(elements) => elements.iter().cloned().map(Self).collect(),
            Source::Object(members) => members.values().cloned().map(Self).collect(),
            Source::Null | Source::Bool(_) | Source::Number(_) | Source::String(_) => Vec::new(),
        }
    }

    /// Member names; empty where this is no object.
    pub fn keys(&self) -> Vec<String> {
        let members = self.0.as_object();
        members
            .map(|members| members.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// The text; none where this is none.
    pub fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    /// The JSON text.
    pub fn json(&self) -> String {
        self.0.to_string()
    }

    pub(crate) const fn of(source: Source) -> Self {
        Self(source)
    }
}

impl Node {
    /// Whether it has no elements, members or text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The integer that stands here, if it is written as one and fits.
    pub fn integer(&self) -> Option<i64> {
        match self.value() {
            Value::Integer(integer) => Some(integer),
            _ => None,
        }
    }

    /// The boolean that stands here.
    pub fn boolean(&self) -> Option<bool> {
        match self.value() {
            Value::Boolean(boolean) => Some(boolean),
            _ => None,
        }
    }
}

/// One level of a JSON value.
#[cfg(not(target_family = "wasm"))]
fn one_level(value: &serde_json::Value) -> Value {
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
