//! `gatewright tools list`.

use gatewright_policy::Timestamp;
use serde_json::{Value, json};

use crate::agents::operator::{Gate, encoded};
use crate::failure::Exit;
use crate::output::{Format, Paint, Tone, print_json, print_line, visible};

/// List the tools that are pinned or were seen.
///
/// For each: whether it is as it is pinned, the digest of its definition, since when it is
/// pinned, and by whom.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright tools list
  gatewright tools list --server files --changed --format json")]
pub(super) struct Arguments {
    /// Those of this tool server.
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Those that changed, and those that nobody pinned.
    #[arg(long)]
    changed: bool,
    #[command(flatten)]
    gate: Gate,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let query = arguments.server.as_ref();
    let query = query.map_or_else(String::new, |name| format!("?server={}", encoded(name)));
    let mut page = arguments.gate.page(&format!("/tools{query}"))?;
    let mut servers = match page.get_mut("servers").map(Value::take) {
        Some(Value::Array(servers)) => servers,
        Some(_) | None => Vec::new(),
    };
    if arguments.changed {
        for server in &mut servers {
            if let Some(Value::Array(tools)) = server.get_mut("tools") {
                tools.retain(|tool| matches!(tool["stand"].as_str(), Some("changed" | "new")));
            }
        }
    }
    match arguments.format {
        Format::Json => print_json(&json!({ "servers": servers }))?,
        Format::Text => {
            let paint = Paint::stdout();
            for server in &servers {
                let part = |name: &str| visible(server[name].as_str().unwrap_or("-"));
                print_line(&format!(
                    "{}  definitions {}, changed {}",
                    part("server"),
                    part("definitions"),
                    part("changed")
                ))?;
                for tool in server["tools"].as_array().into_iter().flatten() {
                    print_line(&format!("  {}", line(tool, paint)))?;
                }
            }
            if servers.is_empty() {
                print_line("no tool servers")?;
            }
        }
    }
    Ok(Exit::Fine)
}

/// One tool.
pub(super) fn line(tool: &Value, paint: Paint) -> String {
    let part = |name: &str| visible(tool[name].as_str().unwrap_or("-"));
    let stand = match tool["stand"].as_str() {
        Some("same") => paint.tone(Tone::Good, "same"),
        Some("free") => "not looked at".to_owned(),
        Some("unseen") => paint.tone(Tone::Warning, "not seen lately"),
        Some("new") => paint.tone(Tone::Warning, "nobody pinned it"),
        Some("changed") => paint.tone(Tone::Bad, "changed"),
        Some(_) | None => "-".to_owned(),
    };
    let mut line = format!("{}  {stand}  pinned {}", part("name"), part("pinned"));
    if tool["pinned"] != tool["claimed"] {
        line.push_str(&format!("  now {}", part("claimed")));
    }
    if let Some(since) = tool["since"].as_u64() {
        line.push_str(&format!("  since {} by {}", Timestamp(since), part("by")));
    } else if tool.get("by").is_some() {
        line.push_str(&format!("  by {}", part("by")));
    }
    if let Some(at) = tool["changed_at"].as_u64() {
        line.push_str(&format!("  changed at {}", Timestamp(at)));
    }
    line
}
