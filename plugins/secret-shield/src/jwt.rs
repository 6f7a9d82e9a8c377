//! JSON Web Tokens: three parts in base64url, the first two of them objects
//! (RFC 7519); encrypted ones have five, the first an object (RFC 7516).

use crate::kind::Kind;
use crate::secret::{Secret, run};

/// A part shorter than this holds nothing.
const PART_MIN: usize = 10;
/// The shortest signature in use has 256 bits.
const SIGNATURE_MIN: usize = 43;

/// The token that begins at a byte; or else where the run that begins there
/// ends: no token begins within it.
pub(crate) fn at(text: &str, at: usize) -> Result<Secret, usize> {
    if !begins_object(text, at) {
        return Err(at);
    }
    let first = at + run(text, at, usize::MAX, is_base64url);
    let token = |end| {
        Ok(Secret {
            kind: Kind::JWT,
            place: at..end,
        })
    };
    if first - at < PART_MIN || !is_dot(text, first) {
        return Err(first);
    }
    let second = first + 1 + run(text, first + 1, usize::MAX, is_base64url);
    if !is_dot(text, second) {
        return Err(first);
    }
    let third = second + 1 + run(text, second + 1, usize::MAX, is_base64url);
    let is_signed = begins_object(text, first + 1)
        && second - first > PART_MIN
        && third - second > SIGNATURE_MIN;
    if is_signed {
        return token(third);
    }
    if !is_dot(text, third) {
        return Err(first);
    }
    let fourth = third + 1 + run(text, third + 1, usize::MAX, is_base64url);
    if !is_dot(text, fourth) {
        return Err(first);
    }
    let fifth = fourth + 1 + run(text, fourth + 1, usize::MAX, is_base64url);
    if third - second > PART_MIN && fourth - third > PART_MIN && fifth - fourth > PART_MIN {
        return token(fifth);
    }
    Err(first)
}

/// `{"`, `{ "` or `{` and the end of a line, in base64url.
fn begins_object(text: &str, at: usize) -> bool {
    let head = text.get(at..at + 3);
    head.is_some_and(|head| ["eyJ", "eyA", "ewo", "ew0", "ewk", "eyI"].contains(&head))
}

fn is_dot(text: &str, at: usize) -> bool {
    text.as_bytes().get(at) == Some(&b'.')
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
