//! `gatewright log`: what the ledger says.

mod entries;
mod filter;
mod line;
mod reader;
mod repair;
mod rotate;
mod set_clock;

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use gatewright_policy::record::{Entry, Event};

pub(crate) use self::entries::{Entries, Record, record_of};
pub(crate) use self::filter::Filter;
pub(crate) use self::reader::Next;
use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::output::{Format, Paint, print_line, visible};

/// Show what was decided, by which policies, and why.
///
/// Reads the ledger of a configuration, oldest entry first, with all its segments, or
/// the record in its `[memory]`, with the entries of all gates that share it.
/// Filters on agent, decision, reason and tool leave only decisions and how they
/// ended.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    care: Option<Care>,
    #[command(flatten)]
    config: ConfigFile,
    /// A ledger, instead of the one in the configuration.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Go on with what the gate writes from now on.
    #[arg(short, long)]
    follow: bool,
    #[command(flatten)]
    filter: Filter,
    /// Output format; `json` prints the entries as they are, one a line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What a ledger needs now and then.
#[derive(clap::Subcommand)]
enum Care {
    Rotate(rotate::Arguments),
    Repair(repair::Arguments),
    SetClock(set_clock::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright log --decision deny --since 1h
  gatewright log --follow --agent did:example:bot
  gatewright log --tool 'files:write_*' --format json | jq .opinions
  gatewright log rotate                         begin a new file";

/// How often `--follow` looks for new entries.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(200);

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.care {
        Some(Care::Rotate(arguments)) => rotate::run(arguments),
        Some(Care::Repair(arguments)) => repair::run(arguments),
        Some(Care::SetClock(arguments)) => set_clock::run(arguments),
        None => show(arguments),
    }
}

fn show(arguments: &Arguments) -> anyhow::Result<Exit> {
    let record = record_of(arguments.file.as_ref(), &arguments.config)?;
    let filter = arguments.filter.clone().at(crate::credential::now()?);
    let mut lines = Entries::open(&record)?;
    let mut shown = Shown::default();
    let paint = Paint::stdout();
    loop {
        match lines.next()? {
            Next::Line(text) => match serde_json::from_str::<Entry>(&text) {
                Err(error) => {
                    let error = visible(&error.to_string());
                    eprintln!("{}: not an entry: {error}", lines.place());
                }
                Ok(entry) if !shown.wants(&filter, &entry) => {}
                Ok(entry) => match arguments.format {
                    Format::Json => print_line(&text)?,
                    Format::Text if line::is_repetition(&entry) => {}
                    Format::Text => print_line(&line::text(&entry, paint))?,
                },
            },
            Next::TooLong => eprintln!(
                "{}: too long to be read; an older gate wrote it",
                lines.place()
            ),
            Next::End { .. } if arguments.follow => std::thread::sleep(FOLLOW_INTERVAL),
            Next::End { torn: false } => return Ok(Exit::Fine),
            Next::End { torn: true } => {
                eprintln!(
                    "the last line is not complete: the gate is writing it, or stopped while it did"
                );
                return Ok(Exit::Fine);
            }
        }
    }
}

/// Decisions that were shown and whose end was not: their end belongs to them.
#[derive(Default)]
struct Shown {
    open: HashSet<String>,
}

impl Shown {
    fn wants(&mut self, filter: &Filter, entry: &Entry) -> bool {
        match &entry.event {
            Event::Decided(decided) => {
                let wanted = filter.wants_decision(entry.at, decided);
                if wanted && decided.reason.is_none() {
                    self.open.insert(decided.id.clone());
                }
                wanted
            }
            Event::Labelled(labelled) => self.open.contains(&labelled.id),
            Event::Completed(completed) => self.open.remove(&completed.id),
            Event::Started { .. }
            | Event::Activated { .. }
            | Event::ReloadFailed { .. }
            | Event::Refused(_)
            | Event::Agents(_)
            | Event::Approval(_)
            | Event::Stopped
            | Event::Ledger(_) => filter.wants_event(entry.at),
        }
    }
}
