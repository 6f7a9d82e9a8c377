//! `gatewright agents list`.

use gatewright_policy::counted;
use serde_json::{Value, json};

use super::operator::{Gate, encoded};
use super::show::{time, word};
use crate::failure::Exit;
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};

/// List the agents that are registered or were seen.
///
/// For each: who answers for it, whether it may go on, how many scopes it was granted
/// and how many of them it never used, and when it was last seen. An orphan is an agent
/// that nobody answers for.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright agents list
  gatewright agents list --owner team-billing --format json
  gatewright agents list --orphans")]
pub(super) struct Arguments {
    /// Those of this owner.
    #[arg(long)]
    owner: Option<String>,
    /// Those that this issuer vouches for.
    #[arg(long)]
    issuer: Option<String>,
    /// Those that nobody answers for.
    #[arg(long)]
    orphans: bool,
    #[command(flatten)]
    gate: Gate,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Agents on one page.
const PAGE: usize = 500;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut query = String::new();
    for (name, value) in [("owner", &arguments.owner), ("issuer", &arguments.issuer)] {
        if let Some(value) = value {
            query.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    let mut agents = Vec::new();
    let mut offset = 0;
    loop {
        let path = format!("/agents?limit={PAGE}&offset={offset}{query}");
        let mut page = arguments.gate.page(&path)?;
        let Some(Value::Array(found)) = page.get_mut("agents").map(Value::take) else {
            break;
        };
        let count = found.len();
        offset += count;
        let all = page
            .get("count")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let is_meant = |agent: &Value| !arguments.orphans || agent["orphan"] == true;
        agents.extend(found.into_iter().filter(is_meant));
        if count == 0 || offset as u64 >= all {
            break;
        }
    }
    match arguments.format {
        Format::Json => print_json(&json!({ "agents": agents }))?,
        Format::Text => {
            let paint = Paint::stdout();
            if agents.is_empty() {
                print_line("no agents")?;
            }
            for agent in &agents {
                print_line(&line(agent, paint))?;
            }
        }
    }
    Ok(Exit::Fine)
}

fn line(agent: &Value, paint: Paint) -> String {
    let count = |name: &str| agent[name].as_array().map_or(0, Vec::len);
    let state = match (agent["registered"].as_bool(), agent["state"].as_str()) {
        (Some(false), Some("active")) => paint.tone(Tone::Warning, "unregistered"),
        (_, Some("active")) => paint.tone(Tone::Good, "active"),
        (_, Some(state)) => paint.tone(Tone::Bad, &visible(state)),
        (_, None) => "-".to_owned(),
    };
    let owner = match agent["owner"].as_str() {
        Some(owner) => format!("owner {}", visible(owner)),
        None => paint.tone(Tone::Warning, "no owner"),
    };
    format!(
        "{}  {state}  {owner}  granted {}, used {}, never used {}  last seen {}  issuer {}",
        word(agent, "id"),
        count("granted"),
        counted(count("used"), "tool"),
        count("never_used"),
        time(agent, "last_seen"),
        word(agent, "issuer"),
    )
}
