//! What kind of event an entry is, in one word, and the decision that it is about.

use gatewright_policy::record::Event;

/// The word, and the id of the decision if it is about one.
pub(super) fn kind(event: &Event) -> (&'static str, Option<&str>) {
    match event {
        Event::Started { .. } => ("started", None),
        Event::Activated { .. } => ("activated", None),
        Event::ReloadFailed { .. } => ("reload-failed", None),
        Event::Decided(decided) => ("decided", Some(decided.id.as_str())),
        Event::Refused(_) => ("refused", None),
        Event::Agents(_) => ("agents", None),
        Event::Tools(_) => ("tools", None),
        Event::Approval(approval) => ("approval", Some(approval.held())),
        Event::Labelled(labelled) => ("labelled", Some(labelled.id.as_str())),
        Event::Completed(completed) => ("completed", Some(completed.id.as_str())),
        Event::Stopped => ("stopped", None),
        Event::Ledger(_) => ("ledger", None),
    }
}
