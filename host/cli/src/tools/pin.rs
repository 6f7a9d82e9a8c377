//! `gatewright tools pin`.

use anyhow::{anyhow, bail};
use serde_json::{Value, json};

use crate::agents::operator::{Operator, encoded};
use crate::failure::{Advise as _, Exit};
use crate::output::{Format, print_json, print_line, visible};

/// Pin what tools are: what their server says now.
///
/// From then on that is what they should be. Look first: `gatewright tools diff`. With
/// `--digest` it is pinned only if it is still that definition; the digest of the one that
/// is pinned keeps it, and forgets that the server said otherwise.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright tools pin files read --why 'read the change log of 2.1'
  gatewright tools pin files --all --why 'first look at the server'")]
pub(super) struct Arguments {
    /// The tool server.
    server: String,
    /// The tools.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    tools: Vec<String>,
    /// Every tool that the server lists.
    #[arg(long)]
    all: bool,
    /// The definition that is meant, where one tool is.
    #[arg(long, value_name = "DIGEST", conflicts_with = "all")]
    digest: Option<String>,
    #[command(flatten)]
    operator: Operator,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Tools in one change.
const TOOLS_MAX: usize = 128;

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.digest.is_some() && arguments.tools.len() != 1 {
        bail!("`--digest` is the definition of one tool: name one");
    }
    let tools = match &arguments.digest {
        Some(digest) => {
            let tools = arguments.tools.iter();
            let tools = tools.map(|name| json!({ "name": name, "digest": digest }));
            tools.collect()
        }
        None => seen(arguments)?,
    };
    let mut changed = 0;
    for tools in tools.chunks(TOOLS_MAX) {
        let asked = json!({ "server": arguments.server, "tools": tools });
        changed += arguments.operator.ask("POST /tools", &asked)?;
    }
    match arguments.format {
        Format::Json => print_json(&json!({ "tools": tools, "changed": changed }))?,
        Format::Text => {
            for tool in &tools {
                let part = |name: &str| visible(tool[name].as_str().unwrap_or("-"));
                print_line(&format!("{} {}", part("name"), part("digest")))?;
            }
            print_line(&format!("{changed} new pins of {}", tools.len()))?;
        }
    }
    Ok(Exit::Fine)
}

/// What the server says of them, as the gate saw it: that is what is agreed to.
fn seen(arguments: &Arguments) -> anyhow::Result<Vec<Value>> {
    let path = format!("/tools?server={}", encoded(&arguments.server));
    let page = arguments.operator.page(&path)?;
    let listed = page
        .pointer("/servers/0/tools")
        .and_then(Value::as_array)
        .ok_or_else(|| {
            anyhow!(
                "the gate has no tool server `{}`",
                visible(&arguments.server)
            )
        })
        .hint("`gatewright tools list` shows the servers")?;
    let is_meant = |tool: &&Value| {
        let name = tool["name"].as_str();
        arguments.all || name.is_some_and(|name| arguments.tools.iter().any(|it| it == name))
    };
    let mut tools = Vec::new();
    for tool in listed.iter().filter(is_meant) {
        let Some(digest) = tool["claimed"].as_str() else {
            continue;
        };
        tools.push(json!({ "name": tool["name"], "digest": digest }));
    }
    let is_there = |name: &String| tools.iter().any(|tool| tool["name"] == **name);
    if let Some(missing) = arguments.tools.iter().find(|name| !is_there(name)) {
        return Err(anyhow!(
            "the gate did not see `{}` in a list of `{}` since it started",
            visible(missing),
            visible(&arguments.server)
        ))
        .hint("have an agent list its tools, or pin what `gatewright check --connect` prints in the configuration");
    }
    if tools.is_empty() {
        bail!(
            "the gate saw no tools of `{}` since it started",
            visible(&arguments.server)
        );
    }
    Ok(tools)
}
