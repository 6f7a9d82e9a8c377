//! `json.match_schema`: documents by a schema of JSON, as far as the keywords of draft 7 go
//! that are listed in `schema_keywords`. A keyword that is not known is an error.

use std::collections::BTreeMap;

use regorus::Value;

use super::arguments::{BuiltinError, wrong};
use super::patterns;
use super::schema_keywords::problem;

/// Most mistakes that are described.
const ERRORS_MAX: usize = 64;

/// What is wrong with a document.
struct Errors(Vec<Value>);

pub(super) fn match_schema(values: &[Value]) -> Result<Value, BuiltinError> {
    let (document, schema) = (document(values, 0)?, document(values, 1)?);
    if let Some(problem) = problem(&schema, 0)? {
        return Err(BuiltinError(problem));
    }
    let mut errors = Errors(Vec::new());
    errors.check(&document, &schema, &[], 0)?;
    let is_valid = Value::from(errors.0.is_empty());
    Ok(Value::from(vec![is_valid, Value::from(errors.0)]))
}

pub(super) fn verify_schema(values: &[Value]) -> Result<Value, BuiltinError> {
    let found = match document(values, 0) {
        Ok(schema) => problem(&schema, 0)?,
        Err(error) => Some(error.0),
    };
    Ok(match found {
        None => Value::from(vec![Value::from(true), Value::Null]),
        Some(problem) => Value::from(vec![
            Value::from(false),
            Value::from(format!("jsonschema: {problem}")),
        ]),
    })
}

/// A document, or the text of one.
fn document(values: &[Value], place: usize) -> Result<Value, BuiltinError> {
    match values.get(place) {
        Some(Value::String(text)) => {
            Value::from_json_str(text).map_err(|_| wrong("invalid JSON string"))
        }
        Some(document @ (Value::Object(_) | Value::Array(_))) => Ok(document.clone()),
        _ => Err(wrong("wrong type, expected string or object")),
    }
}

// === impl Errors ===

impl Errors {
    fn check(
        &mut self,
        document: &Value,
        schema: &Value,
        place: &[String],
        depth: usize,
    ) -> Result<(), BuiltinError> {
        let members = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Bool(false) => {
                self.add(place, "false", "False always fails validation".to_owned());
                return Ok(());
            }
            Value::Object(members) => members,
            _ => return Err(wrong("a schema is neither an object nor a boolean")),
        };
        let keyword = |name: &str| members.get(&Value::from(name));
        if let Some(kinds) = keyword("type") {
            self.check_type(document, kinds, place);
        }
        for (name, kind, description, should_hold) in [
            (
                "allOf",
                "number_all_of",
                "Must validate all the schemas (allOf)",
                0,
            ),
            (
                "anyOf",
                "number_any_of",
                "Must validate at least one schema (anyOf)",
                1,
            ),
            (
                "oneOf",
                "number_one_of",
                "Must validate one and only one schema (oneOf)",
                2,
            ),
        ] {
            let Some(Value::Array(schemas)) = keyword(name) else {
                continue;
            };
            let mut holding = 0;
            for schema in schemas.iter() {
                let mut errors = Self(Vec::new());
                errors.check(document, schema, place, depth + 1)?;
                holding += usize::from(errors.0.is_empty());
                if should_hold == 0 {
                    self.0.append(&mut errors.0);
                }
            }
            let holds = match should_hold {
                0 => holding == schemas.len(),
                1 => holding > 0,
                _ => holding == 1,
            };
            if !holds {
                self.add(place, kind, description.to_owned());
            }
        }
        if let Some(schema) = keyword("not") {
            let mut errors = Self(Vec::new());
            errors.check(document, schema, place, depth + 1)?;
            if errors.0.is_empty() {
                self.add(
                    place,
                    "number_not",
                    "Must not validate the schema (not)".to_owned(),
                );
            }
        }
        if let Some(Value::Array(choices)) = keyword("enum")
            && !choices.contains(document)
        {
            let choices: Result<Vec<_>, _> =
                choices.iter().map(super::documents::marshalled).collect();
            let description = format!(
                "{} must be one of the following: {}",
                field(place),
                choices?.join(", ")
            );
            self.add(place, "enum", description);
        }
        if let Some(wanted) = keyword("const")
            && wanted != document
        {
            let wanted = super::documents::marshalled(wanted)?;
            self.add(
                place,
                "const",
                format!("{} does not match: {wanted}", field(place)),
            );
        }
        match document {
            Value::Object(given) => {
                if let Some(Value::Array(names)) = keyword("required") {
                    for name in names.iter().filter(|name| !given.contains_key(name)) {
                        let name = name.as_string().map(|it| it.to_string());
                        let name = name.map_err(|_| wrong("`required` has what is no text"))?;
                        self.add(place, "required", format!("{name} is required"));
                    }
                }
                self.check_members(document, schema, place, depth)?;
            }
            Value::Array(elements) => {
                if let Some(schema) = keyword("items") {
                    for (index, element) in elements.iter().enumerate() {
                        let mut place = place.to_vec();
                        place.push(index.to_string());
                        self.check(element, schema, &place, depth + 1)?;
                    }
                }
                let count = Value::from(elements.len());
                if keyword("minItems").is_some_and(|least| count < *least) {
                    let least = keyword("minItems")
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    self.add(
                        place,
                        "array_min_items",
                        format!("Array must have at least {least} items"),
                    );
                }
                if keyword("maxItems").is_some_and(|most| count > *most) {
                    let most = keyword("maxItems")
                        .map(ToString::to_string)
                        .unwrap_or_default();
                    self.add(
                        place,
                        "array_max_items",
                        format!("Array must have at most {most} items"),
                    );
                }
                if keyword("uniqueItems") == Some(&Value::from(true)) {
                    let all: Vec<&Value> = elements.iter().collect();
                    for (index, one) in all.iter().enumerate() {
                        let first = all.iter().take(index).position(|other| other == one);
                        if let Some(first) = first {
                            let description =
                                format!("array items[{first},{index}] must be unique");
                            self.add(place, "unique", description);
                        }
                    }
                }
            }
            Value::String(text) => {
                let count = Value::from(text.chars().count());
                if let Some(least) = keyword("minLength").filter(|least| count < **least) {
                    let description =
                        format!("String length must be greater than or equal to {least}");
                    self.add(place, "string_gte", description);
                }
                if let Some(most) = keyword("maxLength").filter(|most| count > **most) {
                    let description = format!("String length must be less than or equal to {most}");
                    self.add(place, "string_lte", description);
                }
                if let Some(Value::String(pattern)) = keyword("pattern")
                    && !patterns::compiled(pattern)?.is_match(text)
                {
                    self.add(
                        place,
                        "pattern",
                        format!("Does not match pattern '{pattern}'"),
                    );
                }
            }
            Value::Number(_) => {
                if let Some(least) = keyword("minimum").filter(|least| document < *least) {
                    let description = format!("Must be greater than or equal to {least}");
                    self.add(place, "number_gte", description);
                }
                if let Some(most) = keyword("maximum").filter(|most| document > *most) {
                    let description = format!("Must be less than or equal to {most}");
                    self.add(place, "number_lte", description);
                }
            }
            Value::Null | Value::Bool(_) | Value::Set(_) | Value::Undefined => {}
        }
        Ok(())
    }

    fn check_members(
        &mut self,
        document: &Value,
        schema: &Value,
        place: &[String],
        depth: usize,
    ) -> Result<(), BuiltinError> {
        let (Value::Object(given), Value::Object(schema)) = (document, schema) else {
            return Ok(());
        };
        let properties = match schema.get(&Value::from("properties")) {
            Some(Value::Object(properties)) => Some(properties),
            _ => None,
        };
        let further = schema.get(&Value::from("additionalProperties"));
        for (name, value) in given.iter_sorted() {
            let text = name.as_string().map(|name| name.to_string());
            let text = text.map_err(|_| wrong("a member has no text for its name"))?;
            let known = properties.and_then(|properties| properties.get(name));
            match (known, further) {
                (None, Some(Value::Bool(false))) => {
                    let description = format!("Additional property {text} is not allowed");
                    self.add(place, "additional_property_not_allowed", description);
                }
                (Some(schema), _) | (None, Some(schema)) => {
                    let mut place = place.to_vec();
                    place.push(text);
                    self.check(value, schema, &place, depth + 1)?;
                }
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn check_type(&mut self, document: &Value, kinds: &Value, place: &[String]) {
        let kinds: Vec<String> = match kinds {
            Value::Array(kinds) => kinds
                .iter()
                .filter_map(|it| Some(it.as_string().ok()?.to_string()))
                .collect(),
            one => one
                .as_string()
                .map(|it| it.to_string())
                .into_iter()
                .collect(),
        };
        let given = match document {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_integer() => "integer",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) | Value::Set(_) => "array",
            Value::Object(_) => "object",
            Value::Undefined => "undefined",
        };
        let fits = kinds
            .iter()
            .any(|kind| kind == given || (kind == "number" && given == "integer"));
        if !fits {
            let description = format!(
                "Invalid type. Expected: {}, given: {given}",
                kinds.join(", ")
            );
            self.add(place, "invalid_type", description);
        }
    }

    fn add(&mut self, place: &[String], kind: &str, description: String) {
        if self.0.len() >= ERRORS_MAX {
            return;
        }
        let field = field(place);
        let members = [
            ("error", format!("{field}: {description}")),
            ("type", kind.to_owned()),
            ("field", field),
            ("desc", description),
        ];
        let members = members.map(|(name, text)| (Value::from(name), Value::from(text)));
        self.0.push(Value::from(BTreeMap::from(members)));
    }
}

fn field(place: &[String]) -> String {
    match place {
        [] => "(root)".to_owned(),
        _ => place.join("."),
    }
}
