//! What the host functions of one call read and write.

use std::sync::Arc;

use gatewright_policy::{Request, Response};
use wasmtime::UpdateDeadline;

use crate::answer::{Log, Unread};
use crate::lane::turn_begins;
use crate::limits::{Limits, MemoryMeter};
use crate::reads::Reads;

/// Ticks of the first turn, twice: two to four milliseconds. Ends the turn of a guest
/// whose fuel does not say how long it takes, and no short call: not even one whose
/// thread had to wait for a processor once.
pub(crate) const FIRST_TICKS: u64 = 2;

/// Ticks of every further turn.
const TURN_TICKS: u64 = 1;

/// What the host functions of one call see.
pub(crate) struct CallState {
    /// What the call is about; nothing while the guest is configured.
    pub(crate) subject: Option<CallSubject>,
    pub(crate) log: Log,
    /// The budget that it wanted to know of, and that nobody had told it of.
    pub(crate) unread: Option<Unread>,
    pub(crate) memory: MemoryMeter,
    /// Where somebody wants to know what the guest asks about.
    pub(crate) reads: Option<Box<Reads>>,
    /// Whether ticks passed in the first turn already.
    was_given_time: bool,
}

/// What a call is about.
#[derive(Clone)]
pub(crate) struct CallSubject {
    pub(crate) request: Arc<Request>,
    /// What came back; for reviewers.
    pub(crate) response: Option<Response>,
}

// === impl CallState ===

impl CallState {
    /// Before anything happened.
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self {
            subject: None,
            log: Log {
                lines: Vec::new(),
                dropped: 0,
            },
            unread: None,
            memory: MemoryMeter::new(limits),
            reads: None,
            was_given_time: false,
        }
    }

    /// Runs at a tick while the guest runs.
    pub(crate) fn end_of_turn(&mut self) -> UpdateDeadline {
        // Ticks pass while it waits for its turn.
        if turn_begins() {
            return UpdateDeadline::Continue(TURN_TICKS);
        }
        // They pass too while its thread waits for a processor.
        if !std::mem::replace(&mut self.was_given_time, true) {
            return UpdateDeadline::Continue(FIRST_TICKS);
        }
        UpdateDeadline::Yield(TURN_TICKS)
    }
}
