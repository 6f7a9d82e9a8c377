//! What an operator sees of the engine.

use std::sync::Arc;

use gatewright_policy::agent::Tool;
use gatewright_policy::record::ActivatedPack;
use gatewright_policy::{Authority, Digest, Registry, Timestamp};
use serde::Serialize;

use crate::keyring::IssuerKeysStatus;
use crate::ledger::SegmentStatus;

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
    /// Its packs, where it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packs: Option<PacksStatus>,
    /// What is being built from the configuration on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub building: Option<Building>,
    /// Why the configuration on disk is not the active one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reload_error: Option<ReloadError>,
    /// Issuers whose keys are fetched.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuer_keys: Vec<IssuerKeysStatus>,
    /// Whether decisions can be recorded.
    pub ledger_healthy: bool,
    /// Why they cannot, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_error: Option<String>,
    /// The file that decisions are written to now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<SegmentStatus>,
    /// Where the memory of several gates is, and which of them this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<String>,
    /// How far the machine's clock is behind the latest entry, if it is far behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_behind_seconds: Option<u64>,
    /// Refusals and outcomes that could not be recorded since the start.
    pub unrecorded: u64,
    /// Tools whose definition is pinned.
    pub tools: ToolsStatus,
}

/// Tools whose definition is pinned.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ToolsStatus {
    /// How many there are.
    pub pinned: usize,
    /// How many of them the gate pinned when it saw them first, and nobody since.
    pub first_sight: usize,
    /// How many of them are another tool now.
    pub changed: usize,
    /// Some of those.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed_names: Vec<String>,
}

/// Names of changed tools that the status shows.
const CHANGED_NAMES_MAX: usize = 16;

impl ToolsStatus {
    pub(crate) fn of(registry: &Registry) -> Self {
        let is_changed = |tool: &&Arc<Tool>| tool.row.changed.is_some();
        let changed = registry.tools().filter(is_changed);
        let mut changed_names: Vec<_> = changed
            .map(|tool| format!("{}:{}", tool.row.server, tool.row.name))
            .collect();
        changed_names.sort();
        let changed = changed_names.len();
        changed_names.truncate(CHANGED_NAMES_MAX);
        Self {
            pinned: registry.tools().count(),
            first_sight: registry.tools().filter(|tool| tool.row.first_sight).count(),
            changed,
            changed_names,
        }
    }
}

/// How much of what is bounded is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Policy instances that run or wait for their turn.
    pub instances: usize,
    /// Those of them that did not answer at once.
    pub instances_slow: usize,
    /// Sessions whose labels and calls are kept.
    pub tracked_sessions: usize,
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
    /// What its answers may need beside that, as the component describes itself: such an
    /// answer is a fault.
    #[serde(skip_serializing_if = "Authority::is_none")]
    pub not_granted: Authority,
    /// Whether calls start from a snapshot of the configured guest.
    pub snapshotted: bool,
}

/// What is wanted of packs, and what is in force.
#[derive(Clone, Debug, Serialize)]
pub struct PacksStatus {
    /// Revision of the set that is wanted.
    pub wanted: u64,
    /// Who wanted it.
    pub by: String,
    /// When (RFC 3339).
    pub at: String,
    /// Revision of the set in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<u64>,
    /// Revision of the set that a restart goes back to when it must.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_good: Option<u64>,
    /// The last pack that did not hold its own cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedPack>,
    /// Each pack, by name.
    pub set: Vec<PackStatus>,
}

/// One pack.
#[derive(Clone, Debug, Serialize)]
pub struct PackStatus {
    /// Its name.
    pub name: String,
    /// The pack that is wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<Digest>,
    /// The pack in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<ActivatedPack>,
    /// The one that is tried beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<ActivatedPack>,
    /// The repository that it is followed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follows: Option<FollowStatus>,
    /// When the pack in force expires, or the trust in its publisher: it stays in
    /// force, also after a restart, and is not activated anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Whether that time has come.
    pub expired: bool,
}

/// A pack that answers its own cases otherwise than it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedPack {
    /// Its name.
    pub name: String,
    /// The pack.
    pub pack: Digest,
    /// Revision of the set that wanted it.
    pub set: u64,
}

/// A repository that a pack is followed from, and the last look at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FollowStatus {
    /// The repository.
    pub from: String,
    /// The tag, or the range of versions.
    pub track: String,
    /// When it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Timestamp>,
    /// Why what is there is not wanted, or what went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A build under way: policies are compiled and asked their cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Building {
    /// Since when.
    pub since: Timestamp,
}

/// A reload that changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReloadError {
    /// Since when it fails.
    pub since: Timestamp,
    /// What is wrong, with file and line.
    pub error: String,
}
