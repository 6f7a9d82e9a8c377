//! `gatewright agents`: who may go on at a running gate.

mod import;
mod list;
pub(crate) mod operator;
mod show;
mod turn;

use clap::Subcommand;
use gatewright_policy::agent::Turn;

use crate::failure::Exit;

/// See which agents there are, and stop them.
///
/// An agent that is suspended gets nothing more from the next call on; its streams and
/// MCP sessions end at once. What somebody did, and why, is recorded.
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
    /// Stop an agent, all agents of an owner, or all of an issuer.
    ///
    /// From the next call on each is refused with `agent_suspended`; its open streams and
    /// MCP sessions end within a second.
    Suspend(turn::Arguments),
    /// Let what was suspended go on.
    Resume(turn::Arguments),
    /// Stop an agent, all agents of an owner, or all of an issuer, for good.
    Decommission(turn::Arguments),
    Import(import::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright agents list
  gatewright agents suspend did:example:bot --why 'sends mail to strangers'
  gatewright agents suspend --owner team-billing --why 'laptop stolen'
  gatewright agents resume did:example:bot --why 'mended'";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::List(arguments) => list::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Suspend(arguments) => turn::run(arguments, Turn::Suspend),
        Command::Resume(arguments) => turn::run(arguments, Turn::Resume),
        Command::Decommission(arguments) => turn::run(arguments, Turn::Decommission),
        Command::Import(arguments) => import::run(arguments),
    }
}
