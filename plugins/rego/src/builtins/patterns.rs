//! Patterns as OPA compiles them: regular expressions of RE2, and globs. Those that a module
//! spells out are compiled when it is loaded.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::arguments::{BuiltinError, unread, wrong};

/// Largest compiled pattern, in bytes: what an agent writes may become one.
const SIZE_MAX: usize = 256 * 1024;

/// Most patterns that are kept: those of a module, and not those of a call.
const KEPT_MAX: usize = 1024;

static KEPT: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());

/// A pattern of RE2.
pub(crate) fn compiled(pattern: &str) -> Result<Regex, BuiltinError> {
    of_text(&translated(pattern)?)
}

/// Compiles a pattern, and keeps it for all calls.
pub(crate) fn keep(pattern: &str) -> Result<(), BuiltinError> {
    keep_text(translated(pattern)?)
}

/// The same for a glob and its delimiters.
pub(crate) fn keep_glob(glob: &str, delimiters: &[char]) -> Result<(), BuiltinError> {
    keep_text(of_glob(glob, delimiters)?)
}

/// A glob, whose `*` and `?` stop at delimiters.
pub(crate) fn compiled_glob(glob: &str, delimiters: &[char]) -> Result<Regex, BuiltinError> {
    of_text(&of_glob(glob, delimiters)?)
}

fn of_text(text: &str) -> Result<Regex, BuiltinError> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    match kept.get(text) {
        Some(regex) => Ok(regex.clone()),
        None => build(text),
    }
}

fn keep_text(text: String) -> Result<(), BuiltinError> {
    let regex = build(&text)?;
    // What it needs to match is made when it first does.
    regex.is_match("");
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < KEPT_MAX {
        kept.insert(text, regex);
    }
    Ok(())
}

fn build(text: &str) -> Result<Regex, BuiltinError> {
    RegexBuilder::new(text)
        .size_limit(SIZE_MAX)
        .build()
        .map_err(|error| {
            let error = error.to_string();
            let last = error.lines().last().unwrap_or_default();
            BuiltinError::new(format!("not a pattern: {}", last.trim()))
        })
}

/// In RE2 classes like `\d` are of ASCII, and brackets in brackets are characters.
fn translated(pattern: &str) -> Result<String, BuiltinError> {
    let mut text = String::with_capacity(pattern.len());
    let mut letters = pattern.chars().peekable();
    let mut in_class = false;
    // Where a `]` is a character of the class.
    let mut begins = false;
    while let Some(letter) = letters.next() {
        let began = std::mem::take(&mut begins);
        match letter {
            '\\' => match letters.next() {
                Some('d') => text.push_str("[0-9]"),
                Some('D') => text.push_str("[^0-9]"),
                Some('w') => text.push_str("[0-9A-Za-z_]"),
                Some('W') => text.push_str("[^0-9A-Za-z_]"),
                Some('s') => text.push_str(r"[\t\n\x0C\r\x20]"),
                Some('S') => text.push_str(r"[^\t\n\x0C\r\x20]"),
                Some('b') if !in_class => text.push_str(r"(?-u:\b)"),
                Some('B') if !in_class => {
                    return Err(unread("not a pattern: `\\B` is not known"));
                }
                Some(escaped) => text.extend(['\\', escaped]),
                None => return Err(wrong("not a pattern: `\\` stands at its end")),
            },
            '[' if !in_class => {
                in_class = true;
                begins = true;
                text.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    text.push('^');
                }
            }
            '[' if letters.peek() == Some(&':') => {
                text.push('[');
                for letter in letters.by_ref() {
                    text.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            '[' => text.push_str("\\["),
            ']' if in_class && began => text.push_str("\\]"),
            ']' => {
                in_class = false;
                text.push(']');
            }
            '&' | '~' if in_class => text.extend(['\\', letter]),
            '-' if in_class && letters.peek() == Some(&'-') => {
                return Err(unread("not a pattern: `--` in a class"));
            }
            _ => text.push(letter),
        }
    }
    Ok(text)
}

/// A glob as a regular expression of this crate.
fn of_glob(glob: &str, delimiters: &[char]) -> Result<String, BuiltinError> {
    let others = match delimiters.is_empty() {
        true => ".".to_owned(),
        false => {
            let escaped = delimiters.iter().map(|it| escaped(*it));
            format!("[^{}]", escaped.collect::<String>())
        }
    };
    let mut text = String::from("(?s)^");
    let mut depth = 0_usize;
    let mut letters = glob.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.next_if_eq(&'*').is_some() => {
                while letters.next_if_eq(&'*').is_some() {}
                text.push_str(".*");
            }
            '*' => {
                text.push_str(&others);
                text.push('*');
            }
            '?' => text.push_str(&others),
            '\\' => match letters.next() {
                Some(letter) => text.push_str(&escaped(letter)),
                None => return Err(wrong("not a glob: `\\` stands at its end")),
            },
            '[' => text.push_str(&class(&mut letters)?),
            '{' => {
                depth += 1;
                text.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                text.push(')');
            }
            ',' if depth > 0 => text.push('|'),
            ']' | '}' => return Err(wrong("not a glob: a bracket closes nothing")),
            _ => text.push_str(&escaped(letter)),
        }
    }
    if depth > 0 {
        return Err(wrong("not a glob: `{` is not closed"));
    }
    text.push('$');
    Ok(text)
}

/// `[abc]`, `[a-z]`, `[!a-z]`.
fn class(letters: &mut impl Iterator<Item = char>) -> Result<String, BuiltinError> {
    let mut inside = Vec::new();
    loop {
        match letters.next() {
            Some(']') if !inside.is_empty() => break,
            Some('\\') => inside.push(letters.next().ok_or_else(open_class)?),
            Some(letter) => inside.push(letter),
            None => return Err(open_class()),
        }
    }
    let (sign, inside) = match inside.split_first() {
        Some(('!', rest)) => ("^", rest),
        _ => ("", inside.as_slice()),
    };
    let inside = match inside {
        [first, '-', last] if first <= last => format!("{}-{}", escaped(*first), escaped(*last)),
        [] => return Err(open_class()),
        _ => inside.iter().map(|letter| escaped(*letter)).collect(),
    };
    Ok(format!("[{sign}{inside}]"))
}

fn open_class() -> BuiltinError {
    wrong("not a glob: `[` is not closed")
}

fn escaped(letter: char) -> String {
    match letter.is_ascii_punctuation() {
        true => format!("\\{letter}"),
        false => letter.to_string(),
    }
}
