//! What a component becomes when it is configured.

use crate::answer::LogLine;

/// The most bytes of what was built that are kept on disk. Past that the oldest go.
pub(crate) const KEPT_BYTES_MAX: u64 = 4 << 30;

/// What was built: a component to compile, which is in the cache then.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Built {
    /// The configured component, or the one that is compiled in the place of the one that
    /// was given; nothing where that is compiled itself.
    pub(crate) snapshot: Option<Snapshot>,
    /// What the guest logged in `configure`.
    pub(crate) log: Vec<LogLine>,
}

/// A configured component.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// The component. It starts as it was configured, with the modules that it imports.
    pub(crate) component: Vec<u8>,
    /// What stands apart from it; nothing where all of it is in the component.
    pub(crate) images: Vec<ImageModule>,
}

/// A module that holds what another one remembers.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ImageModule {
    /// What the component calls it.
    pub(crate) name: String,
    pub(crate) module: Vec<u8>,
}

// === impl Snapshot ===

impl Snapshot {
    /// One that is in one piece.
    pub(crate) const fn whole(component: Vec<u8>) -> Self {
        Self {
            component,
            images: Vec::new(),
        }
    }
}
