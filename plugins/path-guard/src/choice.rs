//! What an operator chooses between.

use serde::Deserialize;

/// What a tool does to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Reads, lists or searches it.
    Read,
    /// Creates, changes or overwrites it.
    Write,
    /// Removes it, or moves it away.
    Delete,
}

impl Operation {
    /// A bit for each operation.
    pub(crate) fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Write => 2,
            Self::Delete => 4,
        }
    }
}

/// Whose rules for paths the tool server follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// One tree below `/`; every letter counts.
    #[default]
    #[serde(alias = "linux")]
    Unix,
    /// One tree below `/`; neither case nor composition counts.
    Macos,
    /// Case does not count; drives, `/` and `\`, device names.
    Windows,
}

/// What happens to `file:` URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileUrls {
    /// Refused.
    #[default]
    Refuse,
    /// Read as the path they name.
    Decode,
}

/// What happens to `..`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParentSteps {
    /// One name up, by the text alone.
    #[default]
    Resolve,
    /// Refused.
    Refuse,
}

/// What happens to `$`, `%NAME%` and backticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expansions {
    /// Refused where they are written as variables and commands usually are.
    #[default]
    Usual,
    /// Refused wherever a shell would replace something.
    Refuse,
    /// Letters of a name.
    Literal,
}

/// What happens to an argument that no rule names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownArguments {
    /// Nothing.
    Pass,
    /// Its name and its form decide whether it is judged as a path.
    #[default]
    Judge,
    /// Refused, unless its name says that it is no path.
    Refuse,
}

/// What the guard answers when it has nothing against a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passing {
    /// The call may go on.
    Allow,
    /// No opinion: another policy must allow the call.
    Abstain,
}
