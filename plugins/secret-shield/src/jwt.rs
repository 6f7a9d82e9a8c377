//! JSON Web Tokens: three parts in base64url, the first two of them objects.

use crate::kind::Kind;
use crate::scan::{Secret, run};

/// `{"` in base64url: how the first two parts begin.
const OBJECT: &str = "eyJ";
/// A part shorter than this holds nothing.
const PART_MIN: usize = 10;
/// The shortest signature in use has 256 bits.
const SIGNATURE_MIN: usize = 43;

/// The token that begins at a byte.
pub(crate) fn at(text: &str, at: usize) -> Option<Secret> {
    // Only the beginning of a run of base64url, so that a run is read once.
    let before = at
        .checked_sub(1)
        .and_then(|before| text.as_bytes().get(before));
    if before.is_some_and(|byte| is_base64url(*byte)) {
        return None;
    }
    let payload = part(text, at)?;
    let signature = part(text, payload)?;
    let length = run(text, signature, usize::MAX, is_base64url);
    (length >= SIGNATURE_MIN).then(|| Secret {
        kind: Kind::Jwt,
        place: at..signature + length,
    })
}

/// Where the part after this one begins.
fn part(text: &str, at: usize) -> Option<usize> {
    if !text.get(at..)?.starts_with(OBJECT) {
        return None;
    }
    let length = run(text, at, usize::MAX, is_base64url);
    let end = at + length;
    (length >= PART_MIN && text.as_bytes().get(end) == Some(&b'.')).then_some(end + 1)
}

const fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
