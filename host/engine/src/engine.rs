//! The engine: the active snapshot, the ledger, and what sessions carry.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use gatewright_policy::record::{Event, RECORD_VERSION};
use gatewright_policy::{Authority, Decision, Grant, HeldCall, Timestamp};
use gatewright_sandbox::{Compiler, Sandbox, SandboxConfig, SandboxError, World};

use crate::approvals::{Found, resumed};
use crate::attempt::{Activation, Attempt};
use crate::awaited::Awaited;
use crate::call::{Call, Judgement, Refused};
use crate::config::{CacheConfig, Loaded};
use crate::held::HeldError;
use crate::judge;
use crate::judgements::Judgements;
use crate::keyring::Keyring;
use crate::ledger::{
    Durability, FileLedger, Ledger, LedgerError, LedgerOpenError, Past, RotateWhen, Rotated,
};
use crate::memory::{FileMemory, Memory};
use crate::payloads::PayloadStore;
use crate::permit::{self, Denial, Ruling};
use crate::recorder::Recorder;
use crate::session::{Carried, SessionError};
use crate::snapshot::{BuildError, Server, Snapshot};
use crate::status::{BindingStatus, FollowStatus, Status, Taken, ToolsStatus};

/// The decision point of one gate.
pub struct Engine {
    snapshot: ArcSwap<Snapshot>,
    pub(crate) sandbox: Sandbox,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) activation: tokio::sync::Mutex<Activation>,
    /// The latest time of the record before this start.
    recorded_until: Option<Timestamp>,
    pub(crate) keyring: Arc<Keyring>,
    attempt: Mutex<Attempt>,
}

/// What a memory says about the past of the gate.
#[derive(Clone, Copy, Debug, Default)]
pub struct Since {
    /// The generation that was active last.
    pub generation: u64,
    /// The latest time of anything: time does not run back from here.
    pub latest: Option<Timestamp>,
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
    /// How old status lists may not be cannot be read.
    #[error("how old status lists may not be cannot be read (`<audit.path>.status-lists`): {0}")]
    StatusLists(std::io::Error),
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
        let name = audit.origin.as_deref();
        let (ledger, past) = FileLedger::open_named(&path, system_time(), when, name)?;
        let engine = Self::with_compiler(loaded, compiler, Box::new(ledger), past, system_time)?;
        engine.keep_list_ages(&path)?;
        engine.begin(loaded).await
    }

    /// The same on another memory, and what it says about the past.
    pub async fn start_on(
        loaded: &Loaded,
        compiler: Compiler,
        memory: Box<dyn Memory>,
        since: Since,
    ) -> Result<Arc<Self>, StartError> {
        let engine = Self::with_memory(loaded, compiler, memory, since, system_time)?;
        engine.begin(loaded).await
    }

    /// Records the start and activates the first snapshot.
    async fn begin(self: Arc<Self>, loaded: &Loaded) -> Result<Arc<Self>, StartError> {
        self.recorder
            .append(
                Event::Started {
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    record: RECORD_VERSION,
                    key: self.recorder.memory.segment().map(|segment| segment.key),
                },
                Durability::Written,
            )
            .await?;
        // In its own place: what starts a gate waits for much.
        Box::pin(self.activate_first(loaded)).await?;
        Ok(self)
    }

    /// An engine that denies everything until [`Engine::activate`], and compiles in
    /// this process.
    pub fn with_ledger(
        loaded: &Loaded,
        ledger: Box<dyn Ledger>,
        past: Past,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Arc<Self>, SandboxError> {
        Self::with_compiler(loaded, Compiler::InProcess, ledger, past, clock)
    }

    /// The same with another compiler.
    pub fn with_compiler(
        loaded: &Loaded,
        compiler: Compiler,
        ledger: Box<dyn Ledger>,
        past: Past,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Arc<Self>, SandboxError> {
        let since = Since {
            generation: past.generation,
            latest: past.latest,
        };
        let memory = Box::new(FileMemory::new(ledger, past));
        Self::with_memory(loaded, compiler, memory, since, clock)
    }

    /// The same with another memory, and what it says about the past.
    pub fn with_memory(
        loaded: &Loaded,
        compiler: Compiler,
        memory: Box<dyn Memory>,
        since: Since,
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
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
            recorder: Arc::new(Recorder::new(
                memory,
                PayloadStore::of(loaded),
                Box::new(clock),
                since.latest,
            )),
            recorded_until: since.latest,
            activation: tokio::sync::Mutex::new(Activation::after(since.generation)),
            keyring: Arc::default(),
            attempt: Mutex::default(),
        }))
    }

    /// The latest time of the record when the engine started: nothing that went ahead
    /// before was later. None where there was no record.
    pub const fn recorded_until(&self) -> Option<Timestamp> {
        self.recorded_until
    }

    /// What is active now. A call takes it once.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Decides on a call. Nothing is recorded yet, and nothing may happen yet.
    pub async fn judge(&self, snapshot: &Arc<Snapshot>, call: Call) -> Judgement {
        let people = !snapshot.approvers.is_empty() || self.recorder.accounts.get().is_some();
        let judgement = judge::judge(snapshot, &self.recorder, call, people).await;
        match judgement.decision {
            Decision::Allow(_) => judgement,
            // In its own place: it is seldom needed.
            Decision::Hold(_) | Decision::Deny(_) => {
                Box::pin(resumed(&self.recorder, judgement)).await
            }
        }
    }

    /// Records the judgement on a message, or several judgements on one message,
    /// and rules accordingly: once.
    pub async fn record(self: &Arc<Self>, judgements: impl Into<Judgements>) -> Ruling {
        permit::record(&self.recorder, judgements.into()).await
    }

    /// Records a refusal that came before the question.
    pub async fn refuse(&self, snapshot: &Snapshot, refused: Refused) -> Denial {
        permit::refuse(&self.recorder, snapshot, refused).await
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
        judge::listing::visible(snapshot, &self.recorder, grant, server, method, names, at).await
    }

    /// Records how many callers that nobody knows were refused lately, beside
    /// those that have an entry. To be called every few seconds.
    pub async fn sum_up(&self) {
        self.recorder.memory.sweep(self.now());
        self.write_list_ages();
        self.recorder.sweep_payloads();
        self.recorder.record_erasures().await;
        self.sum_up_refusals(false).await;
    }

    async fn sum_up_refusals(&self, at_once: bool) {
        if let Some(sum) = self.recorder.refusals.sum(self.now(), at_once) {
            let event = Event::Refused(sum.clone());
            if let Err(error) = self.recorder.append(event, Durability::Written).await {
                self.recorder.refusals.keep(&sum);
                self.recorder.count_unrecorded(&error);
            }
        }
    }

    /// Records that the gate stopped in good order.
    pub async fn stop(&self) {
        self.sum_up_refusals(true).await;
        self.write_list_ages();
        self.recorder.record_erasures().await;
        if let Err(error) = self
            .recorder
            .append(Event::Stopped, Durability::Synced)
            .await
        {
            self.recorder.count_unrecorded(&error);
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
                    not_granted: binding
                        .guest
                        .description()
                        .map_or(Authority::NONE, |it| it.powers.beyond(binding.authority)),
                    snapshotted: binding.guest.is_snapshotted(),
                })
                .collect(),
            packs: attempt.packs(&snapshot.packs, self.now()),
            building: attempt.building.clone(),
            reload_error: attempt.error.clone(),
            issuer_keys: snapshot
                .key_sources()
                .map(|source| self.keyring.status(source, self.now()))
                .collect(),
            ledger_healthy: self.recorder.memory.is_healthy(),
            segment: self.recorder.memory.segment(),
            memory: self.recorder.memory.place(),
            clock_behind_seconds: self.recorder.clock_behind_seconds(),
            ledger_error: self
                .recorder
                .memory
                .trouble()
                .map(|error| error.to_string()),
            unrecorded: self.recorder.unrecorded(),
            tools: ToolsStatus::of(&self.agents().registry()),
        }
    }

    /// The keys that issuers publish, for whoever fetches them.
    pub fn keyring(&self) -> &Arc<Keyring> {
        &self.keyring
    }

    /// How much of what is bounded is taken now.
    pub fn taken(&self) -> Taken {
        Taken {
            instances: self.sandbox.instances(),
            instances_slow: self.sandbox.instances_slow(),
            tracked_sessions: self.recorder.memory.sessions(),
        }
    }

    /// What a session carries: its labels, sorted, and its last calls, newest
    /// first.
    pub fn session_context<'a>(
        &'a self,
        session: &'a str,
    ) -> Awaited<'a, Result<Carried, SessionError>> {
        let history_max = self.snapshot().limits.history_calls_max;
        self.recorder.memory.context(session, history_max)
    }

    /// A held call, as it was judged; none where there is none of this
    /// id, or its time is over.
    pub async fn held(&self, id: &str) -> Result<Option<HeldCall>, HeldError> {
        let found = Found::by_id(&self.recorder, id, self.now()).await?;
        Ok(found.map(|found| found.call))
    }

    /// The time. It never runs back, also not across a restart.
    pub fn now(&self) -> Timestamp {
        self.recorder.now()
    }

    /// Seals the ledger's file and begins a new segment; gives none where nothing
    /// happened since the last one began.
    pub async fn rotate(&self) -> Result<Option<Rotated>, LedgerError> {
        self.recorder.memory.rotate().await
    }

    /// Makes a snapshot the active one.
    pub(crate) fn swap(&self, snapshot: Snapshot) {
        self.snapshot.store(Arc::new(snapshot));
        self.agents().look_again();
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
