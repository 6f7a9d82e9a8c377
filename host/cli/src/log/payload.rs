//! What is kept in full of a decision, printed once it was proven.

use std::path::PathBuf;

use gatewright_engine::payloads::{NotThere, PayloadReader};
use gatewright_policy::record::{Entry, Event, Kept, PayloadKind};
use serde_json::{Value, json};

use super::kept::KeptPlace;
use crate::config_file::ConfigFile;
use crate::output::{Format, print_line, visible};

/// The payloads of a record.
pub(super) struct Payloads {
    place: KeptPlace,
    reader: PayloadReader,
}

// === impl Payloads ===

impl Payloads {
    pub(super) fn open(file: Option<&PathBuf>, config: &ConfigFile) -> anyhow::Result<Self> {
        let place = KeptPlace::of(file, config)?;
        let reader = PayloadReader::open(&place.folder)?;
        Ok(Self { place, reader })
    }

    /// What is kept of this entry, if anything is.
    pub(super) fn print(&mut self, entry: &Entry, format: Format) -> anyhow::Result<()> {
        let Some((id, what, kept)) = committed(entry) else {
            return Ok(());
        };
        let text = self.reader.text(&self.place.keys, (id, what), &kept);
        print_line(&match format {
            Format::Json => json_line(what, kept, text)?,
            Format::Text => line(what, kept, text),
        })?;
        Ok(())
    }
}

/// What an entry commits to.
fn committed(entry: &Entry) -> Option<(&str, PayloadKind, Kept)> {
    match &entry.event {
        Event::Decided(decided) => Some((&decided.id, PayloadKind::Call, decided.kept?)),
        Event::Completed(completed) => Some((&completed.id, PayloadKind::Result, completed.kept?)),
        Event::Started { .. }
        | Event::Activated { .. }
        | Event::ReloadFailed { .. }
        | Event::Refused(_)
        | Event::Labelled(_)
        | Event::Agents(_)
        | Event::Tools(_)
        | Event::Approval(_)
        | Event::Stopped
        | Event::Ledger(_) => None,
    }
}

fn json_line(
    what: PayloadKind,
    kept: Kept,
    text: Result<String, NotThere>,
) -> anyhow::Result<String> {
    let (payload, problem) = match text {
        Ok(text) => (serde_json::from_str(&text)?, Value::Null),
        Err(error) => (Value::Null, Value::from(error.to_string())),
    };
    let line =
        json!({ "payload": payload, "what": what, "masked": kept.masked, "problem": problem });
    Ok(line.to_string())
}

fn line(what: PayloadKind, kept: Kept, text: Result<String, NotThere>) -> String {
    let what = match what {
        PayloadKind::Call => "call",
        PayloadKind::Result => "result",
    };
    let masked = match kept.masked {
        true => ", masked",
        false => "",
    };
    match text {
        Ok(text) => format!("  {what}, proven{masked}: {}", visible(&text)),
        Err(error) => format!("  {what}: {}", visible(&error.to_string())),
    }
}
