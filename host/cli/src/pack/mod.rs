//! `gatewright pack`: packs of policies, to and from registries.

mod carry;
mod pull;
mod push;

use clap::Subcommand;

use crate::failure::Exit;

/// Carry packs of policies to and from OCI registries.
///
/// A pack is an OCI image layout: the folder that is pushed is what is pulled.
/// Nothing is trusted for having been pulled: signatures are verified when a pack
/// is activated.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Push(push::Arguments),
    Pull(pull::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright pack push guards registry.example.com/acme/guards:1.4.2
  gatewright pack pull 'registry.example.com/acme/guards:^1' guards";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Push(arguments) => push::run(arguments),
        Command::Pull(arguments) => pull::run(arguments),
    }
}
