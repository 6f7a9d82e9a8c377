//! `gatewright eval`: one question to one policy, or to a whole configuration.

mod answer;
pub(crate) mod component;
pub(crate) mod configured;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};
use gatewright_policy::question::Question;
use serde::de::DeserializeOwned;

pub(crate) use self::answer::{Answer, Line};
use crate::failure::{Advise as _, Exit};
use crate::output::print_json;
use crate::policy_file::{POLICY_FILE, PolicyFile};

/// How the settings of an example are called in a policy's folder.
const SETTINGS_FILE: &str = "settings.json";

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
    /// The component to ask. Without it, and without `--config`: that of the policy in
    /// this folder, with its `settings.json`.
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    policy: Option<PathBuf>,
    /// Settings for the component, as JSON or TOML (`.toml`).
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    settings: Option<PathBuf>,
    /// The configuration to ask: scopes, editors and every bound policy.
    #[arg(short, long, value_name = "FILE")]
    config: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  gatewright eval request.json
  gatewright eval request.json --policy path-guard.wasm --settings settings.json
  gatewright eval request.toml --config gatewright.toml

A request:
  {
    \"subject\": { \"id\": \"did:example:bot\", \"scopes\": [\"files:read_*\"] },
    \"action\": { \"server\": \"files\", \"name\": \"read_file\" },
    \"arguments\": { \"path\": \"/etc/passwd\" }
  }";

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let question: Question = read(
        &arguments.request,
        "`gatewright eval --help` shows a request",
    )?;
    let runtime = crate::runtime::runtime()?;
    let answer = match &arguments.config {
        Some(config) => {
            let judgement = runtime.block_on(configured::judge(config, &question))?;
            configured::answer(&judgement, &question)?
        }
        None => {
            let here = Path::new(".");
            let policy = match &arguments.policy {
                Some(policy) => policy.clone(),
                None => component_of(here)?,
            };
            let settings = match (&arguments.settings, &arguments.policy) {
                (Some(settings), _) => Some(settings.clone()),
                (None, Some(_)) => None,
                (None, None) => Some(here.join(SETTINGS_FILE)).filter(|file| file.is_file()),
            };
            let settings = settings.as_deref().map(read_settings).transpose()?;
            runtime.block_on(async {
                let guest = component::load(&policy, settings.as_deref()).await?;
                component::ask(&guest, &question).await
            })?
        }
    };
    print_json(&answer)?;
    Ok(exit(&answer))
}

/// The component of the policy in a folder.
fn component_of(folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join(POLICY_FILE);
    if !file.is_file() {
        return Err(anyhow!("nothing says which policy to ask"))
            .hint("name a component with `--policy` or a configuration with `--config`, or go to the folder of a policy");
    }
    let policy = PolicyFile::read(&file)?;
    Ok(folder.join(format!("{}.wasm", policy.name())))
}

/// How a command ends that asked.
pub(crate) fn exit(answer: &Answer) -> Exit {
    match answer.decision.as_str() {
        "allow" => Exit::Fine,
        "hold" => Exit::Held,
        _ => Exit::Denied,
    }
}

/// Settings as the JSON text that a policy gets.
pub(crate) fn read_settings(path: &Path) -> anyhow::Result<String> {
    let settings: serde_json::Value = read(path, "settings are one JSON object")?;
    Ok(settings.to_string())
}

/// A JSON file, or a TOML file if it is called so.
pub(crate) fn read<T: DeserializeOwned>(path: &Path, hint: &str) -> anyhow::Result<T> {
    let name = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("`{name}` cannot be read"))?;
    let is_toml = path
        .extension()
        .is_some_and(|extension| extension == "toml");
    match is_toml {
        true => toml::from_str(&text)
            .with_context(|| format!("`{name}`"))
            .hint(hint),
        false => serde_json::from_str(&text)
            .with_context(|| format!("`{name}`"))
            .hint(format!("{hint}; call a TOML file `.toml`")),
    }
}
