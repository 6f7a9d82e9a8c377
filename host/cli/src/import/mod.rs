//! `gatewright import`: what another gate was told, for the policies of this one.

mod agentcore;
mod agentcore_file;
mod binding;
mod cedar_settings;
mod comparison;
mod expression;
mod input;
mod opa;
mod peer;
mod policy;
mod report;
mod source;
mod statements;
mod toolhive;
mod toolhive_file;
mod words;

use clap::Subcommand;

use crate::failure::Exit;

/// Turn what another gate was told into a binding of this one.
///
/// Writes the binding to stdout, and to stderr what became of each policy: carried over, not
/// needed, left out, or forbidding more here. What is not known to mean the same is never
/// permitted: a `permit` is left out then, and a `forbid` forbids more. Exit code 1 where
/// something was left out or forbids more.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Toolhive(toolhive_file::Arguments),
    Agentcore(agentcore_file::Arguments),
    Opa(opa::Arguments),
}

const EXAMPLES: &str = "\
Examples:
  gatewright import toolhive authz-config.json --server github > github.toml
  gatewright import agentcore policies.cedar --server RefundTool=refunds \\
      > refunds.toml
  gatewright import opa authz.rego --server github \\
      --query data.mcp.authz.allow > github.toml

What is written is a [[binding]]: put it into the configuration, and try it with
`gatewright check`.";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Toolhive(arguments) => toolhive_file::run(arguments),
        Command::Agentcore(arguments) => agentcore_file::run(arguments),
        Command::Opa(arguments) => opa::run(arguments),
    }
}
