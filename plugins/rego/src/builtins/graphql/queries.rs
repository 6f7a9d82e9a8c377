//! Operations and fragments, and what schemas have in common with them.

use regorus::Value;

use super::node::node;
use super::words::{DEPTH_MAX, Word, Words};
use crate::builtins::arguments::{BuiltinError, wrong};

/// Kinds of values, by number.
const VARIABLE: u32 = 0;
const INTEGER: u32 = 1;
const FLOAT: u32 = 2;
const TEXT: u32 = 3;
const BLOCK: u32 = 4;
const BOOLEAN: u32 = 5;
const NULL: u32 = 6;
const ENUM: u32 = 7;
const LIST: u32 = 8;
const OBJECT: u32 = 9;

/// Operations and fragments.
pub(super) fn document(words: &mut Words) -> Result<Value, BuiltinError> {
    let (mut operations, mut fragments) = (Vec::new(), Vec::new());
    loop {
        match words.peek() {
            None => break,
            Some(Word::Sign('{')) => operations.push(node(vec![
                ("Description", Value::from("")),
                ("Name", Value::from("")),
                ("Operation", Value::from("query")),
                ("SelectionSet", selections(words, 0)?),
            ])),
            Some(Word::Name(name))
                if matches!(name.as_str(), "query" | "mutation" | "subscription") =>
            {
                operations.push(operation(words)?);
            }
            Some(Word::Name(name)) if name == "fragment" => fragments.push(fragment(words)?),
            Some(_) => return Err(wrong("neither an operation nor a fragment")),
        }
    }
    Ok(node(vec![
        ("Operations", Value::from(operations)),
        ("Fragments", Value::from(fragments)),
    ]))
}

fn operation(words: &mut Words) -> Result<Value, BuiltinError> {
    let kind = words.name()?;
    let name = match words.peek() {
        Some(Word::Name(_)) => words.name()?,
        _ => String::new(),
    };
    let variables = words.some('(', ')', variable)?;
    let directives = directives(words, false)?;
    Ok(node(vec![
        ("Description", Value::from("")),
        ("Operation", Value::from(kind)),
        ("Name", Value::from(name)),
        ("VariableDefinitions", Value::from(variables)),
        ("Directives", directives),
        ("SelectionSet", required_selections(words, 0)?),
    ]))
}

fn fragment(words: &mut Words) -> Result<Value, BuiltinError> {
    words.expect_name("fragment")?;
    if words.is_name("on") {
        return Err(wrong("a fragment is called `on`"));
    }
    let name = words.name()?;
    let variables = words.some('(', ')', variable)?;
    words.expect_name("on")?;
    let condition = words.name()?;
    let directives = directives(words, false)?;
    Ok(node(vec![
        ("Description", Value::from("")),
        ("Name", Value::from(name)),
        ("VariableDefinition", Value::from(variables)),
        ("TypeCondition", Value::from(condition)),
        ("Directives", directives),
        ("SelectionSet", required_selections(words, 0)?),
    ]))
}

fn variable(words: &mut Words) -> Result<Value, BuiltinError> {
    words.expect('$')?;
    let name = words.name()?;
    words.expect(':')?;
    let kind = kind(words, 0)?;
    let default = match words.skip('=') {
        true => value(words, true, 0)?,
        false => Value::Null,
    };
    Ok(node(vec![
        ("Description", Value::from("")),
        ("Variable", Value::from(name)),
        ("Type", kind),
        ("DefaultValue", default),
        ("Directives", directives(words, false)?),
        ("Used", Value::from(false)),
    ]))
}

fn required_selections(words: &mut Words, depth: usize) -> Result<Value, BuiltinError> {
    match words.is_sign('{') {
        true => selections(words, depth),
        false => Err(wrong("no selection where one is expected")),
    }
}

fn selections(words: &mut Words, depth: usize) -> Result<Value, BuiltinError> {
    if depth > DEPTH_MAX {
        return Err(wrong("selections stand too deep in one another"));
    }
    let found = words.some('{', '}', |words| selection(words, depth + 1))?;
    Ok(Value::from(found))
}

fn selection(words: &mut Words, depth: usize) -> Result<Value, BuiltinError> {
    if words.peek() == Some(&Word::Spread) {
        words.next();
        return spread(words, depth);
    }
    let first = words.name()?;
    let (alias, name) = match words.skip(':') {
        true => (first, words.name()?),
        false => (first.clone(), first),
    };
    let arguments = arguments(words, false)?;
    let directives = directives(words, false)?;
    Ok(node(vec![
        ("Alias", Value::from(alias)),
        ("Name", Value::from(name)),
        ("Arguments", arguments),
        ("Directives", directives),
        ("SelectionSet", selections(words, depth)?),
    ]))
}

fn spread(words: &mut Words, depth: usize) -> Result<Value, BuiltinError> {
    if matches!(words.peek(), Some(Word::Name(_))) && !words.is_name("on") {
        let name = words.name()?;
        return Ok(node(vec![
            ("Name", Value::from(name)),
            ("Directives", directives(words, false)?),
        ]));
    }
    let condition = match words.is_name("on") {
        true => {
            words.next();
            words.name()?
        }
        false => String::new(),
    };
    let directives = directives(words, false)?;
    Ok(node(vec![
        ("TypeCondition", Value::from(condition)),
        ("Directives", directives),
        ("SelectionSet", required_selections(words, depth)?),
    ]))
}

fn arguments(words: &mut Words, is_constant: bool) -> Result<Value, BuiltinError> {
    let found = words.some('(', ')', |words| {
        let name = words.name()?;
        words.expect(':')?;
        Ok(node(vec![
            ("Name", Value::from(name)),
            ("Value", value(words, is_constant, 0)?),
        ]))
    })?;
    Ok(Value::from(found))
}

pub(super) fn directives(words: &mut Words, is_constant: bool) -> Result<Value, BuiltinError> {
    let mut found = Vec::new();
    while words.skip('@') {
        let name = words.name()?;
        found.push(node(vec![
            ("Name", Value::from(name)),
            ("Arguments", arguments(words, is_constant)?),
            ("Location", Value::from("")),
        ]));
    }
    Ok(Value::from(found))
}

pub(super) fn value(
    words: &mut Words,
    is_constant: bool,
    depth: usize,
) -> Result<Value, BuiltinError> {
    if depth > DEPTH_MAX {
        return Err(wrong("values stand too deep in one another"));
    }
    let child =
        |name: String, value: Value| node(vec![("Name", Value::from(name)), ("Value", value)]);
    let (kind, raw, children) = match words.next() {
        Some(Word::Sign('$')) if !is_constant => (VARIABLE, words.name()?, Vec::new()),
        Some(Word::Integer(raw)) => (INTEGER, raw, Vec::new()),
        Some(Word::Float(raw)) => (FLOAT, raw, Vec::new()),
        Some(Word::Text(raw)) => (TEXT, raw, Vec::new()),
        Some(Word::Block(raw)) => (BLOCK, raw, Vec::new()),
        Some(Word::Name(raw)) => match raw.as_str() {
            "true" | "false" => (BOOLEAN, raw, Vec::new()),
            "null" => (NULL, raw, Vec::new()),
            _ => (ENUM, raw, Vec::new()),
        },
        Some(Word::Sign('[')) => {
            let mut children = Vec::new();
            while !words.skip(']') {
                children.push(child(String::new(), value(words, is_constant, depth + 1)?));
            }
            (LIST, String::new(), children)
        }
        Some(Word::Sign('{')) => {
            let mut children = Vec::new();
            while !words.skip('}') {
                let name = words.name()?;
                words.expect(':')?;
                children.push(child(name, value(words, is_constant, depth + 1)?));
            }
            (OBJECT, String::new(), children)
        }
        Some(_) | None => return Err(wrong("no value where one is expected")),
    };
    Ok(node(vec![
        ("Raw", Value::from(raw)),
        ("Children", Value::from(children)),
        ("Kind", Value::from(kind)),
        ("ExpectedTypeHasDefault", Value::from(false)),
    ]))
}

pub(super) fn kind(words: &mut Words, depth: usize) -> Result<Value, BuiltinError> {
    if depth > DEPTH_MAX {
        return Err(wrong("types stand too deep in one another"));
    }
    let (name, element) = match words.skip('[') {
        true => {
            let element = kind(words, depth + 1)?;
            words.expect(']')?;
            (String::new(), element)
        }
        false => (words.name()?, Value::Null),
    };
    Ok(node(vec![
        ("NamedType", Value::from(name)),
        ("Elem", element),
        ("NonNull", Value::from(words.skip('!'))),
    ]))
}
