//! Which members of a schema a value has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::words::referenced;

/// How deep a schema is followed: one that refers to itself has no end.
const DEPTH_MAX: usize = 12;

/// Enters each member that the schema knows (`rules[].tools`), and marks those
/// that the value has.
pub(crate) fn reach(root: &Value, value: Option<&Value>, members: &mut BTreeMap<String, bool>) {
    Walk { root, members }.walk(root, value, "", 0);
}

struct Walk<'a> {
    root: &'a Value,
    members: &'a mut BTreeMap<String, bool>,
}

impl Walk<'_> {
    fn walk(&mut self, schema: &Value, value: Option<&Value>, place: &str, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        if let Some(referenced) = referenced(self.root, schema) {
            self.walk(referenced, value, place, depth + 1);
        }
        for choice in ["anyOf", "oneOf", "allOf"] {
            let choices = schema.get(choice).and_then(Value::as_array);
            for choice in choices.into_iter().flatten() {
                self.walk(choice, value, place, depth + 1);
            }
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            for (name, schema) in properties {
                let member = match place {
                    "" => name.clone(),
                    place => format!("{place}.{name}"),
                };
                let value = value.and_then(|value| value.get(name));
                *self.members.entry(member.clone()).or_default() |= value.is_some();
                self.walk(schema, value, &member, depth + 1);
            }
        }
        if let Some(items) = schema.get("items").filter(|items| items.is_object()) {
            self.each(
                items,
                value
                    .and_then(Value::as_array)
                    .map(|elements| elements.iter()),
                &format!("{place}[]"),
                depth,
            );
        }
        if let Some(others) = schema
            .get("additionalProperties")
            .filter(|others| others.is_object())
        {
            self.each(
                others,
                value
                    .and_then(Value::as_object)
                    .map(|object| object.values()),
                &format!("{place}.*"),
                depth,
            );
        }
    }

    fn each<'a>(
        &mut self,
        schema: &Value,
        values: Option<impl Iterator<Item = &'a Value>>,
        place: &str,
        depth: usize,
    ) {
        self.walk(schema, None, place, depth + 1);
        for value in values.into_iter().flatten() {
            self.walk(schema, Some(value), place, depth + 1);
        }
    }
}
