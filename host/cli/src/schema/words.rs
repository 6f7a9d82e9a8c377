//! Whether every word of a schema is understood. A word that says nothing here
//! would look like a constraint and be none: it is refused.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde_json::{Map, Value};

/// The types that JSON Schema has.
const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// The words that constrain, for a hint.
const WORDS: &str = "type, enum, const, minimum, maximum, exclusiveMinimum, exclusiveMaximum, \
                     multipleOf, minLength, maxLength, pattern, items, prefixItems, minItems, \
                     maxItems, uniqueItems, properties, additionalProperties, propertyNames, \
                     required, dependentRequired, minProperties, maxProperties, allOf, anyOf, \
                     oneOf, not, if, then, else, $ref, $defs";

/// The only version that is read: older ones mean something else by `items`.
const VERSION: &str = "https://json-schema.org/draft/2020-12/schema";

/// How deep a schema is nested.
const DEPTH_MAX: usize = 64;

/// Largest program that a pattern is compiled to, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// The patterns of a schema, by their text. They take time linear in what they
/// are tried on.
pub(super) type Patterns = BTreeMap<String, Regex>;

/// A schema that is not understood.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct SchemaError {
    /// JSON Pointer to the place.
    pub(crate) pointer: String,
    pub(crate) problem: String,
    pub(crate) hint: String,
}

/// Reads a whole schema.
pub(super) fn understand(root: &Value) -> Result<Patterns, SchemaError> {
    let mut reader = Reader {
        root,
        patterns: Patterns::new(),
    };
    reader.schema(root, "", 0)?;
    Ok(reader.patterns)
}

/// What `$ref` points to, inside the schema.
pub(super) fn referenced<'a>(root: &'a Value, schema: &Value) -> Option<&'a Value> {
    let pointer = schema.get("$ref")?.as_str()?.strip_prefix('#')?;
    root.pointer(pointer)
}

struct Reader<'a> {
    root: &'a Value,
    patterns: Patterns,
}

impl Reader<'_> {
    fn schema(&mut self, schema: &Value, at: &str, depth: usize) -> Result<(), SchemaError> {
        if depth > DEPTH_MAX {
            return Err(wrong(
                at,
                "is nested too deeply",
                "take a part into `$defs`",
            ));
        }
        match schema {
            Value::Bool(_) => Ok(()),
            Value::Object(words) => words
                .iter()
                .try_for_each(|(word, value)| self.word(word, value, at, depth)),
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(wrong(
                at,
                "is no schema",
                "a schema is an object, `true` or `false`",
            )),
        }
    }

    fn word(
        &mut self,
        word: &str,
        value: &Value,
        above: &str,
        depth: usize,
    ) -> Result<(), SchemaError> {
        let at = &format!("{above}/{}", escaped(word));
        match word {
            "title" | "description" | "default" | "examples" | "deprecated" | "readOnly"
            | "writeOnly" | "$comment" | "const" => Ok(()),
            // Deeper down it would change what a `$ref` means.
            "$id" if above.is_empty() => Ok(()),
            "$schema" => match value.as_str().map(|version| version.trim_end_matches('#')) {
                Some(VERSION) => Ok(()),
                Some(_) | None => Err(wrong(
                    at,
                    "names another version of JSON Schema",
                    &format!("write `{VERSION}`"),
                )),
            },
            "type" => types(value, at),
            "enum" => is(value.as_array().is_some(), at, "an array"),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                is(value.is_number(), at, "a number")
            }
            "multipleOf" => {
                let is_positive = value.as_f64().is_some_and(|number| number > 0.0);
                is(is_positive, at, "a number above 0")
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" => is(value.is_u64(), at, "a whole number from 0"),
            "uniqueItems" => is(value.is_boolean(), at, "`true` or `false`"),
            "required" => is(are_texts(value), at, "an array of names"),
            "dependentRequired" => {
                let lists = value.as_object();
                let are_lists = lists.is_some_and(|lists| lists.values().all(are_texts));
                is(are_lists, at, "an object of arrays of names")
            }
            "pattern" => self.pattern(value, at),
            "$ref" => self.reference(value, at),
            "items" | "additionalProperties" | "propertyNames" | "not" | "if" | "then" | "else" => {
                self.schema(value, at, depth + 1)
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                let schemas = value.as_array().map(Vec::as_slice).unwrap_or_default();
                is(!schemas.is_empty(), at, "an array of schemas")?;
                let mut schemas = schemas.iter().enumerate();
                schemas.try_for_each(|(index, schema)| {
                    self.schema(schema, &format!("{at}/{index}"), depth + 1)
                })
            }
            "properties" | "$defs" => {
                is(value.is_object(), at, "an object of schemas")?;
                let schemas = value.as_object().into_iter().flat_map(Map::iter);
                for (name, schema) in schemas {
                    self.schema(schema, &format!("{at}/{}", escaped(name)), depth + 1)?;
                }
                Ok(())
            }
            _ => Err(SchemaError {
                pointer: at.clone(),
                problem: format!("`{at}` would say nothing: `{word}` is not checked"),
                hint: format!("leave it out, or say it with one of: {WORDS}"),
            }),
        }
    }

    fn pattern(&mut self, value: &Value, at: &str) -> Result<(), SchemaError> {
        let Some(text) = value.as_str() else {
            return is(false, at, "a text");
        };
        let compiled = RegexBuilder::new(text)
            .size_limit(PATTERN_BYTES_MAX)
            .build();
        let compiled = compiled.map_err(|error| SchemaError {
            pointer: at.to_owned(),
            problem: format!("`{at}` is no pattern: {}", one_line(&error.to_string())),
            hint: "write a regular expression without looking ahead or back, and without \
                   references"
                .to_owned(),
        })?;
        self.patterns.insert(text.to_owned(), compiled);
        Ok(())
    }

    fn reference(&self, value: &Value, at: &str) -> Result<(), SchemaError> {
        let Some(pointer) = value.as_str().and_then(|text| text.strip_prefix('#')) else {
            return Err(wrong(
                at,
                "is outside of this schema, and nothing is fetched",
                "put what it names into `$defs`, and write `#/$defs/name`",
            ));
        };
        match self.root.pointer(pointer) {
            Some(_) => Ok(()),
            None => Err(wrong(
                at,
                "leads to nothing",
                "write a JSON Pointer into this schema, such as `#/$defs/name`",
            )),
        }
    }
}

fn types(value: &Value, at: &str) -> Result<(), SchemaError> {
    let names = value
        .as_array()
        .map_or(std::slice::from_ref(value), |names| names);
    is(!names.is_empty(), at, "the name of a type")?;
    for name in names {
        let Some(name) = name.as_str() else {
            return is(false, at, "the name of a type");
        };
        if !TYPES.contains(&name) {
            return Err(SchemaError {
                pointer: at.to_owned(),
                problem: format!("`{name}` is no type of JSON Schema"),
                hint: format!("there are: {}", TYPES.join(", ")),
            });
        }
    }
    Ok(())
}

fn are_texts(value: &Value) -> bool {
    let texts = value.as_array();
    texts.is_some_and(|texts| texts.iter().all(Value::is_string))
}

fn is(is_so: bool, at: &str, what: &str) -> Result<(), SchemaError> {
    match is_so {
        true => Ok(()),
        false => Err(wrong(
            at,
            &format!("is not {what}"),
            "see JSON Schema 2020-12",
        )),
    }
}

fn wrong(at: &str, problem: &str, hint: &str) -> SchemaError {
    let place = match at {
        "" => "the schema".to_owned(),
        at => format!("`{at}`"),
    };
    SchemaError {
        pointer: at.to_owned(),
        problem: format!("{place} {problem}"),
        hint: hint.to_owned(),
    }
}

/// A name as a step of a JSON Pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What regular expressions say about themselves takes several lines; the last
/// one says what is wrong.
fn one_line(text: &str) -> &str {
    let last = text.lines().next_back().unwrap_or(text);
    last.strip_prefix("error: ").unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::understand;

    /// Each would have been read over, and its constraint with it.
    #[test]
    fn a_word_that_is_not_checked_is_refused_with_its_place() {
        let cases: [(Value, &str, &str); 17] = [
            (
                json!({ "maxLenght": 1 }),
                "/maxLenght",
                "`maxLenght` is not checked",
            ),
            (
                json!({ "properties": { "a/b": { "format": "date" } } }),
                "/properties/a~1b/format",
                "`format` is not checked",
            ),
            (json!({ "contains": {} }), "/contains", "`contains`"),
            (
                json!({ "patternProperties": {} }),
                "/patternProperties",
                "not checked",
            ),
            (
                json!({ "unevaluatedProperties": false }),
                "/unevaluatedProperties",
                "not checked",
            ),
            (
                json!({ "not": { "$dynamicRef": "#a" } }),
                "/not/$dynamicRef",
                "not checked",
            ),
            (
                json!({ "items": { "$id": "a" } }),
                "/items/$id",
                "not checked",
            ),
            (json!({ "items": [{}] }), "/items", "is no schema"),
            (json!({ "type": "aray" }), "/type", "`aray` is no type"),
            (json!({ "type": [] }), "/type", "is not the name of a type"),
            (json!({ "minimum": "1" }), "/minimum", "is not a number"),
            (
                json!({ "maxItems": -1 }),
                "/maxItems",
                "is not a whole number",
            ),
            (json!({ "pattern": "(" }), "/pattern", "is no pattern"),
            (json!({ "pattern": "(?=a)" }), "/pattern", "is no pattern"),
            (
                json!({ "$ref": "https://example.com/a.json" }),
                "/$ref",
                "nothing is fetched",
            ),
            (
                json!({ "anyOf": [{ "$ref": "#/$defs/a" }] }),
                "/anyOf/0/$ref",
                "leads to nothing",
            ),
            (
                json!({ "$schema": "http://json-schema.org/draft-07/schema#" }),
                "/$schema",
                "another version",
            ),
        ];
        for (schema, pointer, problem) in cases {
            let error = understand(&schema).unwrap_err();
            assert_eq!(error.pointer, pointer, "{schema}");
            assert!(
                error.problem.contains(problem),
                "{schema}: {}",
                error.problem
            );
            assert!(!error.hint.is_empty(), "{schema}");
        }
    }

    #[test]
    fn names_and_values_are_no_words() {
        let schema = json!({
            "properties": { "format": { "default": { "contains": 1 } } },
            "$defs": { "contains": true },
            "enum": [{ "format": 1 }],
            "const": { "contains": 1 },
        });
        assert!(understand(&schema).is_ok());
    }
}
