//! How far a message has come, for whoever waits for its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set on the path of a call, read by the face that it came in by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks(Arc<AtomicBool>);

impl Marks {
    /// It goes to the tool server. Its answer may be a stream from now on: whatever comes
    /// is a 200.
    pub(crate) fn goes_ahead(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(super) fn went_ahead(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
