//! `[server.tools]`: what the operator pins about the tools of a server.

use std::collections::BTreeMap;
use std::fmt;

use gatewright_policy::pattern::Pattern;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::proof::LeastProof;

/// One thing pinned about a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the members of `Hints`")]
pub enum Hint {
    ReadOnly,
    Destructive,
    Idempotent,
    OpenWorld,
    Untrusted,
    Sensitive,
}

/// What is pinned about the tools of a server, by pattern: a plain name is found at once,
/// however many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<Pattern, Pinned>")]
pub struct Pins {
    names: BTreeMap<String, Pinned>,
    patterns: Vec<(Pattern, Pinned)>,
}

/// What is pinned about the tools of one pattern: a list of hints, or a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pinned(pub(super) PinnedTable);

/// `{ hints = [..], targets = [..], contents = [..], proof = "..", definition = ".." }`
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PinnedTable {
    /// What the tool is.
    pub hints: Vec<Hint>,
    /// Arguments that say what it works on or where it sends (JSON Pointers).
    pub targets: Vec<String>,
    /// Arguments that are handed on as they are (JSON Pointers).
    pub contents: Vec<String>,
    /// The least that an agent must prove to call it.
    pub proof: LeastProof,
    /// Digest of its definition.
    pub definition: Option<String>,
}

// === impl Pins ===

impl Pins {
    /// What is pinned about a tool: by its name, and by each pattern that fits.
    pub(super) fn of(&self, tool: &str) -> impl Iterator<Item = &PinnedTable> {
        let fits = |(pattern, _): &&(Pattern, Pinned)| pattern.matches(tool);
        let by_pattern = self.patterns.iter().filter(fits);
        let by_pattern = by_pattern.map(|(_, pinned)| pinned);
        let pinned = self.names.get(tool).into_iter().chain(by_pattern);
        pinned.map(|Pinned(pinned)| pinned)
    }

    /// Everything that is pinned, and for what.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &PinnedTable)> {
        let names = self.names.iter();
        let names = names.map(|(name, Pinned(pinned))| (name.as_str(), pinned));
        let patterns = self.patterns.iter();
        names.chain(patterns.map(|(pattern, Pinned(pinned))| (pattern.as_str(), pinned)))
    }
}

impl From<BTreeMap<Pattern, Pinned>> for Pins {
    fn from(all: BTreeMap<Pattern, Pinned>) -> Self {
        let mut pins = Self::default();
        for (pattern, pinned) in all {
            if pattern.as_str().contains('*') {
                pins.patterns.push((pattern, pinned));
            } else {
                pins.names.insert(pattern.as_str().to_owned(), pinned);
            }
        }
        pins
    }
}

impl<'de> Deserialize<'de> for Pinned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PinnedVisitor;

        impl<'de> Visitor<'de> for PinnedVisitor {
            type Value = Pinned;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a list of hints, or a table of `hints`, `targets`, `contents`, `proof` and \
                     `definition`",
                )
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Pinned, A::Error> {
                let hints = Vec::deserialize(SeqAccessDeserializer::new(list))?;
                Ok(Pinned(PinnedTable {
                    hints,
                    ..PinnedTable::default()
                }))
            }

            fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Pinned, A::Error> {
                PinnedTable::deserialize(MapAccessDeserializer::new(table)).map(Pinned)
            }
        }

        deserializer.deserialize_any(PinnedVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_each_pattern_that_fits_count() {
        let pins: Pins = toml::from_str(
            "read = ['read-only']\n'*' = ['untrusted']\n're*' = ['idempotent']\n\
             write = ['destructive']\n'a*b' = ['sensitive']\n",
        )
        .unwrap();
        let of = |tool: &str| -> Vec<Hint> {
            let pinned = pins.of(tool);
            pinned.flat_map(|pinned| pinned.hints.clone()).collect()
        };
        assert_eq!(
            of("read"),
            [Hint::ReadOnly, Hint::Untrusted, Hint::Idempotent]
        );
        assert_eq!(of("write"), [Hint::Destructive, Hint::Untrusted]);
        // A pattern is no name, also for a tool that is called like it.
        assert_eq!(of("a*b"), [Hint::Untrusted, Hint::Sensitive]);
        assert_eq!(of("other"), [Hint::Untrusted]);
        assert_eq!(pins.all().count(), 5);
    }
}
