//! The calls on one line.

use std::sync::Arc;

use super::mailbox::Mailbox;
use super::names::Name;

/// One call in flight.
#[derive(Debug)]
pub(super) struct InFlight {
    /// The id as the caller wrote it.
    pub(super) id: String,
    /// What that id says, where it is one that MCP allows.
    pub(super) own: Option<Name>,
    /// The progress token on the wire, and as the caller wrote it.
    pub(super) token: Option<(Name, String)>,
    pub(super) mailbox: Arc<Mailbox>,
    /// The caller asked for log messages.
    pub(super) wants_logs: bool,
    /// Newest last.
    pub(super) order: i64,
}

/// A call that was admitted.
#[derive(Debug)]
pub(super) struct Admitted {
    /// Its name on the wire.
    pub(super) name: Name,
    /// What is sent.
    pub(super) line: Arc<str>,
    /// What comes back.
    pub(super) mailbox: Arc<Mailbox>,
}
