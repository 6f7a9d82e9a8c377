//! `[server.tools]`: what the operator pins about the tools of a server.

use std::fmt;

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
