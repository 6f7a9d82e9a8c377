//! Entries as OpenTelemetry logs, in the JSON of OTLP: each line is one request, as a
//! collector reads it from a file (`otlpjsonfile`).

use gatewright_policy::DecisionKind;
use gatewright_policy::record::{Entry, Event};
use serde_json::{Value, json};

use super::kind::kind;

/// `SEVERITY_NUMBER_INFO` and `SEVERITY_NUMBER_WARN`.
const INFO: u64 = 9;
const WARN: u64 = 13;

/// A request with one log record, whose body is the entry.
pub(super) fn event(entry: &Entry, source: &str, line: &str) -> Value {
    let (kind, decision) = kind(&entry.event);
    let (number, text) = match is_warning(&entry.event) {
        true => (WARN, "WARN"),
        false => (INFO, "INFO"),
    };
    let sequence = entry.sequence.to_string();
    let mut attributes = vec![attribute("gatewright.record.sequence", &sequence)];
    attributes.extend(decision.map(|id| attribute("gatewright.decision.id", id)));
    if let Event::Decided(decided) = &entry.event {
        attributes.extend([
            attribute("gatewright.decision", decided.decision.as_str()),
            attribute("gatewright.server", &decided.server),
            attribute("gatewright.name", &decided.name),
        ]);
        let agent = decided.caller.as_ref().map(|caller| &caller.agent);
        attributes.extend(agent.map(|agent| attribute("gatewright.agent", agent)));
        let reason = decided.reason.map(|reason| reason.code());
        attributes.extend(reason.map(|reason| attribute("gatewright.reason", reason)));
    }
    // Milliseconds, and six zeros: 64 bits of nanoseconds are text in JSON.
    let time = format!("{}000000", entry.at.0);
    json!({
        "resourceLogs": [{
            "resource": { "attributes": [
                attribute("service.name", "gatewright"),
                attribute("gatewright.record", source),
            ]},
            "scopeLogs": [{
                "scope": { "name": "gatewright.record", "version": env!("CARGO_PKG_VERSION") },
                "logRecords": [{
                    "timeUnixNano": time,
                    "observedTimeUnixNano": time,
                    "severityNumber": number,
                    "severityText": text,
                    "eventName": format!("gatewright.record.{kind}"),
                    "body": { "stringValue": line },
                    "attributes": attributes,
                }],
            }],
        }],
    })
}

fn is_warning(event: &Event) -> bool {
    match event {
        Event::Decided(decided) => decided.decision == DecisionKind::Deny,
        Event::ReloadFailed { .. } | Event::Refused(_) => true,
        Event::Started { .. }
        | Event::Activated { .. }
        | Event::Labelled(_)
        | Event::Completed(_)
        | Event::Agents(_)
        | Event::Tools(_)
        | Event::Approval(_)
        | Event::Stopped
        | Event::Ledger(_) => false,
    }
}

fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}
