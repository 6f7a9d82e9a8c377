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
    new_names: BTreeSet<Pointer>,
    number: usize,
}

impl<'a> Shield<'a> {
    pub(crate) fn over(result: &Value, scanner: &'a Scanner) -> Self {
        let mut shield = Self {
            scanner,
            kinds: BTreeSet::new(),
            edits: Vec::new(),
            new_names: BTreeSet::new(),
            number: 1,
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

    /// Whether the result will be withheld, whatever else it holds.
    fn is_full(&self) -> bool {
        self.edits.len() > EDITS_MAX
    }

    fn walk(&mut self, pointer: &Pointer, value: &Value) {
        match value {
            Value::String(text) => {
                if let Some(text) = redacted(self.scanner, text, &mut self.kinds) {
                    self.edits.push(Edit::set(pointer.as_str(), text));
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if self.is_full() {
                        return;
                    }
                    self.walk(&pointer.child(&index.to_string()), element);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if self.is_full() {
                        return;
                    }
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
                let free = self.free_name(object, members, &new_name);
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
            && ![name, text]
                .iter()
                .any(|text| text.starts_with("[redacted"))
            && self.scanner.is_secret_name(name)
            && self.scanner.scan(text).is_empty()
    }

    /// A name of its own for a member that loses its name: no other member of
    /// the object is called like this, and none was renamed to it.
    fn free_name(&mut self, object: &Pointer, members: &Map<String, Value>, name: &str) -> String {
        let mut free = name.to_owned();
        while members.contains_key(&free) || !self.new_names.insert(object.child(&free)) {
            // Counts on through the result, so that no number is tried twice.
            self.number += 1;
            free = format!("{name} {}", self.number);
        }
        free
    }
}
