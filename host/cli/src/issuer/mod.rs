//! `gatewright issuer`: an issuer with keys that follow one another, and what it says about
//! credentials that it issued.

mod folder;
pub(crate) mod kind;
mod list;
mod new;
mod rotate;
mod show;
pub(crate) mod signed_by;

use clap::Subcommand;

use crate::failure::Exit;

/// Keep an issuer: its keys, and whether what it issued still counts.
///
/// One key is an issuer by itself (`gatewright credential key`), and ends with it. An issuer
/// in a folder has keys that follow one another: `public/jwks.json` there is for the
/// configuration of gates (`issuer.jwks_file`) and for any web server. A status list is a signed file
/// for any web server: every gate whose configuration names it (`issuer.status_lists`) fetches it and
/// refuses what was revoked.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright issuer new staff --id did:web:id.example.org
  gatewright issuer rotate staff
  gatewright issuer list new lists/1 --issuer staff \\
      --url https://id.example.org/lists/1
  gatewright issuer list set lists/1 --issuer staff \\
      --index 4711 --status revoked
  gatewright issuer list renew lists/1 --issuer staff")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(new::Arguments),
    Show(show::Arguments),
    Rotate(rotate::Arguments),
    List(list::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::New(arguments) => new::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Rotate(arguments) => rotate::run(arguments),
        Command::List(arguments) => list::run(arguments),
    }
}
