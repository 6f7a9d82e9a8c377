//! Goes through a result, and collects what must change.

use std::collections::BTreeSet;

use gatewright_sdk::{Edit, Pointer};
use serde_json::{Map, Value};

use crate::EDITS_MAX;
use crate::kind::Kind;
use crate::scan::Scanner;
use crate::text::{mark, redacted};

/// What one result holds, and the edits that take it out.
pub(crate) struct Shield<'a> {
    scanner: &'a Scanner,
    pub(crate) kinds: BTreeSet<Kind>,
    pub(crate) edits: Vec<Edit>,
}

impl<'a> Shield<'a> {
    pub(crate) fn over(result: &Value, scanner: &'a Scanner) -> Self {
        let mut shield = Self {
            scanner,
            kinds: BTreeSet::new(),
            edits: Vec::new(),
        };
        shield.walk(&Pointer::root(), result);
        shield
    }

    /// How long the edits are, about.
    pub(crate) fn edit_bytes(&self) -> usize {
        self.edits
            .iter()
            .map(|edit| edit.pointer.len() + edit.json.as_ref().map_or(0, String::len))
            .sum()
    }

    fn walk(&mut self, pointer: &Pointer, value: &Value) {
        if self.edits.len() > EDITS_MAX {
            return;
        }
        match value {
            Value::String(text) => {
                if let Some(text) = redacted(self.scanner, text, &mut self.kinds) {
                    self.edits.push(Edit::set(pointer.as_str(), text));
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.walk(&pointer.child(&index.to_string()), element);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    self.walk_member(pointer, members, name, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn walk_member(
        &mut self,
        object: &Pointer,
        members: &Map<String, Value>,
        name: &str,
        value: &Value,
    ) {
        let place = object.child(name);
        let new_name = redacted(self.scanner, name, &mut self.kinds);
        match new_name {
            // The secret is the name: the member moves to another.
            Some(new_name) => {
                let value = self.cleaned(name, value);
                let mut free = new_name.clone();
                let mut number = 2;
                while members.contains_key(&free) || self.was_added(&object.child(&free)) {
                    free = format!("{new_name} {number}");
                    number += 1;
                }
                self.edits.push(Edit::remove(place.as_str()));
                self.edits
                    .push(Edit::set(object.child(&free).as_str(), value));
            }
            None if self.is_secret(name, value) => {
                self.kinds.insert(Kind::Password);
                self.edits
                    .push(Edit::set(place.as_str(), mark(Kind::Password)));
            }
            None => self.walk(&place, value),
        }
    }

    /// The value without its secrets.
    fn cleaned(&mut self, name: &str, value: &Value) -> Value {
        if self.is_secret(name, value) {
            self.kinds.insert(Kind::Password);
            return mark(Kind::Password).into();
        }
        match value {
            Value::String(text) => redacted(self.scanner, text, &mut self.kinds)
                .unwrap_or_else(|| text.clone())
                .into(),
            Value::Array(elements) => elements
                .iter()
                .map(|element| self.cleaned("", element))
                .collect(),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| {
                        let clean = redacted(self.scanner, name, &mut self.kinds);
                        (
                            clean.unwrap_or_else(|| name.clone()),
                            self.cleaned(name, value),
                        )
                    })
                    .collect(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Whether the name of a member makes a secret of its text.
    fn is_secret(&self, name: &str, value: &Value) -> bool {
        let text = value.as_str().unwrap_or_default();
        !text.is_empty()
            && !text.starts_with("[redacted")
            && self.scanner.is_secret_name(name)
            && self.scanner.scan(text).is_empty()
    }

    fn was_added(&self, pointer: &Pointer) -> bool {
        self.edits
            .iter()
            .any(|edit| edit.pointer == pointer.as_str())
    }
}
