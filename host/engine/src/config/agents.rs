//! `[agents]`: which agents are known, and what becomes of the others.

use std::path::PathBuf;

use gatewright_policy::Unregistered;
use serde::Deserialize;
use toml::Spanned;

/// `[agents]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentsConfig {
    /// What becomes of an agent that nobody registered.
    #[serde(default)]
    pub unregistered: Unregistered,
    /// A file of agents.
    pub file: Option<Spanned<PathBuf>>,
}
