//! Values that only their name gives away: `password = hunter22`,
//! `"api_key": "…"`, `Pwd=…;`, `{"name": "DB_PASSWORD", "value": "…"}`.

use crate::extent::{bare, quoted, setting};
use crate::header::{BLANKS_MAX, authorization, cookies};
use crate::kind::Kind;
use crate::layout::{block, list, own_line, wrapper};
use crate::mark;
use crate::names::{NAME_MAX, Names, Strength};
use crate::pair::pair;
use crate::reading::{BEYOND_ASCII, TERMINAL};
use crate::secret::{Rest, Secret, run};
use crate::value::{Values, Writing};

/// So much of a value says whether it is a secret.
const HEAD_MAX: usize = 256;

/// The value after the `=` or `:` at a byte.
pub(crate) fn at(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let bytes = text.as_bytes();
    let is_colon = |place: usize| bytes.get(place) == Some(&b':');
    // `Token::Name` is code.
    if is_colon(at) && (is_colon(at + 1) || at.checked_sub(1).is_some_and(is_colon)) {
        return None;
    }
    let is_quoted = bytes.get(at) == Some(&b'=')
        && matches!(
            bytes.get(at + 1..at + 3),
            Some([b'"' | b'\'' | b'`', _] | [b' ', b'"' | b'\'' | b'`'])
        );
    if !is_quoted && !values.names.may_end(bytes, at) {
        return None;
    }
    let name = name_before(text, at)?;
    let last = name.rsplit([' ', '.', '/']).next().unwrap_or_default();
    if last.eq_ignore_ascii_case("authorization") || ends_with(last, "-authorization") {
        return authorization(rest, at, values);
    }
    if ends_with(last, "cookie") || ends_with(last, "cookies") {
        return cookies(text, at, values);
    }
    if is_resource(text, at, name) || is_verdict(text, at, last) {
        return None;
    }
    let strength = values
        .names
        .strength(name)
        .or_else(|| pair(text, at, last, values))
        .or_else(|| typed(text, at, values))?;
    if is_assigned_on(text, at, last, values) {
        return None;
    }
    let value = Value::after(rest, at, last);
    if !value.is_secret(rest, strength, values) {
        return None;
    }
    let kind = if Names::is_aws(name) {
        Kind::AWS_ACCESS_KEY
    } else {
        Kind::PASSWORD
    };
    Some(Secret {
        kind,
        place: value.begin..value.end(rest, usize::MAX),
    })
}

/// `pwd=$pwd=…`: the sign behind says what the value is, and is looked at by itself.
fn is_assigned_on(text: &str, at: usize, name: &str, values: &Values) -> bool {
    let begin = at + 1;
    let signs = run(text, begin, 3, |byte| b"$@&*({[!-".contains(&byte));
    let length = run(text, begin + signs, NAME_MAX, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'_'
    });
    let end = begin + signs + length;
    let is_sign = |place: usize| text.as_bytes().get(place) == Some(&b'=');
    if length == 0 || !is_sign(end) || is_sign(end + 1) {
        return false;
    }
    let inner = text.get(begin + signs..end).unwrap_or_default();
    inner == name || (signs > 0 && !is_capital(name) && values.names.strength(inner).is_some())
}

/// `NAME_1`, as settings are called.
fn is_capital(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `arn:aws:secretsmanager:eu-1:123456789012:secret:…`: the account before the name
/// says that a resource is called so.
fn is_resource(text: &str, at: usize, name: &str) -> bool {
    text.as_bytes().get(at) == Some(&b':')
        && text
            .get(..at)
            .and_then(|before| before.strip_suffix(name)?.strip_suffix(':'))
            .is_some_and(|before| {
                let digits = before.bytes().rev().take(12);
                before.len() >= 12 && digits.into_iter().all(|byte| byte.is_ascii_digit())
            })
}

/// `--- PASS: TestName`: what a test says of itself.
fn is_verdict(text: &str, at: usize, name: &str) -> bool {
    name == "PASS"
        && text
            .get(..at)
            .and_then(|before| before.strip_suffix(name))
            .is_some_and(|before| before.ends_with("--- "))
}

/// A value, and how it is written.
pub(crate) struct Value {
    pub(crate) begin: usize,
    quote: Option<u8>,
    writing: Writing,
    /// Where the name of a setting begins, if nothing else stands in its line.
    line: Option<usize>,
    /// `password == other`: code.
    is_compared: bool,
}

impl Value {
    /// The value after the sign at a byte.
    fn after(rest: Rest<'_>, at: usize, name: &str) -> Self {
        let bytes = rest.text.as_bytes();
        // `=>`, `:=` and `==` are signs too.
        let mut begin = at + 1 + run(rest.text, at + 1, 2, |byte| matches!(byte, b'=' | b'>'));
        let is_capital = is_capital(name);
        let is_beside = bytes.get(at) == Some(&b'=')
            && rest
                .text
                .get(..at)
                .is_some_and(|before| before.ends_with(name));
        let is_double = bytes.get(at..at + 2) == Some(b"==");
        // `NAME==value` on a line of its own compares nothing: the value begins with `=`.
        let is_comparison = is_double
            && !(is_capital
                && is_beside
                && bytes
                    .get(at + 2)
                    .is_some_and(|byte| byte.is_ascii_graphic())
                && own_line(rest.text, at - name.len()).is_some());
        if is_double && !is_comparison {
            begin = at + 1;
        }
        let is_tight = is_beside && at + 1 == begin;
        begin += run(rest.text, begin, BLANKS_MAX, |byte| {
            matches!(byte, b' ' | b'\t' | b'*' | b'\x1b')
        });
        let is_tight = is_tight && begin == at + 1;
        begin += block(rest.text, begin);
        begin += list(rest.text, begin);
        begin += wrapper(rest.text, begin);
        let line = (is_tight)
            .then(|| own_line(rest.text, at - name.len()))
            .flatten();
        let mut value = Self::at(rest, begin);
        if value.quote.is_none() && is_tight && is_capital {
            value.writing = Writing::Setting;
        }
        value.is_compared = is_comparison && value.quote.is_none();
        value.line = line;
        value
    }

    /// The value that begins at a byte, in quotes or not.
    pub(crate) fn at(rest: Rest<'_>, begin: usize) -> Self {
        let bytes = rest.text.as_bytes();
        // `b"…"`, `r'…'`, `N'…'`.
        let prefix = run(rest.text, begin, 2, |byte| b"bBrRuUfFN@$".contains(&byte));
        let is_quote = |place: usize| {
            bytes
                .get(place)
                .copied()
                .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))
        };
        let (begin, quote) = match is_quote(begin + prefix) {
            Some(quote) => {
                let begin = begin + prefix;
                let quotes = run(rest.text, begin, 3, |byte| byte == quote);
                (begin + if quotes == 3 { 3 } else { 1 }, Some(quote))
            }
            None => (begin, None),
        };
        Self {
            begin,
            quote,
            writing: if quote.is_some() {
                Writing::Quoted
            } else {
                Writing::Bare
            },
            line: None,
            is_compared: false,
        }
    }

    pub(crate) fn is_quoted(&self) -> bool {
        self.quote.is_some()
    }

    /// Whether this is a secret, by its first bytes: what they rule out is not
    /// read to its end, for names and signs may follow each other without end.
    pub(crate) fn is_secret(&self, rest: Rest<'_>, strength: Strength, values: &Values) -> bool {
        let end = rest.text.floor_char_boundary(self.end(rest, HEAD_MAX));
        let place = self.begin..end;
        let head = rest.text.get(place.clone()).unwrap_or_default();
        // Whatever it says, as it is written it may be a placeholder: `%DB%`.
        let head = if head.contains(BEYOND_ASCII) {
            rest.written(&place)
        } else {
            head
        };
        !self.is_compared
            && !self.is_behind_a_text(rest.text, head, end)
            && !self.is_command(rest.text, head, end)
            && values.is_secret(head, strength, self.writing)
            && (rest.written(&place) == head || !values.is_placeholder(rest.written(&place)))
            && !self.is_continued(rest.text, head, end)
    }

    /// The end of the value, at most `max` bytes on.
    pub(crate) fn end(&self, rest: Rest<'_>, max: usize) -> usize {
        match (self.quote, self.line) {
            (Some(quote), _) => quoted(rest, self.begin, quote, max),
            (None, Some(line)) => setting(rest, line, self.begin, max),
            (None, None) => bare(rest.text, self.begin, max),
        }
    }

    /// Whether the quote closes a text that ends like a name, and code follows:
    /// `"private key: " + err.Error()`, `"PWD=" + dir)`.
    fn is_behind_a_text(&self, text: &str, head: &str, end: usize) -> bool {
        let Some(quote) = self.quote else {
            return false;
        };
        let begins = |signs: &[char]| head.trim_start_matches(' ').starts_with(signs);
        let is_open = text.as_bytes().get(end) != Some(&quote) && head.len() < HEAD_MAX;
        let is_joined =
            begins(&['+', '.', '&', '%']) && head.starts_with(' ') && head.ends_with(' ');
        is_joined || (is_open && begins(&['+', ',', ')', ';', '.', ']', '}', '&', '%']))
    }

    /// Whether a shell runs the value: `$(openssl rand 32)`, `` `cat /run/x` ``.
    fn is_command(&self, text: &str, head: &str, end: usize) -> bool {
        let is_cut = head.starts_with("$(")
            && !head.contains(')')
            && text.as_bytes().get(end) == Some(&b' ');
        let is_quoted = self.quote == Some(b'`')
            && self.begin >= 2
            && text.as_bytes().get(self.begin - 2) == Some(&b'=')
            && head.contains(' ');
        is_cut || is_quoted
    }

    /// Whether code goes on behind a value without quotes: a call, an index.
    fn is_continued(&self, text: &str, head: &str, end: usize) -> bool {
        let next = text.as_bytes().get(end);
        // `try(var.pw1, null)`, `Secret::new(&[7; 32])`
        let is_first_argument = matches!(next, Some(b',' | b';'))
            && head
                .split_once('(')
                .is_some_and(|(name, rest)| is_function(name) && !rest.contains(')'));
        self.writing == Writing::Bare
            && (matches!(next, Some(b'(' | b'['))
                || is_first_argument
                || (head.ends_with(['(', '[']) && matches!(next, Some(b'"' | b'\''))))
    }
}

/// `password: str = "…"`: the name stands before its type, the value in quotes.
fn typed(text: &str, at: usize, values: &Values) -> Option<Strength> {
    if text.as_bytes().get(at) != Some(&b'=') {
        return None;
    }
    let quote = text.get(at + 1..)?.trim_start_matches(' ');
    if !quote.starts_with(['"', '\'', '`']) {
        return None;
    }
    let before = text.get(text.floor_char_boundary(at.saturating_sub(NAME_MAX))..at)?;
    let before = before.trim_end();
    let kind = before
        .bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_&<>[]' ?".contains(byte))
        .count();
    let name = before.get(..before.len() - kind)?;
    if let Some(name) = name.strip_suffix(':') {
        return values.names.strength(name.rsplit([' ', '(', ',']).next()?);
    }
    // `var password string = "…"`, `char password[] = "…"`.
    let words = before.get(before.len() - kind..)?;
    let words = words
        .trim_end_matches(['[', ']'])
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches('[');
    words
        .split_ascii_whitespace()
        .rev()
        .take(2)
        .find_map(|word| values.names.strength(word))
}

/// The name before a sign, perhaps in quotes or brackets.
pub(crate) fn name_before(text: &str, at: usize) -> Option<&str> {
    let before = text.get(text.floor_char_boundary(at.saturating_sub(NAME_MAX))..at)?;
    let before = before.trim_end_matches([' ', '\t', '?', ':', TERMINAL]);
    if mark::ends(before) {
        return None;
    }
    let before = before.strip_suffix("[]").unwrap_or(before);
    let before = before.strip_suffix(']').unwrap_or(before);
    let before = before.strip_suffix(['"', '\'', '`']).unwrap_or(before);
    let before = before.trim_end_matches('*');
    // `API key`: blanks are part of a name.
    let mut length = 0;
    let mut blank = false;
    for byte in before.bytes().rev().take(NAME_MAX - 8) {
        let is_blank = byte == b' ';
        if !(byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'/')
            || (is_blank && !blank))
        {
            break;
        }
        blank = is_blank;
        length += 1;
    }
    before
        .get(before.len() - length..)
        .map(str::trim)
        .map(|name| name.strip_suffix(" is").unwrap_or(name))
}

/// Whether a function may be called so: a word, or a path in which digits may stand.
fn is_function(name: &str) -> bool {
    let is_path = name.contains(['.', '_']) || name.contains("::");
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| {
            byte.is_ascii_alphabetic()
                || matches!(byte, b'_' | b'.')
                || (is_path && (byte.is_ascii_digit() || byte == b':'))
        })
}

fn ends_with(name: &str, ending: &str) -> bool {
    name.len()
        .checked_sub(ending.len())
        .and_then(|from| name.get(from..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
}
