//! Name patterns, with the meaning they have in the gate's configuration.

use serde::Deserialize;

/// A name in which `*` stands for any run of characters, the empty one too.
/// Everything else is literal; case counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "String")]
pub struct Pattern {
    text: String,
    /// Where its first `*` stands: a policy asks many patterns of each call.
    star: Option<usize>,
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self {
            star: text.find('*'),
            text,
        }
    }
}

impl Pattern {
    /// Any text is a pattern.
    pub fn new(text: impl Into<String>) -> Self {
        Self::from(text.into())
    }

    /// Whether the whole name fits. Each part between two `*` is looked for
    /// once, from left to right.
    pub fn matches(&self, name: &str) -> bool {
        let Some(star) = self.star else {
            return self.text == name;
        };
        let (first, rest) = self.text.split_at(star);
        let rest = rest.get(1..).unwrap_or_default();
        let Some(mut name) = name.strip_prefix(first) else {
            return false;
        };
        let Some((middle, last)) = rest.rsplit_once('*') else {
            return name.ends_with(rest);
        };
        for part in middle.split('*') {
            let Some(place) = name.find(part) else {
                return false;
            };
            name = name.get(place + part.len()..).unwrap_or_default();
        }
        name.ends_with(last)
    }

    /// The text of the pattern.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The meaning of a pattern, without any cleverness.
    fn model(pattern: &[u8], name: &[u8]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => {
                model(rest, name)
                    || name
                        .split_first()
                        .is_some_and(|(_, name)| model(pattern, name))
            }
            (Some((p, pattern)), Some((n, name))) => p == n && model(pattern, name),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    proptest::proptest! {
        #[test]
        fn patterns_agree_with_the_model(pattern in "[ab*]{0,8}", name in "[ab]{0,10}") {
            proptest::prop_assert_eq!(
                Pattern::new(&*pattern).matches(&name),
                model(pattern.as_bytes(), name.as_bytes())
            );
        }
    }
}
