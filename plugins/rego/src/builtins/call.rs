//! What builtins and whoever asks a module share about a call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A call, for all builtins of an engine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// When it came, which is all the time that there is. Unix time, milliseconds.
    at: Arc<AtomicU64>,
    /// What OPA would have read and is not read here, where it was met.
    unread: Arc<Mutex<Option<String>>>,
}

// === impl Call ===

impl Call {
    /// Sets its time, for the call that follows.
    pub(crate) fn set_time(&self, milliseconds: u64) {
        self.at.store(milliseconds, Ordering::Relaxed);
    }

    /// An error where something was not read, whatever the modules made of that. The next
    /// question begins anew.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.take().map_or(Ok(()), Err)
    }

    pub(super) fn nanoseconds(&self) -> u64 {
        self.at.load(Ordering::Relaxed).saturating_mul(1_000_000)
    }

    /// The first one is kept.
    pub(super) fn note_unread(&self, problem: String) {
        let mut unread = self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.get_or_insert(problem);
    }
}
