//! Which configuration a command is about.

use std::path::{Path, PathBuf};

/// The configuration: `gatewright serve gate.toml`, or with `--config`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration.
    #[arg(value_name = "CONFIG", default_value = "gatewright.toml")]
    place: PathBuf,
    /// The same with a name.
    #[arg(short, long, value_name = "FILE", hide = true)]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(&self.place)
    }
}
