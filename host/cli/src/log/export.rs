//! `gatewright log export`: the record in the formats that collectors read.

mod cloudevents;
mod kind;
mod ocsf;
mod opa;
mod otlp;

use std::path::PathBuf;

use clap::ValueEnum;
use gatewright_policy::record::Entry;
use serde_json::Value;

use super::filter::Filter;
use super::list::Shown;
use super::{Entries, Next, Record, record_of};
use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::output::{print_line, visible};

/// Print the record in a format that collectors read, one object a line.
///
/// What the record has no words for in a format is left out of it: an OPA decision log has
/// decisions alone. What stands in the record as a digest stays one.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log export --format ocsf --since 1d > today.ocsf.jsonl
  gatewright log export --format opa --decision deny")]
pub(super) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    filter: Filter,
    /// The format.
    #[arg(long, value_enum)]
    format: Export,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Export {
    /// Open Cybersecurity Schema Framework 1.3: API Activity and Application Lifecycle.
    Ocsf,
    /// CloudEvents 1.0, with the entry as data.
    Cloudevents,
    /// Decision logs as Open Policy Agent writes them.
    Opa,
    /// OpenTelemetry logs, in the JSON of OTLP.
    Otlp,
    /// The entries as they are.
    Jsonl,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let record = record_of(arguments.file.as_ref(), &arguments.config)?;
    let source = source(&record);
    let filter = arguments.filter.clone().at(crate::credential::now()?);
    let mut lines = Entries::open(&record)?;
    let mut shown = Shown::default();
    // Where something is missing, a collector must not think that all is there.
    let mut exit = Exit::Fine;
    loop {
        let text = match lines.next()? {
            Next::Line(text) => text,
            Next::TooLong => {
                eprintln!("{}: too long to be read", lines.place());
                exit = Exit::Failed;
                continue;
            }
            Next::End { .. } => return Ok(exit),
        };
        let entry = match Entry::of_line(text.as_bytes()) {
            Ok(entry) => entry,
            Err(error) => {
                let error = visible(&error.to_string());
                eprintln!("{}: not an entry: {error}", lines.place());
                exit = Exit::Failed;
                continue;
            }
        };
        if !shown.wants(&filter, &entry) {
            continue;
        }
        let exported = match arguments.format {
            Export::Jsonl => Some(text),
            Export::Ocsf => Some(ocsf::event(&entry, &source).to_string()),
            Export::Otlp => Some(otlp::event(&entry, &source, &text).to_string()),
            Export::Opa => opa::event(&entry, &source).as_ref().map(Value::to_string),
            Export::Cloudevents => {
                let data = serde_json::from_str(&text)?;
                Some(cloudevents::event(&entry, &source, data).to_string())
            }
        };
        if let Some(exported) = exported {
            print_line(&exported)?;
        }
    }
}

/// What tells this record from all others.
fn source(record: &Record) -> String {
    match record {
        Record::Memory(_) => "gatewright/memory".to_owned(),
        Record::Files(_) => "gatewright/wrap".to_owned(),
        Record::File(path) => {
            let mut tree = path.as_os_str().to_owned();
            tree.push(".tree");
            let checkpoint = super::signed::text_of(&PathBuf::from(tree).join("checkpoint"));
            let origin = checkpoint
                .ok()
                .and_then(|text| text.lines().next().map(str::to_owned));
            origin.unwrap_or_else(|| "gatewright/ledger".to_owned())
        }
    }
}
