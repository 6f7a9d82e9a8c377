//! `[server.tools]`: what the operator pins about the tools of a server.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use gatewright_policy::json::Pointer;
use gatewright_policy::{ArgumentRoles, Digest, Hints};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::ServerConfig;
use super::problem::Problems;
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
pub struct Pinned(PinnedTable);

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

impl ServerConfig {
    /// What is pinned about a tool: the union of the patterns that fit.
    pub fn hints(&self, tool: &str) -> Hints {
        let mut hints = Hints::default();
        for (pattern, Pinned(pinned)) in &self.tools {
            if pattern.matches(tool) {
                for hint in &pinned.hints {
                    match hint {
                        Hint::ReadOnly => hints.read_only = true,
                        Hint::Destructive => hints.destructive = true,
                        Hint::Idempotent => hints.idempotent = true,
                        Hint::OpenWorld => hints.open_world = true,
                        Hint::Untrusted => hints.untrusted = true,
                        Hint::Sensitive => hints.sensitive = true,
                    }
                }
            }
        }
        hints
    }

    /// The least that an agent must prove to call a tool: the strongest of what the
    /// server and the patterns that fit ask.
    pub fn least_proof(&self, tool: &str) -> LeastProof {
        let pinned = self
            .tools
            .iter()
            .filter(|(pattern, _)| pattern.matches(tool));
        let least = pinned.map(|(_, Pinned(pinned))| pinned.proof);
        least.fold(self.proof, LeastProof::max)
    }

    /// The definitions that are pinned for a tool here: it must have one of them.
    pub(crate) fn definitions_of(&self, tool: &str) -> Vec<Digest> {
        let pinned = self
            .tools
            .iter()
            .filter(|(pattern, _)| pattern.matches(tool));
        let digests = pinned.filter_map(|(_, Pinned(pinned))| pinned.definition.as_ref());
        // What is no digest was refused before.
        digests.filter_map(|digest| digest.parse().ok()).collect()
    }

    /// Which arguments of a tool are what: the union of the patterns that fit.
    pub fn argument_roles(&self, tool: &str) -> Arc<ArgumentRoles> {
        let mut roles = ArgumentRoles::default();
        for (pattern, Pinned(pinned)) in &self.tools {
            if pattern.matches(tool) {
                roles.targets.extend(pinned.targets.iter().cloned());
                roles.contents.extend(pinned.contents.iter().cloned());
            }
        }
        Arc::new(roles)
    }
}

pub(super) fn check(server: &ServerConfig, span: &Range<usize>, problems: &mut Problems<'_>) {
    for (pattern, Pinned(pinned)) in &server.tools {
        for pointer in pinned.targets.iter().chain(&pinned.contents) {
            if let Err(error) = Pointer::parse(pointer) {
                problems.at(
                    span.clone(),
                    format!("what is pinned for `{pattern}`: {error}"),
                    "write a JSON Pointer, such as `/path`".to_owned(),
                );
            }
        }
        let digest = pinned.definition.as_ref().map(|it| it.parse::<Digest>());
        if let Some(Err(error)) = digest {
            problems.at(
                span.clone(),
                format!("the definition that is pinned for `{pattern}`: {error}"),
                "`gatewright tools list` and `gatewright check --connect` print it".to_owned(),
            );
        }
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
