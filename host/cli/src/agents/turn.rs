//! `gatewright agents suspend`, `resume` and `decommission`.

use gatewright_policy::agent::Turn;
use serde_json::json;

use super::operator::Operator;
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line, visible};

/// Who is meant, and why.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright agents suspend did:example:bot --why 'sends mail to strangers'
  gatewright agents suspend did:example:bot --issuer https://id.example.org \\
      --why 'never seen here'
  gatewright agents suspend --owner team-billing --why 'laptop stolen'
  gatewright agents suspend --issuer https://id.example.org \\
      --why 'its key leaked'")]
pub(super) struct Arguments {
    /// The agent. Without `--issuer` it is every agent of this id that is registered or
    /// was seen.
    #[arg(required_unless_present_any = ["owner", "issuer"])]
    agent: Option<String>,
    /// All agents of this owner, also those that are registered later.
    #[arg(long, conflicts_with_all = ["agent", "issuer"])]
    owner: Option<String>,
    /// All agents that this issuer vouches for; with an agent, that one alone.
    #[arg(long)]
    issuer: Option<String>,
    #[command(flatten)]
    operator: Operator,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments, turn: Turn) -> anyhow::Result<Exit> {
    let changed = arguments.operator.change(&json!({
        "turn": {
            "turn": turn,
            "agent": arguments.agent,
            "owner": arguments.owner,
            "issuer": arguments.issuer,
        }
    }))?;
    match arguments.format {
        Format::Json => print_json(&json!({ "changed": changed }))?,
        Format::Text => print_line(&text(arguments, turn, changed))?,
    }
    Ok(Exit::Fine)
}

fn text(arguments: &Arguments, turn: Turn, changed: u64) -> String {
    let who = match (&arguments.agent, &arguments.owner, &arguments.issuer) {
        (Some(agent), _, _) => visible(agent),
        (None, Some(owner), _) => format!("every agent of owner {}", visible(owner)),
        (None, None, Some(issuer)) => format!("every agent of issuer {}", visible(issuer)),
        (None, None, None) => String::new(),
    };
    let done = match turn {
        Turn::Suspend => "suspended",
        Turn::Resume => "goes on",
        Turn::Decommission => "decommissioned",
    };
    match changed {
        0 => format!("{who}: it is so already"),
        1 => format!("{who}: {done}"),
        many => format!("{who}: {done} ({many} issuers vouch for it)"),
    }
}
