//! `regex.*` and `glob.*`. The interpreter's own take `\d` for digits of every script, and
//! empty alternatives of a glob for an error.

use regex::Captures;
use regorus::Value;

use super::arguments::{BuiltinError, text, whole, wrong};
use super::patterns;

/// What is special in a glob.
const SPECIAL: [char; 7] = ['*', '?', '\\', '[', ']', '{', '}'];

pub(super) fn matches(values: &[Value]) -> Result<Value, BuiltinError> {
    let pattern = patterns::compiled(text(values, 0)?)?;
    Ok(Value::from(pattern.is_match(text(values, 1)?)))
}

pub(super) fn is_valid(values: &[Value]) -> Result<Value, BuiltinError> {
    let Some(Value::String(pattern)) = values.first() else {
        return Ok(Value::from(false));
    };
    match patterns::compiled(pattern) {
        Ok(_) => Ok(Value::from(true)),
        Err(error) if error.is_unread => Err(error),
        Err(_) => Ok(Value::from(false)),
    }
}

/// The first matches; all, where the number is negative.
pub(super) fn find_n(values: &[Value]) -> Result<Value, BuiltinError> {
    let pattern = patterns::compiled(text(values, 0)?)?;
    let found = pattern.find_iter(text(values, 1)?).take(count(values)?);
    let found: Vec<_> = found.map(|found| Value::from(found.as_str())).collect();
    Ok(Value::from(found))
}

/// The same with their groups; a group that took no part is empty.
pub(super) fn find_submatch_n(values: &[Value]) -> Result<Value, BuiltinError> {
    let pattern = patterns::compiled(text(values, 0)?)?;
    let found = pattern.captures_iter(text(values, 1)?);
    let groups = found.take(count(values)?).map(|found| {
        let groups = found.iter();
        let groups = groups.map(|group| Value::from(group.map_or("", |group| group.as_str())));
        Value::from(groups.collect::<Vec<_>>())
    });
    Ok(Value::from(groups.collect::<Vec<_>>()))
}

pub(super) fn replace(values: &[Value]) -> Result<Value, BuiltinError> {
    let pattern = patterns::compiled(text(values, 1)?)?;
    let template = text(values, 2)?;
    let replaced = pattern.replace_all(text(values, 0)?, |found: &Captures<'_>| {
        expanded(template, found)
    });
    Ok(Value::from(replaced.into_owned()))
}

/// A template with what groups hold: `$1`, `${name}`; `$$` is a dollar.
fn expanded(template: &str, found: &Captures<'_>) -> String {
    let mut written = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('$') {
        written.push_str(before);
        if let Some(behind) = behind.strip_prefix('$') {
            written.push('$');
            rest = behind;
            continue;
        }
        let is_of_name = |letter: char| letter == '_' || letter.is_alphanumeric();
        let (inner, closing) = match behind.strip_prefix('{') {
            Some(inner) => (inner, "}"),
            None => (behind, ""),
        };
        let end = inner.find(|it| !is_of_name(it)).unwrap_or(inner.len());
        let (name, after) = inner.split_at(end);
        match after.strip_prefix(closing) {
            Some(after) if !name.is_empty() => {
                // Zeros before a number make a name of it.
                let is_number = name == "0" || !name.starts_with('0');
                let group = match name.parse::<usize>() {
                    Ok(number) if is_number => found.get(number),
                    Ok(_) | Err(_) => found.name(name),
                };
                written.push_str(group.map_or("", |group| group.as_str()));
                rest = after;
            }
            Some(_) | None => {
                written.push('$');
                rest = behind;
            }
        }
    }
    written.push_str(rest);
    written
}

/// As Go splits: nothing before a match of nothing at the start.
pub(super) fn split(values: &[Value]) -> Result<Value, BuiltinError> {
    let written = text(values, 0)?;
    let pattern = patterns::compiled(written)?;
    let text = text(values, 1)?;
    if text.is_empty() && !written.is_empty() {
        return Ok(Value::from(vec![Value::from("")]));
    }
    let part = |from: usize, to: usize| Value::from(text.get(from..to).unwrap_or_default());
    let mut parts = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for found in pattern.find_iter(text) {
        end = found.start();
        if found.end() != 0 {
            parts.push(part(begin, end));
        }
        begin = found.end();
    }
    if end != text.len() {
        parts.push(part(begin, text.len()));
    }
    Ok(Value::from(parts))
}

/// A text whose parts between two delimiters are patterns.
pub(super) fn template_match(values: &[Value]) -> Result<Value, BuiltinError> {
    let mut rest = text(values, 0)?;
    let (open, close) = (text(values, 2)?, text(values, 3)?);
    if open.chars().count() != 1 || close.chars().count() != 1 {
        return Err(wrong("a delimiter is not one character"));
    }
    let mut pattern = String::from("^");
    while let Some((before, behind)) = rest.split_once(open) {
        let (inside, behind) = closed(behind, open, close)?;
        pattern.push_str(&regex::escape(before));
        pattern.push_str(&format!("({inside})"));
        rest = behind;
    }
    if rest.contains(close) {
        return Err(wrong("a delimiter closes nothing"));
    }
    pattern.push_str(&regex::escape(rest));
    pattern.push('$');
    let pattern = patterns::compiled(&pattern)?;
    Ok(Value::from(pattern.is_match(text(values, 1)?)))
}

/// What stands before the delimiter that closes, and what behind it.
fn closed<'a>(text: &'a str, open: &str, close: &str) -> Result<(&'a str, &'a str), BuiltinError> {
    let mut depth = 1_usize;
    for (place, letter) in text.char_indices() {
        let rest = text.get(place..).unwrap_or_default();
        if rest.starts_with(close) {
            depth -= 1;
            if depth == 0 {
                let behind = rest.get(letter.len_utf8()..).unwrap_or_default();
                return Ok((text.get(..place).unwrap_or_default(), behind));
            }
        } else if rest.starts_with(open) {
            depth += 1;
        }
    }
    Err(wrong("a delimiter is not closed"))
}

pub(super) fn glob_matches(values: &[Value]) -> Result<Value, BuiltinError> {
    let delimiters = match values.get(1) {
        Some(value) => delimiters(value)?,
        None => Vec::new(),
    };
    let glob = patterns::compiled_glob(text(values, 0)?, &delimiters)?;
    Ok(Value::from(glob.is_match(text(values, 2)?)))
}

/// None where it is null, and `.` where the list is empty.
pub(crate) fn delimiters(value: &Value) -> Result<Vec<char>, BuiltinError> {
    let list = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(list) if list.is_empty() => return Ok(vec!['.']),
        Value::Array(list) => list,
        _ => return Err(wrong("argument 2 is neither a list of texts nor null")),
    };
    let one = |value: &Value| match value {
        Value::String(text) => {
            let mut letters = text.chars();
            letters.next().filter(|_| letters.next().is_none())
        }
        _ => None,
    };
    let all: Option<Vec<char>> = list.iter().map(one).collect();
    all.ok_or_else(|| wrong("a delimiter is not one character"))
}

pub(super) fn quote_glob(values: &[Value]) -> Result<Value, BuiltinError> {
    let mut quoted = String::new();
    for letter in text(values, 0)?.chars() {
        if SPECIAL.contains(&letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    Ok(Value::from(quoted))
}

fn count(values: &[Value]) -> Result<usize, BuiltinError> {
    Ok(usize::try_from(whole(values, 2)?).unwrap_or(usize::MAX))
}
