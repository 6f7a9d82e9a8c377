//! `gatewright tools diff`.

use super::show::Tool;
use crate::agents::operator::Gate;
use crate::failure::Exit;
use crate::output::{Format, print_json, print_line, visible};

/// Show where a tool differs from what is pinned.
///
/// Exit code 3 where it is another tool than was pinned.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright tools diff files read")]
pub(super) struct Arguments {
    #[command(flatten)]
    tool: Tool,
    #[command(flatten)]
    gate: Gate,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let tool = &arguments.tool.ask(&arguments.gate)?;
    let differs = tool["stand"] == "changed";
    match arguments.format {
        Format::Json => print_json(tool)?,
        Format::Text => {
            let part = |name: &str| visible(tool[name].as_str().unwrap_or("-"));
            print_line(&format!("pinned  {}", part("pinned")))?;
            print_line(&format!("now     {}", part("claimed")))?;
            for line in tool["differences"].as_array().into_iter().flatten() {
                print_line(&visible(line.as_str().unwrap_or_default()))?;
            }
            let has_lines = tool["differences"]
                .as_array()
                .is_some_and(|it| !it.is_empty());
            match (differs, has_lines) {
                (true, false) => print_line("what it says is not kept here, only that it differs")?,
                (false, _) => print_line("it is as it is pinned")?,
                (true, true) => {}
            }
        }
    }
    Ok(match differs {
        true => Exit::Denied,
        false => Exit::Fine,
    })
}
