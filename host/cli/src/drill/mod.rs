//! `gatewright drill`: can this gate stop an agent before a call reaches a tool? Attacks,
//! played against a gate in front of tools that count.

mod agent;
mod http;
mod play;
mod report;
mod scenario;
mod stage;
mod tools;

use std::path::PathBuf;

use anyhow::Context as _;

use self::report::Report;
use self::scenario::Scenarios;
use self::stage::{Running, Stage};
use self::tools::Tools;
use crate::config_file::ConfigFile;
use crate::failure::{Advise as _, Exit};
use crate::key::passphrase::Passphrase;
use crate::output::{Paint, print_json, print_line};

/// Play attacks against a gate with your policies, and prove that none reaches a tool.
///
/// Starts a gate of its own from the configuration, with a record, an issuer and an
/// approver of its own, and with a server that counts in the place of each tool server:
/// nothing that you run is touched. Each scenario says what must happen, and what must not
/// reach the tool. With `--gate` it plays against a gate that is running, which must trust
/// `--issuer-key` and have its servers at `--tools`.
///
/// Exit code 0 when everything happened as it must, 3 when anything did not.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigFile,
    /// Scenarios (TOML), instead of those that ship with the program. Repeat for more.
    #[arg(long = "scenarios", value_name = "FILE")]
    scenarios: Vec<PathBuf>,
    /// Only the scenario of this name. Repeat for more.
    #[arg(long = "only", value_name = "NAME")]
    only: Vec<String>,
    /// Print the scenarios that ship with the program, and end.
    #[arg(long)]
    print_scenarios: bool,
    /// The URL of a running gate, such as `http://127.0.0.1:8700`.
    #[arg(long, value_name = "URL", requires_all = ["issuer_key", "tools"])]
    gate: Option<String>,
    /// Its admin listener, where scenarios approve calls.
    #[arg(long, value_name = "ADDRESS", requires = "gate")]
    admin: Option<std::net::SocketAddr>,
    /// The key of an issuer that the gate trusts.
    #[arg(long, value_name = "FILE", requires = "gate")]
    issuer_key: Option<PathBuf>,
    /// The key of an approver of the gate.
    #[arg(long, value_name = "FILE", requires = "gate")]
    approver_key: Option<PathBuf>,
    /// Where the counting tool server listens: the gate's servers have the URL
    /// `http://<ADDRESS>/<server>`.
    #[arg(long, value_name = "ADDRESS", requires = "gate")]
    tools: Option<std::net::SocketAddr>,
    /// Write a report for build servers (JUnit XML) to this file too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    passphrase: Passphrase,
    /// Output format.
    #[arg(long, value_enum, default_value_t)]
    format: crate::output::Format,
}

const EXAMPLES: &str = "\
Examples:
  gatewright drill gate.toml                          the scenarios that it has
  gatewright drill gate.toml --scenarios ours.toml    yours
  gatewright drill gate.toml --junit drill.xml
  gatewright drill --print-scenarios > ours.toml";

/// The scenarios that ship with the program.
const SHIPPED: &str = include_str!("scenarios.toml");

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    if arguments.print_scenarios {
        print_line(SHIPPED.trim_end())?;
        return Ok(Exit::Fine);
    }
    let scenarios = scenarios(arguments)?;
    let stage = match (&arguments.gate, &arguments.issuer_key) {
        (Some(gate), Some(issuer_key)) => {
            let running = Running {
                gate,
                admin: arguments.admin,
                issuer_key,
                approver_key: arguments.approver_key.as_deref(),
                passphrase: &arguments.passphrase,
            };
            Stage::on(&running, Tools::open(arguments.tools)?)?
        }
        // Neither is given without the other.
        (_, _) => Stage::set(arguments.config.path(), Tools::open(None)?)?,
    };
    let mut report = Report::default();
    for scenario in &scenarios.scenarios {
        report.push(scenario, play::play(scenario, &stage));
    }
    if let Some(junit) = &arguments.junit {
        std::fs::write(junit, report.junit())
            .with_context(|| format!("`{}` cannot be written", junit.display()))?;
    }
    match arguments.format {
        crate::output::Format::Json => print_json(&report)?,
        crate::output::Format::Text => print_line(&report.text(Paint::stdout()))?,
    }
    Ok(match report.all_held() {
        true => Exit::Fine,
        false => Exit::Denied,
    })
}

fn scenarios(arguments: &Arguments) -> anyhow::Result<Scenarios> {
    let mut scenarios = Scenarios::default();
    if arguments.scenarios.is_empty() {
        scenarios.add(SHIPPED).context("the shipped scenarios")?;
    }
    for file in &arguments.scenarios {
        let name = file.display();
        let text =
            std::fs::read_to_string(file).with_context(|| format!("`{name}` cannot be read"))?;
        scenarios
            .add(&text)
            .with_context(|| format!("`{name}`"))
            .hint("`gatewright drill --print-scenarios` shows some")?;
    }
    scenarios.only(&arguments.only)?;
    Ok(scenarios)
}
