//! A secret that somebody made just now, and how long it is good for.

use std::time::Duration;

/// Never shown: not by `Debug` either.
pub(super) struct Issued {
    pub(super) text: String,
    pub(super) lasts: Duration,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Issued");
        shown.field("lasts", &self.lasts).finish_non_exhaustive()
    }
}
