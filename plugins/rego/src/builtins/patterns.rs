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

/// What errors about patterns of RE2 say.
const UNREAD: [&str; 3] = ["property not found", "duplicate capture", "size limit"];

/// Classes by their names in `[[:alpha:]]`.
const CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// How often something may be repeated.
const REPEATED_MAX: u32 = 1000;

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
            let problem = format!("not a pattern: {}", last.trim());
            // Which RE2 knows, or may.
            match UNREAD.iter().any(|words| error.contains(words)) {
                true => unread(&problem),
                false => BuiltinError::new(problem),
            }
        })
}

/// In RE2 classes like `\d` are of ASCII, brackets in brackets are characters, and some
/// letters mean something else or nothing.
fn translated(pattern: &str) -> Result<String, BuiltinError> {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_class = false;
    // Where a `]` is a character of the class.
    let mut begins = false;
    // Behind `*`, `+`, `?` or `{2}`.
    let mut is_repeated = false;
    while let Some(letter) = rest.chars().next() {
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        let began = std::mem::take(&mut begins);
        let was_repeated = std::mem::take(&mut is_repeated);
        let repetition = match letter {
            '*' | '+' | '?' if !in_class => Some(0),
            '{' if !in_class => repetition(rest)?,
            _ => None,
        };
        if let Some(length) = repetition {
            if was_repeated {
                return Err(wrong("not a pattern: what is repeated is repeated again"));
            }
            text.push(letter);
            text.push_str(rest.get(..length).unwrap_or_default());
            rest = rest.get(length..).unwrap_or_default();
            if let Some(behind) = rest.strip_prefix('?') {
                text.push('?');
                rest = behind;
            }
            is_repeated = true;
            continue;
        }
        match letter {
            '\\' => rest = escape(rest, in_class, &mut text)?,
            '{' | '}' if !in_class => text.extend(['\\', letter]),
            '(' if rest.starts_with('?') && !in_class => {
                check_group(rest)?;
                text.push('(');
                text.push('?');
                rest = rest.get(1..).unwrap_or_default();
            }
            '[' if !in_class => {
                in_class = true;
                begins = true;
                text.push('[');
                if let Some(behind) = rest.strip_prefix('^') {
                    text.push('^');
                    rest = behind;
                }
            }
            '[' if rest.starts_with(':') => match rest.split_once(":]") {
                Some((name, behind)) => {
                    let plain = name.trim_start_matches(':').trim_start_matches('^');
                    if !CLASSES.contains(&plain) {
                        return Err(wrong("not a pattern: a class of no known name"));
                    }
                    text.push_str(&format!("[{name}:]"));
                    rest = behind;
                }
                None => text.push_str("\\["),
            },
            '[' => text.push_str("\\["),
            ']' if in_class && began => text.push_str("\\]"),
            ']' => {
                in_class = false;
                text.push(']');
            }
            '&' | '~' if in_class => text.extend(['\\', letter]),
            '-' if in_class && rest.starts_with('-') => {
                return Err(unread("not a pattern: `--` in a class"));
            }
            _ => text.push(letter),
        }
    }
    Ok(text)
}

/// What a backslash stands before; gives what is behind it.
fn escape<'a>(rest: &'a str, in_class: bool, text: &mut String) -> Result<&'a str, BuiltinError> {
    let Some(letter) = rest.chars().next() else {
        return Err(wrong("not a pattern: `\\` stands at its end"));
    };
    let behind = rest.get(letter.len_utf8()..).unwrap_or_default();
    match letter {
        'd' => text.push_str("[0-9]"),
        'D' => text.push_str("[^0-9]"),
        'w' => text.push_str("[0-9A-Za-z_]"),
        'W' => text.push_str("[^0-9A-Za-z_]"),
        's' => text.push_str(r"[\t\n\x0C\r\x20]"),
        'S' => text.push_str(r"[^\t\n\x0C\r\x20]"),
        'b' if !in_class => text.push_str(r"(?-u:\b)"),
        'B' if !in_class => return Err(unread("not a pattern: `\\B` is not known")),
        'Q' if !in_class => {
            let (quoted, behind) = behind.split_once("\\E").unwrap_or((behind, ""));
            text.push_str(&regex::escape(quoted));
            return Ok(behind);
        }
        '0'..='7' => {
            let digits = behind.bytes().take_while(|it| matches!(it, b'0'..=b'7'));
            let digits = digits.take(2).count();
            if letter != '0' && digits == 0 {
                return Err(wrong("not a pattern: a group cannot be named again"));
            }
            let (digits, behind) = behind.split_at(digits);
            let code = u32::from_str_radix(&format!("{letter}{digits}"), 8);
            text.push_str(&format!("\\x{{{:x}}}", code.unwrap_or_default()));
            return Ok(behind);
        }
        'p' | 'P' | 'x' if behind.starts_with('{') => {
            let (name, behind) = behind
                .split_once('}')
                .ok_or_else(|| wrong("not a pattern: a brace is not closed"))?;
            let name = name.strip_prefix('{').unwrap_or(name);
            let (letter, name) = match (letter, name.strip_prefix('^')) {
                ('p', Some(name)) => ('P', name),
                ('P', Some(name)) => ('p', name),
                _ => (letter, name),
            };
            text.push_str(&format!("\\{letter}{{{name}}}"));
            return Ok(behind);
        }
        'u' | 'U' => return Err(wrong("not a pattern: `\\u` is not known")),
        '<' | '>' => text.push(letter),
        _ => text.extend(['\\', letter]),
    }
    Ok(behind)
}

/// The length of a repetition behind its brace: `2}`, `2,}` or `2,3}`; others are letters.
fn repetition(rest: &str) -> Result<Option<usize>, BuiltinError> {
    let Some((inside, _)) = rest.split_once('}') else {
        return Ok(None);
    };
    let (least, most) = match inside.split_once(',') {
        Some((least, most)) => (least, most),
        None => (inside, inside),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if !is_number(least) || !(most.is_empty() || is_number(most)) {
        return Ok(None);
    }
    let size = |text: &str| text.parse().unwrap_or(u32::MAX);
    if size(least) > REPEATED_MAX || (!most.is_empty() && size(most) > REPEATED_MAX) {
        return Err(wrong("not a pattern: a repetition is too long"));
    }
    Ok(Some(inside.len() + 1))
}

/// Behind `(`: a name, or flags that RE2 knows.
fn check_group(rest: &str) -> Result<(), BuiltinError> {
    let inside = rest.strip_prefix('?').unwrap_or(rest);
    if inside.starts_with("P<") || inside.starts_with('<') {
        return Ok(());
    }
    let end = inside.find([':', ')']).unwrap_or(inside.len());
    let flags = inside.get(..end).unwrap_or_default();
    match flags
        .chars()
        .all(|it| matches!(it, 'i' | 'm' | 's' | 'U' | '-'))
    {
        true => Ok(()),
        false => Err(wrong("not a pattern: a flag that is not known")),
    }
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

/// `[abc]`, `[a-z]`, `[!a-z]`: a range stands alone, and is none where its signs are escaped.
fn class(letters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, BuiltinError> {
    let sign = match letters.next_if_eq(&'!') {
        Some(_) => "^",
        None => "",
    };
    let mut ahead = letters.clone();
    let (first, second) = (ahead.next(), ahead.next());
    if let (Some(first), Some('-')) = (first, second) {
        let (last, end) = (ahead.next(), ahead.next());
        *letters = ahead;
        return match (last, end) {
            (Some(last), Some(']')) if first <= last => {
                Ok(format!("[{sign}{}-{}]", escaped(first), escaped(last)))
            }
            _ => Err(wrong("not a glob: a range is not one")),
        };
    }
    let mut inside = String::new();
    loop {
        match letters.next() {
            Some(']') if inside.is_empty() => return Err(wrong("not a glob: `[]` is empty")),
            Some(']') => return Ok(format!("[{sign}{inside}]")),
            Some('\\') => inside.push_str(&escaped(letters.next().ok_or_else(open_class)?)),
            Some(letter) => inside.push_str(&escaped(letter)),
            None => return Err(open_class()),
        }
    }
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
