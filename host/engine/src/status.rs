//! What an operator sees of the engine.

use gatewright_policy::{Authority, Digest, Timestamp};
use serde::Serialize;

/// The truth about what is active, and about the last attempt to change it.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Whether calls can be allowed at all.
    pub ready: bool,
    /// The active snapshot; 0 denies everything.
    pub generation: u64,
    /// Digest of the active snapshot.
    pub policies: Digest,
    /// Since when it is active.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
    /// Its bindings, in order.
    pub bindings: Vec<BindingStatus>,
    /// Why the configuration on disk is not the active one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reload_error: Option<ReloadError>,
    /// Whether decisions can be recorded.
    pub ledger_healthy: bool,
    /// Refusals and outcomes that could not be recorded since the start.
    pub unrecorded: u64,
}

/// One binding.
#[derive(Clone, Debug, Serialize)]
pub struct BindingStatus {
    /// Its name.
    pub name: String,
    /// Its component.
    pub component: Digest,
    /// `policy`, `editor` or `reviewer`.
    pub world: &'static str,
    /// Whose calls it counts for: `enforce`, `observe`, `canary 5%`, or `all but
    /// 5%` beside its candidate.
    pub rollout: String,
    /// What it may do.
    pub authority: Authority,
    /// Whether calls start from a snapshot of the configured guest.
    pub snapshotted: bool,
}

/// A reload that changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReloadError {
    /// Since when it fails.
    pub since: Timestamp,
    /// What is wrong, with file and line.
    pub error: String,
}
