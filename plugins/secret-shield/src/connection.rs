//! Passwords in connection strings: `scheme://user:password@host`.

use crate::kind::Kind;
use crate::secret::{Rest, Secret, run};
use crate::value::Values;

/// A user is no longer than this.
const USER_MAX: usize = 256;
/// Nor a password that holds what begins a path.
const PASSWORD_MAX: usize = 1024;

/// The password after the `://` whose colon is at a byte.
pub(crate) fn at(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    if !text.get(at..)?.starts_with("://") {
        return None;
    }
    let start = at + "://".len();
    // An `@` that is escaped belongs to the user: `bob%40example.com`.
    let depth = rest.depth(at + 1);
    let mut user = run(text, start, USER_MAX, is_user);
    while text.as_bytes().get(start + user) == Some(&b'@')
        && rest.depth(start + user) > depth
        && user < USER_MAX
    {
        user += 1;
        user += run(text, start + user, USER_MAX, is_user);
    }
    if text.as_bytes().get(start + user) != Some(&b':') {
        return None;
    }
    let begin = start + user + 1;
    let end = password_end(rest, at + 1, begin)?;
    let place = begin..end;
    let password = text.get(place.clone())?;
    // `https://<token>:x-oauth-basic@github.com`: the user is the secret.
    if matches!(password, "x-oauth-basic" | "x" | "X" | "") {
        let name = text.get(start..start + user)?;
        return values.looks_random(name).then(|| Secret {
            kind: Kind::CONNECTION_PASSWORD,
            place: start..start + user,
        });
    }
    if is_documented(text.get(start..start + user)?, password) {
        return None;
    }
    (!is_placeholder(values, password) && !is_placeholder(values, rest.written(&place))).then_some(
        Secret {
            kind: Kind::CONNECTION_PASSWORD,
            place,
        },
    )
}

/// `user:password@host`, as documents write it.
fn is_documented(user: &str, password: &str) -> bool {
    let is_one_of =
        |words: &[&str], word: &str| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    is_one_of(&["user", "username", "login", "usr"], user)
        && is_one_of(&["password", "passwd", "pass", "pwd", "pw"], password)
}

/// Whether nobody put the password in: in a URL even `secret` is one.
fn is_placeholder(values: &Values, password: &str) -> bool {
    let is_word = password.bytes().all(|byte| byte.is_ascii_alphabetic());
    values.is_placeholder(password) && !is_word
        || password.bytes().all(|byte| matches!(byte, b'x' | b'X'))
        || password.eq_ignore_ascii_case("changeme")
}

/// The `@` before the host: the last one before the path. Only where there is
/// none may the password itself hold `/`, `?`, `#` or a quote. What is escaped
/// more deeply than the `//` before the user belongs to the password.
fn password_end(rest: Rest<'_>, slashes: usize, begin: usize) -> Option<usize> {
    let text = rest.text;
    let depth = rest.depth(slashes);
    let mut ends = None;
    let mut plain = begin;
    loop {
        plain += run(text, plain, usize::MAX, |byte| {
            is_visible(byte) && !matches!(byte, b'/' | b'?' | b'#' | b'\'' | b'@')
        });
        let byte = text.as_bytes().get(plain).filter(|byte| is_visible(**byte));
        match byte {
            None => break,
            Some(_) if rest.depth(plain) > depth => {}
            Some(b'@') => ends = Some(plain),
            Some(_) => break,
        }
        plain += 1;
    }
    if ends.is_some() {
        return ends;
    }
    // Digits before the sign are a port.
    let digits = run(text, begin, 6, |byte| byte.is_ascii_digit());
    if digits > 0 && begin + digits == plain {
        return None;
    }
    let all = run(text, begin, PASSWORD_MAX, is_visible);
    let length = text.get(begin..begin + all)?.find('@')?;
    let host = text.as_bytes().get(begin + length + 1);
    host.is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'[' | b'$' | b'{' | b'/')
    })
    .then_some(begin + length)
}

/// The password of a line of a `.pgpass`, `host:port:database:user:password`, by the
/// `:` before the port.
pub(crate) fn pgpass(rest: Rest<'_>, at: usize, values: &Values) -> Option<Secret> {
    let text = rest.text;
    let tail = text.get(at + 1..)?;
    if !["5432:", "5433:", "6432:", "*:"]
        .iter()
        .any(|port| tail.starts_with(port))
    {
        return None;
    }
    let before = text.get(text.floor_char_boundary(at.saturating_sub(USER_MAX))..at)?;
    let host = before.rsplit('\n').next()?;
    let length = run(text, at + 1, PASSWORD_MAX, is_visible);
    let line = text.get(at + 1..at + 1 + length)?;
    let mut fields = line.splitn(4, ':');
    let (_, database, user) = (fields.next()?, fields.next()?, fields.next()?);
    let password = fields.next()?;
    let is_plain = |field: &str| {
        !field.is_empty()
            && field
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"*._-".contains(&byte))
    };
    let begin = at + 1 + length - password.len();
    (is_plain(host)
        && is_plain(database)
        && is_plain(user)
        && password.len() >= 4
        && !is_placeholder(values, password))
    .then(|| Secret {
        kind: Kind::CONNECTION_PASSWORD,
        place: begin..at + 1 + length,
    })
}

const fn is_user(byte: u8) -> bool {
    is_visible(byte) && !matches!(byte, b'/' | b'?' | b'#' | b'\'' | b':' | b'@' | b'[')
}

const fn is_visible(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !byte.is_ascii_control() && !matches!(byte, b'"' | b'`')
}
