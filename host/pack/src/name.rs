//! Names of packs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest name of a pack, in bytes: it is also the path of a repository.
pub const NAME_BYTES_MAX: usize = 128;

/// A name such as `acme/guards`: parts of small letters, digits, `-`, `_` and
/// `.`, a letter or digit first, with `/` between them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PackName(String);

/// Text that is not the name of a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the name of a pack; hint: small letters, digits, `-`, `_` and `.`, \
     parts with `/` between them, at most {NAME_BYTES_MAX} bytes"
)]
pub struct NameError(String);

// === impl PackName ===

impl PackName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_part(part: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    let first = part.bytes().next();
    part.bytes().all(plain) && first.is_some_and(|byte| byte.is_ascii_alphanumeric())
}

impl FromStr for PackName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.len() <= NAME_BYTES_MAX && text.split('/').all(is_part) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError(text.to_owned()))
        }
    }
}

impl fmt::Display for PackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PackName> for String {
    fn from(name: PackName) -> Self {
        name.0
    }
}

impl TryFrom<String> for PackName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_paths_without_tricks() {
        for good in ["guards", "acme/guards", "acme/eu-west/guards_2.0"] {
            assert_eq!(good.parse::<PackName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(NAME_BYTES_MAX + 1);
        for bad in [
            "",
            "/",
            "acme/",
            "/acme",
            "a//b",
            "..",
            "a/../b",
            "a/.b",
            "Acme/x",
            "a b",
            "a\0b",
            "a/b:c",
            "\u{430}cme/x",
            &long,
        ] {
            assert!(bad.parse::<PackName>().is_err(), "{bad:?}");
        }
    }
}
