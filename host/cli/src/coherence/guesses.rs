//! Arguments to try: those that somebody gave, and what a schema, the credential and the
//! settings of policies suggest. A guess that goes ahead proves that there is one; that none
//! does proves nothing.

use std::collections::BTreeSet;

use gatewright_engine::Server;
use gatewright_engine::config::Loaded;
use gatewright_policy::Grant;
use serde_json::{Map, Value, json};

use super::listed::Listed;

/// Most guesses about one tool.
const GUESSES_MAX: usize = 256;

/// Most texts that are tried for one argument, and how long they may be.
const TEXTS_MAX: usize = 48;
const TEXT_BYTES_MAX: usize = 256;

/// How deep a schema is followed.
const DEPTH_MAX: usize = 4;

/// What is tried for one tool.
pub(super) struct Guesses<'a> {
    schema: &'a Value,
    given: Vec<Value>,
    texts: Vec<String>,
}

// === impl Guesses ===

impl<'a> Guesses<'a> {
    pub(super) fn of(
        loaded: &Loaded,
        server: &Server,
        grant: &Grant,
        listed: &'a Listed,
        given: Vec<Value>,
    ) -> Self {
        let mut texts = BTreeSet::new();
        for scope in grant.scopes.iter() {
            if scope.covers(&server.name, &listed.name)
                && let Some((_, constraints)) = scope.to_string().split_once(" {")
                && let Ok(json) = serde_json::from_str::<Value>(&format!("{{{constraints}"))
            {
                mine(&json, &mut texts);
            }
        }
        for binding in &loaded.config.bindings {
            let mut servers = binding.servers.iter();
            let is_bound = servers.any(|it| it.get_ref().matches(&server.name))
                && binding.tools.iter().any(|it| it.matches(&listed.name));
            let settings = binding.settings.as_ref().filter(|_| is_bound);
            if let Some(settings) = settings.and_then(|it| serde_json::to_value(it).ok()) {
                mine(&settings, &mut texts);
            }
        }
        let first = ["a", ""].map(str::to_owned);
        let texts = first.into_iter().chain(texts).take(TEXTS_MAX);
        Self {
            schema: &listed.schema,
            given,
            texts: texts.collect(),
        }
    }

    /// Each of them once.
    pub(super) fn arguments(&self) -> Vec<Value> {
        let mut guesses = self.given.clone();
        let mut push = |guess: Value| {
            if guesses.len() < GUESSES_MAX && !guesses.contains(&guess) {
                guesses.push(guess);
            }
        };
        push(json!({}));
        for all in [false, true] {
            for text in &self.texts {
                push(self.object(self.schema, (all, text), 0));
            }
        }
        // One argument after the other takes every text, while the others keep the first.
        let properties = self.schema.get("properties").and_then(Value::as_object);
        let first = self.texts.first().map_or("a", String::as_str);
        let plain = self.object(self.schema, (true, first), 0);
        for (name, schema) in properties.into_iter().flatten() {
            for text in &self.texts {
                let mut guess = plain.clone();
                if let Some(guess) = guess.as_object_mut() {
                    guess.insert(name.clone(), self.value(schema, (true, text), 0));
                }
                push(guess);
            }
        }
        guesses
    }

    fn object(&self, schema: &Value, how: (bool, &str), depth: usize) -> Value {
        let required = schema.get("required").and_then(Value::as_array);
        let is_required = |name: &str| {
            let mut required = required.into_iter().flatten();
            required.any(|it| it.as_str() == Some(name))
        };
        let properties = schema.get("properties").and_then(Value::as_object);
        let properties = properties.into_iter().flatten();
        let wanted = properties.filter(|(name, _)| how.0 || is_required(name));
        let members = wanted.map(|(name, of)| (name.clone(), self.value(of, how, depth + 1)));
        Value::Object(members.collect::<Map<_, _>>())
    }

    fn value(&self, schema: &Value, how: (bool, &str), depth: usize) -> Value {
        for word in ["const", "default"] {
            if let Some(value) = schema.get(word) {
                return value.clone();
            }
        }
        for word in ["enum", "examples"] {
            let first = schema.get(word).and_then(|it| it.get(0));
            if let Some(value) = first {
                return value.clone();
            }
        }
        let of_type = |schema: &Value| match schema.get("type") {
            Some(Value::Array(types)) => types.first().cloned(),
            other => other.cloned(),
        };
        let kind = of_type(schema);
        match kind.as_ref().and_then(Value::as_str) {
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            Some("null") => Value::Null,
            Some("array") if depth < DEPTH_MAX => match schema.get("items") {
                Some(items) => json!([self.value(items, how, depth + 1)]),
                None => json!([]),
            },
            Some("object") if depth < DEPTH_MAX => self.object(schema, how, depth),
            _text_or_unsaid => json!(how.1),
        }
    }
}

/// Texts in what an operator wrote: as they are, what fits them as patterns, and what lies
/// below them as folders.
fn mine(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() <= TEXT_BYTES_MAX => {
            texts.insert(text.replace('*', "a"));
            if text.starts_with('/') {
                texts.insert(format!("{}/a", text.trim_end_matches('/')));
            }
        }
        Value::Array(values) => values.iter().for_each(|value| mine(value, texts)),
        Value::Object(members) => members.values().for_each(|value| mine(value, texts)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
