//! How long nothing is said to an agent that waits.

use std::time::Duration;

/// How long nothing is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    /// An answer that is not there by then becomes a stream.
    pub(super) open_after: Duration,
    /// A stream is silent for no longer: proxies cut after a minute, the impatient ones
    /// after half of one.
    pub(super) keep_alive: Duration,
}

impl Silence {
    /// What agents and what stands between bear.
    pub(crate) const USUAL: Self = Self {
        open_after: Duration::from_secs(5),
        keep_alive: Duration::from_secs(15),
    };
}
