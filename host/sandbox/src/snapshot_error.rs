//! Why there is no snapshot.

use crate::load_error::LoadError;

/// Why there is no snapshot.
pub(crate) enum SnapshotError {
    /// Snapshots of this component cannot be taken, or not be run: why.
    Refused(String),
    /// The guest would fail without a snapshot too.
    Guest(LoadError),
}

// === impl SnapshotError ===

impl SnapshotError {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}
