//! The engine: the active snapshot, the ledger, and what sessions carry.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use gatewright_policy::record::Event;
use gatewright_policy::request::PastCall;
use gatewright_policy::{Digest, Grant, Timestamp};
use gatewright_sandbox::{Sandbox, SandboxConfig, SandboxError, World};

use crate::call::{Call, Judgement, Refused};
use crate::config::Loaded;
use crate::judge;
use crate::ledger::{Durability, FileLedger, Ledger, LedgerError, LedgerOpenError, Past, Receipt};
use crate::permit::{self, Denial, Ruling};
use crate::quota::Quotas;
use crate::session::Sessions;
use crate::snapshot::{BuildError, Server, Snapshot, build};
use crate::status::{BindingStatus, ReloadError, Status};

/// The decision point of one gate.
pub struct Engine {
    snapshot: ArcSwap<Snapshot>,
    sandbox: Sandbox,
    ledger: Box<dyn Ledger>,
    pub(crate) sessions: Sessions,
    pub(crate) quotas: Quotas,
    activation: tokio::sync::Mutex<Activation>,
    reload: Mutex<Reload>,
    unrecorded: AtomicU64,
    clock: Clock,
}

/// Reads the time.
pub type Clock = fn() -> Timestamp;

/// What activations know of each other.
struct Activation {
    /// The last generation.
    generation: u64,
    /// The snapshot before the active one. Its policies stay compiled, so that a
    /// way back costs nothing.
    before: Option<Arc<Snapshot>>,
}

#[derive(Default)]
struct Reload {
    activated_at: Option<Timestamp>,
    error: Option<ReloadError>,
}

/// Why an engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ledger cannot be opened.
    #[error(transparent)]
    Ledger(#[from] LedgerOpenError),
    /// The ledger cannot be written.
    #[error(transparent)]
    Append(#[from] LedgerError),
    /// The machine cannot run policies.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The configuration cannot be activated.
    #[error(transparent)]
    Build(#[from] BuildError),
}

// === impl Engine ===

impl Engine {
    /// Opens the ledger, builds the first snapshot and activates it.
    pub async fn start(loaded: &Loaded) -> Result<Arc<Self>, StartError> {
        let path = loaded.resolve(&loaded.config.audit.path);
        let (ledger, past) = FileLedger::open(&path, system_time())?;
        let engine = Self::with_ledger(loaded, Box::new(ledger), past, system_time)?;
        engine
            .append(
                Event::Started {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                },
                Durability::Written,
            )
            .await?;
        engine.activate(loaded).await?;
        Ok(engine)
    }

    /// An engine that denies everything until [`Engine::activate`].
    pub fn with_ledger(
        loaded: &Loaded,
        ledger: Box<dyn Ledger>,
        past: Past,
        clock: Clock,
    ) -> Result<Arc<Self>, SandboxError> {
        let config = SandboxConfig {
            instances_max: loaded.config.limits.instances_max,
            cache_dir: loaded
                .config
                .gate
                .cache
                .as_deref()
                .map(|cache| loaded.resolve(cache)),
            ..SandboxConfig::default()
        };
        Ok(Arc::new(Self {
            snapshot: ArcSwap::from_pointee(Snapshot::deny_all()),
            sandbox: Sandbox::new(&config)?,
            ledger,
            sessions: past.sessions,
            quotas: past.quotas,
            activation: tokio::sync::Mutex::new(Activation {
                generation: past.generation,
                before: None,
            }),
            reload: Mutex::default(),
            unrecorded: AtomicU64::new(0),
            clock,
        }))
    }

    /// What is active now. A call takes it once.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Decides on a call. Nothing is recorded yet, and nothing may happen yet.
    pub async fn judge(&self, snapshot: &Arc<Snapshot>, call: Call) -> Judgement {
        judge::judge(snapshot, &self.sessions, call).await
    }

    /// Records a judgement and rules accordingly.
    pub async fn record(self: &Arc<Self>, judgement: Judgement) -> Ruling {
        permit::record(self, judgement).await
    }

    /// Records a refusal that came before the question.
    pub async fn refuse(&self, snapshot: &Snapshot, refused: Refused) -> Denial {
        permit::refuse(self, snapshot, refused).await
    }

    /// For each name of a list, whether the caller may see it.
    pub async fn visible(
        &self,
        snapshot: &Arc<Snapshot>,
        grant: &Grant,
        server: &Arc<Server>,
        method: &str,
        names: &[String],
        at: Timestamp,
    ) -> Vec<bool> {
        let mut visible = Vec::with_capacity(names.len());
        for name in names {
            let shown =
                judge::is_visible(snapshot, &self.sessions, grant, server, method, name, at);
            visible.push(shown.await);
        }
        visible
    }

    /// Builds the snapshot of a configuration and makes it the active one, unless
    /// it is that already. Gives the active generation. On an error the snapshot
    /// before stays. Compiles: not for a request thread.
    pub async fn activate(&self, loaded: &Loaded) -> Result<u64, BuildError> {
        let mut activation = self.activation.lock().await;
        let previous = self.snapshot();
        let mut known = vec![&previous];
        known.extend(&activation.before);
        let built = build(loaded, &self.sandbox, &known, activation.generation + 1).await;
        let snapshot = match built {
            Ok(snapshot) => snapshot,
            Err(error) => {
                self.reload_failed(error.to_string()).await;
                return Err(error);
            }
        };
        if snapshot.policies == previous.policies && previous.is_ready() {
            self.lock_reload().error = None;
            return Ok(previous.generation);
        }
        let event = Event::Activated {
            generation: snapshot.generation,
            policies: snapshot.policies,
            bindings: snapshot
                .bindings
                .iter()
                .map(|binding| (binding.name.to_string(), binding.guest.digest()))
                .collect(),
        };
        // An activation that cannot be recorded does not happen: decisions name
        // their generation, and the ledger must say what that was.
        if let Err(error) = self.append(event, Durability::Synced).await {
            let problem = BuildError::unrecorded(&loaded.path, &error);
            self.reload_failed(problem.to_string()).await;
            return Err(problem);
        }
        activation.generation = snapshot.generation;
        activation.before = Some(previous);
        self.snapshot.store(Arc::new(snapshot));
        *self.lock_reload() = Reload {
            activated_at: Some(self.now()),
            error: None,
        };
        tracing::info!(generation = activation.generation, "activated");
        Ok(activation.generation)
    }

    /// Notes that the configuration on disk cannot be activated.
    pub(crate) async fn reload_failed(&self, error: String) {
        let unchanged = {
            let mut reload = self.lock_reload();
            let unchanged = reload
                .error
                .as_ref()
                .is_some_and(|known| known.error == error);
            if !unchanged {
                reload.error = Some(ReloadError {
                    since: self.now(),
                    error: error.clone(),
                });
            }
            unchanged
        };
        if !unchanged {
            tracing::warn!(%error, "reload failed; the last good snapshot stays");
            let event = Event::ReloadFailed { error };
            if let Err(error) = self.append(event, Durability::Written).await {
                self.count_unrecorded(&error);
            }
        }
    }

    /// Records that the gate stopped in good order.
    pub async fn stop(&self) {
        if let Err(error) = self.append(Event::Stopped, Durability::Synced).await {
            self.count_unrecorded(&error);
        }
    }

    /// What is active, and what went wrong.
    pub fn status(&self) -> Status {
        let snapshot = self.snapshot();
        let reload = self.lock_reload();
        Status {
            ready: snapshot.is_ready(),
            generation: snapshot.generation,
            policies: snapshot.policies,
            activated_at: reload.activated_at,
            bindings: snapshot
                .bindings
                .iter()
                .map(|binding| BindingStatus {
                    name: binding.name.to_string(),
                    component: binding.guest.digest(),
                    world: match binding.guest.world() {
                        World::Policy => "policy",
                        World::Editor => "editor",
                        World::Reviewer => "reviewer",
                    },
                    rollout: binding.rollout.to_string(),
                    authority: binding.authority,
                    snapshotted: binding.guest.is_snapshotted(),
                })
                .collect(),
            reload_error: reload.error.clone(),
            ledger_healthy: self.ledger.is_healthy(),
            unrecorded: self.unrecorded.load(Ordering::Relaxed),
        }
    }

    /// What a session carries: its labels, sorted, and its last calls, newest
    /// first.
    pub fn session_context(&self, session: &str) -> (Vec<String>, Arc<[Arc<PastCall>]>) {
        self.sessions.context(session)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    pub(crate) async fn append(
        &self,
        event: Event,
        durability: Durability,
    ) -> Result<Receipt, LedgerError> {
        self.ledger.append(self.now(), event, durability).await
    }

    pub(crate) fn note(&self, event: Event) -> bool {
        self.ledger.note(self.now(), event)
    }

    /// A digest that cannot be guessed from the ledger alone.
    pub(crate) fn salted(&self, text: &str) -> Digest {
        let hash = blake3::keyed_hash(self.ledger.salt(), text.as_bytes());
        Digest::from_bytes(*hash.as_bytes())
    }

    pub(crate) fn count_unrecorded(&self, error: &LedgerError) {
        self.unrecorded.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%error, "not recorded");
    }

    fn lock_reload(&self) -> std::sync::MutexGuard<'_, Reload> {
        self.reload.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BuildError {
    fn unrecorded(path: &Path, error: &LedgerError) -> Self {
        Self::whole_file(
            path,
            format!("the activation cannot be recorded: {error}"),
            "make room on the disk of `audit.path`",
        )
    }
}

fn system_time() -> Timestamp {
    let elapsed = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
