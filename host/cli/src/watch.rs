//! Waits until files change.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context as _, Result};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

/// A build writes its file in several steps: wait for silence.
const QUIET: Duration = Duration::from_millis(100);

/// Some files, and what happens to them.
pub(crate) struct Watch {
    names: BTreeSet<OsString>,
    events: Receiver<notify::Result<notify::Event>>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches files by the folders that they are in: a file that is written as
    /// a whole is another file than before.
    pub(crate) fn of(files: &[PathBuf]) -> Result<Self> {
        let folders: BTreeSet<&Path> = files.iter().map(|file| folder(file)).collect();
        let names = files.iter().filter_map(|file| file.file_name());
        let names = names.map(OsString::from).collect();
        Self::start(folders, names)
    }

    /// Watches all that happens in folders, and not below them.
    pub(crate) fn of_folders(folders: &[PathBuf]) -> Result<Self> {
        Self::start(folders.iter().map(PathBuf::as_path), BTreeSet::new())
    }

    fn start<'a>(
        folders: impl IntoIterator<Item = &'a Path>,
        names: BTreeSet<OsString>,
    ) -> Result<Self> {
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(sender)?;
        for folder in folders {
            watcher
                .watch(folder, RecursiveMode::NonRecursive)
                .with_context(|| format!("`{}` cannot be watched", folder.display()))?;
        }
        Ok(Self {
            names,
            events,
            _watcher: watcher,
        })
    }

    /// Returns when anything has changed.
    pub(crate) fn wait_for_any(&self) -> Result<()> {
        while self.events.recv()??.kind.is_access() {}
        while self.events.recv_timeout(QUIET).is_ok() {}
        Ok(())
    }

    /// Returns when one of the files has changed.
    pub(crate) fn wait(&self) -> Result<()> {
        loop {
            let event = self.events.recv()??;
            if !self.concerns(&event) {
                continue;
            }
            while self.events.recv_timeout(QUIET).is_ok() {}
            return Ok(());
        }
    }

    fn concerns(&self, event: &notify::Event) -> bool {
        let is_ours = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| self.names.contains(name))
        };
        !event.kind.is_access() && event.paths.iter().any(is_ours)
    }
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    }
}
