//! The engine: the active snapshot, the ledger, and what sessions carry.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use gatewright_policy::record::{Event, RecordKeys};
use gatewright_policy::request::PastCall;
use gatewright_policy::{Digest, Grant, Timestamp};
use gatewright_sandbox::{Compiler, Sandbox, SandboxConfig, SandboxError, World};

use crate::activation::{Activation, Attempt};
use crate::call::{Call, Judgement, Refused};
use crate::config::{CacheConfig, Loaded};
use crate::judge;
use crate::judgements::Judgements;
use crate::ledger::{
    Durability, FileLedger, Ledger, LedgerError, LedgerOpenError, Past, Receipt, RotateWhen,
    Rotated,
};
use crate::permit::{self, Denial, Ruling};
use crate::quota::Quotas;
use crate::refusals::Refusals;
use crate::session::Sessions;
use crate::snapshot::{BuildError, Server, Snapshot};
use crate::status::{BindingStatus, FollowStatus, PacksStatus, Status, Taken};
use crate::time::{Clock, Time};

/// The decision point of one gate.
pub struct Engine {
    snapshot: ArcSwap<Snapshot>,
    pub(crate) sandbox: Sandbox,
    ledger: Box<dyn Ledger>,
    /// What texts in the ledger are keyed with.
    pub(crate) keys: RecordKeys,
    pub(crate) refusals: Refusals,
    pub(crate) sessions: Sessions,
    pub(crate) quotas: Quotas,
    pub(crate) activation: tokio::sync::Mutex<Activation>,
    attempt: Mutex<Attempt>,
    unrecorded: AtomicU64,
    time: Time,
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
    /// Opens the ledger, builds the first snapshot and activates it. Compiles in this
    /// process.
    pub async fn start(loaded: &Loaded) -> Result<Arc<Self>, StartError> {
        Self::start_with(loaded, Compiler::InProcess).await
    }

    /// The same with another compiler. Where it keeps what it compiled is what the
    /// configuration says; its own folder holds where that says nothing.
    pub async fn start_with(loaded: &Loaded, compiler: Compiler) -> Result<Arc<Self>, StartError> {
        let path = loaded.resolve(&loaded.config.audit.path);
        let audit = &loaded.config.audit;
        let when = RotateWhen {
            bytes: audit.rotate_bytes.0 as u64,
            after: audit.rotate_after.0,
        };
        let (ledger, past) = FileLedger::open_with(&path, system_time(), when)?;
        let ledger = Box::new(ledger);
        let engine = Self::with_compiler(loaded, compiler, ledger, past, system_time)?;
        engine
            .append(
                Event::Started {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                },
                Durability::Written,
            )
            .await?;
        engine.activate_first(loaded).await?;
        Ok(engine)
    }

    /// An engine that denies everything until [`Engine::activate`], and compiles in
    /// this process.
    pub fn with_ledger(
        loaded: &Loaded,
        ledger: Box<dyn Ledger>,
        past: Past,
        clock: Clock,
    ) -> Result<Arc<Self>, SandboxError> {
        Self::with_compiler(loaded, Compiler::InProcess, ledger, past, clock)
    }

    /// The same with another compiler.
    pub fn with_compiler(
        loaded: &Loaded,
        compiler: Compiler,
        ledger: Box<dyn Ledger>,
        past: Past,
        clock: Clock,
    ) -> Result<Arc<Self>, SandboxError> {
        let config = SandboxConfig {
            instances_max: loaded.config.limits.instances_max,
            caller_share: loaded.config.limits.agent_share,
            compiler: configured(loaded, compiler),
            ..SandboxConfig::default()
        };
        Ok(Arc::new(Self {
            snapshot: ArcSwap::from_pointee(Snapshot::deny_all()),
            sandbox: Sandbox::new(&config)?,
            keys: RecordKeys::new(ledger.salt()),
            refusals: Refusals::default(),
            ledger,
            sessions: past.sessions,
            quotas: past.quotas,
            activation: tokio::sync::Mutex::new(Activation::after(past.generation)),
            attempt: Mutex::default(),
            unrecorded: AtomicU64::new(0),
            time: Time::new(clock, past.latest),
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

    /// Records the judgement on a message, or several judgements on one message,
    /// and rules accordingly: once.
    pub async fn record(self: &Arc<Self>, judgements: impl Into<Judgements>) -> Ruling {
        permit::record(self, judgements.into()).await
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

    /// Records how many callers that nobody knows were refused lately, beside
    /// those that have an entry. To be called every few seconds.
    pub async fn sum_up(&self) {
        self.sum_up_refusals(false).await;
    }

    async fn sum_up_refusals(&self, at_once: bool) {
        if let Some(sum) = self.refusals.sum(self.now(), at_once) {
            let event = Event::Refused(sum.clone());
            if let Err(error) = self.append(event, Durability::Written).await {
                self.refusals.keep(&sum);
                self.count_unrecorded(&error);
            }
        }
    }

    /// Records that the gate stopped in good order.
    pub async fn stop(&self) {
        self.sum_up_refusals(true).await;
        if let Err(error) = self.append(Event::Stopped, Durability::Synced).await {
            self.count_unrecorded(&error);
        }
    }

    /// Notes what a look at the repository of a pack gave, for [`Engine::status`].
    pub fn followed(&self, pack: &str, status: FollowStatus) {
        self.lock_attempt().followed.insert(pack.to_owned(), status);
    }

    /// Forgets the packs that are followed no more.
    pub fn follow_only<'a>(&self, packs: impl Iterator<Item = &'a String>) {
        let packs: HashSet<&String> = packs.collect();
        let mut attempt = self.lock_attempt();
        attempt.followed.retain(|pack, _| packs.contains(pack));
    }

    /// What is active, and what went wrong.
    pub fn status(&self) -> Status {
        let snapshot = self.snapshot();
        let attempt = self.lock_attempt();
        Status {
            ready: snapshot.is_ready(),
            generation: snapshot.generation,
            policies: snapshot.policies,
            activated_at: attempt.activated_at,
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
            packs: PacksStatus::of(&snapshot.packs, &attempt, self.now()),
            building: attempt.building.clone(),
            reload_error: attempt.error.clone(),
            ledger_healthy: self.ledger.is_healthy(),
            segment: self.ledger.segment(),
            clock_behind_seconds: self.time.behind().map(|behind| behind.as_secs()),
            ledger_error: self.ledger.trouble().map(|error| error.to_string()),
            unrecorded: self.unrecorded.load(Ordering::Relaxed),
        }
    }

    /// How much of what is bounded is taken now.
    pub fn taken(&self) -> Taken {
        Taken {
            instances: self.sandbox.instances(),
            instances_slow: self.sandbox.instances_slow(),
            tracked_sessions: self.sessions.count(),
        }
    }

    /// What a session carries: its labels, sorted, and its last calls, newest
    /// first.
    pub fn session_context(&self, session: &str) -> (Vec<String>, Arc<[Arc<PastCall>]>) {
        let history_max = self.snapshot().limits.history_calls_max;
        self.sessions.context(session, history_max)
    }

    /// The time. It never runs back, also not across a restart.
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Seals the ledger's file and begins a new segment; gives none where nothing
    /// happened since the last one began.
    pub async fn rotate(&self) -> Result<Option<Rotated>, LedgerError> {
        self.ledger.rotate().await
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
        self.keys.digest(text)
    }

    pub(crate) fn count_unrecorded(&self, error: &LedgerError) {
        self.unrecorded.fetch_add(1, Ordering::Relaxed);
        tracing::error!(%error, "not recorded");
    }

    /// Makes a snapshot the active one.
    pub(crate) fn swap(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }

    pub(crate) fn lock_attempt(&self) -> MutexGuard<'_, Attempt> {
        self.attempt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A compiler that keeps what it compiled where the configuration says.
fn configured(loaded: &Loaded, compiler: Compiler) -> Compiler {
    match compiler {
        Compiler::InProcess => Compiler::InProcess,
        Compiler::Process(mut process) => {
            process.cache = match &loaded.config.gate.cache {
                CacheConfig::Kept(true) => process.cache,
                CacheConfig::Kept(false) => None,
                CacheConfig::Folder(folder) => Some(loaded.resolve(folder)),
            };
            Compiler::Process(process)
        }
    }
}

fn system_time() -> Timestamp {
    let elapsed = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
}
