//! Whether a schema of JSON is one: what stands behind its keywords. Where OPA says what is
//! wrong with it, the words are OPA's.

use std::collections::BTreeSet;

use regorus::Value;

use super::parts::{at, keyword};
use crate::builtins::arguments::{BuiltinError, unread};
use crate::builtins::patterns;

/// Deepest that schemas stand in one another.
const DEPTH_MAX: usize = 32;

/// Kinds of values, as gojsonschema lists them.
const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "number", "null", "object", "string",
];

/// Keywords that say nothing of a document. What stands in `$defs` is read where a `$ref`
/// names it.
const NOTES: [&str; 10] = [
    "$comment",
    "default",
    "examples",
    "readOnly",
    "writeOnly",
    "deprecated",
    "contentMediaType",
    "contentEncoding",
    "$defs",
    "nullable",
];

/// Keywords that an earlier draft passes over.
const OF_DRAFT_6: [&str; 3] = ["const", "contains", "propertyNames"];
const OF_DRAFT_7: [&str; 3] = ["if", "then", "else"];

/// What is wrong.
enum Wrong {
    /// It is no schema, in OPA's words.
    Schema(String),
    /// It may be one, and is not read here.
    NotRead(BuiltinError),
}

type Checked = Result<(), Wrong>;

/// A schema, and what of it was looked at.
struct Reading<'a> {
    root: &'a Value,
    draft: u8,
    seen: BTreeSet<String>,
    has_reference: bool,
    has_inner_id: bool,
}

/// Why a schema is none. The error is of a schema that may be one, and is not read here.
pub(super) fn problem(schema: &Value) -> Result<Option<String>, BuiltinError> {
    let draft = match keyword(schema, "$schema") {
        Some(Value::String(name)) if name.contains("json-schema.org/draft-04/") => 4,
        Some(Value::String(name)) if name.contains("json-schema.org/draft-06/") => 6,
        _ => 7,
    };
    let mut reading = Reading {
        root: schema,
        draft,
        seen: BTreeSet::new(),
        has_reference: false,
        has_inner_id: false,
    };
    match reading.check(schema, 0) {
        // A reference would begin at the inner one.
        Ok(()) if reading.has_reference && reading.has_inner_id => {
            Err(unread("`$ref` beside an `$id` that is not of the whole"))
        }
        Ok(()) => Ok(None),
        Err(Wrong::Schema(problem)) => Ok(Some(problem)),
        Err(Wrong::NotRead(error)) => Err(error),
    }
}

// === impl Reading ===

impl Reading<'_> {
    fn check(&mut self, schema: &Value, depth: usize) -> Checked {
        if depth > DEPTH_MAX {
            return not_read("schemas stand too deep in one another");
        }
        let members = match schema {
            Value::Bool(_) => return Ok(()),
            Value::Object(members) => members,
            _ => return not_read("a schema is neither an object nor a boolean"),
        };
        if let Some(reference) = keyword(schema, "$ref") {
            return self.check_reference(reference, depth);
        }
        for (name, value) in members.iter_sorted() {
            let Value::String(name) = name else {
                return not_read("a keyword is no text");
            };
            self.check_keyword(name, value, depth)?;
        }
        self.check_pairs(schema)
    }

    /// What stands beside a reference is passed over.
    fn check_reference(&mut self, reference: &Value, depth: usize) -> Checked {
        let Value::String(reference) = reference else {
            return of_type("string", "$ref");
        };
        self.has_reference = true;
        let target = at(self.root, reference).map_err(Wrong::NotRead)?;
        match self.seen.insert(reference.to_string()) {
            true => self.check(target, depth + 1),
            false => Ok(()),
        }
    }

    fn check_keyword(&mut self, name: &str, value: &Value, depth: usize) -> Checked {
        let is_later = (self.draft < 6 && OF_DRAFT_6.contains(&name))
            || (self.draft < 7 && OF_DRAFT_7.contains(&name));
        if is_later {
            return not_read(&format!("`{name}` is of a later draft"));
        }
        match name {
            "$schema" if depth == 0 => is_text(name, value),
            "$id" | "id" => {
                self.has_inner_id |= depth > 0;
                is_text(name, value)
            }
            "title" | "description" | "format" => is_text(name, value),
            "type" => check_type(value),
            "properties" | "definitions" | "patternProperties" | "dependencies" => {
                self.check_members(name, value, depth)
            }
            "allOf" | "anyOf" | "oneOf" => match value {
                Value::Array(schemas) => schemas
                    .iter()
                    .try_for_each(|schema| self.check(schema, depth + 1)),
                _ => must_be("an array", name),
            },
            "items" => match value {
                Value::Array(schemas) => schemas
                    .iter()
                    .try_for_each(|schema| self.check(schema, depth + 1)),
                one => self.check(one, depth + 1),
            },
            "not"
            | "additionalProperties"
            | "additionalItems"
            | "propertyNames"
            | "contains"
            | "if"
            | "then"
            | "else" => self.check(value, depth + 1),
            "pattern" => {
                is_text(name, value)?;
                let pattern = value.as_string().map(|it| it.to_string());
                check_pattern(&pattern.unwrap_or_default())
            }
            "required" => check_required(value),
            "enum" => check_choices(value),
            "const" => Ok(()),
            "minimum" | "maximum" => match value {
                Value::Number(_) => Ok(()),
                _ => must_be("a number", name),
            },
            "exclusiveMinimum" | "exclusiveMaximum" => match value {
                Value::Number(_) if self.draft > 4 => Ok(()),
                Value::Bool(_) if self.draft < 6 => Ok(()),
                _ => not_read(&format!("`{name}` is no number")),
            },
            "multipleOf" => match value {
                Value::Number(_) if *value > Value::from(0) => Ok(()),
                Value::Number(_) => schema_error("multipleOf must be strictly greater than 0"),
                _ => of_type("number", name),
            },
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" => match value.as_i64() {
                Ok(0..) => Ok(()),
                Ok(_) => schema_error(&format!("{name} must be greater than or equal to 0")),
                Err(_) => must_be("an integer", name),
            },
            "uniqueItems" => match value {
                Value::Bool(_) => Ok(()),
                _ => must_be("a boolean", name),
            },
            _ if NOTES.contains(&name) => Ok(()),
            _ => not_read(&format!("the keyword `{name}` is not read")),
        }
    }

    fn check_members(&mut self, name: &str, value: &Value, depth: usize) -> Checked {
        let Value::Object(members) = value else {
            return not_read(&format!("`{name}` is no object"));
        };
        for (key, value) in members.iter_sorted() {
            match (name, value) {
                ("dependencies", Value::Array(names)) => {
                    if names.iter().any(|name| name.as_string().is_err()) {
                        return not_read("`dependencies` has what is no text");
                    }
                }
                ("patternProperties", schema) => {
                    let pattern = key.as_string().map(|it| it.to_string());
                    check_pattern(&pattern.unwrap_or_default())?;
                    self.check(schema, depth + 1)?;
                }
                (_, schema) => self.check(schema, depth + 1)?,
            }
        }
        Ok(())
    }

    /// Keywords that go together.
    fn check_pairs(&self, schema: &Value) -> Checked {
        for (least, most) in [
            ("minLength", "maxLength"),
            ("minProperties", "maxProperties"),
        ] {
            if let (Some(low), Some(high)) = (keyword(schema, least), keyword(schema, most))
                && low > high
            {
                return match least {
                    "minLength" => schema_error("minLength cannot be greater than maxLength"),
                    _ => not_read("`minProperties` is greater than `maxProperties`"),
                };
            }
        }
        for (exclusive, bound) in [
            ("exclusiveMinimum", "minimum"),
            ("exclusiveMaximum", "maximum"),
        ] {
            let is_flag = matches!(keyword(schema, exclusive), Some(Value::Bool(_)));
            if is_flag && keyword(schema, bound).is_none() {
                return schema_error(&format!("{exclusive} cannot be used without {bound}"));
            }
        }
        Ok(())
    }
}

fn check_type(value: &Value) -> Checked {
    let kinds: Vec<&Value> = match value {
        Value::Array(kinds) => kinds.iter().collect(),
        one => vec![one],
    };
    let mut seen = BTreeSet::new();
    for kind in kinds {
        let Value::String(kind) = kind else {
            return not_read("`type` is no text");
        };
        if !TYPES.contains(&&**kind) {
            return schema_error(&format!(
                "has a primitive type that is NOT VALID -- given: /{kind}/ Expected valid values are:[{}]",
                TYPES.join(" ")
            ));
        }
        if !seen.insert(kind.to_string()) {
            return not_read("`type` names a type twice");
        }
    }
    Ok(())
}

fn check_pattern(pattern: &str) -> Checked {
    patterns::compiled(pattern)
        .map(|_| ())
        .map_err(Wrong::NotRead)
}

fn check_required(value: &Value) -> Checked {
    let Value::Array(names) = value else {
        return must_be("an array", "required");
    };
    let mut seen = BTreeSet::new();
    for name in names.iter() {
        match name {
            Value::String(name) if seen.insert(name.to_string()) => {}
            Value::String(_) => return schema_error("required items must be unique"),
            _ => return of_type("string", "required"),
        }
    }
    Ok(())
}

fn check_choices(value: &Value) -> Checked {
    let Value::Array(choices) = value else {
        return must_be("an array", "enum");
    };
    let distinct: BTreeSet<&Value> = choices.iter().collect();
    match distinct.len() == choices.len() {
        true => Ok(()),
        false => schema_error("enum items must be unique"),
    }
}

fn is_text(name: &str, value: &Value) -> Checked {
    match value {
        Value::String(_) => Ok(()),
        _ => of_type("string", name),
    }
}

fn of_type(kind: &str, name: &str) -> Checked {
    schema_error(&format!("Invalid type. Expected: {kind}, given: {name}"))
}

fn must_be(kind: &str, name: &str) -> Checked {
    schema_error(&format!("{name} must be of {kind}"))
}

fn schema_error(problem: &str) -> Checked {
    Err(Wrong::Schema(problem.to_owned()))
}

fn not_read(problem: &str) -> Checked {
    Err(Wrong::NotRead(unread(problem)))
}
