//! Entries as CloudEvents 1.0.

use gatewright_policy::record::{Entry, Event};
use serde_json::{Value, json};

/// An event with the whole entry as its data.
pub(super) fn event(entry: &Entry, source: &str, data: Value) -> Value {
    let (kind, subject) = match &entry.event {
        Event::Started { .. } => ("started", None),
        Event::Activated { .. } => ("activated", None),
        Event::ReloadFailed { .. } => ("reload-failed", None),
        Event::Decided(decided) => ("decided", Some(decided.id.as_str())),
        Event::Refused(_) => ("refused", None),
        Event::Agents(_) => ("agents", None),
        Event::Approval(approval) => ("approval", Some(approval.held())),
        Event::Labelled(labelled) => ("labelled", Some(labelled.id.as_str())),
        Event::Completed(completed) => ("completed", Some(completed.id.as_str())),
        Event::Stopped => ("stopped", None),
        Event::Ledger(_) => ("ledger", None),
    };
    let mut event = json!({
        "specversion": "1.0",
        "id": entry.sequence.to_string(),
        "source": source,
        "type": format!("dev.gatewright.record.{kind}"),
        "time": entry.at.to_string(),
        "datacontenttype": "application/json",
        "data": data,
    });
    if let (Some(subject), Some(event)) = (subject, event.as_object_mut()) {
        event.insert("subject".to_owned(), json!(subject));
    }
    event
}
