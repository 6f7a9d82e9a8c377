//! How far a message has come, for whoever waits for its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set on the path of a call, read by the face that it came in by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    waits: AtomicBool,
    ahead: AtomicBool,
}

impl Marks {
    /// It waits for people. Its answer may be a stream from now on: whatever comes is a
    /// 200.
    pub(crate) fn waits(&self) {
        self.0.waits.store(true, Ordering::Relaxed);
    }

    /// It goes to the tool server.
    pub(crate) fn goes_ahead(&self) {
        self.0.ahead.store(true, Ordering::Relaxed);
    }

    pub(super) fn may_open(&self) -> bool {
        self.0.waits.load(Ordering::Relaxed) || self.went_ahead()
    }

    pub(super) fn went_ahead(&self) -> bool {
        self.0.ahead.load(Ordering::Relaxed)
    }
}
