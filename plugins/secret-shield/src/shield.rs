//! Goes through a result, and collects what must change.

use std::collections::BTreeSet;

use gatewright_sdk::{Edit, Pointer};
use serde_json::{Map, Value};

use crate::kind::Kind;
use crate::mark::mark;
use crate::member;
use crate::names::Strength;
use crate::place::Place;
use crate::scan::Scanner;
use crate::text::redacted;

/// Changes beyond this number are not made one by one: the result is withheld.
const EDITS_MAX: usize = 1000;

/// What one result holds, and the edits that take it out.
pub(crate) struct Shield<'a> {
    scanner: &'a Scanner,
    pub(crate) kinds: BTreeSet<Kind>,
    pub(crate) edits: Vec<Edit>,
    /// How long the edits are, about.
    pub(crate) edit_bytes: usize,
    edit_bytes_max: usize,
    new_names: BTreeSet<Pointer>,
    number: usize,
}

impl<'a> Shield<'a> {
    pub(crate) fn over(result: &Value, scanner: &'a Scanner, edit_bytes_max: usize) -> Self {
        let mut shield = Self {
            scanner,
            kinds: BTreeSet::new(),
            edits: Vec::new(),
            edit_bytes: 0,
            edit_bytes_max,
            new_names: BTreeSet::new(),
            number: 1,
        };
        shield.walk(&Place::Root, result);
        shield
    }

    /// Whether there is more to change than is changed one by one.
    pub(crate) fn is_full(&self) -> bool {
        self.edits.len() > EDITS_MAX || self.edit_bytes > self.edit_bytes_max
    }

    fn push(&mut self, edit: Edit) {
        self.edit_bytes += edit.pointer.len() + edit.json.as_ref().map_or(0, String::len);
        self.edits.push(edit);
    }

    fn set(&mut self, place: &Place<'_>, value: impl Into<Value>) {
        self.push(Edit::set(place.pointer().as_str(), value.into()));
    }

    fn walk(&mut self, place: &Place<'_>, value: &Value) {
        match value {
            Value::String(text) => {
                if let Some(text) = redacted(self.scanner, text, &mut self.kinds) {
                    self.set(place, text);
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if self.is_full() {
                        return;
                    }
                    if member::is_behind_a_name(self.scanner, elements, index) {
                        let mark = self.taken(Kind::PASSWORD);
                        self.set(&place.element(index), mark);
                        continue;
                    }
                    self.walk(&place.element(index), element);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if self.is_full() {
                        return;
                    }
                    self.walk_member(place, members, name, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn walk_member(
        &mut self,
        object: &Place<'_>,
        members: &Map<String, Value>,
        name: &str,
        value: &Value,
    ) {
        let new_name = redacted(self.scanner, name, &mut self.kinds);
        let secret = member::kind(self.scanner, members, name, value);
        let free_name = new_name.map(|new_name| {
            self.push(Edit::remove(object.member(name).pointer().as_str()));
            self.free_name(object, members, &new_name)
        });
        let place = object.member(free_name.as_deref().unwrap_or(name));
        if let Some(kind) = secret {
            let mark = self.taken(kind);
            self.set(&place, mark);
            return;
        }
        if free_name.is_some() {
            // The name was a secret: the value moves as it is, and what follows
            // applies to its new place.
            self.set(&place, value.clone());
        }
        match member::strength_within(self.scanner, name, value) {
            Some(strength) => self.walk_secrets(&place, value, strength),
            None => self.walk(&place, value),
        }
    }

    fn taken(&mut self, kind: Kind) -> String {
        let mark = mark(&kind);
        self.kinds.insert(kind);
        mark
    }

    /// Goes through what a name of secrets holds: `{"secrets": {"db": "…"}}`.
    fn walk_secrets(&mut self, place: &Place<'_>, value: &Value, strength: Strength) {
        match value {
            Value::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    if self.is_full() {
                        return;
                    }
                    self.walk_secrets(&place.element(index), element, strength);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    if self.is_full() {
                        return;
                    }
                    if member::is_described(members, name) {
                        self.walk_member(place, members, name, value);
                    } else if value.is_object() || value.is_array() {
                        self.walk_secrets(&place.member(name), value, Strength::Weak);
                    } else if member::is_secret_leaf(
                        self.scanner,
                        value,
                        Strength::Secret.min(strength),
                    ) {
                        let mark = self.taken(Kind::PASSWORD);
                        self.set(&place.member(name), mark);
                    } else {
                        self.walk_member(place, members, name, value);
                    }
                }
            }
            Value::String(_) | Value::Number(_)
                if member::is_secret_leaf(self.scanner, value, strength) =>
            {
                let mark = self.taken(Kind::PASSWORD);
                self.set(place, mark);
            }
            Value::String(_) | Value::Number(_) | Value::Null | Value::Bool(_) => {
                self.walk(place, value);
            }
        }
    }

    /// A name of its own for a member that loses its name: no other member of
    /// the object is called like this, and none was renamed to it.
    fn free_name(
        &mut self,
        object: &Place<'_>,
        members: &Map<String, Value>,
        name: &str,
    ) -> String {
        let object = object.pointer();
        let mut free = name.to_owned();
        while members.contains_key(&free) || !self.new_names.insert(object.child(&free)) {
            // Counts on through the result, so that no number is tried twice.
            self.number += 1;
            free = format!("{name} {}", self.number);
        }
        free
    }
}
