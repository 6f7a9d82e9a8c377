//! JSON Pointers (RFC 6901), checked when the settings are read.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

/// A well-formed JSON Pointer. Takes the place of a `String` in settings, so
/// that a typo is refused when the policy is loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

/// Text that is not a JSON Pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointerError(String);

// === impl Pointer ===

impl Pointer {
    /// Reads `/path/to/0/value`; the empty text is the whole document.
    pub fn parse(text: impl Into<String>) -> Result<Self, PointerError> {
        let text = text.into();
        let begins_well = text.is_empty() || text.starts_with('/');
        let escapes_are_good = text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']));
        if begins_well && escapes_are_good {
            Ok(Self(text))
        } else {
            Err(PointerError(text))
        }
    }

    /// The whole document.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// The member `name` (or the element with that index) of what stands here.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self(format!(
            "{self}/{}",
            name.replace('~', "~0").replace('/', "~1")
        ))
    }

    /// The text of the pointer.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names on the way, unescaped; none for the whole document.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        self.0
            .split('/')
            .skip(1)
            .map(|token| token.replace("~1", "/").replace("~0", "~"))
    }
}

impl AsRef<str> for Pointer {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Pointer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

// === impl PointerError ===

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a JSON Pointer; hint: it starts with `/`, and `~` is written `~0`",
            self.0
        )
    }
}

impl std::error::Error for PointerError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_refused() {
        for text in ["path", "~", "/a~", "/a~2b"] {
            assert!(Pointer::parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn tokens_are_what_children_were_made_of(names in proptest::collection::vec("[~/01a-]{0,4}", 0..5)) {
            let pointer = names.iter().fold(Pointer::root(), |pointer, name| pointer.child(name));
            proptest::prop_assert_eq!(pointer.tokens().collect::<Vec<_>>(), names);
            proptest::prop_assert_eq!(Pointer::parse(pointer.as_str()), Ok(pointer));
        }
    }
}
