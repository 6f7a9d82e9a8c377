//! Values that only their name gives away: `password = hunter22`,
//! `"api_key": "…"`, `Pwd=…;`.

use crate::connection::is_placeholder;
use crate::kind::Kind;
use crate::scan::{Secret, run};

/// How the names of secrets end, without `_`, `-` and `.`, in lower case.
const NAMES: [&str; 16] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "secretkey",
    "secretaccesskey",
    "apikey",
    "apitoken",
    "accesskey",
    "accesstoken",
    "authtoken",
    "refreshtoken",
    "sessiontoken",
    "privatekey",
    "bearertoken",
];
/// A name longer than this is prose.
const NAME_MAX: usize = 64;
/// Blanks between name, sign and value.
const BLANKS_MAX: usize = 8;
/// A shorter value is a word of the text, or protects nothing.
const VALUE_MIN: usize = 6;
/// So much of a value says whether it is a secret.
const VALUE_HEAD: usize = 64;

/// The value after the `=` or `:` at a byte.
pub(crate) fn at(text: &str, at: usize) -> Option<Secret> {
    let name = name_before(text, at)?;
    if !is_secret_name(name) {
        return None;
    }
    // `=>` and `:=` are signs too.
    let mut begin = at + 1 + run(text, at + 1, 1, |byte| matches!(byte, b'=' | b'>'));
    begin += run(text, begin, BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t'));
    let quote = text
        .as_bytes()
        .get(begin)
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    if quote.is_some() {
        begin += 1;
    }
    let length = |max| match quote {
        Some(quote) => quoted(text, begin, quote, max),
        None => run(text, begin, max, is_bare),
    };
    // What the first bytes rule out is not read to its end: names and signs may
    // follow each other without end.
    let head = text.get(begin..text.floor_char_boundary(begin + length(VALUE_HEAD)))?;
    if head.len() < VALUE_MIN || is_placeholder(head) || is_code(head) {
        return None;
    }
    let kind = if normal(name).ends_with("secretaccesskey") {
        Kind::AwsAccessKey
    } else {
        Kind::Password
    };
    Some(Secret {
        kind,
        place: begin..begin + length(usize::MAX),
    })
}

/// Whether this is a program that reads a secret, and not the secret.
fn is_code(value: &str) -> bool {
    ["null", "None", "true", "false", "undefined"].contains(&value)
        || ["process.env", "os.environ", "std::env", "env."]
            .iter()
            .any(|source| value.starts_with(source))
}

/// Whether a name says that its value is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = normal(name);
    name.len() <= NAME_MAX && NAMES.iter().any(|ending| name.ends_with(ending))
}

/// `DB_Password` and `db-password` are `dbpassword`.
fn normal(name: &str) -> String {
    name.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect()
}

/// The name before a sign, perhaps in quotes.
fn name_before(text: &str, at: usize) -> Option<&str> {
    let before = text.get(text.floor_char_boundary(at.saturating_sub(NAME_MAX))..at)?;
    let before = before.trim_end_matches([' ', '\t']);
    let before = before.strip_suffix(['"', '\'', '`']).unwrap_or(before);
    let length = before
        .bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        .count();
    before
        .get(before.len() - length..)
        .filter(|name| !name.is_empty())
}

/// Bytes up to the closing quote; a backslash takes the next byte along.
fn quoted(text: &str, begin: usize, quote: u8, max: usize) -> usize {
    let mut escaped = false;
    text.as_bytes()
        .get(begin..)
        .unwrap_or_default()
        .iter()
        .take(max)
        .take_while(|byte| {
            let goes_on = escaped || (**byte != quote && **byte != b'\n');
            escaped = !escaped && **byte == b'\\';
            goes_on
        })
        .count()
}

const fn is_bare(byte: u8) -> bool {
    !byte.is_ascii_whitespace()
        && !matches!(
            byte,
            b'"' | b'\''
                | b'`'
                | b','
                | b';'
                | b'&'
                | b'<'
                | b'>'
                | b'}'
                | b'('
                | b')'
                | b'['
                | b'\\'
        )
}
