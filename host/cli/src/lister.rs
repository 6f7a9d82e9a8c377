//! Asking tool servers what they have: through a gate that is thrown away, by a local
//! agent that may list everything, so that it is what an agent would find.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use gatewright_engine::Engine;
use gatewright_engine::config::{Config, Definitions, LeastProof, LocalConfig};
use gatewright_gateway::wrap;
use gatewright_policy::pattern::Scope;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf};
use tokio::io::{Lines, WriteHalf};
use tokio::sync::oneshot;

use crate::output::visible;

/// The agent that asks.
const AGENT: &str = "gatewright-check";

/// Bytes on their way.
const BUFFER: usize = 64 << 10;

/// Most pages of a list.
const PAGES_MAX: usize = 64;

/// How long a program may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// Its tools.
    Tools,
    /// Its tools, and prompts and resources where it has any.
    All,
}

/// What a server has besides tools, which the engine knows once they were listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Besides {
    /// Names of its prompts.
    pub(crate) prompts: Vec<String>,
    /// Whether it has resources.
    pub(crate) resources: bool,
}

/// Lets the agent that asks list everything, whatever the operator says of agents.
pub(crate) fn may_list(config: &mut Config) -> anyhow::Result<()> {
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
}

/// Starts or reaches a server, and asks it for what it has; why it could not be asked, for
/// a terminal.
pub(crate) async fn list(
    engine: Arc<Engine>,
    server: &str,
    lists: Lists,
    patience: Duration,
) -> Result<Besides, String> {
    match tokio::time::timeout(patience, ask(engine, server, lists)).await {
        Ok(Ok(besides)) => Ok(besides),
        Ok(Err(error)) => Err(visible(&format!("{error:#}"))),
        Err(_elapsed) => Err("it does not answer in time".to_owned()),
    }
}

async fn ask(engine: Arc<Engine>, server: &str, lists: Lists) -> anyhow::Result<Besides> {
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
        meta: None,
        next: 1,
    };
    let listed = line.open_and_list(lists).await;
    drop((line, stop));
    // It has listed its tools, however it ends.
    let ended = tokio::time::timeout(GRACE, served).await;
    match (listed, ended) {
        (Ok(besides), _) => Ok(besides),
        (Err(error), Ok(Ok(Err(why)))) => Err(error.context(why.to_string())),
        (Err(error), _) => Err(error),
    }
}

/// The line to a gate.
struct Line {
    reader: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
    /// What goes with each request where there was no handshake.
    meta: Option<Value>,
    next: u64,
}

impl Line {
    async fn open_and_list(&mut self, lists: Lists) -> anyhow::Result<Besides> {
        self.open(lists).await?;
        self.list("tools").await?;
        if lists == Lists::Tools {
            return Ok(Besides::default());
        }
        // One that has none may refuse to list them.
        let prompts = self.list("prompts").await.unwrap_or_default();
        let names = prompts.iter().filter_map(|prompt| prompt["name"].as_str());
        Ok(Besides {
            prompts: names.map(str::to_owned).collect(),
            resources: self.list("resources").await.is_ok(),
        })
    }

    async fn open(&mut self, lists: Lists) -> anyhow::Result<()> {
        // Some servers have tools only for clients that can be asked.
        let capabilities = match lists {
            Lists::Tools => json!({}),
            Lists::All => json!({ "roots": {}, "sampling": {}, "elicitation": {} }),
        };
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": capabilities,
            "clientInfo": { "name": AGENT, "version": env!("CARGO_PKG_VERSION") },
        });
        match self.request("initialize", hello).await {
            Ok(_) => {
                self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
                    .await?;
            }
            // It may be one that knows no handshake any more.
            Err(_) => {
                self.meta = Some(json!({
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": {},
                }));
            }
        }
        Ok(())
    }

    /// All pages of a list.
    async fn list(&mut self, kind: &str) -> anyhow::Result<Vec<Value>> {
        let mut entries = Vec::new();
        let mut cursor = Value::Null;
        for _page in 0..PAGES_MAX {
            let mut params = json!({});
            if let (Some(meta), Some(params)) = (&self.meta, params.as_object_mut()) {
                params.insert("_meta".to_owned(), meta.clone());
            }
            if let (false, Some(params)) = (cursor.is_null(), params.as_object_mut()) {
                params.insert("cursor".to_owned(), cursor);
            }
            let answer = &self.request(&format!("{kind}/list"), params).await?;
            entries.extend(answer[kind].as_array().into_iter().flatten().cloned());
            cursor = answer["nextCursor"].clone();
            if cursor.is_null() {
                return Ok(entries);
            }
        }
        bail!("its list of {kind} has more pages than are read")
    }

    async fn request(&mut self, method: &str, params: Value) -> anyhow::Result<Value> {
        let id = self.next;
        self.next += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .await?;
        while let Some(line) = self.reader.next_line().await? {
            let message = serde_json::from_str::<Value>(&line);
            let message = &message.context("it does not speak MCP")?;
            if message.get("method").is_some() {
                self.refuse(message).await?;
                continue;
            }
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

    /// Nobody is here whom a server could ask.
    async fn refuse(&mut self, asked: &Value) -> anyhow::Result<()> {
        let Some(id) = asked.get("id") else {
            return Ok(());
        };
        let error = json!({ "code": -32601, "message": "nobody is here to ask" });
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "error": error }))
            .await
    }

    async fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let line = format!("{message}\n");
        self.writer.write_all(line.as_bytes()).await?;
        Ok(())
    }
}
