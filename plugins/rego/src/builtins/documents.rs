//! Documents in JSON, as Go's `encoding/json` writes them.

use std::fmt::Write as _;

use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};
use super::orders::sorted;

/// Powers of ten beyond this one are in no number of OPA, which has 2^100000.
const EXPONENT_MAX: u32 = 31_000;

/// How a document is laid out: what stands before each line, and before each level in it.
struct Lines<'a> {
    prefix: &'a str,
    indent: &'a str,
}

/// A value as JSON.
pub(super) fn marshal(values: &[Value]) -> Result<Value, BuiltinError> {
    let value = values.first().unwrap_or(&Value::Undefined);
    Ok(Value::from(marshalled(value)?))
}

/// The same, in lines if it is to be: `{"pretty": true, "prefix": "", "indent": "  "}`.
pub(super) fn marshal_with_options(values: &[Value]) -> Result<Value, BuiltinError> {
    let value = values.first().unwrap_or(&Value::Undefined);
    let Some(Value::Object(options)) = values.get(1) else {
        return Err(wrong("argument 2 is no object"));
    };
    let mut lines = Lines {
        prefix: "",
        indent: "\t",
    };
    let (mut is_pretty, mut is_laid_out) = (None, false);
    for (name, option) in options.iter() {
        match (name, option) {
            (Value::String(name), Value::Bool(flag)) if &**name == "pretty" => {
                is_pretty = Some(*flag);
            }
            (Value::String(name), Value::String(text)) if &**name == "prefix" => {
                lines.prefix = text;
                is_laid_out = true;
            }
            (Value::String(name), Value::String(text)) if &**name == "indent" => {
                lines.indent = text;
                is_laid_out = true;
            }
            _ => return Err(wrong("an option is not known, or of another type")),
        }
    }
    if !is_pretty.unwrap_or(is_laid_out) {
        return Ok(Value::from(marshalled(value)?));
    }
    let mut written = lines.prefix.to_owned();
    write(value, &mut written, Some((&lines, 0)))?;
    Ok(Value::from(written))
}

/// A document without spaces, members by name, sets as lists.
pub(super) fn marshalled(value: &Value) -> Result<String, BuiltinError> {
    let mut written = String::new();
    write(value, &mut written, None)?;
    Ok(written)
}

/// Lines, if there are any, and the level in them.
type Place<'a> = Option<(&'a Lines<'a>, usize)>;

fn write(value: &Value, written: &mut String, place: Place<'_>) -> Result<(), BuiltinError> {
    match value {
        Value::Null => written.push_str("null"),
        Value::Bool(flag) => written.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => written.push_str(&number.format_decimal()),
        Value::String(text) => quote(text, written),
        Value::Array(elements) => list(elements.iter(), written, place)?,
        Value::Set(elements) => list(sorted(elements.iter()).into_iter(), written, place)?,
        Value::Object(members) => {
            // By their names as texts, which other names become.
            let mut named = Vec::with_capacity(members.len());
            for (name, value) in members.iter() {
                named.push(match name {
                    Value::String(name) => (name.to_string(), value),
                    _ => (marshalled(name)?, value),
                });
            }
            named.sort_by(|(one, _), (other, _)| one.cmp(other));
            written.push('{');
            let inner = deeper(place);
            for (number, (name, value)) in named.iter().enumerate() {
                separate(number, written, inner);
                quote(name, written);
                written.push_str(if place.is_some() { ": " } else { ":" });
                write(value, written, inner)?;
            }
            if !named.is_empty() {
                break_line(written, place);
            }
            written.push('}');
        }
        Value::Undefined => return Err(wrong("an undefined value")),
    }
    Ok(())
}

fn list<'a>(
    elements: impl Iterator<Item = &'a Value>,
    written: &mut String,
    place: Place<'_>,
) -> Result<(), BuiltinError> {
    written.push('[');
    let inner = deeper(place);
    let mut count = 0;
    for element in elements {
        separate(count, written, inner);
        write(element, written, inner)?;
        count += 1;
    }
    if count > 0 {
        break_line(written, place);
    }
    written.push(']');
    Ok(())
}

fn deeper(place: Place<'_>) -> Place<'_> {
    place.map(|(lines, level)| (lines, level + 1))
}

fn separate(number: usize, written: &mut String, place: Place<'_>) {
    if number > 0 {
        written.push(',');
    }
    break_line(written, place);
}

fn break_line(written: &mut String, place: Place<'_>) {
    if let Some((lines, level)) = place {
        written.push('\n');
        written.push_str(lines.prefix);
        written.push_str(&lines.indent.repeat(level));
    }
}

/// A text in quotes; what means something in HTML is escaped.
fn quote(text: &str, written: &mut String) {
    written.push('"');
    for letter in text.chars() {
        match letter {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '\u{8}' => written.push_str("\\b"),
            '\u{c}' => written.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                // Writing into a `String` cannot fail.
                let _ = write!(written, "\\u{:04x}", u32::from(letter));
            }
            _ => written.push(letter),
        }
    }
    written.push('"');
}

/// What a text of JSON says. Numbers beyond a double are JSON, and OPA has them.
pub(super) fn unmarshal(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    Value::from_json_str(text).map_err(|_| {
        match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(serde::de::IgnoredAny) if has_endless_number(text) => {
                wrong("a number with too large an exponent")
            }
            Ok(serde::de::IgnoredAny) => unread("a number beyond a double"),
            Err(_) => wrong("not JSON"),
        }
    })
}

/// Whether a number of a text of JSON is beyond what OPA has.
fn has_endless_number(text: &str) -> bool {
    // What stands in quotes is no number; a quote in a text is escaped.
    let text = text.replace("\\\\", "").replace("\\\"", "");
    let mut outside = text.split('"').step_by(2);
    outside.any(|part| {
        let mut exponents = part.split(['e', 'E']).skip(1);
        exponents.any(|rest| {
            let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
            let end = digits.find(|letter: char| !letter.is_ascii_digit());
            let digits = digits
                .get(..end.unwrap_or(digits.len()))
                .unwrap_or_default();
            let exponent = digits.trim_start_matches('0');
            exponent.len() > 5 || exponent.parse().is_ok_and(|it: u32| it > EXPONENT_MAX)
        })
    })
}

/// Whether a text is JSON; what is no text is none.
pub(super) fn is_json(values: &[Value]) -> Result<Value, BuiltinError> {
    let is_json = match values.first() {
        Some(Value::String(text)) => serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
        _ => false,
    };
    Ok(Value::from(is_json))
}
