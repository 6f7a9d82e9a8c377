//! `gatewright agents import`.

use std::path::PathBuf;

use gatewright_engine::agents::read_file;
use gatewright_policy::agent::CHANGED_MAX;
use gatewright_policy::counted;
use serde_json::json;

use super::operator::Operator;
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line};

/// Register the agents of a file.
///
/// TOML with a table `[[agent]]` for each, or the same as JSON: `id`, `issuer`, and where
/// wanted `owner`, `purpose`, `servers` and `state`. What is registered already is said
/// anew; what was stopped stays so. An agent that is not in the file stays as it is.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright agents import agents.toml --why 'first list of agents'")]
pub(super) struct Arguments {
    /// The file.
    file: PathBuf,
    #[command(flatten)]
    operator: Operator,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let agents = read_file(&arguments.file)
        .hint("each agent has an `id` and an `issuer`: see `gatewright agents import --help`")?;
    let mut changed = 0;
    for some in agents.chunks(CHANGED_MAX) {
        changed += arguments.operator.change(&json!({ "import": some }))?;
    }
    match arguments.format {
        Format::Json => print_json(&json!({ "agents": agents.len(), "changed": changed }))?,
        Format::Text => {
            let count = counted(agents.len(), "agent");
            print_line(&format!(
                "{count} in the file, {changed} of them new or changed"
            ))?;
        }
    }
    Ok(Exit::Fine)
}
