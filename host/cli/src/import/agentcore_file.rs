//! `gatewright import agentcore`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use serde_json::Value as Json;

use super::agentcore::AgentCore;
use super::binding::{self, Binding};
use super::cedar_settings::{Policies, notes};
use super::expression::Reads;
use super::policy::carry;
use super::report::Report;
use super::source;
use super::statements::{Statement, statements};
use crate::failure::{Advise as _, Exit};

/// Turn Cedar policies of AgentCore into a binding.
///
/// A target of the gateway there is a server here, and the action `Target___tool` is the tool
/// `Target/tool`. Tags of the principal are claims of its token.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The policies: Cedar, or JSON with a `statement` in each.
    file: PathBuf,
    /// What a target is called here, `TARGET=NAME`, or `NAME` alone. Repeat for more.
    #[arg(long = "server", value_name = "TARGET=NAME", value_parser = target)]
    servers: Vec<(String, String)>,
    /// The gateway that they are carried over for, where they are about several.
    #[arg(long, value_name = "ARN")]
    gateway: Option<String>,
    /// Who must have issued the token.
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
    /// The policy that the binding names.
    #[arg(long, value_name = "FILE", default_value = "cedar.wasm")]
    policy: String,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let name = arguments.file.display();
    let text = source::read(&arguments.file)?;
    let found = policies_in(&text).with_context(|| format!("`{name}`"))?;
    let servers: BTreeMap<_, _> = arguments.servers.iter().cloned().collect();
    let mut peer = AgentCore::new(servers.clone(), arguments.gateway.clone());
    let mut report = Report::default();
    let mut reads = Reads::default();
    let mut policies = Policies::new(arguments.issuer.as_deref());
    for (place, statement) in &found {
        let carried = carry(&mut peer, place, statement, &mut reads);
        if let Some(text) = carried.text {
            policies.push(text);
        }
        report.told(format!("{name}: {place}"), carried.outcome, &statement.text);
    }
    if arguments.gateway.is_none() && peer.gateways.len() > 1 {
        let gateways: Vec<_> = peer.gateways.iter().map(String::as_str).collect();
        return Err(anyhow!(
            "`{name}`: the policies are about several gateways: `{}`",
            gateways.join("`, `")
        ))
        .hint("say with `--gateway` for which one they are carried over");
    }
    let bound: Vec<String> = match servers.is_empty() {
        true => peer.named.iter().cloned().collect(),
        false => servers.into_values().collect(),
    };
    if bound.is_empty() {
        return Err(anyhow!("`{name}`: the policies name no target"))
            .hint("say with `--server` which servers they are about");
    }
    notes(&reads, arguments.issuer.as_deref(), &mut report);
    let binding = Binding {
        name: "agentcore-imported".to_owned(),
        policy: arguments.policy.clone(),
        servers: bound,
        authority: vec!["allow", "deny"],
        settings: policies.settings(&reads),
    };
    report.tell(&binding::text(
        binding,
        &format!("From `{name}`, of AgentCore."),
    )?)
}

/// Each policy, and where it stands.
fn policies_in(text: &str) -> anyhow::Result<Vec<(String, Statement)>> {
    if !text.trim_start().starts_with(['{', '[']) {
        let found = statements(text);
        let places = places(&found);
        return Ok(places.into_iter().zip(found).collect());
    }
    let json: Json = serde_json::from_str(text)?;
    let mut texts = Vec::new();
    statements_in(&json, "", &mut texts);
    let found = texts.into_iter().flat_map(|(place, text)| {
        let parts = statements(&text).into_iter().enumerate();
        let parts = parts.map(move |(part, statement)| match part {
            0 => (place.clone(), statement),
            part => (format!("{place}.{part}"), statement),
        });
        parts.collect::<Vec<_>>()
    });
    Ok(found.collect())
}

/// The lines of policies, each of which is told by its own place.
fn places(found: &[Statement]) -> Vec<String> {
    let mut places = Vec::with_capacity(found.len());
    for (index, statement) in found.iter().enumerate() {
        let before = found.iter().take(index);
        let place = match before.filter(|it| it.line == statement.line).count() {
            0 => format!("line {}", statement.line),
            count => format!("line {}.{count}", statement.line),
        };
        places.push(place);
    }
    places
}

/// Every `statement` that is a text, at any depth, by its place.
fn statements_in(json: &Json, place: &str, found: &mut Vec<(String, String)>) {
    match json {
        Json::Object(members) => {
            for (name, value) in members {
                match value {
                    Json::String(text) if name == "statement" => {
                        let place = place.trim_start_matches('.');
                        found.push((place.to_owned(), text.clone()));
                    }
                    value => statements_in(value, &format!("{place}.{name}"), found),
                }
            }
        }
        Json::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                statements_in(element, &format!("{place}[{index}]"), found);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

fn target(text: &str) -> Result<(String, String), &'static str> {
    let (target, name) = text.split_once('=').unwrap_or((text, text));
    match target.is_empty() || name.is_empty() {
        true => Err("write the target, `=`, and the name of the server here"),
        false => Ok((target.to_owned(), name.to_owned())),
    }
}
