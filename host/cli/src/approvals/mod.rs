//! `gatewright approvals`: what waits for people, and their decisions.

mod agree;
mod decide;
mod gate;
mod list;
mod show;
mod watch;

use clap::Subcommand;

pub(crate) use self::agree::agree;
use crate::failure::Exit;

/// See which held calls wait for you, and approve or reject them.
///
/// What you decide is signed with your key over exactly what you were shown, and stays in
/// the gate's record. The key is Ed25519: of `gatewright key new`, or of OpenSSH. Its
/// did:key stands in an `[[approver]]` of the gate's configuration.
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
    Approve(decide::Arguments),
    /// Say no to a held call.
    ///
    /// It is refused, also when the agent makes it again, until the time to decide is
    /// over.
    Reject(decide::Arguments),
    Watch(watch::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright approvals list --key kim.key
  gatewright approvals show --key kim.key 0199e1c2-...
  gatewright approvals approve --key ~/.ssh/id_ed25519 0199e1c2-...
  gatewright approvals reject --key kim.key 0199e1c2-... --reason 'too much'
  gatewright approvals watch --key kim.key

Exit codes: 0 approved, or done; 3 rejected, or your decision was not taken;
4 it waits for more people.";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    use gatewright_policy::approval::Choice;
    match &arguments.command {
        Command::List(arguments) => list::run(arguments),
        Command::Show(arguments) => show::run(arguments),
        Command::Approve(arguments) => decide::run(arguments, Choice::Approve),
        Command::Reject(arguments) => decide::run(arguments, Choice::Reject),
        Command::Watch(arguments) => watch::run(arguments),
    }
}
