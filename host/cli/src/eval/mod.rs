//! `gatewright eval`: one question to one policy, or to a whole configuration.

mod answer;
mod component;
mod configured;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use gatewright_policy::question::Question;
use serde::de::DeserializeOwned;

use self::answer::Answer;
use crate::failure::{Advise as _, Exit};
use crate::output::print_json;

/// Ask a policy, or a configuration, about one request.
///
/// Nothing is served, recorded or sent to a tool. Prints the decision as JSON:
/// what each policy said, what it cost in fuel, and what it logged. Exit code 0
/// means allowed, 3 denied, 4 held for a person.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The request, as JSON or TOML (`.toml`); everything it leaves out has a
    /// default.
    request: PathBuf,
    /// The component to ask.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "config",
        required_unless_present = "config"
    )]
    policy: Option<PathBuf>,
    /// Settings for the component, as JSON or TOML (`.toml`).
    #[arg(long, value_name = "FILE", requires = "policy")]
    settings: Option<PathBuf>,
    /// The configuration to ask: scopes, editors and every bound policy.
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  gatewright eval request.json --policy path-guard.wasm --settings settings.json
  gatewright eval request.toml --config gatewright.toml

A request:
  {
    \"subject\": { \"id\": \"did:example:bot\", \"scopes\": [\"files:read_*\"] },
    \"action\": { \"server\": \"files\", \"name\": \"read_file\" },
    \"arguments\": { \"path\": \"/etc/passwd\" }
  }";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let question: Question = read(&arguments.request)?;
    let runtime = crate::runtime::runtime()?;
    let answer = match (&arguments.policy, &arguments.config) {
        (Some(policy), _) => {
            let settings = arguments
                .settings
                .as_deref()
                .map(read_settings)
                .transpose()?;
            runtime.block_on(component::ask(policy, settings.as_deref(), &question))?
        }
        (None, Some(config)) => runtime.block_on(configured::ask(config, &question))?,
        (None, None) => anyhow::bail!("neither `--policy` nor `--config` is given"),
    };
    print_json(&answer)?;
    Ok(exit(&answer))
}

fn exit(answer: &Answer) -> Exit {
    match answer.decision.as_str() {
        "allow" => Exit::Fine,
        "hold" => Exit::Held,
        _ => Exit::Denied,
    }
}

/// Settings as the JSON text that a policy gets.
fn read_settings(path: &Path) -> anyhow::Result<String> {
    Ok(read::<serde_json::Value>(path)?.to_string())
}

/// A JSON file, or a TOML file if it is called so.
fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("`{name}` cannot be read"))?;
    if path
        .extension()
        .is_some_and(|extension| extension == "toml")
    {
        let parsed = toml::from_str(&text);
        parsed
            .with_context(|| format!("`{name}`"))
            .hint("`gatewright eval --help` shows a request")
    } else {
        let parsed = serde_json::from_str(&text);
        parsed
            .with_context(|| format!("`{name}`"))
            .hint("`gatewright eval --help` shows a request; call a TOML file `.toml`")
    }
}
