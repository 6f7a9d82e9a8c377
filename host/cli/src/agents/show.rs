//! `gatewright agents show`.

use anyhow::anyhow;
use gatewright_policy::{Timestamp, counted};
use serde_json::Value;

use super::operator::{Gate, encoded};
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line, visible};

/// Show everything that is known of an agent: what was said about it, what it was
/// granted, and what it used.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright agents show did:example:bot
  gatewright agents show did:example:bot --format json")]
pub(super) struct Arguments {
    /// The agent.
    agent: String,
    /// The one that this issuer vouches for, where there are several.
    #[arg(long)]
    issuer: Option<String>,
    #[command(flatten)]
    gate: Gate,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let mut path = format!("/agents?id={}", encoded(&arguments.agent));
    if let Some(issuer) = &arguments.issuer {
        path.push_str(&format!("&issuer={}", encoded(issuer)));
    }
    let page = arguments.gate.page(&path)?;
    let agents = page.get("agents").and_then(Value::as_array).cloned();
    let agents = agents.unwrap_or_default();
    if agents.is_empty() {
        let name = visible(&arguments.agent);
        return Err(anyhow!("nobody registered `{name}`, and it was not seen"))
            .hint("`gatewright agents list` shows the agents that there are");
    }
    match arguments.format {
        Format::Json => print_json(&serde_json::json!({ "agents": agents }))?,
        Format::Text => {
            for agent in &agents {
                print_line(&text(agent))?;
            }
        }
    }
    Ok(Exit::Fine)
}

fn text(agent: &Value) -> String {
    let mut lines = vec![
        format!("agent       {}", word(agent, "id")),
        format!("issuer      {}", word(agent, "issuer")),
        format!("registered  {}", word(agent, "registered")),
        format!("state       {}", word(agent, "state")),
    ];
    for (label, name) in [("stopped by", "stopped"), ("said by", "by"), ("why", "why")] {
        if agent.get(name).is_some() {
            lines.push(format!("{label:<11} {}", word(agent, name)));
        }
    }
    lines.push(format!("since       {}", time(agent, "since")));
    lines.push(format!("owner       {}", word(agent, "owner")));
    if agent.get("purpose").is_some() {
        lines.push(format!("purpose     {}", word(agent, "purpose")));
    }
    if let Some(servers) = agent["servers"].as_array() {
        lines.push(format!("servers     {}", words(servers)));
    }
    lines.push(format!("first seen  {}", time(agent, "first_seen")));
    lines.push(format!("last seen   {}", time(agent, "last_seen")));
    lines.push(format!(
        "calls       {} went ahead, {} did not",
        word(agent, "allowed"),
        word(agent, "refused")
    ));
    let granted = agent["granted"].as_array();
    lines.push(format!(
        "granted     {}",
        words(granted.into_iter().flatten())
    ));
    for tool in agent["used"].as_array().into_iter().flatten() {
        lines.push(format!(
            "used        {}:{} {}, last {}",
            word(tool, "server"),
            word(tool, "name"),
            counted(tool["calls"].as_u64().unwrap_or_default(), "time"),
            time(tool, "last")
        ));
    }
    let never = agent["never_used"].as_array();
    lines.push(format!(
        "never used  {}",
        words(never.into_iter().flatten())
    ));
    lines.join("\n")
}

fn words<'a>(values: impl IntoIterator<Item = &'a Value>) -> String {
    let words = values
        .into_iter()
        .map(|value| visible(value.as_str().unwrap_or("-")));
    let words: Vec<_> = words.collect();
    match words.is_empty() {
        true => "-".to_owned(),
        false => words.join(", "),
    }
}

/// A member, in words.
pub(super) fn word(value: &Value, name: &str) -> String {
    match value.get(name) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => visible(text),
        Some(other) => visible(&other.to_string()),
    }
}

/// A member that is a time.
pub(super) fn time(value: &Value, name: &str) -> String {
    let millis = value.get(name).and_then(Value::as_u64);
    millis.map_or_else(|| "-".to_owned(), |millis| Timestamp(millis).to_string())
}
