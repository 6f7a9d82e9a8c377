//! `gatewright log show`: everything about one decision.

use std::path::PathBuf;

use anyhow::anyhow;
use gatewright_policy::record::{Entry, Event};

use super::payload::Payloads;
use super::{Entries, Next, line, record_of, rules};
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, Paint, Tone, print_line, visible};

/// Show every entry about one decision: what was decided, by which rules, what it left
/// behind, and how it ended.
///
/// The agent is told the id of each decision, and `gatewright log` shows it at the end
/// of a line. Exit code 1 when no entry has it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright log show 0198f5c2-8a31-7d6e-b1a0-4f2c8d9e7a55
  gatewright log show 0198f5c2-8a31-7d6e-b1a0-4f2c8d9e7a55 --payload
  gatewright log show 0198f5c2-8a31-7d6e-b1a0-4f2c8d9e7a55 --format json |
      jq .opinions")]
pub(super) struct Arguments {
    /// The id of the decision.
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print what is kept in full too (`[audit.payloads]`), once it was proven to be what
    /// the entry commits to.
    #[arg(long)]
    payload: bool,
    /// Output format; `json` prints the entries as they are, one a line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let record = record_of(arguments.file.as_ref(), &arguments.config)?;
    let mut lines = Entries::open(&record)?;
    let mut kept = match arguments.payload {
        false => None,
        true => Some(Payloads::open(arguments.file.as_ref(), &arguments.config)?),
    };
    let mut count = 0;
    loop {
        let text = match lines.next()? {
            Next::Line(text) => text,
            Next::TooLong => continue,
            Next::End { .. } => break,
        };
        // Most lines do not even have the text in them.
        if !text.contains(&arguments.id) {
            continue;
        }
        let Ok(entry) = Entry::of_line(text.as_bytes()) else {
            continue;
        };
        if id_of(&entry) != Some(&arguments.id) {
            continue;
        }
        count += 1;
        match arguments.format {
            Format::Json => print_line(&text)?,
            Format::Text => {
                let sequence = entry.sequence;
                let paint = Paint::stdout();
                print_line(&format!("{sequence} {}", line::text(&entry, paint)))?;
                for rules in rules::lines(&entry) {
                    print_line(&paint.tone(Tone::Faint, &format!("  {rules}")))?;
                }
            }
        }
        if let Some(kept) = &mut kept {
            kept.print(&entry, arguments.format)?;
        }
    }
    match count {
        0 => Err(anyhow!("no entry is about `{}`", visible(&arguments.id)))
            .hint("`gatewright log` shows the id of each decision at the end of its line"),
        _some => Ok(Exit::Fine),
    }
}

fn id_of(entry: &Entry) -> Option<&str> {
    match &entry.event {
        Event::Decided(decided) => Some(&decided.id),
        Event::Labelled(labelled) => Some(&labelled.id),
        Event::Completed(completed) => Some(&completed.id),
        Event::Approval(approval) => Some(approval.held()),
        Event::Started { .. }
        | Event::Activated { .. }
        | Event::ReloadFailed { .. }
        | Event::Refused(_)
        | Event::Agents(_)
        | Event::Tools(_)
        | Event::Stopped
        | Event::Ledger(_) => None,
    }
}
