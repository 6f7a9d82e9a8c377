//! Which ledger is meant.

use std::path::PathBuf;

use gatewright_engine::config::Loaded;

use crate::config_file::ConfigFile;

/// The named one, or that of the configuration.
pub(super) fn path_of(file: Option<&PathBuf>, config: &ConfigFile) -> anyhow::Result<PathBuf> {
    match file {
        Some(file) => Ok(file.clone()),
        None => {
            let loaded = Loaded::read(config.path())?;
            Ok(loaded.resolve(&loaded.config.audit.path))
        }
    }
}
