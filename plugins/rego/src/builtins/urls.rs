//! Queries of URLs, as Go's `net/url` reads and writes them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regorus::Value;

use super::arguments::{BuiltinError, text, wrong};

pub(super) fn encode(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::from(escaped(text(values, 0)?)))
}

pub(super) fn decode(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::from(unescaped(text(values, 0)?)?))
}

/// Texts, lists and sets of texts by name: `a=1&a=2`.
pub(super) fn encode_object(values: &[Value]) -> Result<Value, BuiltinError> {
    let Some(Value::Object(members)) = values.first() else {
        return Err(wrong("argument 1 is no object"));
    };
    let mut pairs = Vec::new();
    for (name, value) in members.iter() {
        let Value::String(name) = name else {
            return Err(wrong("a name is no text"));
        };
        let texts: Vec<&Value> = match value {
            Value::String(_) => vec![value],
            Value::Array(elements) => elements.iter().collect(),
            Value::Set(elements) => elements.iter().collect(),
            _ => return Err(wrong("a value is neither a text nor a list of texts")),
        };
        for text in texts {
            let Value::String(text) = text else {
                return Err(wrong("a value is neither a text nor a list of texts"));
            };
            pairs.push((name.to_string(), text.to_string()));
        }
    }
    // By name; the values of one name stay in their order.
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    let written: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    Ok(Value::from(written.join("&")))
}

pub(super) fn decode_object(values: &[Value]) -> Result<Value, BuiltinError> {
    let mut members: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for pair in text(values, 0)?.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            return Err(wrong("a `;` separates nothing"));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = Value::from(unescaped(value)?);
        members.entry(unescaped(name)?).or_default().push(value);
    }
    let members: BTreeMap<_, _> = members
        .into_iter()
        .map(|(name, values)| (Value::from(name), Value::from(values)))
        .collect();
    Ok(Value::from(members))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            b' ' => escaped.push('+'),
            _ => {
                // Writing into a `String` cannot fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

fn unescaped(text: &str) -> Result<String, BuiltinError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => u8::try_from(high * 16 + low).unwrap_or_default(),
                _ => return Err(wrong("a `%` without two hex digits")),
            },
            _ => byte,
        });
    }
    String::from_utf8(bytes).map_err(|_| wrong("what is escaped is not UTF-8"))
}
