//! How often a list looks at what the gate remembers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gatewright_engine::agents::Agents;
use gatewright_engine::config::LimitsConfig;
use gatewright_engine::ledger::{FileLedger, LedgerError, Receipt};
use gatewright_engine::memory::{
    Commit, FileMemory, HeldLook, KeptCall, Memory, NotCommitted, UsedCall,
};
use gatewright_engine::session::{Carried, SessionError};
use gatewright_engine::{Awaited, Engine, Since};
use gatewright_policy::{Digest, Grant, Label, Quota, Timestamp};
use gatewright_sandbox::Compiler;

use crate::gate::{Gate, binding, grant};
use crate::spenders::curious;

/// A memory that counts the looks at what is spent.
struct Counting {
    memory: FileMemory,
    looks: Arc<AtomicUsize>,
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

    fn keeps_used(&self, at: Timestamp) -> bool {
        self.memory.keeps_used(at)
    }

    fn sweep(&self, at: Timestamp) {
        self.memory.sweep(at);
    }

    fn agents(&self) -> &Agents {
        self.memory.agents()
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

#[tokio::test]
async fn a_list_looks_once_for_all_that_its_policies_lack() {
    let budgets = "budgets = { calls = { limit = 2, window = \"1h\" } }";
    let both = [binding("curious", budgets), binding("other", budgets)].concat();
    for (reads, config, looks) in [
        (0, binding("curious", budgets), 0),
        (1, both.replace("other.wasm", "curious.wasm"), 1),
        // It knows what it wants to know next when it was told what it asked before.
        (3, both.replace("other.wasm", "curious.wasm"), 3),
    ] {
        let mut gate = Gate::new(&config, &[("curious.wasm", curious(reads))]);
        let (ledger, past) = FileLedger::open(&gate.folder.path().join("l"), Timestamp(1)).unwrap();
        let counted = Arc::new(AtomicUsize::new(0));
        let memory = Counting {
            memory: FileMemory::new(Box::new(ledger), past),
            looks: Arc::clone(&counted),
        };
        let since = Since {
            generation: 0,
            latest: None,
        };
        let loaded = gate.loaded();
        let engine = Engine::start_on(&loaded, Compiler::InProcess, Box::new(memory), since).await;
        gate.engine = Some(engine.unwrap());
        let snapshot = gate.engine().snapshot();
        let server = snapshot.server("files").unwrap();
        let names: Vec<_> = (0..50).map(|tool| format!("tool-{tool}")).collect();
        let (grant, at) = (grant(&["files:*"]), gate.engine().now());
        let visible = gate
            .engine()
            .visible(&snapshot, &grant, server, "tools/list", &names, at)
            .await;
        assert_eq!(visible, [true; 50]);
        assert_eq!(counted.load(Ordering::Relaxed), looks, "{reads} reads");
    }
}
