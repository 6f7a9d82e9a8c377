//! `json.match_schema`: documents by a schema of JSON, as OPA's own library for it judges
//! them. What `keywords` does not know is an error.

mod bounds;
mod elements;
mod formats;
mod keywords;
mod members;
mod outcome;
mod parts;

use regorus::Value;

use super::arguments::{BuiltinError, unread, wrong};
use bounds::{check_choice, check_number, check_text};
use elements::check_elements;
use keywords::problem;
use members::check_members;
use outcome::Outcome;
use parts::{at, keyword, list, members_of, name_of};

/// Deepest that documents and schemas stand in one another.
const DEPTH_MAX: usize = 256;

/// The schema that references begin at.
struct Form<'a> {
    root: &'a Value,
}

/// Where a part of the document stands, and how deep the schema is that it is judged by.
#[derive(Clone, Copy)]
struct Place<'a> {
    names: &'a [String],
    depth: usize,
}

pub(super) fn match_schema(values: &[Value]) -> Result<Value, BuiltinError> {
    let (document, root) = (document(values, 0)?, document(values, 1)?);
    if let Some(problem) = problem(&root)? {
        return Err(BuiltinError::new(problem));
    }
    let place = Place {
        names: &[],
        depth: 0,
    };
    let outcome = Form { root: &root }.judge(&root, &document, place)?;
    let is_valid = Value::from(outcome.is_valid());
    Ok(Value::from(vec![is_valid, outcome.into_errors()]))
}

pub(super) fn verify_schema(values: &[Value]) -> Result<Value, BuiltinError> {
    let found = match document(values, 0) {
        Ok(schema) => problem(&schema)?,
        Err(error) => Some(error.problem),
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

// === impl Form ===

impl Form<'_> {
    fn judge(
        &self,
        schema: &Value,
        document: &Value,
        place: Place<'_>,
    ) -> Result<Outcome, BuiltinError> {
        if place.depth > DEPTH_MAX {
            return Err(unread(
                "documents and schemas stand too deep in one another",
            ));
        }
        let mut outcome = Outcome::default();
        match schema {
            Value::Bool(true) => return Ok(outcome),
            Value::Bool(false) => {
                outcome.add(place.names, "false", "False always fails validation")?;
                return Ok(outcome);
            }
            _ => {}
        }
        if let Some(Value::String(reference)) = keyword(schema, "$ref") {
            return self.judge(at(self.root, reference)?, document, place.deeper());
        }
        if let Some(kinds) = keyword(schema, "type")
            && let Some(problem) = unfit_type(document, kinds)
        {
            outcome.add(place.names, "invalid_type", &problem)?;
            return Ok(outcome);
        }
        self.combine(schema, document, place, &mut outcome)?;
        let below = |schema: &Value, document: &Value, name: &str| {
            self.below(schema, document, place, name)
        };
        match document {
            Value::Array(elements) => {
                let elements: Vec<&Value> = elements.iter().collect();
                check_elements(schema, &elements, place.names, &below, &mut outcome)?;
            }
            Value::Set(elements) => {
                let elements: Vec<&Value> = elements.iter_sorted().collect();
                check_elements(schema, &elements, place.names, &below, &mut outcome)?;
            }
            Value::Object(_) => {
                check_members(schema, document, place.names, &below, &mut outcome)?;
                self.names(schema, document, place, &mut outcome)?;
            }
            Value::Number(_) => check_number(schema, document, place.names, &mut outcome)?,
            Value::Null | Value::Bool(_) | Value::String(_) | Value::Undefined => {}
        }
        check_choice(schema, document, place.names, &mut outcome)?;
        match document {
            Value::String(text) => check_text(schema, text, place.names, &mut outcome)?,
            Value::Object(members) => {
                for (name, schema) in members_of(schema, "properties") {
                    if let Some(value) = members.get(name) {
                        outcome.merge(below(schema, value, &name_of(name)?)?);
                    }
                }
            }
            _ => {}
        }
        outcome.step();
        Ok(outcome)
    }

    fn below(
        &self,
        schema: &Value,
        document: &Value,
        place: Place<'_>,
        name: &str,
    ) -> Result<Outcome, BuiltinError> {
        let mut names = place.names.to_vec();
        names.push(name.to_owned());
        let place = Place {
            names: &names,
            depth: place.depth + 1,
        };
        self.judge(schema, document, place)
    }

    /// Schemas of which some, all or none hold.
    fn combine(
        &self,
        schema: &Value,
        document: &Value,
        place: Place<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), BuiltinError> {
        let here = place.names;
        let judge = |schema: &Value| self.judge(schema, document, place.deeper());
        if let Some(schemas) = list(schema, "anyOf") {
            let judged = schemas
                .into_iter()
                .map(judge)
                .collect::<Result<Vec<_>, _>>()?;
            if !judged.is_empty() && !judged.iter().any(Outcome::is_valid) {
                let problem = "Must validate at least one schema (anyOf)";
                outcome.add(here, "number_any_of", problem)?;
                outcome.merge_best(judged);
            }
        }
        if let Some(schemas) = list(schema, "oneOf") {
            let judged = schemas
                .into_iter()
                .map(judge)
                .collect::<Result<Vec<_>, _>>()?;
            let holding = judged.iter().filter(|it| it.is_valid()).count();
            if !judged.is_empty() && holding != 1 {
                let problem = "Must validate one and only one schema (oneOf)";
                outcome.add(here, "number_one_of", problem)?;
                if holding == 0 {
                    outcome.merge_best(judged);
                }
            }
        }
        if let Some(schemas) = list(schema, "allOf") {
            let mut all_hold = true;
            for schema in schemas {
                let judged = judge(schema)?;
                all_hold &= judged.is_valid();
                outcome.merge(judged);
            }
            if !all_hold {
                let problem = "Must validate all the schemas (allOf)";
                outcome.add(here, "number_all_of", problem)?;
            }
        }
        if let Some(schema) = keyword(schema, "not")
            && judge(schema)?.is_valid()
        {
            outcome.add(here, "number_not", "Must not validate the schema (not)")?;
        }
        if let Value::Object(given) = document {
            for (name, dependency) in members_of(schema, "dependencies") {
                match dependency {
                    _ if !given.contains_key(name) => {}
                    Value::Array(names) => {
                        for name in names.iter().filter(|name| !given.contains_key(name)) {
                            let problem = format!("Has a dependency on {}", name_of(name)?);
                            outcome.add(here, "missing_dependency", &problem)?;
                        }
                    }
                    schema => outcome.merge(judge(schema)?),
                }
            }
        }
        if let Some(condition) = keyword(schema, "if") {
            let (name, kind, problem) = match judge(condition)?.is_valid() {
                true => (
                    "then",
                    "condition_then",
                    "Must validate \"then\" as \"if\" was valid",
                ),
                false => (
                    "else",
                    "condition_else",
                    "Must validate \"else\" as \"if\" was not valid",
                ),
            };
            if let Some(schema) = keyword(schema, name) {
                let judged = judge(schema)?;
                if !judged.is_valid() {
                    outcome.add(here, kind, problem)?;
                    outcome.merge(judged);
                }
            }
        }
        outcome.step();
        Ok(())
    }

    /// What the names of members must be.
    fn names(
        &self,
        schema: &Value,
        document: &Value,
        place: Place<'_>,
        outcome: &mut Outcome,
    ) -> Result<(), BuiltinError> {
        let names = document
            .as_object()
            .into_iter()
            .flat_map(|it| it.iter_sorted());
        if let Some(schema) = keyword(schema, "propertyNames") {
            for (name, _) in names {
                let judged = self.judge(schema, name, place.deeper())?;
                if !judged.is_valid() {
                    let problem = format!("Property name of \"{}\" does not match", name_of(name)?);
                    outcome.add(place.names, "invalid_property_name", &problem)?;
                    outcome.merge(judged);
                }
            }
        }
        outcome.step();
        Ok(())
    }
}

// === impl Place ===

impl Place<'_> {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

/// What is wrong with the type of a document.
fn unfit_type(document: &Value, kinds: &Value) -> Option<String> {
    let kinds: Vec<String> = match kinds {
        Value::Array(kinds) => kinds.iter().filter_map(|kind| name_of(kind).ok()).collect(),
        one => name_of(one).into_iter().collect(),
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
    let kinds = match kinds.as_slice() {
        [] => return None,
        [kind] => kind.clone(),
        _ => format!("[{}]", kinds.join(",")),
    };
    (!fits).then(|| format!("Invalid type. Expected: {kinds}, given: {given}"))
}
