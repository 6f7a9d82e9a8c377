//! Goes through a result, and collects what must change.

use std::collections::BTreeSet;

use gatewright_sdk::{Edit, Pointer};
use serde_json::{Map, Value};

use crate::EDITS_MAX;
use crate::kind::Kind;
use crate::member;
use crate::names::Strength;
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
        let secret = member::kind(self.scanner, members, name, value);
        match (new_name, secret) {
            // The secret is the name: the member moves to another.
            (Some(new_name), secret) => {
                let value = match secret {
                    Some(kind) => self.taken(kind),
                    None => self.cleaned(value),
                };
                let free = self.free_name(object, members, &new_name);
                self.edits.push(Edit::remove(place.as_str()));
                self.edits
                    .push(Edit::set(object.child(&free).as_str(), value));
            }
            (None, Some(kind)) => {
                let value = self.taken(kind);
                self.edits.push(Edit::set(place.as_str(), value));
            }
            (None, None) => match member::strength_within(self.scanner, name, value) {
                Some(strength) => self.walk_secrets(&place, value, strength),
                None => self.walk(&place, value),
            },
        }
    }

    fn taken(&mut self, kind: Kind) -> Value {
        let mark = mark(&kind);
        self.kinds.insert(kind);
        mark.into()
    }

    /// Goes through what a name of secrets holds: `{"secrets": {"db": "…"}}`.
    fn walk_secrets(&mut self, pointer: &Pointer, value: &Value, strength: Strength) {
        match value {
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if self.is_full() {
                        return;
                    }
                    self.walk_secrets(&pointer.child(&index.to_string()), element, strength);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if self.is_full() {
                        return;
                    }
                    if member::is_described(members, name) {
                        self.walk_member(pointer, members, name, value);
                    } else if value.is_object() || value.is_array() {
                        self.walk_secrets(&pointer.child(name), value, Strength::Weak);
                    } else if member::is_secret_leaf(
                        self.scanner,
                        value,
                        Strength::Secret.min(strength),
                    ) {
                        let value = self.taken(Kind::PASSWORD);
                        self.edits
                            .push(Edit::set(pointer.child(name).as_str(), value));
                    } else {
                        self.walk_member(pointer, members, name, value);
                    }
                }
            }
            Value::String(_) | Value::Number(_)
                if member::is_secret_leaf(self.scanner, value, strength) =>
            {
                let value = self.taken(Kind::PASSWORD);
                self.edits.push(Edit::set(pointer.as_str(), value));
            }
            Value::String(_) | Value::Number(_) | Value::Null | Value::Bool(_) => {
                self.walk(pointer, value);
            }
        }
    }

    /// The value without its secrets.
    fn cleaned(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => redacted(self.scanner, text, &mut self.kinds)
                .unwrap_or_else(|| text.clone())
                .into(),
            Value::Array(elements) => elements
                .iter()
                .map(|element| self.cleaned(element))
                .collect(),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| {
                        let clean = redacted(self.scanner, name, &mut self.kinds);
                        let value = match member::kind(self.scanner, members, name, value) {
                            Some(kind) => self.taken(kind),
                            None => self.cleaned(value),
                        };
                        (clean.unwrap_or_else(|| name.clone()), value)
                    })
                    .collect(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
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
