//! `gatewright credential`: keys, credentials, and whether one verifies.

mod delegate;
mod inspect;
mod issue;
mod key;
mod prove;
mod scopes;

use clap::Subcommand;

pub(crate) use self::inspect::read as read_credential;
use crate::failure::Exit;
pub(crate) use crate::moment::now;

/// Make keys and credentials, and look into them.
///
/// A credential says which agent acts for whom, what it may call and until when.
/// It is a W3C Verifiable Credential as a JWT (`vc+jwt`), signed with Ed25519.
/// The gate accepts it when its issuer stands in the configuration.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Key(key::Arguments),
    Issue(issue::Arguments),
    Delegate(delegate::Arguments),
    Inspect(inspect::Arguments),
    Prove(prove::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright credential key issuer.key
  gatewright credential issue --key issuer.key --agent did:example:bot \\
      --principal user:alice --scope 'files:read_*' --valid-for 1h \\
      > bot.credential
  gatewright credential inspect bot.credential --config gate.toml";

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Key(arguments) => key::run(&arguments),
        Command::Issue(arguments) => issue::run(arguments),
        Command::Delegate(arguments) => delegate::run(arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Prove(arguments) => prove::run(&arguments),
    }
}
