//! `gatewright tools show`.

use serde_json::Value;

use super::list::line;
use crate::agents::operator::{Gate, encoded};
use crate::failure::Exit;
use crate::output::{Format, Paint, print_json, print_line, visible, visible_lines};

/// Show what a tool is: the definition that is pinned, and the one that its server gives.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright tools show files read")]
pub(super) struct Arguments {
    #[command(flatten)]
    tool: Tool,
    #[command(flatten)]
    gate: Gate,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The tool that is meant.
#[derive(clap::Args)]
pub(super) struct Tool {
    /// The tool server.
    pub(super) server: String,
    /// The tool.
    pub(super) tool: String,
}

impl Tool {
    /// What the gate says about it.
    pub(super) fn ask(&self, gate: &Gate) -> anyhow::Result<Value> {
        let (server, tool) = (encoded(&self.server), encoded(&self.tool));
        gate.page(&format!("/tools?server={server}&name={tool}"))
    }
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let tool = &arguments.tool.ask(&arguments.gate)?;
    match arguments.format {
        Format::Json => print_json(tool)?,
        Format::Text => {
            print_line(&line(tool, Paint::stdout()))?;
            for (what, name) in [
                ("pinned", "pinned_definition"),
                ("its server says", "claimed_definition"),
            ] {
                let text = tool[name].as_str();
                let Some(text) = text.filter(|text| {
                    name != "claimed_definition" || tool["pinned_definition"].as_str() != Some(text)
                }) else {
                    continue;
                };
                print_line(&format!("{what}:"))?;
                print_line(&indented(text))?;
            }
        }
    }
    Ok(Exit::Fine)
}

fn indented(text: &str) -> String {
    match serde_json::from_str::<Value>(text).and_then(|it| serde_json::to_string_pretty(&it)) {
        Ok(text) => visible_lines(&text),
        Err(_) => visible(text),
    }
}
