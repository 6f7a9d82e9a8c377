//! `gatewright pack`: making, signing, carrying, trusting and activating packs of
//! policies.

mod activate;
mod back;
mod build;
mod carry;
mod diff;
mod gc;
mod held;
mod inspect;
mod list;
mod lock;
mod pack_file;
mod place;
mod pull;
mod push;
mod rollback;
mod sign;
mod verify;

use clap::Subcommand;

pub(crate) use self::back::{Back, back, earlier};
pub(crate) use self::place::layout;
use crate::failure::Exit;

/// Make, sign, carry and activate packs of policies.
///
/// A pack is an OCI image layout, a folder or a tar of one: what is built is what
/// is pushed, and what is pulled is the same. Nothing is trusted for having been
/// pulled: signatures are verified when a pack is activated, and again whenever
/// the gate loads it.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Build(build::Arguments),
    Inspect(inspect::Arguments),
    Diff(diff::Arguments),
    Sign(sign::Arguments),
    Verify(verify::Arguments),
    Push(push::Arguments),
    Pull(pull::Arguments),
    Activate(activate::Arguments),
    Rollback(rollback::Arguments),
    List(list::Arguments),
    Gc(gc::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright pack build pack.toml --out guards
  gatewright pack sign guards --key publisher.key
  gatewright pack push guards registry.example.com/acme/guards:1.4.2
  gatewright pack pull 'registry.example.com/acme/guards:^1' guards
  gatewright pack activate guards --config gate.toml
  gatewright pack rollback --config gate.toml";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Build(arguments) => build::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Sign(arguments) => sign::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Push(arguments) => push::run(arguments),
        Command::Pull(arguments) => pull::run(arguments),
        Command::Activate(arguments) => activate::run(arguments),
        Command::Rollback(arguments) => rollback::run(arguments),
        Command::List(arguments) => list::run(arguments),
        Command::Gc(arguments) => gc::run(arguments),
    }
}
