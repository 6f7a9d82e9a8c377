//! Whether a value fits a schema (JSON Schema 2020-12).

use std::cell::Cell;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::words::{Patterns, SchemaError, referenced, understand};

/// How deep a schema is followed.
const DEPTH_MAX: usize = 64;

/// How often a part of a schema is compared with a part of a value. Schemas that
/// refer to each other twice at each level would never end.
const STEPS_MAX: usize = 1_000_000;

/// A schema of which every word is understood.
pub(crate) struct Schema {
    root: Value,
    patterns: Patterns,
}

impl Schema {
    /// Refuses what would look like a constraint and be none.
    pub(crate) fn new(root: Value) -> Result<Self, SchemaError> {
        let patterns = understand(&root)?;
        Ok(Self { root, patterns })
    }

    /// As it was written.
    pub(crate) const fn value(&self) -> &Value {
        &self.root
    }

    /// The same, on its own.
    pub(crate) fn into_value(self) -> Value {
        self.root
    }

    /// Says where the value does not fit, and why: the first such place.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        let check = Check {
            schema: self,
            steps: Cell::new(0),
        };
        check.check(&self.root, value, "", 0)
    }
}

struct Check<'a> {
    schema: &'a Schema,
    steps: Cell<usize>,
}

impl Check<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str, depth: usize) -> Result<(), String> {
        self.steps.set(self.steps.get() + 1);
        if depth > DEPTH_MAX || self.steps.get() > STEPS_MAX {
            return Err(format!("`{at}` is nested too deeply"));
        }
        if schema == &Value::Bool(false) {
            return Err(format!("`{at}` may not be there"));
        }
        if let Some(referenced) = referenced(&self.schema.root, schema) {
            self.check(referenced, value, at, depth + 1)?;
        }
        type_fits(schema, value, at)?;
        choice_fits(schema, value, at)?;
        bounds_fit(schema, value, at)?;
        self.combinations_fit(schema, value, at, depth)?;
        match value {
            Value::Object(_) => self.members_fit(schema, value, at, depth),
            Value::Array(elements) => self.elements_fit(schema, elements, at, depth),
            Value::String(text) => self.pattern_fits(schema, text, at),
            Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        }
    }

    fn pattern_fits(&self, schema: &Value, text: &str, at: &str) -> Result<(), String> {
        let Some(pattern) = schema.get("pattern").and_then(Value::as_str) else {
            return Ok(());
        };
        let compiled = self.schema.patterns.get(pattern);
        match compiled.is_some_and(|compiled| compiled.is_match(text)) {
            true => Ok(()),
            false => Err(format!("`{at}` does not have the form `{pattern}`")),
        }
    }

    fn elements_fit(
        &self,
        schema: &Value,
        elements: &[Value],
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        let first = schema.get("prefixItems").and_then(Value::as_array);
        let first = first.map(Vec::as_slice).unwrap_or_default();
        let others = schema.get("items");
        for (index, element) in elements.iter().enumerate() {
            if let Some(schema) = first.get(index).or(others) {
                self.check(schema, element, &format!("{at}/{index}"), depth + 1)?;
            }
        }
        if schema.get("uniqueItems") == Some(&Value::Bool(true)) {
            for (index, element) in elements.iter().enumerate() {
                let before = elements.iter().take(index);
                if before.into_iter().any(|other| is_same(other, element)) {
                    return Err(format!("`{at}/{index}` is there already"));
                }
            }
        }
        Ok(())
    }

    fn members_fit(
        &self,
        schema: &Value,
        value: &Value,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        let members = value.as_object().into_iter().flatten();
        let properties = schema.get("properties");
        for (name, member) in members {
            let place = format!("{at}/{name}");
            let known = properties.and_then(|properties| properties.get(name));
            match (known, schema.get("additionalProperties")) {
                (Some(schema), _) => self.check(schema, member, &place, depth + 1)?,
                (None, Some(Value::Bool(false))) => {
                    return Err(format!("`{place}` is not a known member"));
                }
                (None, Some(schema)) => self.check(schema, member, &place, depth + 1)?,
                (None, None) => {}
            }
            if let Some(names) = schema.get("propertyNames") {
                self.check(names, &Value::String(name.clone()), &place, depth + 1)?;
            }
        }
        let required = schema.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if value.get(name).is_none() {
                return Err(format!("`{at}/{name}` is missing"));
            }
        }
        let needed = schema.get("dependentRequired").and_then(Value::as_object);
        let needed = needed.into_iter().flatten();
        for (name, others) in needed.filter(|(name, _)| value.get(name.as_str()).is_some()) {
            let others = others.as_array().into_iter().flatten();
            for other in others.filter_map(Value::as_str) {
                if value.get(other).is_none() {
                    return Err(format!("`{at}/{other}` is missing, which `{name}` needs"));
                }
            }
        }
        Ok(())
    }

    fn combinations_fit(
        &self,
        schema: &Value,
        value: &Value,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        let list = |name: &str| schema.get(name).and_then(Value::as_array);
        for schema in list("allOf").into_iter().flatten() {
            self.check(schema, value, at, depth + 1)?;
        }
        if let Some(choices) = list("anyOf") {
            self.fitting(choices, value, at, depth, |count| count >= 1)?;
        }
        if let Some(choices) = list("oneOf") {
            self.fitting(choices, value, at, depth, |count| count == 1)?;
        }
        if let Some(schema) = schema.get("not")
            && self.check(schema, value, at, depth + 1).is_ok()
        {
            return Err(format!("`{at}` has a form that is excluded"));
        }
        if let Some(condition) = schema.get("if") {
            let holds = self.check(condition, value, at, depth + 1).is_ok();
            let branch = if holds { "then" } else { "else" };
            if let Some(schema) = schema.get(branch) {
                self.check(schema, value, at, depth + 1)?;
            }
        }
        Ok(())
    }

    fn fitting(
        &self,
        choices: &[Value],
        value: &Value,
        at: &str,
        depth: usize,
        is_enough: impl Fn(usize) -> bool,
    ) -> Result<(), String> {
        let mut problem = String::new();
        let mut count = 0;
        for schema in choices {
            match self.check(schema, value, at, depth + 1) {
                Ok(()) => count += 1,
                Err(why) => problem = why,
            }
        }
        match is_enough(count) {
            true => Ok(()),
            false if count == 0 => Err(problem),
            false => Err(format!("`{at}` fits {count} forms that exclude each other")),
        }
    }
}

fn type_fits(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let fits = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    let is_fitting = match schema.get("type") {
        Some(Value::String(name)) => fits(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(fits),
        _ => true,
    };
    match (is_fitting, schema.get("type")) {
        (false, Some(name)) if at.is_empty() => Err(format!("they are not of the type {name}")),
        (false, Some(name)) => Err(format!("`{at}` is not of the type {name}")),
        _ => Ok(()),
    }
}

fn choice_fits(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let choices = schema.get("enum").and_then(Value::as_array);
    let fits = |choices: &&Vec<Value>| choices.iter().any(|choice| is_same(choice, value));
    if let Some(choices) = choices.filter(|choices| !fits(choices)) {
        let choices = Value::Array(choices.clone());
        return Err(format!("`{at}` is not one of {choices}"));
    }
    match schema
        .get("const")
        .filter(|expected| !is_same(expected, value))
    {
        Some(expected) => Err(format!("`{at}` is not {expected}")),
        None => Ok(()),
    }
}

fn bounds_fit(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_number);
    let over = |number: &Number, name: &str, wrong: &[Ordering]| {
        let ordering = bound(name).and_then(|bound| compared(number, bound));
        ordering.is_some_and(|ordering| wrong.contains(&ordering))
    };
    let (number, noun) = match value {
        Value::Number(number) => (number.clone(), None),
        Value::String(text) => (text.chars().count().into(), Some("Length")),
        Value::Array(elements) => (elements.len().into(), Some("Items")),
        Value::Object(members) => (members.len().into(), Some("Properties")),
        Value::Null | Value::Bool(_) => return Ok(()),
    };
    let (too_small, too_large) = match noun {
        None => (
            over(&number, "minimum", &[Ordering::Less])
                || over(
                    &number,
                    "exclusiveMinimum",
                    &[Ordering::Less, Ordering::Equal],
                ),
            over(&number, "maximum", &[Ordering::Greater])
                || over(
                    &number,
                    "exclusiveMaximum",
                    &[Ordering::Greater, Ordering::Equal],
                ),
        ),
        Some(noun) => (
            over(&number, &format!("min{noun}"), &[Ordering::Less]),
            over(&number, &format!("max{noun}"), &[Ordering::Greater]),
        ),
    };
    match (too_small, too_large) {
        (true, _) => return Err(format!("`{at}` is too small or too short")),
        (false, true) => return Err(format!("`{at}` is too large or too long")),
        (false, false) => {}
    }
    match bound("multipleOf").filter(|of| noun.is_none() && !is_multiple(&number, of)) {
        Some(of) => Err(format!("`{at}` is no multiple of {of}")),
        None => Ok(()),
    }
}

/// Integers exactly; where one is none, as floating-point numbers.
fn compared(one: &Number, other: &Number) -> Option<Ordering> {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        (None, _) | (_, None) => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

fn is_multiple(number: &Number, of: &Number) -> bool {
    match (number.as_i128(), of.as_i128()) {
        (Some(number), Some(of)) => number.checked_rem(of) == Some(0),
        (None, _) | (_, None) => {
            let quotient = number.as_f64().zip(of.as_f64()).map(|(n, of)| n / of);
            quotient.is_some_and(|quotient| quotient.fract() == 0.0)
        }
    }
}

/// JSON Schema's equality: 1 and 1.0 are the same.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => compared(one, other) == Some(Ordering::Equal),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there = |(name, value): (&String, &Value)| {
                other.get(name).is_some_and(|other| is_same(value, other))
            };
            one.len() == other.len() && one.iter().all(is_there)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Schema;

    #[test]
    fn a_value_fits_or_the_first_place_that_does_not_is_named() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["roots"],
            "properties": {
                "roots": { "type": "array", "items": { "$ref": "#/$defs/path" }, "minItems": 1 },
                "mode": { "enum": ["a", "b"] },
                "max": { "type": "integer", "minimum": 1 },
                "one": { "oneOf": [{ "type": "string" }, { "type": "null" }] }
            },
            "$defs": { "path": { "type": "string", "minLength": 1 } }
        });
        let cases: [(Value, Option<&str>); 9] = [
            (
                json!({ "roots": ["/a"], "mode": "a", "max": 1, "one": null }),
                None,
            ),
            (json!([]), Some("not of the type")),
            (json!({}), Some("`/roots` is missing")),
            (json!({ "roots": [] }), Some("`/roots` is too small")),
            (json!({ "roots": [""] }), Some("`/roots/0` is too small")),
            (
                json!({ "roots": [1] }),
                Some("`/roots/0` is not of the type"),
            ),
            (
                json!({ "roots": ["/a"], "mode": "c" }),
                Some("`/mode` is not one of"),
            ),
            (
                json!({ "roots": ["/a"], "rots": 1 }),
                Some("`/rots` is not a known member"),
            ),
            (
                json!({ "roots": ["/a"], "one": 1 }),
                Some("`/one` is not of the type"),
            ),
        ];
        let schema = Schema::new(schema).unwrap();
        for (value, expected) in cases {
            match (schema.check(&value), expected) {
                (Ok(()), None) => {}
                (Err(problem), Some(part)) => assert!(problem.contains(part), "{value}: {problem}"),
                (result, _) => assert_eq!(result.is_ok(), expected.is_none(), "{value}"),
            }
        }
    }

    /// Each of these words was read over once.
    #[test]
    fn every_word_that_is_understood_constrains() {
        let cases: [(Value, Value, Value, &str); 14] = [
            (
                json!({ "pattern": "^/" }),
                json!("/a"),
                json!("a"),
                "the form `^/`",
            ),
            (
                json!({ "exclusiveMaximum": 3 }),
                json!(2),
                json!(3),
                "too large",
            ),
            (
                json!({ "exclusiveMinimum": 3 }),
                json!(4),
                json!(3),
                "too small",
            ),
            (
                json!({ "maximum": 9_007_199_254_740_993_u64 }),
                json!(9_007_199_254_740_993_u64),
                json!(9_007_199_254_740_994_u64),
                "too large",
            ),
            (
                json!({ "multipleOf": 5 }),
                json!(10),
                json!(7),
                "no multiple of 5",
            ),
            (
                json!({ "multipleOf": 0.5 }),
                json!(1.5),
                json!(0.7),
                "no multiple of 0.5",
            ),
            (
                json!({ "uniqueItems": true }),
                json!([1, "1"]),
                json!([1, 1.0]),
                "`/1` is there",
            ),
            (
                json!({ "prefixItems": [{ "type": "string" }], "items": { "type": "null" } }),
                json!(["a", null]),
                json!([1]),
                "`/0` is not of the type",
            ),
            (
                json!({ "prefixItems": [{}], "items": false }),
                json!([1]),
                json!([1, 2]),
                "`/1` may not be there",
            ),
            (
                json!({ "if": { "required": ["a"] }, "then": { "required": ["b"] } }),
                json!({ "a": 1, "b": 2 }),
                json!({ "a": 1 }),
                "`/b` is missing",
            ),
            (
                json!({ "if": { "type": "string" }, "else": { "type": "null" } }),
                json!("a"),
                json!(1),
                "not of the type",
            ),
            (
                json!({ "dependentRequired": { "a": ["b"] } }),
                json!({ "c": 1 }),
                json!({ "a": 1 }),
                "`/b` is missing, which `a` needs",
            ),
            (json!({ "enum": [1.0] }), json!(1), json!(2), "not one of"),
            (
                json!({ "not": { "const": [{ "a": 1 }] } }),
                json!([]),
                json!([{ "a": 1.0 }]),
                "excluded",
            ),
        ];
        for (schema, good, bad, part) in cases {
            let known = Schema::new(schema.clone()).unwrap();
            assert_eq!(known.check(&good), Ok(()), "{schema}");
            let problem = known.check(&bad).unwrap_err();
            assert!(problem.contains(part), "{schema}: {problem}");
        }
    }

    /// Two references at each level are 2^64 steps.
    #[test]
    fn a_schema_without_end_comes_to_one() {
        let twice = json!({ "$ref": "#/$defs/a" });
        let schema = json!({
            "$ref": "#/$defs/a",
            "$defs": { "a": { "anyOf": [twice.clone(), twice] } }
        });
        let problem = Schema::new(schema).unwrap().check(&json!(1)).unwrap_err();
        assert!(problem.contains("nested too deeply"), "{problem}");
    }
}
