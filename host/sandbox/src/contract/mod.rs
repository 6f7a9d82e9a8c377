//! The versions of the contract that the host serves, side by side. Each has a
//! module that turns its values into those of the policy crate and back.

mod described;
mod entry;
mod fuel;
mod v0_1;
mod v0_2;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::described::{Description, Rule, SettingsError};
pub(crate) use self::entry::{Entry, Linkers};

/// A version of the WIT package `gatewright:policy`. Versions match by minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Contract {
    /// 0.1
    V0_1,
    /// 0.2
    V0_2,
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
    pub const SERVED: &'static [Self] = &[Self::V0_1, Self::V0_2];

    /// The version that the host knows best: the newest release of this minor.
    pub const fn version(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1.0",
            Self::V0_2 => "0.2.0",
        }
    }

    /// The version that an interface name of the contract belongs to, and the
    /// interface: by minor, whatever the patch.
    pub fn of_interface(name: &str) -> Option<(Self, &str)> {
        let (interface, version) = name.strip_prefix(PACKAGE)?.split_once('@')?;
        Some((Self::of_version(version)?, interface))
    }

    /// What serves components of a version.
    pub fn of_version(version: &str) -> Option<Self> {
        let (minor, patch) = version.rsplit_once('.')?;
        let is_release = !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
        let mut served = Self::SERVED.iter().copied();
        served.find(|contract| is_release && contract.minor() == minor)
    }

    /// What the versions that it serves begin with.
    const fn minor(self) -> &'static str {
        match self {
            Self::V0_1 => "0.1",
            Self::V0_2 => "0.2",
        }
    }

    /// The interfaces that a component of the world may import, without version.
    /// `types` holds no functions: toolchains import it for the names in it.
    pub const fn importable(self, world: World) -> &'static [&'static str] {
        match (self, world) {
            (Self::V0_1, World::Policy) => &["types", "arguments", "history", "log"],
            (Self::V0_1, World::Editor) => &["types", "arguments", "log"],
            (Self::V0_1, World::Reviewer) => &["types", "arguments", "response", "log"],
            (Self::V0_2, World::Policy | World::Editor) => &[
                "types",
                "json",
                "caller",
                "action",
                "context",
                "arguments",
                "history",
                "budget",
                "log",
            ],
            (Self::V0_2, World::Reviewer) => &[
                "types",
                "json",
                "caller",
                "action",
                "context",
                "arguments",
                "response",
                "history",
                "budget",
                "log",
            ],
        }
    }

    pub(crate) fn interface(self, name: &str) -> String {
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

    /// The interface whose export makes a component a member of it: the same in
    /// every version.
    pub const fn exported(self) -> &'static str {
        match self {
            Self::Policy => "judging",
            Self::Editor => "revising",
            Self::Reviewer => "reviewing",
        }
    }
}

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Contract;

    #[test]
    fn versions_match_by_minor() {
        for (name, expected) in [
            (
                "gatewright:policy/judging@0.1.0",
                Some((Contract::V0_1, "judging")),
            ),
            (
                "gatewright:policy/judging@0.1.9",
                Some((Contract::V0_1, "judging")),
            ),
            (
                "gatewright:policy/caller@0.2.0",
                Some((Contract::V0_2, "caller")),
            ),
            (
                "gatewright:policy/caller@0.2.12",
                Some((Contract::V0_2, "caller")),
            ),
            ("gatewright:policy/caller@0.3.0", None),
            ("gatewright:policy/caller@0.20.0", None),
            ("gatewright:policy/caller@1.2.0", None),
            ("gatewright:policy/caller@0.2", None),
            ("gatewright:policy/caller@0.2.", None),
            ("gatewright:policy/caller@0.2.0-rc.1", None),
            ("gatewright:policy/caller", None),
            ("other:policy/caller@0.2.0", None),
        ] {
            assert_eq!(Contract::of_interface(name), expected, "{name}");
        }
    }
}
