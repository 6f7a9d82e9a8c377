//! What people are asked about a tool whose definition they did not agree to.

use gatewright_policy::definition::differences;
use gatewright_policy::json::Document;
use gatewright_policy::{Ask, AskedBy, Defined, Digest};

use super::stand::Stand;

/// Stands where the binding that asks stands. No binding can have this name.
pub(crate) const BY_GATE: &str = "gate:definition";

/// Places at which definitions differ that people are shown.
const DIFFERENCES_MAX: usize = 16;

/// Longest reason, in bytes: as of what a policy asks.
const REASON_BYTES_MAX: usize = 4000;

/// Longest name in a title, in characters.
const NAME_CHARS_MAX: usize = 48;

/// How long people have to decide, and how long a yes can be used, in seconds.
const DECIDE_WITHIN_SECONDS: u32 = 24 * 3600;
const USE_WITHIN_SECONDS: u32 = 600;

/// The question about one call.
pub(super) fn ask(server: &str, tool: &str, stand: Stand, defined: &Defined) -> Ask {
    let name: String = tool.chars().take(NAME_CHARS_MAX).collect();
    let title = match stand {
        Stand::Changed => format!("{server}: `{name}` is another tool than it was"),
        Stand::Free | Stand::Same | Stand::New | Stand::Unseen => {
            format!("{server}: nobody agreed to what `{name}` is")
        }
    };
    Ask {
        title,
        reason: reason(defined),
        show: Vec::new(),
        roles: Vec::new(),
        quorum: 1,
        exclude_requester: false,
        exclude: Vec::new(),
        decide_within_seconds: DECIDE_WITHIN_SECONDS,
        use_within_seconds: USE_WITHIN_SECONDS,
    }
}

/// What people who are asked about a call by the gate itself are asked by.
pub(crate) fn asked(ask: &Ask, defined: &Defined) -> AskedBy {
    let digest = |of: &Option<std::sync::Arc<gatewright_policy::Definition>>| {
        of.as_ref().map_or_else(|| Digest::of(b""), |it| it.digest)
    };
    AskedBy {
        ask: ask.digest(),
        binding: BY_GATE.to_owned(),
        component: digest(&defined.claimed),
        settings: digest(&defined.pinned),
    }
}

fn reason(defined: &Defined) -> String {
    let digest = |of: &Option<std::sync::Arc<gatewright_policy::Definition>>| {
        of.as_ref()
            .map_or_else(|| "none".to_owned(), |it| it.digest.to_string())
    };
    let (pinned, claimed) = (&defined.pinned, &defined.claimed);
    let mut reason = format!(
        "pinned {}; the tool server says {}. ",
        digest(pinned),
        digest(claimed)
    );
    let document = |of: &Option<std::sync::Arc<gatewright_policy::Definition>>| {
        of.as_ref().and_then(|it| it.document.clone())
    };
    match (document(pinned), document(claimed)) {
        (old, Some(new)) => {
            let old = old.unwrap_or_else(Document::empty_object);
            let lines = differences(old.root(), new.root(), DIFFERENCES_MAX);
            reason.push_str(&lines.join("; "));
        }
        (_, None) => reason.push_str("What it says is not known here: see `gatewright tools`."),
    }
    if reason.len() > REASON_BYTES_MAX {
        let end = (0..=REASON_BYTES_MAX).rev();
        let end = end.into_iter().find(|end| reason.is_char_boundary(*end));
        reason.truncate(end.unwrap_or_default());
        reason.push_str("... (cut)");
    }
    reason
}
