//! What the one who writes, and those who wait for it, both know.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use gatewright_engine::agents::Agents;
use gatewright_engine::ledger::Health;
use gatewright_policy::Registry;
use gatewright_policy::record::RecordKeys;

use crate::agents::Registered;
use crate::head::Head;
use crate::open::Opened;
use crate::sealed::Sealed;

pub(crate) struct Shared {
    pub(crate) gate: String,
    pub(crate) keys: RecordKeys,
    pub(crate) fingerprint: String,
    /// Which start of the gate this is.
    pub(crate) started: i64,
    pub(crate) health: Health,
    /// Who may go on, as every call sees it.
    pub(crate) agents: Agents,
    /// What is kept sealed.
    pub(crate) sealed: Sealed,
    registered: Mutex<Registered>,
    sessions: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(gate: &str, opened: Opened) -> Self {
        Self {
            gate: gate.to_owned(),
            keys: RecordKeys::new(&opened.salt),
            fingerprint: opened.fingerprint,
            started: opened.started,
            health: Health::good(),
            agents: Agents::new(
                Registry::clone(&opened.registered.registry()),
                opened.inventory,
            ),
            sealed: Sealed::default(),
            registered: Mutex::new(opened.registered),
            sessions: AtomicUsize::new(opened.sessions),
        }
    }

    /// How many sessions had a place when this gate last wrote.
    pub(crate) fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    /// The same, with its revision.
    pub(crate) fn registered(&self) -> Registered {
        let registered = self.registered.lock();
        registered.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// It is so from now on: read while nobody could change it.
    pub(crate) fn register(&self, newer: Registered) {
        let registered = self.registered.lock();
        let mut registered = registered.unwrap_or_else(PoisonError::into_inner);
        if newer.revision() != registered.revision() {
            self.agents.publish(newer.registry());
            *registered = newer;
        }
    }

    /// The same of what was read beside those who change it, if nothing newer is known.
    pub(crate) fn register_if_newer(&self, newer: Registered) {
        if newer.revision() > self.registered().revision() {
            self.register(newer);
        }
    }

    /// What was committed last.
    pub(crate) fn note(&self, head: &Head) {
        let sessions = usize::try_from(head.sessions).unwrap_or_default();
        self.sessions.store(sessions, Ordering::Relaxed);
    }
}
