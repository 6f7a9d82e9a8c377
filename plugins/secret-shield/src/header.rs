//! Credentials in HTTP headers: `Authorization`, `Cookie`.

use crate::kind::Kind;
use crate::secret::{Rest, Secret, run};
use crate::value::Values;

/// Blanks between name, sign and value.
pub(crate) const BLANKS_MAX: usize = 8;
/// What says how the text behind it is to be read, in `Authorization`.
const SCHEMES: [&str; 9] = [
    "bearer ",
    "basic ",
    "token ",
    "apikey ",
    "api-key ",
    "digest ",
    "negotiate ",
    "ntlm ",
    "key ",
];

/// Nor is the name of a scheme.
const SCHEME_MAX: usize = 24;
/// A cookie header is no longer than this.
const COOKIES_MAX: usize = 8 * 1024;
/// A shorter value of a cookie is a setting.
const COOKIE_MIN: usize = 12;

/// The credentials in `Authorization: Bearer …`.
pub(crate) fn authorization(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let begin = at
        + 1
        + run(text, at + 1, BLANKS_MAX, |byte| {
            matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b'=')
        });
    let begin = begin + scheme(text.get(begin..)?);
    let begin = begin + run(text, begin, BLANKS_MAX, |byte| byte == b' ');
    let end = begin + run(text, begin, usize::MAX, is_credential);
    let place = begin..end;
    let value = text.get(place.clone())?.trim_end_matches([',', ';', '.']);
    is_credentials(value, values).then(|| Secret {
        kind: Kind::PASSWORD,
        place: begin..begin + value.len(),
    })
}

/// The length of the scheme that a value begins with.
pub(crate) fn scheme(value: &str) -> usize {
    SCHEMES
        .iter()
        .find(|scheme| {
            value
                .get(..scheme.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
        })
        .map_or_else(|| other_scheme(value), |scheme| scheme.len())
}

/// `SSWS …`, `GenieKey …`, `Token token=…`: a word, a blank, and one word more.
fn other_scheme(value: &str) -> usize {
    let word = run(value, 0, SCHEME_MAX, |byte| {
        byte.is_ascii_alphabetic() || byte == b'-'
    });
    if word >= 3 && value.as_bytes().get(word) == Some(&b' ') {
        word + 1
    } else {
        0
    }
}

/// Whether this is what `Authorization` carries: random, or mixed base64.
pub(crate) fn is_credentials(value: &str, values: &Values) -> bool {
    value.len() >= 8
        && !values.is_placeholder(value)
        && (values.looks_random(value) || is_mixed_base64(value))
}

pub(crate) fn is_mixed_base64(value: &str) -> bool {
    value.len() >= 12
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
        && value.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
        && value.bytes().any(|byte| byte.is_ascii_lowercase())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
        && (value.ends_with('=') || value.len() > 24)
}

pub(crate) const fn is_credential(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\')
}

/// The values in `Cookie: a=1; session=…`, from the first that is a secret to
/// the last.
pub(crate) fn cookies(text: &str, at: usize, values: &Values) -> Option<Secret> {
    // `"Cookie": "session=…"`
    let begin = at + 1 + run(text, at + 1, BLANKS_MAX, |byte| byte == b' ');
    let quote = text
        .as_bytes()
        .get(begin)
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let begin = begin + usize::from(quote.is_some());
    let end = begin
        + run(text, begin, COOKIES_MAX, |byte| {
            !matches!(byte, b'\n' | b'\r' | b'"' | b'`' | b'\x1b') && quote != Some(byte)
        });
    let mut begin = begin;
    let mut place: Option<std::ops::Range<usize>> = None;
    for pair in text.get(begin..end)?.split(';') {
        if let Some((name, value)) = pair.split_once('=') {
            let shown = value.trim_end().trim_end_matches('\'');
            let begin = begin + name.len() + 1;
            if is_cookie(name, shown, values) {
                let end = begin + shown.len();
                place = Some(place.map_or(begin, |place| place.start)..end);
            }
        }
        begin += pair.len() + 1;
    }
    place.map(|place| Secret {
        kind: Kind::PASSWORD,
        place,
    })
}

/// Whether a cookie is a secret.
pub(crate) fn is_cookie(name: &str, value: &str, values: &Values) -> bool {
    let name = name.trim().to_ascii_lowercase();
    let is_attribute = [
        "expires", "max-age", "path", "domain", "samesite", "_ga", "theme", "lang", "locale",
    ]
    .contains(&name.as_str());
    let is_session = ["sess", "sid", "auth", "token", "jwt", "remember"]
        .iter()
        .any(|word| name.contains(word));
    let least = if is_session { 6 } else { COOKIE_MIN };
    !is_attribute
        && value.len() >= least
        && !values.is_placeholder(value)
        && values.looks_random(value)
}
