//! Private keys in PEM (RFC 7468).

use crate::kind::Kind;
use crate::scan::Secret;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// Longest label, for example `ENCRYPTED PRIVATE KEY`.
const LABEL_MAX: usize = 64;

/// The key that begins at a byte, up to its end line; up to the end of the text
/// where that is missing.
pub(crate) fn at(text: &str, at: usize) -> Option<Secret> {
    let rest = text.get(at..)?.strip_prefix(BEGIN)?;
    let label: &str = rest
        .get(..rest.floor_char_boundary(LABEL_MAX))?
        .split_once(DASHES)?
        .0;
    if !label.contains("PRIVATE KEY") {
        return None;
    }
    let end = rest.find(END).map_or(text.len(), |line| {
        let tail = rest.get(line + END.len()..).unwrap_or_default();
        let label = tail
            .get(..tail.floor_char_boundary(LABEL_MAX))
            .unwrap_or_default();
        let length = label.find(DASHES).map_or(0, |label| label + DASHES.len());
        at + BEGIN.len() + line + END.len() + length
    });
    Some(Secret {
        kind: Kind::PrivateKey,
        place: at..end,
    })
}
