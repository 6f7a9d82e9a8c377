//! Whether a value fits a schema: the keywords of JSON Schema 2020-12 that the
//! schemas of this project use. Others (such as `format`) say nothing here.

use serde_json::Value;

/// How deep a schema is followed.
const DEPTH_MAX: usize = 64;

/// The types that JSON Schema has.
pub(crate) const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// Says where the value does not fit, and why: the first such place.
pub(crate) fn check(root: &Value, value: &Value) -> Result<(), String> {
    Check { root }.check(root, value, "", 0)
}

/// The first name of a type in a schema that is none.
pub(crate) fn unknown_type(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(members) => members.iter().find_map(|(key, member)| match key.as_str() {
            // Values, not schemas.
            "enum" | "const" | "default" | "examples" => None,
            "type" if !member.is_object() => {
                let names = member
                    .as_array()
                    .map_or(std::slice::from_ref(member), |names| names);
                let mut names = names.iter().filter_map(Value::as_str);
                names.find(|name| !TYPES.contains(name))
            }
            _ => unknown_type(member),
        }),
        Value::Array(schemas) => schemas.iter().find_map(unknown_type),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// What `$ref` points to, inside the schema.
pub(super) fn referenced<'a>(root: &'a Value, schema: &Value) -> Option<&'a Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    root.pointer(pointer)
}

struct Check<'a> {
    root: &'a Value,
}

impl Check<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!("`{at}` is nested too deeply"));
        }
        if schema == &Value::Bool(false) {
            return Err(format!("`{at}` may not be there"));
        }
        if let Some(referenced) = referenced(self.root, schema) {
            self.check(referenced, value, at, depth + 1)?;
        }
        type_fits(schema, value, at)?;
        choice_fits(schema, value, at)?;
        bounds_fit(schema, value, at)?;
        self.combinations_fit(schema, value, at, depth)?;
        match value {
            Value::Object(_) => self.members_fit(schema, value, at, depth),
            Value::Array(elements) => {
                let items = schema.get("items");
                elements
                    .iter()
                    .enumerate()
                    .try_for_each(|(index, element)| {
                        items.map_or(Ok(()), |items| {
                            self.check(items, element, &format!("{at}/{index}"), depth + 1)
                        })
                    })
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
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
    if let Some(choices) = choices.filter(|choices| !choices.contains(value)) {
        let choices = Value::Array(choices.clone());
        return Err(format!("`{at}` is not one of {choices}"));
    }
    match schema.get("const").filter(|expected| *expected != value) {
        Some(expected) => Err(format!("`{at}` is not {expected}")),
        None => Ok(()),
    }
}

fn bounds_fit(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let number = value.as_f64();
    let length = match value {
        Value::String(text) => Some(("Length", text.chars().count())),
        Value::Array(elements) => Some(("Items", elements.len())),
        Value::Object(members) => Some(("Properties", members.len())),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    };
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let length = length.map(|(noun, length)| (noun, length as f64));
    let too_small = number.zip(bound("minimum")).is_some_and(|(n, min)| n < min)
        || number
            .zip(bound("exclusiveMinimum"))
            .is_some_and(|(n, min)| n <= min)
        || length.is_some_and(|(noun, length)| {
            bound(&format!("min{noun}")).is_some_and(|min| length < min)
        });
    let too_large = number.zip(bound("maximum")).is_some_and(|(n, max)| n > max)
        || length.is_some_and(|(noun, length)| {
            bound(&format!("max{noun}")).is_some_and(|max| length > max)
        });
    match (too_small, too_large) {
        (true, _) => Err(format!("`{at}` is too small or too short")),
        (false, true) => Err(format!("`{at}` is too large or too long")),
        (false, false) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use serde_json::{Value, json};

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
        for (value, expected) in cases {
            match (check(&schema, &value), expected) {
                (Ok(()), None) => {}
                (Err(problem), Some(part)) => assert!(problem.contains(part), "{value}: {problem}"),
                (result, _) => assert_eq!(result.is_ok(), expected.is_none(), "{value}"),
            }
        }
    }
}
