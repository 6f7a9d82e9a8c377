//! `gatewright flips`: what candidates would decide otherwise.

mod report;

use std::path::PathBuf;
use std::time::Duration;

use gatewright_policy::record::{Entry, Event};

use self::report::Report;
use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::log::{Entries, Filter, Next, record_of};
use crate::output::{Format, Paint, print_json, print_line, visible};

/// Show the calls on which candidates would decide otherwise.
///
/// A binding with `mode = "observe"` or a `canary`, and a pack that was activated
/// as a candidate, are asked about every call beside what is in force. This reads
/// from the ledger where the two would decide differently, and puts first what
/// the candidates would let through. Nothing here changed any decision.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print the report again whenever the gate has judged more.
    #[arg(short, long)]
    follow: bool,
    #[command(flatten)]
    filter: Filter,
    /// Output format; `json` prints one object.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  gatewright flips --since 1h
  gatewright flips --follow --tool 'files:*'
  gatewright flips --format json | jq .flips";

/// How often `--follow` looks for new entries.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(200);

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let record = record_of(arguments.file.as_ref(), &arguments.config)?;
    let filter = arguments.filter.clone().at(crate::credential::now()?);
    let mut lines = Entries::open(&record)?;
    let mut report = Report::default();
    let mut printed = None;
    loop {
        match lines.next()? {
            Next::Line(text) => match Entry::of_line(text.as_bytes()) {
                Err(error) => {
                    let error = visible(&error.to_string());
                    eprintln!("{}: not an entry: {error}", lines.place());
                }
                Ok(entry) => {
                    if let Event::Decided(decided) = &entry.event
                        && decided.judged
                        && filter.wants_decision(entry.at, decided)
                    {
                        report.count(entry.at, decided);
                    }
                }
            },
            Next::TooLong => eprintln!("{}: too long to be an entry", lines.place()),
            Next::End { .. } => {
                if printed != Some(report.judged()) {
                    match arguments.format {
                        Format::Json => print_json(&report)?,
                        Format::Text => print_line(&report.text(Paint::stdout()))?,
                    }
                    printed = Some(report.judged());
                }
                if !arguments.follow {
                    return Ok(Exit::Fine);
                }
                std::thread::sleep(FOLLOW_INTERVAL);
            }
        }
    }
}
