//! `gatewright issuer`: what an issuer says about credentials that it issued.

mod list;

use clap::Subcommand;

use crate::failure::Exit;

/// Say of credentials that were issued whether they still count.
///
/// A status list is a signed file for any web server. Credentials that were issued with
/// `--status-list` and `--status-index` stand in it; every gate whose configuration names
/// it (`issuer.status_lists`) fetches it and refuses what was revoked.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright issuer list new lists/1 --url https://id.example.org/lists/1 --key issuer.key
  gatewright issuer list set lists/1 --index 4711 --status revoked --key issuer.key
  gatewright issuer list renew lists/1 --key issuer.key")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(list::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::List(arguments) => list::run(arguments),
    }
}
