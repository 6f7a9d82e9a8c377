//! Whether a schema of JSON is one: the keywords that are read, and what stands behind them.

use regorus::Value;

use super::arguments::{BuiltinError, wrong};
use super::patterns;

/// Deepest that schemas stand in one another.
const DEPTH_MAX: usize = 32;

/// Kinds of values, as gojsonschema lists them.
const TYPES: [&str; 7] = [
    "array", "boolean", "integer", "number", "null", "object", "string",
];

/// Keywords that say nothing of a document.
const NOTES: [&str; 8] = [
    "$schema",
    "$id",
    "id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
];

/// Why a schema is none. The error is of a schema that may be one, and is not read here.
pub(super) fn problem(schema: &Value, depth: usize) -> Result<Option<String>, BuiltinError> {
    if depth > DEPTH_MAX {
        return Err(wrong("schemas stand too deep in one another"));
    }
    let members = match schema {
        Value::Bool(_) => return Ok(None),
        Value::Object(members) => members,
        _ => return Err(wrong("a schema is neither an object nor a boolean")),
    };
    for (name, value) in members.iter_sorted() {
        let Value::String(name) = name else {
            return Err(wrong("a keyword is no text"));
        };
        let below: Vec<&Value> = match (&**name, value) {
            ("type", value) => {
                let kinds: Vec<&Value> = match value {
                    Value::Array(kinds) => kinds.iter().collect(),
                    one => vec![one],
                };
                for kind in kinds {
                    match kind {
                        Value::String(kind) if TYPES.contains(&&**kind) => {}
                        Value::String(kind) => {
                            return Ok(Some(format!(
                                "has a primitive type that is NOT VALID -- given: /{kind}/ Expected valid values are:[{}]",
                                TYPES.join(" ")
                            )));
                        }
                        _ => return Err(wrong("`type` is no text")),
                    }
                }
                Vec::new()
            }
            ("properties", Value::Object(members)) => members.values().collect(),
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => schemas.iter().collect(),
            (
                "not" | "items" | "additionalProperties",
                schema @ (Value::Object(_) | Value::Bool(_)),
            ) => {
                vec![schema]
            }
            ("pattern", Value::String(pattern)) => {
                patterns::compiled(pattern)?;
                Vec::new()
            }
            ("required", Value::Array(_)) | ("enum", Value::Array(_)) | ("const", _) => Vec::new(),
            (
                "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems",
                Value::Number(_),
            )
            | ("uniqueItems", Value::Bool(_)) => Vec::new(),
            (name, _) if NOTES.contains(&name) => Vec::new(),
            (name, _) => return Err(BuiltinError(format!("the keyword `{name}` is not read"))),
        };
        for schema in below {
            if let Some(problem) = problem(schema, depth + 1)? {
                return Ok(Some(problem));
            }
        }
    }
    Ok(None)
}
