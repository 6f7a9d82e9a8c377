//! Private keys: PEM (RFC 7468), SSH2 (RFC 4716), `PuTTY`, and JWK (RFC 7517).

use crate::kind::Kind;
use crate::secret::{Secret, run};

/// How the first and the last line begin and end.
const LINES: [(&str, &str, &str); 2] = [
    ("-----BEGIN ", "-----END ", "-----"),
    ("---- BEGIN ", "---- END ", " ----"),
];
/// Longest label, for example `SSH2 ENCRYPTED PRIVATE KEY`.
const LABEL_MAX: usize = 64;
/// Between the first line and the key: line ends, quotes, signs of a comment.
const GAP_MAX: usize = 48;
/// So much base64 is a key, behind a line end or not.
const BODY_MIN: usize = 3;
const BODY_IN_LINE_MIN: usize = 16;
/// Of the line after the first one, so much is looked at, and so much base64 in one
/// piece is a line of a key.
const LINE_MAX: usize = 200;
const KEY_LINE_MIN: usize = 40;

const PUTTY: &str = "PuTTY-User-Key-File-";
const PUTTY_LINES: &str = "Private-Lines:";
const PUTTY_MAC: &str = "Private-MAC:";
/// A key of `PuTTY` is no longer than this.
const PUTTY_MAX: usize = 6 * 1024;

/// A member of a JWK this far away still belongs to it.
const JWK_MAX: usize = 4 * 1024;
const JWK_VALUE_MIN: usize = 20;

/// The key whose first line begins at a byte, up to its last line; up to the end
/// of the text where that is missing.
pub(crate) fn at(text: &str, at: usize) -> Option<Secret> {
    let rest = text.get(at..)?;
    let (begin, end, dashes) = LINES.iter().find(|line| rest.starts_with(line.0))?;
    let label = rest.get(begin.len()..rest.floor_char_boundary(begin.len() + LABEL_MAX))?;
    let label = label.split_once(dashes)?.0;
    if !label.contains("PRIVATE KEY") && !label.starts_with("OpenVPN Static key") {
        return None;
    }
    let body = begin.len() + label.len() + dashes.len();
    if !has_body(rest.get(body..)?) {
        return None;
    }
    let end = rest.find(end).map_or(text.len(), |line| {
        let tail = rest.get(line + end.len()..).unwrap_or_default();
        let label = tail
            .get(..tail.floor_char_boundary(LABEL_MAX))
            .unwrap_or_default();
        let length = label.find(dashes).map_or(0, |label| label + dashes.len());
        at + line + end.len() + length
    });
    Some(Secret {
        kind: Kind::PRIVATE_KEY,
        place: at..end,
    })
}

/// Whether a key follows the first line, and not the rest of a program that
/// only names it.
fn has_body(rest: &str) -> bool {
    let gap = run(rest, 0, GAP_MAX, |byte| {
        byte.is_ascii_whitespace() || b"\"'+\\,#>|*/$\x1b".contains(&byte)
    });
    let is_next_line = rest.as_bytes().iter().take(gap).any(|byte| *byte == b'\n');
    let body = rest.get(gap..).unwrap_or_default();
    let length = run(body, 0, BODY_IN_LINE_MIN, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
    });
    let head = body.get(..length).unwrap_or_default();
    // `Proc-Type: 4,ENCRYPTED`, `Comment: "x"` and `Version: 1` stand before a key.
    let is_code = |word: &str| {
        [
            "const", "let", "var", "return", "END", "if", "in", "is", "and",
        ]
        .contains(&word)
    };
    match is_next_line {
        true => (length >= BODY_MIN && !is_code(head)) || is_numbered(rest),
        false => {
            (length >= BODY_IN_LINE_MIN && head.bytes().any(|byte| byte.is_ascii_uppercase()))
                || is_numbered(rest)
        }
    }
}

/// Whether a line of a key follows behind a number, the name of a file, a sign of
/// a change or a tag, as programs print the lines of a file.
fn is_numbered(rest: &str) -> bool {
    let line = rest
        .get(..rest.floor_char_boundary(LINE_MAX))
        .unwrap_or_default()
        .trim_start();
    let line = line.split(['\n', '\r']).next().unwrap_or_default();
    line.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')))
        .any(|part| {
            part.len() >= KEY_LINE_MIN
                && part.bytes().any(|byte| byte.is_ascii_uppercase())
                && part.bytes().any(|byte| byte.is_ascii_lowercase())
                && part.bytes().any(|byte| byte.is_ascii_digit())
        })
}

/// The key in the format of `PuTTY` that begins at a byte.
pub(crate) fn putty(text: &str, at: usize) -> Option<Secret> {
    let rest = text.get(at..)?;
    if !rest.starts_with(PUTTY) {
        return None;
    }
    let rest = rest.get(..rest.floor_char_boundary(PUTTY_MAX))?;
    let lines = rest.find(PUTTY_LINES)?;
    let end = rest
        .get(lines..)?
        .find(PUTTY_MAC)
        .map_or(rest.len(), |mac| {
            let digits = lines + mac + PUTTY_MAC.len();
            digits
                + run(rest, digits, 160, |byte| {
                    byte == b' ' || byte.is_ascii_hexdigit()
                })
        });
    let end = rest.get(..end)?.trim_end().len();
    Some(Secret {
        kind: Kind::PRIVATE_KEY,
        place: at + lines..at + end,
    })
}

/// The private part of a JWK, by the sign after its name.
pub(crate) fn jwk(text: &str, at: usize) -> Option<Secret> {
    // Most names end otherwise.
    let near = text.as_bytes().get(at.checked_sub(2)?..at)?;
    if !matches!(
        near,
        [_, b' ' | b'\t'] | [b'd' | b'p' | b'q' | b'i' | b'k', b'"']
    ) {
        return None;
    }
    let before = text.get(..at)?.trim_end_matches([' ', '\t']);
    let before = before.strip_suffix('"')?;
    let tail = before.get(before.floor_char_boundary(before.len().saturating_sub(3))..)?;
    let (_, name) = tail.rsplit_once('"')?;
    if !is_private_member(name) {
        return None;
    }
    let from = before.len() - name.len();
    let begin = at + 1 + run(text, at + 1, 8, |byte| byte.is_ascii_whitespace());
    text.get(begin..)?.strip_prefix('"')?;
    let length = run(text, begin + 1, usize::MAX, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'=')
    });
    let end = begin + 1 + length;
    if length < JWK_VALUE_MIN || text.as_bytes().get(end) != Some(&b'"') {
        return None;
    }
    let near = text.get(
        text.floor_char_boundary(from.saturating_sub(JWK_MAX))
            ..text.floor_char_boundary(end.saturating_add(JWK_MAX)),
    )?;
    near.contains("\"kty\"").then_some(Secret {
        kind: Kind::PRIVATE_KEY,
        place: begin + 1..end,
    })
}

/// The members of a JWK that make it private.
pub(crate) fn is_private_member(name: &str) -> bool {
    matches!(name, "d" | "p" | "q" | "dp" | "dq" | "qi" | "k")
}
