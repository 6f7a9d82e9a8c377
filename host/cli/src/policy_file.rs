//! `policy.toml`: what a policy says about itself.

use std::fmt;
use std::path::Path;

use gatewright_policy::Authority;
use serde::Deserialize;
use toml::Spanned;

use crate::toml_file;

/// How the file is called.
pub(crate) const POLICY_FILE: &str = "policy.toml";

/// Longest name of a policy, in bytes: it becomes a file name.
const NAME_BYTES_MAX: usize = 64;

/// The whole file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyFile {
    name: Spanned<PolicyName>,
    /// Of the policy, not of the contract.
    #[serde(default)]
    pub(crate) version: String,
    /// What the policy is for.
    pub(crate) world: World,
    /// One line for who chooses policies.
    #[serde(default)]
    pub(crate) description: String,
    /// What it is written in; not written means that `build` looks at the files.
    pub(crate) language: Option<Language>,
    /// What its answers need. Not written means: nothing is known about that.
    pub(crate) authority: Option<Authority>,
}

/// A name that is also a file name, everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct PolicyName(String);

/// The worlds of the contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum World {
    /// Judges calls.
    #[default]
    Policy,
    /// Rewrites arguments.
    Editor,
    /// Looks at results.
    Reviewer,
}

/// What a policy can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
#[value(rename_all = "lower")]
pub(crate) enum Language {
    /// With `cargo`.
    Rust,
    /// With `go`.
    Go,
    /// With `asc`.
    #[serde(rename = "assemblyscript")]
    AssemblyScript,
    /// With `componentize-qjs`.
    #[serde(rename = "javascript")]
    JavaScript,
    /// The same, with types.
    #[serde(rename = "typescript")]
    TypeScript,
    /// With `componentize-py`.
    Python,
    /// With `zig cc`.
    C,
}

// === impl PolicyFile ===

impl PolicyFile {
    /// Reads the file of a policy's folder.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let remedy = "`gatewright schema policy` describes the file";
        toml_file::read(path, remedy)
    }

    /// What the policy is called.
    pub(crate) fn name(&self) -> &str {
        &self.name.get_ref().0
    }
}

// === impl PolicyName ===

impl TryFrom<String> for PolicyName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let begins = name.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let ends = !name.ends_with('-');
        if begins && ends && name.bytes().all(plain) && name.len() <= NAME_BYTES_MAX {
            Ok(Self(name))
        } else {
            Err(format!(
                "`{name}` is not a policy name: small letters, digits and `-`, \
                 a letter first, at most {NAME_BYTES_MAX} of them"
            ))
        }
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// === impl World ===

impl From<World> for gatewright_sandbox::World {
    fn from(world: World) -> Self {
        match world {
            World::Policy => Self::Policy,
            World::Editor => Self::Editor,
            World::Reviewer => Self::Reviewer,
        }
    }
}

// === impl Language ===

impl Language {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Rust,
        Self::Go,
        Self::AssemblyScript,
        Self::JavaScript,
        Self::TypeScript,
        Self::Python,
        Self::C,
    ];

    /// As it stands in files and on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Go => "go",
            Self::AssemblyScript => "assemblyscript",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Python => "python",
            Self::C => "c",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
