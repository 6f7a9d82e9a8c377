//! An engine that runs a configuration without serving it: its ledger goes to a
//! folder that is thrown away.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use gatewright_engine::Engine;
use gatewright_engine::config::{Config, Loaded};
use gatewright_engine::ledger::FileLedger;
use tempfile::TempDir;

use crate::credential::now;
use crate::follow;
use crate::progress::Progress;

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
    pub(crate) async fn of(mut loaded: Loaded) -> anyhow::Result<Self> {
        let folder = TempDir::with_prefix("gatewright-")?;
        if follow::takes_first(&loaded)? {
            // As `serve` would, and nothing of it stays.
            let store = loaded.resolve(&loaded.config.packs.store);
            let copy = folder.path().join("packs");
            copied(&store, &copy)
                .with_context(|| format!("`{}` cannot be copied", store.display()))?;
            loaded.config.packs.store = copy;
            follow::take_first(&loaded).await?;
        }
        let (ledger, past) = FileLedger::open(&folder.path().join("audit.jsonl"), now()?)?;
        let clock = || now().unwrap_or(gatewright_policy::Timestamp(0));
        let compiler = crate::compiled::compiler();
        let engine = Engine::with_compiler(&loaded, compiler, Box::new(ledger), past, clock)?;
        let loading = Progress::of("compiling the policies");
        engine.activate(&loaded).await?;
        drop(loading);
        Ok(Self {
            loaded,
            engine,
            _folder: folder,
        })
    }
}

/// Copies the files of a folder, and of those in it.
fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copied(&entry.path(), &to)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
