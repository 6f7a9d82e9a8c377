//! Names that another sign than `=` or `:` gives a text in quotes: `<-` of R, keywords of
//! Clojure, `(def …)` of Lisp.

use crate::assignment::{Value, name_before};
use crate::header::BLANKS_MAX;
use crate::kind::Kind;
use crate::names::NAME_MAX;
use crate::secret::{Rest, Secret, run};
use crate::value::Values;

/// Blanks, line ends and indents between a keyword and its value.
const INDENT_MAX: usize = 48;

/// Words that bind a name.
const BINDING: [&str; 10] = [
    "def",
    "defonce",
    "defconst",
    "defvar",
    "defcustom",
    "defparameter",
    "define",
    "setq",
    "setq-default",
    "setf",
];

/// The text in quotes behind the `<-` or `<<-` whose `-` is at a byte.
pub(crate) fn arrow(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let before = text.get(..at)?;
    let name = before.strip_suffix("<<").or(before.strip_suffix('<'))?;
    let begin = at + 1 + run(text, at + 1, BLANKS_MAX, |byte| byte == b' ');
    in_quotes(rest, name_before(text, name.len())?, begin, values)
}

/// The text in quotes behind the name whose `:` is at a byte: `:password "…"`, `:db/password "…"`.
pub(crate) fn keyword(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    named(rest, at + 1, values)
}

/// The text in quotes behind the name that the `(` at a byte binds: `(def password "…")`.
pub(crate) fn definition(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let word = run(text, at + 1, NAME_MAX, is_of_name);
    let word = text.get(at + 1..at + 1 + word)?;
    if !BINDING.contains(&word) {
        return None;
    }
    let mut begin = at + 1 + word.len();
    begin += run(text, begin, INDENT_MAX, is_blank);
    // `^:private`
    if text.as_bytes().get(begin) == Some(&b'^') {
        begin += run(text, begin, NAME_MAX, |byte| byte.is_ascii_graphic());
        begin += run(text, begin, INDENT_MAX, is_blank);
    }
    named(rest, begin, values)
}

/// The text in quotes behind the name that begins at a byte.
fn named(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let end = at + run(text, at, NAME_MAX, is_of_name);
    let blanks = run(text, end, INDENT_MAX, is_blank);
    if end == at || blanks == 0 {
        return None;
    }
    let name = text.get(at..end)?.rsplit(['/', '.']).next()?;
    let name = name.trim_matches('*');
    if text.as_bytes().get(end + blanks) != Some(&b'"') {
        return None;
    }
    in_quotes(rest, name, end + blanks, values)
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/' | b'.' | b'*')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r')
}

fn in_quotes(rest: Rest<'_>, name: &str, begin: usize, values: &Values) -> Option<Secret> {
    if !matches!(rest.text.as_bytes().get(begin), Some(b'"' | b'\'')) {
        return None;
    }
    let strength = values.names.strength(name)?;
    let value = Value::at(rest, begin);
    value.is_secret(rest, strength, values).then(|| Secret {
        kind: Kind::PASSWORD,
        place: value.begin..value.end(rest, usize::MAX),
    })
}
