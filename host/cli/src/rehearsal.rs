//! An engine that runs a configuration without serving it: its ledger goes to a
//! folder that is thrown away.

use std::path::Path;
use std::sync::Arc;

use gatewright_engine::Engine;
use gatewright_engine::config::{Config, Loaded};
use gatewright_engine::ledger::FileLedger;
use tempfile::TempDir;

use crate::credential::now;

/// A configuration, compiled and configured.
pub(crate) struct Rehearsal {
    /// The configuration.
    pub(crate) loaded: Loaded,
    /// The engine, active.
    pub(crate) engine: Arc<Engine>,
    _folder: TempDir,
}

impl Rehearsal {
    /// Reads, checks, compiles and configures.
    pub(crate) async fn open(path: &Path) -> anyhow::Result<Self> {
        Self::of(Loaded::read(path)?).await
    }

    /// The same with something else in the configuration.
    pub(crate) async fn open_as(
        path: &Path,
        change: impl FnOnce(&mut Config) -> anyhow::Result<()>,
    ) -> anyhow::Result<Self> {
        let mut loaded = Loaded::read(path)?;
        change(&mut loaded.config)?;
        Self::of(loaded).await
    }

    /// The same of a configuration that was read.
    pub(crate) async fn of(loaded: Loaded) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("gatewright-")?;
        let (ledger, past) = FileLedger::open(&folder.path().join("audit.jsonl"), now()?)?;
        let clock = || now().unwrap_or(gatewright_policy::Timestamp(0));
        let compiler = crate::compiled::compiler();
        let engine = Engine::with_compiler(&loaded, compiler, Box::new(ledger), past, clock)?;
        engine.activate(&loaded).await?;
        Ok(Self {
            loaded,
            engine,
            _folder: folder,
        })
    }
}
