//! `gatewright tools`: what tools are, and whether somebody agreed to that.

mod diff;
mod list;
mod pin;
mod show;

use clap::Subcommand;

use crate::failure::Exit;

/// See the tools of a running gate, and pin what they are.
///
/// A tool is what its server's list says of it: description, schemas, annotations. The gate
/// compares that with what was pinned. A tool that changed needs a person for each call, or
/// is refused, until somebody pins what it is now.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
    Diff(diff::Arguments),
    Pin(pin::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright tools list
  gatewright tools diff files read
  gatewright tools pin files read --why 'read the change log of 2.1'";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::List(arguments) => list::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Pin(arguments) => pin::run(arguments),
    }
}
