//! What can be wrong with `[audit.payloads]`.

use gatewright_policy::json::Pointer;

use super::Loaded;
use super::problem::Problems;

/// Least room for payloads: several of the largest messages and results.
const PAYLOAD_BYTES_MIN: usize = 64 << 20;

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
