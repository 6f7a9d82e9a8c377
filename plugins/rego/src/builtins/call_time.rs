//! The time of the call, which is all the time that there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// When the call came, for all builtins of an engine. Unix time, milliseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallTime(Arc<AtomicU64>);

// === impl CallTime ===

impl CallTime {
    /// Sets it for the call that follows.
    pub(crate) fn set(&self, milliseconds: u64) {
        self.0.store(milliseconds, Ordering::Relaxed);
    }

    pub(super) fn nanoseconds(&self) -> u64 {
        self.0.load(Ordering::Relaxed).saturating_mul(1_000_000)
    }
}
