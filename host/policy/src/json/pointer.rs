//! JSON Pointer (RFC 6901).

use std::borrow::Cow;

/// A well-formed JSON Pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer<'a>(&'a str);

/// Text that is not a JSON Pointer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// A pointer is empty or starts with `/`.
    #[error("pointer `{0}` does not start with `/`")]
    NoSlash(String),
    /// `~` stands only in `~0` and `~1`.
    #[error("pointer `{0}` has a `~` that is followed by neither `0` nor `1`")]
    BadEscape(String),
}

impl<'a> Pointer<'a> {
    /// Checks the syntax.
    pub fn parse(text: &'a str) -> Result<Self, PointerError> {
        if !text.is_empty() && !text.starts_with('/') {
            return Err(PointerError::NoSlash(text.to_owned()));
        }
        if !is_well_formed(text) {
            return Err(PointerError::BadEscape(text.to_owned()));
        }
        Ok(Self(text))
    }

    /// One that is written into a program.
    ///
    /// # Panics
    ///
    /// Where it is none; in a constant that is an error of the build.
    pub const fn known(text: &'a str) -> Self {
        assert!(is_well_formed(text), "not a JSON Pointer");
        Self(text)
    }

    /// As it is written.
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// The reference tokens, unescaped; none for the whole document.
    pub fn tokens(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        self.0.split('/').skip(1).map(|token| {
            if token.contains('~') {
                Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
            } else {
                Cow::Borrowed(token)
            }
        })
    }
}

/// Empty, or with a `/` first, and `~` only in `~0` and `~1`.
const fn is_well_formed(text: &str) -> bool {
    let mut bytes = text.as_bytes();
    if !matches!(bytes.first(), None | Some(b'/')) {
        return false;
    }
    while let Some((byte, rest)) = bytes.split_first() {
        if *byte == b'~' && !matches!(rest.first(), Some(b'0' | b'1')) {
            return false;
        }
        bytes = rest;
    }
    true
}

/// The array index that a token names: digits without leading zeros.
pub fn array_index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with('0');
    let digits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
    (plain && digits).then(|| token.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{Document, JsonLimits};
    use super::*;

    /// The examples of RFC 6901, section 5.
    #[test]
    fn the_examples_of_rfc_6901_resolve() {
        let text = r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
        let document = Document::parse(text, &JsonLimits::default()).unwrap();
        for (pointer, json) in [
            ("", text),
            ("/foo", r#"["bar","baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ] {
            let found = document.at(&Pointer::parse(pointer).unwrap()).unwrap();
            assert_eq!(found.json(), json, "{pointer}");
        }
        for pointer in [
            "/nope", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/x", "/foo/0/x",
        ] {
            assert!(
                document.at(&Pointer::parse(pointer).unwrap()).is_none(),
                "{pointer}"
            );
        }
    }

    #[test]
    #[should_panic(expected = "not a JSON Pointer")]
    fn a_typo_in_a_program_is_none_at_all() {
        let _ = Pointer::known("/a~2");
    }

    #[test]
    fn a_typo_is_an_error_and_not_an_absence() {
        for pointer in ["foo", "/a~", "/a~2", "~1"] {
            assert!(Pointer::parse(pointer).is_err(), "{pointer}");
        }
    }
}
