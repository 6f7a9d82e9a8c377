//! A memory that sees how it is asked.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use gatewright_engine::agents::{Agents, ListKey};
use gatewright_engine::config::LimitsConfig;
use gatewright_engine::ledger::{FileLedger, LedgerError, Receipt};
use gatewright_engine::memory::{
    Commit, FileMemory, HeldLook, KeptCall, Memory, NotCommitted, UsedCall,
};
use gatewright_engine::session::{Carried, SessionError};
use gatewright_engine::{Awaited, Engine, Since};
use gatewright_policy::{Digest, Grant, Label, Quota, Timestamp};
use gatewright_sandbox::Compiler;

use crate::gate::Gate;

/// A memory that counts the looks at what is spent, and says of status lists what a test has it
/// say.
pub struct Counting {
    memory: FileMemory,
    pub looks: Arc<AtomicUsize>,
    /// When the newest list was made that any gate knew, or why nobody can say.
    pub newest: Arc<Mutex<Result<Option<Timestamp>, LedgerError>>>,
    /// Lists that were made until then were made by a wrong clock, as an operator said.
    pub disowned: Arc<Mutex<Option<Timestamp>>>,
}

impl Counting {
    /// With a ledger in this folder.
    pub fn new(folder: &Path) -> Self {
        let (ledger, past) = FileLedger::open(&folder.join("l"), Timestamp(1)).unwrap();
        Self {
            memory: FileMemory::new(Box::new(ledger), past),
            looks: Arc::default(),
            newest: Arc::new(Mutex::new(Ok(None))),
            disowned: Arc::default(),
        }
    }

    /// Starts a gate on it.
    pub async fn start(self, gate: &mut Gate) {
        let since = Since {
            generation: 0,
            latest: None,
        };
        let loaded = gate.loaded();
        let engine = Engine::start_on(&loaded, Compiler::InProcess, Box::new(self), since).await;
        gate.engine = Some(engine.unwrap());
    }
}

impl Memory for Counting {
    fn enter<'a>(
        &'a self,
        grant: &'a Grant,
        at: Timestamp,
        limits: &'a LimitsConfig,
    ) -> Awaited<'a, Result<Carried, SessionError>> {
        self.memory.enter(grant, at, limits)
    }

    fn context<'a>(
        &'a self,
        session: &'a str,
        history_max: usize,
    ) -> Awaited<'a, Result<Carried, SessionError>> {
        self.memory.context(session, history_max)
    }

    fn spent<'a>(
        &'a self,
        budgets: &'a [(String, Quota)],
        at: Timestamp,
    ) -> Awaited<'a, Result<Vec<u64>, LedgerError>> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.memory.spent(budgets, at)
    }

    fn label<'a>(
        &'a self,
        session: &'a str,
        labels: &'a [Label],
    ) -> Awaited<'a, Result<(), SessionError>> {
        self.memory.label(session, labels)
    }

    fn commit(&self, at: Timestamp, commit: Commit) -> Awaited<'_, Result<Receipt, NotCommitted>> {
        self.memory.commit(at, commit)
    }

    fn note(&self, at: Timestamp, commit: Commit) -> bool {
        self.memory.note(at, commit)
    }

    fn held<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<KeptCall>, LedgerError>> {
        self.memory.held(id, at)
    }

    fn look<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
    ) -> Awaited<'a, Result<Option<HeldLook>, LedgerError>> {
        self.memory.look(id, at)
    }

    fn held_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<KeptCall>, LedgerError>> {
        self.memory.held_as(called, at)
    }

    fn used_as(
        &self,
        called: Digest,
        at: Timestamp,
    ) -> Awaited<'_, Result<Option<UsedCall>, LedgerError>> {
        self.memory.used_as(called, at)
    }

    fn held_after<'a>(
        &'a self,
        id: &'a str,
        at: Timestamp,
        count_max: usize,
    ) -> Awaited<'a, Result<Vec<KeptCall>, LedgerError>> {
        self.memory.held_after(id, at, count_max)
    }

    fn is_changing(&self, called: Digest) -> bool {
        self.memory.is_changing(called)
    }

    fn keeps_used(&self, at: Timestamp) -> bool {
        self.memory.keeps_used(at)
    }

    fn sweep(&self, at: Timestamp) {
        self.memory.sweep(at);
    }

    fn agents(&self) -> &Agents {
        self.memory.agents()
    }

    fn newest_list<'a>(
        &'a self,
        _list: &'a ListKey,
        _issued: Option<Timestamp>,
    ) -> Awaited<'a, Result<Option<Timestamp>, LedgerError>> {
        Awaited::there(self.newest.lock().unwrap().clone())
    }

    fn has_disowned<'a>(
        &'a self,
        _list: &'a ListKey,
        held: Timestamp,
        _issued: Timestamp,
    ) -> Awaited<'a, Result<bool, LedgerError>> {
        let disowned = *self.disowned.lock().unwrap();
        Awaited::there(Ok(disowned >= Some(held)))
    }

    fn salt(&self) -> &[u8; 32] {
        self.memory.salt()
    }

    fn sessions(&self) -> usize {
        self.memory.sessions()
    }

    fn is_healthy(&self) -> bool {
        self.memory.is_healthy()
    }

    fn trouble(&self) -> Option<LedgerError> {
        self.memory.trouble()
    }
}
