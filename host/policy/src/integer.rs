//! Whole numbers that others choose, in JSON.

use std::fmt;

use serde::Deserializer;
use serde::de::{Error, Unexpected, Visitor};

/// The largest whole number that every reader of JSON takes for what it is (RFC 7493,
/// section 2.2). The record has a larger one as a text.
pub(crate) const EXACT_MAX: u64 = (1 << 53) - 1;

/// Reads a number; beyond [`EXACT_MAX`] it may also be the text of one.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_any(Integer)
}

struct Integer;

impl Visitor<'_> for Integer {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number that is not negative")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
        let unsigned = u64::try_from(number);
        unsigned.map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
        let number = text.parse::<u64>().ok();
        // One number has one text.
        let number = number.filter(|number| *number > EXACT_MAX && number.to_string() == text);
        number.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Read(#[serde(deserialize_with = "integer")] u64);

    #[test]
    fn a_number_has_one_text() {
        for (text, expected) in [
            ("0", Some(0)),
            ("9007199254740991", Some(EXACT_MAX)),
            // As gates wrote it before.
            ("18446744073709551615", Some(u64::MAX)),
            ("\"18446744073709551615\"", Some(u64::MAX)),
            ("\"9007199254740992\"", Some(EXACT_MAX + 1)),
            ("\"9007199254740991\"", None),
            ("\"09007199254740992\"", None),
            ("\"+9007199254740992\"", None),
            ("\"18446744073709551616\"", None),
            ("\"\"", None),
            ("-1", None),
            ("1.0", None),
            ("null", None),
        ] {
            let read: Result<Read, _> = serde_json::from_str(text);
            assert_eq!(read.ok().map(|Read(number)| number), expected, "{text}");
        }
    }
}
