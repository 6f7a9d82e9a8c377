//! Tools as an operator sees them.

use std::collections::BTreeSet;

use gatewright_policy::definition::differences;
use gatewright_policy::{Digest, Timestamp};
use serde::Serialize;

use super::stand::Stand;
use super::standing::standing;
use crate::agents::Agents;
use crate::config::{Definitions, WhenChanged};
use crate::snapshot::Server;

/// Places at which definitions differ that are shown.
const DIFFERENCES_MAX: usize = 64;

/// The tools of one server.
#[derive(Clone, Debug, Serialize)]
pub struct ListedServer {
    /// Its name.
    pub server: String,
    /// `operator`, `first-sight` or `off`.
    pub definitions: &'static str,
    /// `ask`, `deny` or `report`.
    pub changed: &'static str,
    /// When it last gave all of its tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Timestamp>,
    /// By name.
    pub tools: Vec<ListedTool>,
}

/// One tool.
#[derive(Clone, Debug, Serialize)]
pub struct ListedTool {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub stand: Stand,
    /// Digest of the definition that is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<Digest>,
    /// Digest of the one that its server gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Digest>,
    /// Since when it is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// By whom; the configuration says so where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When its server first said otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
}

/// One tool with what is said about it.
#[derive(Clone, Debug, Serialize)]
pub struct ToolDetail {
    /// How it stands.
    #[serde(flatten)]
    pub tool: ListedTool,
    /// The definition that is pinned, as its server wrote it; none where it is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned_definition: Option<String>,
    /// The one that its server gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_definition: Option<String>,
    /// Where they differ.
    pub differences: Vec<String>,
}

/// Every tool of a server that is pinned or was seen.
pub(super) fn of_server(server: &Server, agents: &Agents, at: Timestamp) -> ListedServer {
    let registry = agents.registry();
    let (looked_at, seen) = agents.tools().all(server);
    let pinned = registry.tools_of(&server.name);
    let mut names: BTreeSet<String> = pinned.map(|it| it.row.name.clone()).collect();
    names.extend(seen.into_iter().map(|(name, _)| name));
    ListedServer {
        server: server.name.to_string(),
        definitions: match server.definitions() {
            Definitions::Operator => "operator",
            Definitions::FirstSight => "first-sight",
            Definitions::Off => "off",
        },
        changed: match server.when_changed() {
            WhenChanged::Ask => "ask",
            WhenChanged::Deny => "deny",
            WhenChanged::Report => "report",
        },
        looked_at,
        tools: names
            .iter()
            .map(|name| tool(server, name, agents, at))
            .collect(),
    }
}

/// One tool, with both definitions.
pub(super) fn detail(server: &Server, name: &str, agents: &Agents, at: Timestamp) -> ToolDetail {
    let defined = standing(server, name, agents, at).defined;
    let document = |of: &Option<std::sync::Arc<gatewright_policy::Definition>>| {
        of.as_ref().and_then(|it| it.document.clone())
    };
    let (pinned, claimed) = (document(&defined.pinned), document(&defined.claimed));
    let differences = match (&pinned, &claimed) {
        (Some(old), Some(new)) => differences(old.root(), new.root(), DIFFERENCES_MAX),
        (None, _) | (_, None) => Vec::new(),
    };
    ToolDetail {
        tool: tool(server, name, agents, at),
        pinned_definition: pinned.map(|it| it.text().to_owned()),
        claimed_definition: claimed.map(|it| it.text().to_owned()),
        differences,
    }
}

fn tool(server: &Server, name: &str, agents: &Agents, at: Timestamp) -> ListedTool {
    let standing = standing(server, name, agents, at);
    let registry = agents.registry();
    let is_configured = !server.definitions_of(name).is_empty();
    let row = registry.tool(&server.name, name).map(|it| &it.row);
    let row = row.filter(|_| !is_configured);
    let digest = |of: &Option<std::sync::Arc<gatewright_policy::Definition>>| {
        of.as_ref().map(|it| it.digest)
    };
    ListedTool {
        name: name.to_owned(),
        stand: standing.stand,
        pinned: digest(&standing.defined.pinned),
        claimed: digest(&standing.defined.claimed),
        since: row.map(|row| row.since),
        by: match is_configured {
            true => Some("configuration".to_owned()),
            false => row.map(|row| row.by.clone()),
        },
        why: row.map(|row| row.why.clone()),
        changed_at: row.and_then(|row| row.changed).map(|changed| changed.at),
    }
}
