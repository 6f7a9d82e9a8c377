//! `gatewright check`: is a configuration good, and what would it do?

mod connect;

use gatewright_engine::Status;
use gatewright_engine::config::{BindingConfig, Config, ServerConfig};
use gatewright_policy::{Authority, Power};
use serde::Serialize;

use crate::config_file::ConfigFile;
use crate::failure::Exit;
use crate::output::{Digits, Format, Paint, Tone, print_json, print_line};
use crate::rehearsal::Rehearsal;

/// Check a configuration and its policies without serving.
///
/// Reads the file, loads, configures and compiles every policy, and prints what
/// each binding would do. Of packs that are followed and were never in force it takes what
/// `serve` would take, and keeps nothing of it. Exit code 1 when `serve` would not start; every problem
/// comes with file, line and what to do.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  gatewright check
  gatewright check --connect
  gatewright check /etc/gatewright/gatewright.toml --format json")]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Start or reach each tool server, too, and list its tools: with the digests of their
    /// definitions, those that no binding judges, and those that are another tool than is
    /// pinned (in the configuration, or at the gate that runs).
    #[arg(long)]
    connect: bool,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    digits: Digits,
}

#[derive(Serialize)]
struct Report<'a> {
    #[serde(flatten)]
    status: &'a Status,
    warnings: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    servers: Option<&'a [connect::Reached]>,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let runtime = crate::runtime::runtime()?;
    let rehearsal = runtime.block_on(Rehearsal::open(arguments.config.path()))?;
    let status = rehearsal.engine.status();
    let config = &rehearsal.loaded.config;
    let mut warnings = warnings(config, &status);
    let reached = match arguments.connect {
        true => Some(runtime.block_on(connect::reached(arguments.config.path(), &status))?),
        false => None,
    };
    let (tools, further) = connect::text(reached.as_deref().unwrap_or_default());
    warnings.extend(further);
    match arguments.format {
        Format::Json => print_json(&Report {
            status: &status,
            warnings: &warnings,
            servers: reached.as_deref(),
        })?,
        Format::Text => {
            print_line(&text(config, &status, arguments.digits))?;
            for line in &tools {
                print_line(line)?;
            }
            let paint = Paint::stdout();
            for warning in &warnings {
                print_line(&paint.tone(Tone::Warning, &format!("warning: {warning}")))?;
            }
            let name = arguments.config.path().display();
            print_line(&paint.tone(Tone::Good, &format!("{name} is good")))?;
        }
    }
    Ok(Exit::Fine)
}

fn text(config: &Config, status: &Status, digits: Digits) -> String {
    let mut lines = Vec::new();
    for issuer in &config.issuers {
        let scopes = issuer
            .scopes
            .iter()
            .map(|scope| scope.get_ref().to_string());
        let scopes = scopes.collect::<Vec<_>>().join(", ");
        lines.push(format!(
            "issuer   {} may grant {scopes}",
            issuer.id.get_ref()
        ));
    }
    for server in &config.servers {
        lines.push(format!(
            "server   {} {}",
            server.name.get_ref(),
            reached(server)
        ));
    }
    for active in &status.bindings {
        let configured = |binding: &&BindingConfig| *binding.name.get_ref() == active.name;
        let Some(binding) = config.bindings.iter().find(configured) else {
            continue;
        };
        let what = match active.world {
            "editor" => "edits arguments",
            "reviewer" => "reviews results",
            _ => "judges calls",
        };
        let rollout = match active.rollout.as_str() {
            "enforce" => String::new(),
            "observe" => ", observed only".to_owned(),
            rollout => format!(", {rollout} of the agents"),
        };
        let (name, on) = (&active.name, bound_to(binding));
        lines.push(format!(
            "binding  {name} {what} {on}; may {}{rollout}",
            powers(active.authority)
        ));
        if !active.not_granted.is_none() {
            lines.push(format!(
                "           its answers may need {} too, which is not granted: such an answer is a fault",
                powers(active.not_granted)
            ));
        }
        let component = digits.of(&active.component.to_string());
        lines.push(format!("           {component}"));
    }
    let policies = digits.of(&status.policies.to_string());
    lines.push(format!("policies {policies}"));
    lines.join("\n")
}

fn reached(server: &ServerConfig) -> String {
    let command = server
        .command
        .as_ref()
        .map(|command| command.get_ref().join(" "));
    let url = server.url.as_ref().map(|url| url.get_ref().clone());
    match command {
        Some(command) => format!("runs `{command}`"),
        None => format!("at {}", url.unwrap_or_default()),
    }
}

fn bound_to(binding: &BindingConfig) -> String {
    let join = |names: Vec<&str>| names.join(", ");
    let servers = join(
        binding
            .servers
            .iter()
            .map(|pattern| pattern.get_ref().as_str())
            .collect(),
    );
    let tools = join(
        binding
            .tools
            .iter()
            .map(|pattern| pattern.as_str())
            .collect(),
    );
    match (servers.as_str(), tools.as_str()) {
        ("*", "*") => "everywhere".to_owned(),
        (_, "*") => format!("on {servers}"),
        ("*", _) => format!("of tools {tools}"),
        (_, _) => format!("on {servers}, tools {tools}"),
    }
}

fn powers(authority: Authority) -> String {
    let powers: Vec<_> = Vec::<Power>::from(authority)
        .into_iter()
        .map(Power::name)
        .collect();
    match powers.is_empty() {
        true => "do nothing".to_owned(),
        false => powers.join(", "),
    }
}

/// What is allowed and probably not meant.
fn warnings(config: &Config, status: &Status) -> Vec<String> {
    let mut warnings = Vec::new();
    if config.issuers.is_empty() && config.local.is_none() {
        warnings.push("there is no [[issuer]] and no [local]: every call is refused".to_owned());
    }
    for server in &config.servers {
        let name = server.name.get_ref();
        let may_allow = |binding: &BindingConfig| {
            status.bindings.iter().any(|active| {
                active.name == *binding.name.get_ref()
                    && active.world == "policy"
                    && active.rollout != "observe"
                    && active.authority.grants(Power::Allow)
            })
        };
        let allows = config.bindings.iter().any(|binding| {
            let mut servers = binding.servers.iter();
            servers.any(|pattern| pattern.get_ref().matches(name)) && may_allow(binding)
        });
        if !allows {
            warnings.push(format!(
                "no binding may allow calls to `{name}`: every call is denied (no_policy)"
            ));
        }
    }
    warnings
}
