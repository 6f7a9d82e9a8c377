//! `[memory]`: what the gate remembers, in a database instead of the ledger's file.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

/// `[memory]`. Not reloaded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemoryConfig {
    /// Where: `sqlite:<file>` or `postgres://<user>@<host>/<database>`.
    pub url: Spanned<String>,
    /// Holds the password.
    pub password_file: Option<PathBuf>,
    /// Which of the gates that share the memory this is.
    pub gate: Option<Spanned<String>>,
    /// The secret that keys everything in it: the same file for all gates that share it.
    pub salt: Option<PathBuf>,
}

/// The name of a gate that shares its memory with nobody.
const ALONE: &str = "gate";

// === impl MemoryConfig ===

impl MemoryConfig {
    /// The name of this gate.
    pub fn gate(&self) -> &str {
        self.gate.as_ref().map_or(ALONE, |gate| gate.get_ref())
    }
}
