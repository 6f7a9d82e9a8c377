//! Definitions of types and directives.

use regorus::Value;

use super::node::node;
use super::queries::{directives, kind, value};
use super::words::Words;
use crate::builtins::arguments::{BuiltinError, wrong};

/// Where a directive may stand.
const LOCATIONS: [&str; 19] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
];

/// All definitions.
pub(super) fn document(words: &mut Words) -> Result<Value, BuiltinError> {
    let mut schema = Vec::new();
    let mut schema_extension = Vec::new();
    let mut known_directives = Vec::new();
    let mut definitions = Vec::new();
    let mut extensions = Vec::new();
    while words.peek().is_some() {
        let description = words.description();
        let is_extension = words.is_name("extend");
        if is_extension {
            if !description.is_empty() {
                return Err(wrong("an extension has a description"));
            }
            words.next();
        }
        if words.is_name("schema") {
            let definition = schema_definition(words, description, is_extension)?;
            match is_extension {
                true => schema_extension.push(definition),
                false => schema.push(definition),
            }
        } else if words.is_name("directive") && !is_extension {
            known_directives.push(directive(words, description)?);
        } else {
            let definition = definition(words, description, is_extension)?;
            match is_extension {
                true => extensions.push(definition),
                false => definitions.push(definition),
            }
        }
    }
    Ok(node(vec![
        ("Schema", Value::from(schema)),
        ("SchemaExtension", Value::from(schema_extension)),
        ("Directives", Value::from(known_directives)),
        ("Definitions", Value::from(definitions)),
        ("Extensions", Value::from(extensions)),
    ]))
}

fn schema_definition(
    words: &mut Words,
    description: String,
    is_extension: bool,
) -> Result<Value, BuiltinError> {
    words.expect_name("schema")?;
    let directives = directives(words, true)?;
    let operations = words.some('{', '}', |words| {
        let operation = words.name()?;
        if !matches!(operation.as_str(), "query" | "mutation" | "subscription") {
            return Err(wrong("an operation that is not known"));
        }
        words.expect(':')?;
        Ok(node(vec![
            ("Operation", Value::from(operation)),
            ("Type", Value::from(words.name()?)),
        ]))
    })?;
    let says_nothing = operations.is_empty() && directives.as_array().is_ok_and(|it| it.is_empty());
    if operations.is_empty() && (!is_extension || says_nothing) {
        return Err(wrong("a schema without operations"));
    }
    Ok(node(vec![
        ("Description", Value::from(description)),
        ("Directives", directives),
        ("OperationTypes", Value::from(operations)),
    ]))
}

fn directive(words: &mut Words, description: String) -> Result<Value, BuiltinError> {
    words.expect_name("directive")?;
    words.expect('@')?;
    let name = words.name()?;
    let arguments = words.some('(', ')', argument)?;
    let is_repeatable = words.is_name("repeatable");
    if is_repeatable {
        words.next();
    }
    words.expect_name("on")?;
    words.skip('|');
    let mut locations = Vec::new();
    loop {
        let location = words.name()?;
        if !LOCATIONS.contains(&location.as_str()) {
            return Err(wrong("a place of directives that is not known"));
        }
        locations.push(Value::from(location));
        if !words.skip('|') {
            break;
        }
    }
    Ok(node(vec![
        ("Description", Value::from(description)),
        ("Name", Value::from(name)),
        ("Arguments", Value::from(arguments)),
        ("Locations", Value::from(locations)),
        ("IsRepeatable", Value::from(is_repeatable)),
    ]))
}

fn definition(
    words: &mut Words,
    description: String,
    is_extension: bool,
) -> Result<Value, BuiltinError> {
    let keyword = words.name()?;
    let kind = match keyword.as_str() {
        "scalar" => "SCALAR",
        "type" => "OBJECT",
        "interface" => "INTERFACE",
        "union" => "UNION",
        "enum" => "ENUM",
        "input" => "INPUT_OBJECT",
        _ => return Err(wrong("a definition that is not known")),
    };
    let name = words.name()?;
    let interfaces = match kind {
        "OBJECT" | "INTERFACE" => interfaces(words)?,
        _ => Vec::new(),
    };
    let directives = directives(words, true)?;
    let fields = match kind {
        "OBJECT" | "INTERFACE" => words.some('{', '}', |words| field(words, true))?,
        "INPUT_OBJECT" => words.some('{', '}', |words| field(words, false))?,
        _ => Vec::new(),
    };
    let types = match kind {
        "UNION" => members(words)?,
        _ => Vec::new(),
    };
    let values = match kind {
        "ENUM" => words.some('{', '}', |words| {
            let description = words.description();
            let name = words.name()?;
            if matches!(name.as_str(), "true" | "false" | "null") {
                return Err(wrong("a value of an enum that is another"));
            }
            Ok(node(vec![
                ("Description", Value::from(description)),
                ("Name", Value::from(name)),
                ("Directives", self::directives(words, true)?),
            ]))
        })?,
        _ => Vec::new(),
    };
    let has_directives = directives.as_array().is_ok_and(|it| !it.is_empty());
    let says_nothing = [&interfaces, &fields, &types, &values]
        .iter()
        .all(|part| part.is_empty());
    if is_extension && says_nothing && !has_directives {
        return Err(wrong("an extension without anything"));
    }
    Ok(node(vec![
        ("Kind", Value::from(kind)),
        ("Description", Value::from(description)),
        ("Name", Value::from(name)),
        ("Directives", directives),
        ("Interfaces", Value::from(interfaces)),
        ("Fields", Value::from(fields)),
        ("Types", Value::from(types)),
        ("EnumValues", Value::from(values)),
        ("BuiltIn", Value::from(false)),
    ]))
}

fn interfaces(words: &mut Words) -> Result<Vec<Value>, BuiltinError> {
    let mut found = Vec::new();
    if !words.is_name("implements") {
        return Ok(found);
    }
    words.next();
    words.skip('&');
    loop {
        found.push(Value::from(words.name()?));
        if !words.skip('&') {
            return Ok(found);
        }
    }
}

fn members(words: &mut Words) -> Result<Vec<Value>, BuiltinError> {
    let mut found = Vec::new();
    if !words.skip('=') {
        return Ok(found);
    }
    words.skip('|');
    loop {
        found.push(Value::from(words.name()?));
        if !words.skip('|') {
            return Ok(found);
        }
    }
}

/// A field of a type, which may have arguments, or of an input, which may have a value.
fn field(words: &mut Words, has_arguments: bool) -> Result<Value, BuiltinError> {
    let description = words.description();
    let name = words.name()?;
    let arguments = match has_arguments {
        true => words.some('(', ')', argument)?,
        false => Vec::new(),
    };
    words.expect(':')?;
    let kind = kind(words, 0)?;
    let default = match !has_arguments && words.skip('=') {
        true => value(words, true, 0)?,
        false => Value::Null,
    };
    Ok(node(vec![
        ("Description", Value::from(description)),
        ("Name", Value::from(name)),
        ("Arguments", Value::from(arguments)),
        ("DefaultValue", default),
        ("Type", kind),
        ("Directives", directives(words, true)?),
    ]))
}

fn argument(words: &mut Words) -> Result<Value, BuiltinError> {
    let description = words.description();
    let name = words.name()?;
    words.expect(':')?;
    let kind = kind(words, 0)?;
    let default = match words.skip('=') {
        true => value(words, true, 0)?,
        false => Value::Null,
    };
    Ok(node(vec![
        ("Description", Value::from(description)),
        ("Name", Value::from(name)),
        ("DefaultValue", default),
        ("Type", kind),
        ("Directives", directives(words, true)?),
    ]))
}
