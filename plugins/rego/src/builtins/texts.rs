//! Texts.

use std::collections::BTreeMap;

use regorus::Value;

use super::arguments::{BuiltinError, text, wrong};

/// How often a text holds another, without overlaps; around every character
/// where the other is empty.
pub(super) fn count(values: &[Value]) -> Result<Value, BuiltinError> {
    let found = text(values, 0)?.matches(text(values, 1)?).count();
    Ok(Value::from(found))
}

/// All replacements in one pass, from left to right; the first name in order
/// wins where several fit, as Go's `strings.Replacer` does it.
pub(super) fn replace_n(values: &[Value]) -> Result<Value, BuiltinError> {
    let Some(Value::Object(patterns)) = values.first() else {
        return Err(wrong("argument 1 is no object"));
    };
    let mut pairs = BTreeMap::new();
    for (old, new) in patterns.iter() {
        match (old, new) {
            (Value::String(old), Value::String(new)) => pairs.insert(old.clone(), new.clone()),
            _ => return Err(wrong("a name or value in argument 1 is no text")),
        };
    }
    let text = text(values, 1)?;
    let mut replaced = String::with_capacity(text.len());
    let mut at = 0;
    let mut was_empty = false;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        // An empty name fits once between two characters.
        let found = pairs
            .iter()
            .find(|(old, _)| rest.starts_with(&***old) && !(old.is_empty() && was_empty));
        if let Some((old, new)) = found {
            replaced.push_str(new);
            at += old.len();
            was_empty = old.is_empty();
            if !was_empty || !rest.is_empty() {
                continue;
            }
        }
        was_empty = false;
        let Some(letter) = rest.chars().next() else {
            return Ok(Value::from(replaced));
        };
        replaced.push(letter);
        at += letter.len_utf8();
    }
}

/// Whether two codes are the same.
pub(super) fn equal(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::from(text(values, 0)? == text(values, 1)?))
}
