//! Texts.

use std::collections::BTreeMap;

use regorus::Value;

use super::arguments::{BuiltinError, text, unread, whole, wrong};

/// How many elements, members or characters there are.
pub(super) fn length(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::from(match values.first() {
        Some(Value::Array(elements)) => elements.len(),
        Some(Value::Set(elements)) => elements.len(),
        Some(Value::Object(members)) => members.len(),
        Some(Value::String(text)) => text.chars().count(),
        _ => return Err(wrong("argument 1 is no array, object, set or text")),
    }))
}

/// Small letters, one for each letter, as Go has them: `ΑΣ` is `ασ`.
pub(super) fn lower(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    let lower: String = text
        .chars()
        .map(|letter| match letter {
            'İ' => 'i',
            _ => only(letter.to_lowercase()).unwrap_or(letter),
        })
        .collect();
    Ok(Value::from(lower))
}

/// Capitals, one for each letter, as Go has them: `ß` stays.
pub(super) fn upper(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?;
    let upper: String = text
        .chars()
        .map(|letter| match letter {
            // With an iota below, which counts as one letter.
            '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
                char::from_u32(u32::from(letter) + 8).unwrap_or(letter)
            }
            '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => {
                char::from_u32(u32::from(letter) + 9).unwrap_or(letter)
            }
            _ => only(letter.to_uppercase()).unwrap_or(letter),
        })
        .collect();
    Ok(Value::from(upper))
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

/// Where a text is in another for the first time, in characters; -1 where it is not.
pub(super) fn index(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(match places(values)?.first() {
        Some(place) => Value::from(*place),
        None => Value::from(-1_i64),
    })
}

/// All the places where it is, which may overlap.
pub(super) fn indices(values: &[Value]) -> Result<Value, BuiltinError> {
    let places = places(values)?.into_iter().map(Value::from);
    Ok(Value::from(places.collect::<Vec<_>>()))
}

fn places(values: &[Value]) -> Result<Vec<usize>, BuiltinError> {
    let (text, sought) = (text(values, 0)?, text(values, 1)?);
    if sought.is_empty() {
        return Err(wrong("an empty text is everywhere"));
    }
    let starts = text.char_indices().enumerate();
    let found = starts.filter(|(_, (at, _))| {
        let rest = text.get(*at..).unwrap_or_default();
        rest.starts_with(sought)
    });
    Ok(found.map(|(place, _)| place).collect())
}

/// So many characters from one on; all, where the number is negative.
pub(super) fn part(values: &[Value]) -> Result<Value, BuiltinError> {
    let (text, from, length) = (text(values, 0)?, whole(values, 1)?, whole(values, 2)?);
    let from = usize::try_from(from).map_err(|_| wrong("the part begins before the text"))?;
    let letters = text.chars().skip(from);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Value::from(letters.take(length).collect::<String>()))
}

/// How often a text holds another, without overlaps; around every character
/// where the other is empty.
pub(super) fn count(values: &[Value]) -> Result<Value, BuiltinError> {
    let found = text(values, 0)?.matches(text(values, 1)?).count();
    Ok(Value::from(found))
}

/// One text for another, wherever it stands.
pub(super) fn replace(values: &[Value]) -> Result<Value, BuiltinError> {
    let (text, old, new) = (text(values, 0)?, text(values, 1)?, text(values, 2)?);
    check_empty(text, old)?;
    Ok(Value::from(text.replace(old, new)))
}

/// Between bytes there is an empty text, too, and then letters are none any more.
fn check_empty(text: &str, old: &str) -> Result<(), BuiltinError> {
    match old.is_empty() && !text.is_ascii() {
        true => Err(unread("nothing is replaced, in a text beyond ASCII")),
        false => Ok(()),
    }
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
    for old in pairs.keys() {
        check_empty(text, old)?;
    }
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

/// The first parts of a text between separators; the last ones, where the number is negative.
pub(super) fn split_n(values: &[Value]) -> Result<Value, BuiltinError> {
    let (text, separator) = (text(values, 0)?, text(values, 1)?);
    let count = whole(values, 2)?;
    let parts: Vec<String> = match separator {
        "" => text.chars().map(String::from).collect(),
        _ => text.split(separator).map(str::to_owned).collect(),
    };
    let size = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let skipped = match count < 0 {
        true => parts.len().saturating_sub(size),
        false => 0,
    };
    let parts = parts.into_iter().skip(skipped).take(size);
    Ok(Value::from(parts.map(Value::from).collect::<Vec<_>>()))
}

/// Whether two codes are the same.
pub(super) fn equal(values: &[Value]) -> Result<Value, BuiltinError> {
    Ok(Value::from(text(values, 0)? == text(values, 1)?))
}

/// A text of parts: texts as they are, and sets of what an expression gives.
pub(super) fn template(values: &[Value]) -> Result<Value, BuiltinError> {
    let Some(Value::Array(parts)) = values.first() else {
        return Err(wrong("argument 1 is no list"));
    };
    let mut written = String::new();
    for part in parts.iter() {
        let value = match part {
            Value::Set(values) if values.is_empty() => {
                written.push_str("<undefined>");
                continue;
            }
            Value::Set(values) if values.len() == 1 => values.first().unwrap_or(part),
            Value::Set(_) => return Err(wrong("an expression in a text has several values")),
            _ => part,
        };
        match value {
            Value::String(text) => written.push_str(text),
            _ => written.push_str(&super::literals::plain(value)),
        }
    }
    Ok(Value::from(written))
}

/// A template of Go with fields of an object in it, `{{.a.b}}`; other actions are not known.
pub(super) fn render(values: &[Value]) -> Result<Value, BuiltinError> {
    let mut rest = text(values, 0)?;
    let variables = values.get(1).filter(|value| value.as_object().is_ok());
    let variables = variables.ok_or_else(|| wrong("argument 2 is no object"))?;
    let mut written = String::new();
    while let Some((before, behind)) = rest.split_once("{{") {
        written.push_str(before);
        let (action, after) = behind
            .split_once("}}")
            .ok_or_else(|| wrong("an action is not closed"))?;
        let path = action.trim().strip_prefix('.');
        let is_name = |name: &str| {
            let is_letter = |it: char| it == '_' || it.is_alphanumeric();
            !name.is_empty() && name.chars().all(is_letter)
        };
        let path = path.filter(|path| path.split('.').all(is_name));
        let path = path.ok_or_else(|| unread("an action that is no field is not known"))?;
        let mut value = Some(variables);
        for name in path.split('.') {
            value = match value {
                Some(Value::Object(members)) => members.get(&Value::from(name)),
                Some(_) => return Err(wrong("a field of what is no object")),
                None => None,
            };
        }
        match value {
            None => written.push_str("<undefined>"),
            Some(Value::String(text)) => written.push_str(text),
            Some(value @ (Value::Bool(_) | Value::Number(_))) => {
                written.push_str(&super::literals::plain(value));
            }
            Some(_) => return Err(unread("a field that is no text, number or boolean")),
        }
        rest = after;
    }
    written.push_str(rest);
    Ok(Value::from(written))
}
