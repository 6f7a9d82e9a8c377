//! `gatewright check --connect`: each tool server, asked for its tools.
//!
//! What an agent would find is what is said.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use gatewright_engine::config::{BindingConfig, Config, Loaded};
use gatewright_engine::{Engine, Status};
use serde::Serialize;
use serde_json::Value;

use crate::output::visible;
use crate::server_lists;
use crate::status::ask;

/// One tool server.
#[derive(Serialize)]
pub(super) struct Reached {
    server: String,
    /// Why it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    tools: Vec<Tool>,
}

/// One tool of it.
#[derive(Serialize)]
struct Tool {
    name: String,
    /// Digest of its definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<String>,
    /// Bindings that judge calls of it.
    judged_by: Vec<String>,
    /// What is pinned, where that is something else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<String>,
}

/// A gate that does not answer at once is asked for nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Every tool server of a configuration.
pub(super) async fn reached(path: &Path, status: &Status) -> anyhow::Result<Vec<Reached>> {
    let rehearsal = server_lists::gate(path).await?;
    let config = &Loaded::read(path)?.config;
    let pins = pins_of_gate(config);
    let mut reached = Vec::new();
    for server in &config.servers {
        let name = server.name.get_ref();
        let patience = server.timeout.0.saturating_mul(2);
        let listed = server_lists::listed(&rehearsal.engine, name, patience).await;
        reached.push(Reached {
            tools: tools(&rehearsal.engine, name, (config, status), &pins),
            server: name.clone(),
            error: listed.err().map(|error| visible(&format!("{error:#}"))),
        });
    }
    Ok(reached)
}

/// What a running gate of this configuration has pinned, if one answers.
fn pins_of_gate(config: &Config) -> HashMap<(String, String), String> {
    let mut pins = HashMap::new();
    // Where no gate runs, nothing is pinned there.
    let page = &ask(config.gate.admin, "GET /tools", PATIENCE).unwrap_or_default();
    for server in page["servers"].as_array().into_iter().flatten() {
        for tool in server["tools"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let place = text(&server["server"]).zip(text(&tool["name"]));
            if let (Some(place), Some(pinned)) = (place, text(&tool["pinned"])) {
                pins.insert(place, pinned);
            }
        }
    }
    pins
}

fn tools(
    engine: &Engine,
    server: &str,
    (config, status): (&Config, &Status),
    pins: &HashMap<(String, String), String>,
) -> Vec<Tool> {
    let listed = engine.list_tools(Some(server));
    let listed = listed.into_iter().flat_map(|server| server.tools);
    let tools = listed.map(|tool| {
        let judges = |binding: &&BindingConfig| {
            let mut active = status.bindings.iter();
            let is_judge =
                active.any(|it| it.name == *binding.name.get_ref() && it.world == "policy");
            let mut servers = binding.servers.iter();
            let mut patterns = binding.tools.iter();
            is_judge
                && servers.any(|pattern| pattern.get_ref().matches(server))
                && patterns.any(|pattern| pattern.matches(&tool.name))
        };
        let definition = tool.claimed.map(|digest| digest.to_string());
        let configured = tool.by.as_deref() == Some("configuration");
        let pinned = match configured {
            true => tool.pinned.map(|digest| digest.to_string()),
            false => pins.get(&(server.to_owned(), tool.name.clone())).cloned(),
        };
        Tool {
            judged_by: config
                .bindings
                .iter()
                .filter(judges)
                .map(|binding| binding.name.get_ref().clone())
                .collect(),
            pinned: pinned.filter(|pinned| Some(pinned) != definition.as_ref()),
            definition,
            name: tool.name,
        }
    });
    tools.collect()
}

/// What was found, for a person; whether any of it deserves a look.
pub(super) fn text(reached: &[Reached]) -> (Vec<String>, Vec<String>) {
    let mut lines = Vec::new();
    let mut warnings = Vec::new();
    for server in reached {
        let name = &server.server;
        lines.push(format!("tools    {name} lists {}", server.tools.len()));
        if let Some(error) = &server.error {
            warnings.push(format!("`{name}` cannot be asked for its tools: {error}"));
        }
        for tool in &server.tools {
            let shown = visible(&tool.name);
            let definition = tool.definition.as_deref().unwrap_or("-");
            lines.push(format!("           {shown} {definition}"));
            if tool.judged_by.is_empty() {
                warnings.push(format!("no binding judges `{shown}` of `{name}`"));
            }
            if let Some(pinned) = &tool.pinned {
                warnings.push(format!(
                    "`{shown}` of `{name}` is another tool than is pinned ({pinned})"
                ));
            }
        }
    }
    (lines, warnings)
}
