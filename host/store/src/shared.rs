//! What the one who writes, and those who wait for it, both know.

use std::sync::atomic::{AtomicUsize, Ordering};

use gatewright_engine::ledger::Health;
use gatewright_policy::record::RecordKeys;

use crate::batch::Head;
use crate::open::Opened;

pub(crate) struct Shared {
    pub(crate) gate: String,
    pub(crate) keys: RecordKeys,
    pub(crate) fingerprint: String,
    /// Which start of the gate this is.
    pub(crate) started: i64,
    pub(crate) health: Health,
    sessions: AtomicUsize,
}

impl Shared {
    pub(crate) fn new(gate: &str, opened: &Opened) -> Self {
        Self {
            gate: gate.to_owned(),
            keys: RecordKeys::new(&opened.salt),
            fingerprint: opened.fingerprint.clone(),
            started: opened.started,
            health: Health::good(),
            sessions: AtomicUsize::new(opened.sessions),
        }
    }

    /// How many sessions had a place when this gate last wrote.
    pub(crate) fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    /// What was committed last.
    pub(crate) fn note(&self, head: &Head) {
        let sessions = usize::try_from(head.sessions).unwrap_or_default();
        self.sessions.store(sessions, Ordering::Relaxed);
    }
}
