//! What is pinned about one tool of a server.

use std::ops::Range;
use std::sync::Arc;

use gatewright_policy::json::Pointer;
use gatewright_policy::{ArgumentRoles, Digest, Hints};

use super::ServerConfig;
use super::pins::Hint;
use super::problem::Problems;
use super::proof::LeastProof;

impl ServerConfig {
    /// What is pinned about a tool: the union of the patterns that fit.
    pub fn hints(&self, tool: &str) -> Hints {
        let mut hints = Hints::default();
        for hint in self.tools.of(tool).flat_map(|pinned| &pinned.hints) {
            match hint {
                Hint::ReadOnly => hints.read_only = true,
                Hint::Destructive => hints.destructive = true,
                Hint::Idempotent => hints.idempotent = true,
                Hint::OpenWorld => hints.open_world = true,
                Hint::Untrusted => hints.untrusted = true,
                Hint::Sensitive => hints.sensitive = true,
            }
        }
        hints
    }

    /// The least that an agent must prove to call a tool: the strongest of what the
    /// server and the patterns that fit ask.
    pub fn least_proof(&self, tool: &str) -> LeastProof {
        let least = self.tools.of(tool).map(|pinned| pinned.proof);
        least.fold(self.proof, LeastProof::max)
    }

    /// The definitions that are pinned for a tool here: it must have one of them.
    pub(crate) fn definitions_of(&self, tool: &str) -> Vec<Digest> {
        let pinned = self.tools.of(tool);
        let digests = pinned.filter_map(|pinned| pinned.definition.as_ref());
        // What is no digest was refused before.
        digests.filter_map(|digest| digest.parse().ok()).collect()
    }

    /// Which arguments of a tool are what: the union of the patterns that fit.
    pub fn argument_roles(&self, tool: &str) -> Arc<ArgumentRoles> {
        let mut roles = ArgumentRoles::default();
        for pinned in self.tools.of(tool) {
            roles.targets.extend(pinned.targets.iter().cloned());
            roles.contents.extend(pinned.contents.iter().cloned());
        }
        Arc::new(roles)
    }
}

pub(super) fn check(server: &ServerConfig, span: &Range<usize>, problems: &mut Problems<'_>) {
    for (pattern, pinned) in server.tools.all() {
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
