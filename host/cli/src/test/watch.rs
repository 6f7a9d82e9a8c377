//! Runs again when a file changes.

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
pub(super) struct Watch {
    names: BTreeSet<OsString>,
    events: Receiver<notify::Result<notify::Event>>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watches files by the folders that they are in: a file that is written as
    /// a whole is another file than before.
    pub(super) fn of(files: &[PathBuf]) -> Result<Self> {
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(sender)?;
        let folders: BTreeSet<&Path> = files.iter().map(|file| folder(file)).collect();
        for folder in folders {
            watcher
                .watch(folder, RecursiveMode::NonRecursive)
                .with_context(|| format!("`{}` cannot be watched", folder.display()))?;
        }
        let names = files.iter().filter_map(|file| file.file_name());
        Ok(Self {
            names: names.map(OsString::from).collect(),
            events,
            _watcher: watcher,
        })
    }

    /// Returns when one of the files has changed.
    pub(super) fn wait(&self) -> Result<()> {
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
