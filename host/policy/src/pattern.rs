//! Name patterns: `*` stands for any run of characters.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use crate::scope::{Scope, ScopeError};

/// A name in which `*` stands for any run of characters, the empty one too.
/// Everything else is literal; case counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

// === impl Pattern ===

impl Pattern {
    /// Any text is a pattern.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether the name fits. Takes time linear in name and pattern for each
    /// `*` at most.
    pub fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else {
            return self.0 == name;
        };
        let Some(mut name) = name.strip_prefix(first) else {
            return false;
        };
        let Some((middle, last)) = rest.rsplit_once('*') else {
            return name.ends_with(rest);
        };
        for part in middle.split('*') {
            let Some((_, after)) = name
                .split_once(part)
                .filter(|_| !part.is_empty())
                .or(part.is_empty().then_some(("", name)))
            else {
                return false;
            };
            name = after;
        }
        name.ends_with(last)
    }

    /// Whether every name that fits `other` fits this pattern. May answer no
    /// where the answer is yes; never the other way round.
    pub fn covers(&self, other: &Self) -> bool {
        // A `*` of `other` stands for text nobody knows, so it is matched as a
        // character that only a `*` of ours can take in.
        !self.0.contains(UNKNOWN) && self.matches(&other.0.replace('*', UNKNOWN))
    }

    /// The text of the pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A noncharacter: no tool is called like this.
const UNKNOWN: &str = "\u{fffe}";

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_whole_names() {
        let case = |pattern: &str, name: &str| Pattern::new(pattern).matches(name);
        for (pattern, name) in [
            ("a", "a"),
            ("*", ""),
            ("*", "abc"),
            ("read_*", "read_file"),
            ("*_file", "read_file"),
            ("r*_f*e", "read_file"),
            ("a*b*c", "aXbXbc"),
            ("**", "x"),
            ("a*a", "aa"),
            ("*a*", "bab"),
        ] {
            assert!(case(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("a", "A"),
            ("a", "ab"),
            ("read_*", "xread_"),
            ("a*a", "a"),
            ("ab*bc", "abc"),
            ("*_file", "read_files"),
            ("a*b*c", "acb"),
            ("", "x"),
            ("*a*", "bb"),
            ("a?c", "abc"),
        ] {
            assert!(!case(pattern, name), "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn patterns_agree_with_a_regex_like_model(pattern in "[ab*]{0,8}", name in "[ab]{0,10}") {
            fn model(pattern: &[u8], name: &[u8]) -> bool {
                match (pattern.split_first(), name.split_first()) {
                    (None, None) => true,
                    (Some((b'*', rest)), _) => {
                        model(rest, name) || name.split_first().is_some_and(|(_, name)| model(pattern, name))
                    }
                    (Some((p, pattern)), Some((n, name))) => p == n && model(pattern, name),
                    (None, Some(_)) | (Some(_), None) => false,
                }
            }
            prop_assert_eq!(Pattern::new(&*pattern).matches(&name), model(pattern.as_bytes(), name.as_bytes()));
        }

        #[test]
        fn what_the_inner_covers_the_outer_covers(
            outer in "[ab*]{0,6}", inner in "[ab*]{0,6}", name in "[ab]{0,8}"
        ) {
            let (outer, inner) = (Pattern::new(outer), Pattern::new(inner));
            if outer.covers(&inner) && inner.matches(&name) {
                prop_assert!(outer.matches(&name));
            }
        }
    }
}
