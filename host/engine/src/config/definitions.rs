//! What becomes of tools whose definition nobody agreed to.

use serde::Deserialize;

/// Whose word a definition needs before its tool can be called (`definitions`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Definitions {
    /// An operator's.
    Operator,
    /// Nobody's, the first time; from then on it stays as it was.
    #[default]
    FirstSight,
    /// Nobody looks.
    Off,
}

/// What becomes of a tool whose definition is not the one that is pinned (`changed`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhenChanged {
    /// People are asked about each call.
    #[default]
    Ask,
    /// Calls are refused.
    Deny,
    /// It is said, and nothing else.
    Report,
}

/// What becomes of arguments that the pinned schema does not name (`unknown_arguments`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnknownArguments {
    /// The call is refused.
    Refuse,
    /// The policy judges them as it does all others.
    #[default]
    Judge,
}
