//! `gatewright sdk`: the copy of an SDK that a policy carries.

mod copied;
mod list;
mod update;

use anyhow::Result;
use clap::Subcommand;

use crate::failure::Exit;

pub(crate) use copied::copied;

/// Look after the copy of the SDK that a policy carries.
///
/// `gatewright new` puts the SDK and the contract into the folder `gatewright/` of a
/// policy.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright sdk update
  gatewright sdk update our-paths --check")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Update(update::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    match &arguments.command {
        Command::Update(arguments) => update::run(arguments),
    }
}
