//! `gatewright key`: keys that sign packs, and how every key is read.

pub(crate) mod file;
mod new;
pub(crate) mod passphrase;
mod show;

use clap::Subcommand;

use crate::failure::Exit;

/// Make a key that signs packs, or print the name of one.
///
/// A key is Ed25519. Its name is its did:key: whoever trusts your packs puts it
/// into a `[[publisher]]` of the gate's configuration.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::Arguments),
    Show(show::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright key new publisher.key                      asks for a passphrase
  gatewright key new publisher.key --passphrase-file pw
  gatewright key show publisher.key
  gatewright key show ~/.ssh/id_ed25519                 an OpenSSH key works too";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::New(arguments) => new::run(arguments),
        Command::Show(arguments) => show::run(arguments),
    }
}
