//! `[audit]`: where decisions are kept, and what is kept beside them.

use std::path::PathBuf;

use gatewright_policy::json::Pointer;
use gatewright_policy::pattern::Scope;
use serde::Deserialize;

use super::problem::Problems;
use super::{Bytes, Loaded, Period, defaults};

/// Least room for payloads: several of the largest messages and results.
const PAYLOAD_BYTES_MIN: usize = 64 << 20;

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
    #[serde(default = "defaults::payload_bytes")]
    pub bytes_max: Bytes,
    /// Nothing is kept for longer.
    #[serde(default = "defaults::thirty_days")]
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

pub(super) fn check(loaded: &Loaded, problems: &mut Problems<'_>) {
    let Some(payloads) = &loaded.config.audit.payloads else {
        return;
    };
    if payloads.bytes_max.0 < PAYLOAD_BYTES_MIN {
        problems.whole_file(
            "`audit.payloads.bytes_max` is less than 64MiB".to_owned(),
            "several of the largest messages must fit; leave it out for `1GiB`".to_owned(),
        );
    }
    if payloads.keep_for.0.is_zero() {
        problems.whole_file(
            "with `audit.payloads.keep_for` at 0 nothing is kept".to_owned(),
            "leave `[audit.payloads]` out, or the key for `30d`".to_owned(),
        );
    }
    if payloads.keep.iter().all(|keep| keep.tools.is_empty()) {
        problems.whole_file(
            "`[audit.payloads]` keeps nothing: no `[[audit.payloads.keep]]` names a tool"
                .to_owned(),
            "add one with `tools = [\"files:*\"]`, or leave the table out".to_owned(),
        );
    }
    let masks = payloads.keep.iter();
    for mask in masks.flat_map(|keep| keep.mask.iter().chain(&keep.mask_results)) {
        if let Err(error) = Pointer::parse(mask) {
            problems.whole_file(
                format!("`audit.payloads.keep`: {error}"),
                "write where it stands, for example `/card/number`".to_owned(),
            );
        }
    }
}
