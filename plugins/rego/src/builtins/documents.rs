//! Documents in JSON, as Go's `encoding/json` writes them.

use std::fmt::Write as _;

use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};

/// Powers of ten beyond this one are in no number of OPA, which has 2^100000.
const EXPONENT_MAX: u32 = 31_000;

/// A document without spaces, members by name, sets as lists.
pub(super) fn marshalled(value: &Value) -> Result<String, BuiltinError> {
    let mut written = String::new();
    write(value, &mut written)?;
    Ok(written)
}

fn write(value: &Value, written: &mut String) -> Result<(), BuiltinError> {
    match value {
        Value::Null => written.push_str("null"),
        Value::Bool(flag) => written.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => written.push_str(&number.format_decimal()),
        Value::String(text) => quote(text, written),
        Value::Array(elements) => list(elements.iter(), written)?,
        Value::Set(elements) => list(elements.iter_sorted(), written)?,
        Value::Object(members) => {
            written.push('{');
            for (place, (name, value)) in members.iter_sorted().enumerate() {
                if place > 0 {
                    written.push(',');
                }
                match name {
                    Value::String(name) => quote(name, written),
                    _ => quote(&marshalled(name)?, written),
                }
                written.push(':');
                write(value, written)?;
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
) -> Result<(), BuiltinError> {
    written.push('[');
    for (place, element) in elements.enumerate() {
        if place > 0 {
            written.push(',');
        }
        write(element, written)?;
    }
    written.push(']');
    Ok(())
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
