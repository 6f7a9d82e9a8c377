//! `gatewright check --connect`: each tool server, asked for its tools.
//!
//! It is asked through a gate that is thrown away, by a local agent that may list
//! everything: what an agent would find is what is said.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use gatewright_engine::config::{BindingConfig, Config, Definitions, LeastProof, LocalConfig};
use gatewright_engine::{Engine, Status};
use gatewright_gateway::wrap;
use gatewright_policy::pattern::Scope;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf};
use tokio::io::{Lines, WriteHalf};
use tokio::sync::oneshot;

use crate::output::visible;
use crate::rehearsal::Rehearsal;
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

/// The agent that asks.
const AGENT: &str = "gatewright-check";

/// Bytes on their way.
const BUFFER: usize = 64 << 10;

/// Most pages of a list.
const PAGES_MAX: usize = 64;

/// A gate that does not answer at once is asked for nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a program may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// Every tool server of a configuration.
pub(super) async fn reached(path: &Path, status: &Status) -> anyhow::Result<Vec<Reached>> {
    let rehearsal = Rehearsal::open_as(path, |config| {
        config.agents = None;
        config.local = Some(LocalConfig {
            agent: AGENT.to_owned(),
            principal: None,
            scopes: vec![Scope::parse("*:*").map_err(|error| anyhow!("{error}"))?],
            holder: None,
        });
        for server in &mut config.servers {
            server.proof = LeastProof::default();
            server.definitions = Definitions::FirstSight;
        }
        Ok(())
    })
    .await?;
    let config = &rehearsal.loaded.config;
    let pins = pins_of_gate(config);
    let mut reached = Vec::new();
    for server in &config.servers {
        let name = server.name.get_ref();
        let patience = server.timeout.0.saturating_mul(2);
        let engine = Arc::clone(&rehearsal.engine);
        let asked = tokio::time::timeout(patience, list(engine, name)).await;
        let error = match asked {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(visible(&format!("{error:#}"))),
            Err(_elapsed) => Some("it does not answer in time".to_owned()),
        };
        reached.push(Reached {
            tools: tools(&rehearsal.engine, name, (config, status), &pins),
            server: name.clone(),
            error,
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

/// Starts or reaches a server, and asks it for all of its tools.
async fn list(engine: Arc<Engine>, server: &str) -> anyhow::Result<()> {
    let (near, far) = tokio::io::duplex(BUFFER);
    let (input, output) = tokio::io::split(far);
    let (stop, stopped) = oneshot::channel::<()>();
    let name = server.to_owned();
    let served = tokio::spawn(async move {
        let shutdown = async {
            // Nobody asks any more, whether it says so or not.
            let _said = stopped.await;
        };
        wrap::run(engine, &name, input, output, shutdown).await
    });
    let (reader, writer) = tokio::io::split(near);
    let mut line = Line {
        reader: BufReader::new(reader).lines(),
        writer,
        next: 1,
    };
    let listed = line.list().await;
    drop((line, stop));
    // It has listed its tools, however it ends.
    let ended = tokio::time::timeout(GRACE, served).await;
    match (listed, ended) {
        (Ok(()), _) => Ok(()),
        (Err(error), Ok(Ok(Err(why)))) => Err(error.context(why.to_string())),
        (Err(error), _) => Err(error),
    }
}

/// The line to a gate.
struct Line {
    reader: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
    next: u64,
}

impl Line {
    async fn list(&mut self) -> anyhow::Result<()> {
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": AGENT, "version": env!("CARGO_PKG_VERSION") },
        });
        let meta = match self.request("initialize", hello).await {
            Ok(_) => {
                self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
                    .await?;
                None
            }
            // It may be one that knows no handshake any more.
            Err(_) => Some(json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            })),
        };
        let mut cursor = Value::Null;
        for _page in 0..PAGES_MAX {
            let mut params = json!({});
            if let (Some(meta), Some(params)) = (&meta, params.as_object_mut()) {
                params.insert("_meta".to_owned(), meta.clone());
            }
            if let (false, Some(params)) = (cursor.is_null(), params.as_object_mut()) {
                params.insert("cursor".to_owned(), cursor);
            }
            let answer = &self.request("tools/list", params).await?;
            cursor = answer["nextCursor"].clone();
            if cursor.is_null() {
                return Ok(());
            }
        }
        bail!("its list of tools has more pages than are read")
    }

    async fn request(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        let id = self.next;
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .await?;
        while let Some(line) = self.reader.next_line().await? {
            let message = serde_json::from_str::<Value>(&line);
            let message = &message.context("it does not speak MCP")?;
            if message["id"] != id {
                continue;
            }
            if let Some(error) = message.get("error") {
                bail!("{}", error["message"].as_str().unwrap_or("it refuses"));
            }
            return Ok(message["result"].clone());
        }
        bail!("it ended")
    }

    async fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let line = format!("{message}\n");
        self.writer.write_all(line.as_bytes()).await?;
        Ok(())
    }
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
