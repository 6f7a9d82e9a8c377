//! Secrets that are arguments: `define('DB_PASSWORD', 'x')`, `.password("x")`,
//! `["password", "x"]`.

use crate::assignment::Value;
use crate::header::{is_credentials, scheme};
use crate::kind::Kind;
use crate::names::{NAME_MAX, Strength};
use crate::secret::{Rest, Secret, run};
use crate::shape::is_wordy_part;
use crate::value::Values;

/// Blanks between a sign and what belongs to it.
const BLANKS_MAX: usize = 2;

/// The text in quotes behind the `,` or `(` at a byte, if it is the last one, looks
/// random, and a name stands before the sign.
pub(crate) fn at(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let bytes = text.as_bytes();
    let is_pair = bytes.get(at) == Some(&b',');
    let quoted = bytes.get(at.checked_sub(1)?)?;
    if is_pair != matches!(quoted, b'"' | b'\'') || !values.names.may_end(bytes, at) {
        return None;
    }
    let begin = at + 1 + run(text, at + 1, BLANKS_MAX, |byte| byte == b' ');
    if !matches!(bytes.get(begin), Some(b'"' | b'\'')) {
        return None;
    }
    let before = text.get(text.floor_char_boundary(at.saturating_sub(NAME_MAX))..at)?;
    let name = if is_pair {
        first_of_two(before, char::from(*quoted))
    } else {
        setter(before)
    }?;
    if is_pair && is_authorization(name) {
        return header(rest, begin, values);
    }
    values.names.strength(name)?;
    let value = Value::at(rest, begin);
    if !value.is_secret(rest, Strength::Weak, values) {
        return None;
    }
    let end = value.end(rest, usize::MAX);
    if is_wordy_part(text.get(value.begin..end)?) {
        return None;
    }
    let tail = text.get(end + 1..)?.trim_start_matches(' ');
    tail.starts_with([')', ']']).then_some(Secret {
        kind: Kind::PASSWORD,
        place: value.begin..end,
    })
}

fn is_authorization(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "authorization" || name.ends_with("-authorization")
}

/// `["Authorization", "Basic …"]`: the credentials in the text in quotes.
fn header(rest: Rest<'_>, begin: usize, values: &Values) -> Option<Secret> {
    let value = Value::at(rest, begin);
    let end = value.end(rest, usize::MAX);
    let begin = value.begin + scheme(rest.text.get(value.begin..end)?);
    is_credentials(rest.text.get(begin..end)?, values).then_some(Secret {
        kind: Kind::PASSWORD,
        place: begin..end,
    })
}

/// `('name'`, `["name"`: the first of two.
fn first_of_two(before: &str, quote: char) -> Option<&str> {
    let (head, name) = before.strip_suffix(quote)?.rsplit_once(quote)?;
    head.trim_end_matches(' ')
        .ends_with(['(', '['])
        .then_some(name)
}

/// `.password`, `setPassword`, `withToken`, `PASSWORD`.
fn setter(before: &str) -> Option<&str> {
    let head = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let name = before.get(head.len()..)?;
    let is_setter = head.ends_with('.')
        && !["get", "find", "check", "verify", "hash", "is", "has"]
            .iter()
            .any(|word| name.starts_with(word))
        || name.starts_with("set")
        || name.starts_with("with")
        || name.bytes().all(|byte| byte.is_ascii_uppercase());
    (is_setter && !name.is_empty()).then_some(name)
}
