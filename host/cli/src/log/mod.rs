//! `gatewright log`: what the record says, and that it says what was signed.

mod checkpoint;
mod compare;
mod entries;
mod erase;
mod export;
mod filter;
mod find;
mod follow;
mod kept;
mod line;
mod list;
mod payload;
mod prove;
mod reader;
mod repair;
mod rotate;
mod rotate_key;
mod rules;
mod set_clock;
mod show;
mod signed;
mod verify;

use std::path::PathBuf;

pub(crate) use self::entries::{Entries, Record, record_of};
use self::entries::{OwnRecord, own_record_of};
pub(crate) use self::filter::{Filter, When, when};
pub(crate) use self::kept::KeptPlace;
pub(crate) use self::reader::Next;
use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::output::Format;

/// Show what was decided, by which policies, and why; prove it, and verify proofs.
///
/// Reads the ledger of a configuration, oldest entry first, with all its segments, or
/// the record in its `[memory]`, with the entries of all gates that share it.
/// Filters on agent, decision, reason and tool leave only decisions and how they
/// ended.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
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

/// What else can be done with a record.
#[derive(clap::Subcommand)]
enum Command {
    Verify(verify::Arguments),
    Prove(prove::Arguments),
    Checkpoint(checkpoint::Arguments),
    Compare(compare::Arguments),
    Show(show::Arguments),
    Erase(erase::Arguments),
    Follow(follow::Arguments),
    Export(export::Arguments),
    Rotate(rotate::Arguments),
    RotateKey(rotate_key::Arguments),
    Repair(repair::Arguments),
    SetClock(set_clock::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright log --decision deny --since 1h
  gatewright log --follow --agent did:example:bot
  gatewright log --tool 'files:write_*' --format json | jq .opinions
  gatewright log verify state                   is it what was signed?
  gatewright log prove 17 -o 17.tlog-proof      prove one entry alone
  gatewright log erase --agent did:example:bot  let go of what is kept in full
  gatewright log rotate                         begin a new file";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Some(Command::Verify(arguments)) => verify::run(arguments),
        Some(Command::Prove(arguments)) => prove::run(arguments),
        Some(Command::Checkpoint(arguments)) => checkpoint::run(arguments),
        Some(Command::Compare(arguments)) => compare::run(arguments),
        Some(Command::Show(arguments)) => show::run(arguments),
        Some(Command::Erase(arguments)) => erase::run(arguments),
        Some(Command::Follow(arguments)) => follow::run(arguments),
        Some(Command::Export(arguments)) => export::run(arguments),
        Some(Command::Rotate(arguments)) => rotate::run(arguments),
        Some(Command::RotateKey(arguments)) => rotate_key::run(arguments),
        Some(Command::Repair(arguments)) => repair::run(arguments),
        Some(Command::SetClock(arguments)) => set_clock::run(arguments),
        None => {
            let record = record_of(arguments.file.as_ref(), &arguments.config)?;
            list::list(
                &record,
                &arguments.filter,
                arguments.format,
                arguments.follow,
            )
        }
    }
}
