//! In one word: how a tool stands.

use serde::Serialize;

/// How a tool stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stand {
    /// Nobody looks, or nobody ever listed it and nobody asks for more.
    #[default]
    Free,
    /// It is as it is pinned.
    Same,
    /// It is another one than is pinned.
    Changed,
    /// Its server lists it, and nobody pinned it.
    New,
    /// What its server says is not known, and it should be.
    Unseen,
}
