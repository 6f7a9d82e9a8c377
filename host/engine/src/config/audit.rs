//! `[audit]`: where decisions are kept, and what is kept beside them.

use std::path::PathBuf;

use gatewright_policy::pattern::Scope;
use serde::Deserialize;

use super::{Bytes, Period};

/// `[audit]`. Not reloaded.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// The ledger: one JSON object a line, appended.
    pub path: PathBuf,
    /// A new segment begins when the one before has grown by this much.
    pub rotate_bytes: Bytes,
    /// A new segment begins when the one before is this old.
    pub rotate_after: Period,
    /// How signed checkpoints name this record; none names it after its key.
    pub origin: Option<String>,
    /// What is kept of calls in full; nothing without it.
    pub payloads: Option<PayloadsConfig>,
}

/// `[audit.payloads]`: calls that are kept in full, beside the record.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayloadsConfig {
    /// The folder; by default beside the ledger.
    pub folder: Option<PathBuf>,
    /// All files together; the oldest calls go first.
    #[serde(default = "super::defaults::payload_bytes")]
    pub bytes_max: Bytes,
    /// Nothing is kept for longer.
    #[serde(default = "super::defaults::thirty_days")]
    pub keep_for: Period,
    /// Which calls.
    #[serde(default)]
    pub keep: Vec<KeepConfig>,
}

/// `[[audit.payloads.keep]]`: some calls.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepConfig {
    /// `<server>:<tool>`, with `*` for any run of characters.
    pub tools: Vec<Scope>,
    /// Their results too.
    #[serde(default)]
    pub results: bool,
    /// JSON Pointers into the arguments: what stands there is not kept.
    #[serde(default)]
    pub mask: Vec<String>,
    /// JSON Pointers into the result.
    #[serde(default)]
    pub mask_results: Vec<String>,
}
