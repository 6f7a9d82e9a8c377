//! Where calls are kept in full, and the keys to read them with.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gatewright_engine::config::Loaded;
use gatewright_engine::payloads::PayloadStore;
use gatewright_policy::record::RecordKeys;

use crate::config_file::ConfigFile;
use crate::failure::Advise as _;

/// Where payloads are, and what opens them.
pub(crate) struct KeptPlace {
    pub(crate) folder: PathBuf,
    pub(crate) keys: RecordKeys,
}

// === impl KeptPlace ===

impl KeptPlace {
    /// Of a ledger that is named, or of a configuration.
    pub(crate) fn of(file: Option<&PathBuf>, config: &ConfigFile) -> anyhow::Result<Self> {
        match file {
            Some(ledger) => Self::beside(ledger, PayloadStore::beside(ledger)),
            None => Self::of_gate(&Loaded::read(config.path())?),
        }
    }

    /// Of a configuration: also where it keeps nothing any more.
    pub(crate) fn of_gate(loaded: &Loaded) -> anyhow::Result<Self> {
        let ledger = loaded.resolve(&loaded.config.audit.path);
        let folder = PayloadStore::folder(loaded);
        let folder = folder.unwrap_or_else(|| PayloadStore::beside(&ledger));
        match crate::memory::of(loaded) {
            None => Self::beside(&ledger, folder),
            Some(at) => Ok(Self {
                folder,
                keys: gatewright_store::record_keys(&at)?,
            }),
        }
    }

    fn beside(ledger: &Path, folder: PathBuf) -> anyhow::Result<Self> {
        let name = ledger.display();
        let keys = gatewright_engine::ledger::record_keys(ledger)
            .with_context(|| format!("the salt of `{name}` cannot be read"))?;
        let keys = keys
            .ok_or_else(|| anyhow!("`{name}` has no salt: no gate was ever started here"))
            .hint("run this as the user of the gate, on its machine")?;
        Ok(Self { folder, keys })
    }
}
