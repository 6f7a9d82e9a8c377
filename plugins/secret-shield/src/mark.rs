//! The mark that stands where a secret stood. It names the kind of the secret,
//! which makes it no name of another one.

use crate::kind::Kind;

const BEGIN: &str = "[redacted: ";
const END: char = ']';

/// What stands in the place of a secret.
pub(crate) fn mark(kind: &Kind) -> String {
    format!("{BEGIN}{kind}{END}")
}

/// Whether a secret was taken out of the text.
pub(crate) fn is_in(text: &str) -> bool {
    text.contains(BEGIN)
}

/// What a name says behind its last mark: all of it where there is none.
pub(crate) fn behind(name: &str) -> &str {
    match name.rsplit_once(BEGIN) {
        Some((_, last)) => last.split_once(END).map_or("", |(_, behind)| behind),
        None => name,
    }
}

/// Whether the text ends with a mark.
pub(crate) fn ends(text: &str) -> bool {
    text.ends_with(END) && is_in(text) && behind(text).is_empty()
}
