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
    /// The one at this path.
    pub(crate) fn at(path: &Path) -> Self {
        Self {
            place: path.to_owned(),
            config: None,
        }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(&self.place)
    }
}
