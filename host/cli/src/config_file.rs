//! Which configuration a command is about.

use std::path::{Path, PathBuf};

/// Where it is unless somebody says otherwise.
const DEFAULT: &str = "gatewright.toml";

/// The configuration: `gatewright serve gate.toml`, or with `--config`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ConfigFile {
    /// The configuration.
    #[arg(value_name = "CONFIG", default_value = DEFAULT)]
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

    /// Whether it was named: not by default.
    pub(crate) fn is_named(&self) -> bool {
        self.config.is_some() || self.place != Path::new(DEFAULT)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        self.config.as_deref().unwrap_or(&self.place)
    }
}
