//! The characters that the body of a token is made of.

use serde::Deserialize;

use crate::block::Set;
use crate::reading::TERMINAL;

/// The characters of a body.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Alphabet {
    Digits,
    Hex,
    Upper,
    Lower,
    Base32,
    Base62,
    Word,
    Dotted,
    Base64,
    Base64u,
    Any64,
    Path,
    Cookie,
    Any,
}

// === impl Alphabet ===

impl Alphabet {
    /// The alphabet of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "digits" => Self::Digits,
            "hex" => Self::Hex,
            "upper" => Self::Upper,
            "lower" => Self::Lower,
            "base32" => Self::Base32,
            "base62" => Self::Base62,
            "word" => Self::Word,
            "dotted" => Self::Dotted,
            "base64" => Self::Base64,
            "base64u" => Self::Base64u,
            "any64" => Self::Any64,
            "path" => Self::Path,
            "cookie" => Self::Cookie,
            "any" => Self::Any,
            _ => return None,
        })
    }

    pub(crate) fn set(self) -> Set {
        Set::all(|byte| self.contains(byte))
    }

    fn contains(self, byte: u8) -> bool {
        let among = |signs: &[u8]| byte.is_ascii_alphanumeric() || signs.contains(&byte);
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Lower => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            Self::Base32 => byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte),
            Self::Base62 => byte.is_ascii_alphanumeric(),
            Self::Word => among(b"_-"),
            Self::Dotted => among(b"_-."),
            Self::Base64 => among(b"+/="),
            Self::Base64u => among(b"+/=_-"),
            Self::Any64 => among(b"+/=_-."),
            Self::Path => among(b"/_-"),
            Self::Cookie => among(b"+/=_-.%"),
            Self::Any => byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`'),
        }
    }

    /// Where a run of at most `most` ends, and its length. Until it is long
    /// enough, what steers a terminal is passed over.
    pub(crate) fn run(self, bytes: &[u8], at: usize, least: usize, most: usize) -> (usize, usize) {
        let (mut end, mut length) = (at, 0);
        while length < most {
            let skipped = if length < least {
                terminals(bytes, end)
            } else {
                0
            };
            let tail = bytes.get(end + skipped..).unwrap_or_default();
            // Once long enough, on to the end without looking back.
            let goal = if length < least { least } else { most };
            let more = tail
                .iter()
                .take(goal - length)
                .take_while(|byte| self.contains(**byte))
                .count();
            if more == 0 {
                break;
            }
            end += skipped + more;
            length += more;
        }
        (end, length)
    }
}

/// A few colours may change in the middle of a token, not endlessly many.
pub(crate) fn terminals(bytes: &[u8], at: usize) -> usize {
    let tail = bytes.get(at..).unwrap_or_default().iter();
    tail.take(4)
        .take_while(|byte| **byte == TERMINAL as u8)
        .count()
}
