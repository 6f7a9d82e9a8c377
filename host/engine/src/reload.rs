//! Hot reload: the configuration and every file that it names are watched, and
//! a change is activated as a whole or not at all.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::Digest;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::config::Loaded;
use crate::engine::Engine;
use crate::snapshot::fingerprint;

/// Events that follow each other faster than this are one change: editors write
/// in several steps.
const SETTLE: Duration = Duration::from_millis(50);

/// A lost event is made up for after this long.
const POLL: Duration = Duration::from_secs(5);

/// A folder that is not there cannot be watched: it is looked for this often.
const POLL_MISSING: Duration = Duration::from_millis(500);

/// The reloader of an engine. Dropped, it stops.
pub struct Reloader {
    task: JoinHandle<()>,
}

struct Watched {
    watcher: RecommendedWatcher,
    /// Folders of the files that the configuration names.
    folders: BTreeSet<PathBuf>,
    /// Those that could not be watched when they were last looked at.
    missing: BTreeSet<PathBuf>,
}

/// Why nothing is watched.
#[derive(Debug, thiserror::Error)]
#[error("files cannot be watched: {0}; hint: raise fs.inotify.max_user_instances")]
pub struct WatchError(notify::Error);

impl From<notify::Error> for WatchError {
    fn from(error: notify::Error) -> Self {
        Self(error)
    }
}

impl Reloader {
    /// Watches the configuration at `path` for an engine that runs on it.
    pub fn start(engine: Arc<Engine>, path: PathBuf) -> Result<Self, WatchError> {
        let (changed, mut changes) = watch::channel(());
        let loaded = Loaded::read(&path).ok();
        let ledger = loaded.map(|loaded| loaded.resolve(&loaded.config.audit.path));
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // An error is a lost event: look as well.
            if event.map_or(true, |event| matters(&event, ledger.as_deref())) {
                changed.send_replace(());
            }
        })?;
        let mut watched = Watched {
            watcher,
            folders: BTreeSet::new(),
            missing: BTreeSet::new(),
        };
        watched.follow(&path);
        watched.watch();
        let task = tokio::spawn(async move {
            // None is what was never looked at: what changed between the start of
            // the engine and now counts too.
            let mut settled: Option<Option<Digest>> = None;
            loop {
                // What changed while it was read is read again.
                loop {
                    let found = read_fingerprint(&path).await;
                    if settled == Some(found) {
                        break;
                    }
                    watched.follow(&path);
                    attempt(&engine, &path, found, &mut changes).await;
                    settled = Some(found);
                }
                let poll = if watched.watch() { POLL } else { POLL_MISSING };
                change(&mut changes, poll).await;
            }
        });
        Ok(Self { task })
    }
}

/// Whether an event can be about the configuration. The ledger and the files
/// beside it may lie in the same folder, and it is written with every call.
fn matters(event: &notify::Event, ledger: Option<&Path>) -> bool {
    let ledger = ledger
        .and_then(Path::file_name)
        .map(OsStr::as_encoded_bytes);
    let of_ledger = |path: &PathBuf| {
        let name = path.file_name().map(OsStr::as_encoded_bytes);
        matches!((name, ledger), (Some(name), Some(ledger)) if name.starts_with(ledger))
    };
    !event.kind.is_access() && (event.paths.is_empty() || !event.paths.iter().all(of_ledger))
}

impl Drop for Reloader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Watched {
    /// Takes the folders of all files that the configuration names: a file that is
    /// replaced by a rename is only seen from its folder.
    fn follow(&mut self, path: &Path) {
        let mut files = vec![path.to_owned()];
        if let Ok(loaded) = Loaded::read(path) {
            if !loaded.config.packs_used.is_empty() {
                let store = loaded.resolve(&loaded.config.packs.store);
                files.push(store.join(gatewright_pack::WANTED_FILE));
            }
            let agents = loaded.config.agents.as_ref();
            let agents = agents.and_then(|agents| agents.file.as_ref());
            files.extend(agents.map(|file| loaded.resolve(file.get_ref())));
            for issuer in &loaded.config.issuers {
                let keys = issuer.jwks_file.as_ref();
                files.extend(keys.map(|file| loaded.resolve(file.get_ref())));
            }
            for binding in &loaded.config.bindings {
                if binding.pack.is_none() {
                    files.push(loaded.resolve(binding.policy.get_ref()));
                }
                let settings = binding.settings_file.as_ref();
                files.extend(settings.map(|file| loaded.resolve(file.get_ref())));
                for on_disk in loaded.on_disk(binding).filter_map(|(_, found)| found.ok()) {
                    self.folders.extend(on_disk.folders);
                    let found = on_disk.files.into_values();
                    files.extend(found.map(|file| loaded.resolve(&file)));
                }
            }
        }
        self.folders
            .extend(files.iter().map(|file| match file.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
                Some(_) | None => PathBuf::from("."),
            }));
    }

    /// Watches every folder, and says whether all of them are there. One that was
    /// removed and made again has the same name and is another folder; to watch one
    /// twice costs nothing.
    fn watch(&mut self) -> bool {
        for folder in &self.folders {
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.missing.remove(folder);
                }
                Err(error) => {
                    if self.missing.insert(folder.clone()) {
                        tracing::warn!(folder = %folder.display(), %error, "polled, not watched");
                    }
                }
            }
        }
        self.missing.is_empty()
    }
}

async fn read_fingerprint(path: &Path) -> Option<Digest> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || fingerprint(&path))
        .await
        .ok()
        .flatten()
}

/// Waits until something may have changed.
async fn change(changes: &mut watch::Receiver<()>, poll: Duration) {
    let event = tokio::time::timeout(poll, changes.changed()).await;
    if event.is_ok() {
        // Where nothing is watched any more, this is what is left of the poll.
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
    }
}

/// Reads, checks and activates what was found, away from the threads that serve calls.
/// A build under way ends when something else is found meanwhile, and with the reloader.
async fn attempt(
    engine: &Arc<Engine>,
    path: &Path,
    found: Option<Digest>,
    changes: &mut watch::Receiver<()>,
) {
    let (overtake, overtaken) = oneshot::channel::<()>();
    let mut attempt = tokio::task::spawn_blocking({
        let (engine, path) = (Arc::clone(engine), path.to_owned());
        let runtime = tokio::runtime::Handle::current();
        move || runtime.block_on(activate(&engine, &path, overtaken))
    });
    let is_changed = async {
        loop {
            change(changes, POLL).await;
            if read_fingerprint(path).await != found {
                return;
            }
        }
    };
    let ended = tokio::select! {
        ended = &mut attempt => ended,
        () = is_changed => {
            tracing::info!("the configuration changed again: what is built is let go");
            drop(overtake);
            attempt.await
        }
    };
    if let Err(error) = ended {
        tracing::error!(%error, "the reload ended early; the last good snapshot stays");
    }
}

async fn activate(engine: &Engine, path: &Path, overtaken: oneshot::Receiver<()>) {
    match Loaded::read(path) {
        Ok(loaded) => {
            let overtaken = async {
                // The sender goes, and says nothing.
                let _gone = overtaken.await;
            };
            // The error is kept where `status` shows it.
            let _shown_in_status = engine.activate_unless(&loaded, overtaken).await;
        }
        Err(error) => engine.reload_failed(&error).await,
    }
}
