//! Entries as CloudEvents 1.0.

use gatewright_policy::record::Entry;
use serde_json::{Value, json};

use super::kind::kind;

/// An event with the whole entry as its data.
pub(super) fn event(entry: &Entry, source: &str, data: Value) -> Value {
    let (kind, subject) = kind(&entry.event);
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
