//! The versions of the contract that the host serves, side by side. Each has a
//! module that turns its values into those of the policy crate and back.

pub(crate) mod v0_1;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A version of the WIT package `gatewright:policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contract {
    /// 0.1.0
    V0_1,
}

/// What a component is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum World {
    /// Judges calls.
    Policy,
    /// Rewrites arguments before anyone judges them.
    Editor,
    /// Looks at results on their way back.
    Reviewer,
}

/// The start of every interface name of the contract.
pub(crate) const PACKAGE: &str = "gatewright:policy/";

// === impl Contract ===

impl Contract {
    /// Every version that the host serves, oldest first.
    pub const SERVED: &'static [Self] = &[Self::V0_1];

    /// The version, as it stands in interface names.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1.0",
        }
    }

    /// The interface whose export makes a component a member of the world.
    pub(crate) fn exported(self, world: World) -> String {
        self.interface(match world {
            World::Policy => "judging",
            World::Editor => "revising",
            World::Reviewer => "reviewing",
        })
    }

    /// The interfaces that a component of the world may import. `types` holds
    /// no functions: toolchains import it for the names in it.
    pub(crate) fn importable(self, world: World) -> Vec<String> {
        let names: &[&str] = match (self, world) {
            (Self::V0_1, World::Policy) => &["types", "arguments", "history", "log"],
            (Self::V0_1, World::Editor) => &["types", "arguments", "log"],
            (Self::V0_1, World::Reviewer) => &["types", "arguments", "response", "log"],
        };
        names.iter().map(|name| self.interface(name)).collect()
    }

    fn interface(self, name: &str) -> String {
        format!("{PACKAGE}{name}@{}", self.version())
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.version())
    }
}

// === impl World ===

impl World {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Policy, Self::Editor, Self::Reviewer];

    /// The name of the world in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Editor => "editor",
            Self::Reviewer => "reviewer",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
