//! Tool servers, asked for what they list.
//!
//! They are asked through a gate that is thrown away, by a local agent that may list
//! everything: what an agent would find is what is said.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use gatewright_engine::Engine;
use gatewright_engine::config::{Config, Definitions, LeastProof, LocalConfig};
use gatewright_gateway::wrap;
use gatewright_policy::pattern::Scope;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, ReadHalf};
use tokio::io::{Lines, WriteHalf};
use tokio::sync::oneshot;

use crate::rehearsal::Rehearsal;

/// The agent that asks.
const AGENT: &str = "gatewright-check";

/// Bytes on their way.
const BUFFER: usize = 64 << 10;

/// Most pages of a list.
const PAGES_MAX: usize = 64;

/// Most characters of a server's refusal that are told.
const SAID_MAX: usize = 300;

/// How long a program may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// What a server may list: the capability that says so, and the member of the result.
const KINDS: [&str; 3] = ["tools", "prompts", "resources"];

/// A gate of a configuration that asks its servers, and is thrown away.
pub(crate) async fn gate(path: &Path) -> anyhow::Result<Rehearsal> {
    Rehearsal::open_as(path, may_list).await
}

/// Lets the agent that asks list everything, whatever the operator says of agents.
pub(crate) fn may_list(config: &mut Config) -> anyhow::Result<()> {
    config.agents = None;
    // They would hide what an agent may not see.
    config.bindings.clear();
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

/// Everything that a server lists, in the form of one list: `tools`, and `prompts` and
/// `resources` where it says that it has such.
pub(crate) async fn listed(
    engine: &Arc<Engine>,
    server: &str,
    patience: Duration,
) -> anyhow::Result<Value> {
    let asked = list(Arc::clone(engine), server);
    match tokio::time::timeout(patience, asked).await {
        Ok(listed) => listed,
        Err(_elapsed) => bail!("it does not answer in time"),
    }
}

/// Starts or reaches a server, and asks it.
async fn list(engine: Arc<Engine>, server: &str) -> anyhow::Result<Value> {
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
    // It has listed what it has, however it ends.
    let ended = tokio::time::timeout(GRACE, served).await;
    match (listed, ended) {
        (Ok(listed), _) => Ok(listed),
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
    async fn list(&mut self) -> anyhow::Result<Value> {
        let hello = json!({
            "protocolVersion": "2025-11-25",
            // Some servers have tools only for clients that can be asked.
            "capabilities": { "roots": {}, "sampling": {}, "elicitation": {} },
            "clientInfo": { "name": AGENT, "version": env!("CARGO_PKG_VERSION") },
        });
        let (meta, capabilities) = match self.request("initialize", hello).await {
            Ok(answer) => {
                self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
                    .await?;
                (None, member(answer, "capabilities"))
            }
            // It may be one that knows no handshake any more.
            Err(_) => {
                let meta = json!({
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": {},
                });
                let discovered = self.request("server/discover", json!({ "_meta": meta }));
                // Whoever does not say what it has may have tools all the same.
                let discovered = discovered.await.unwrap_or_default();
                (Some(meta), member(discovered, "capabilities"))
            }
        };
        let mut lists = Map::new();
        for kind in KINDS {
            if kind == "tools" || capabilities.get(kind).is_some() {
                let entries = self.pages(kind, meta.as_ref()).await?;
                lists.insert(kind.to_owned(), Value::Array(entries));
            }
        }
        Ok(Value::Object(lists))
    }

    /// All that it lists of one kind.
    async fn pages(&mut self, kind: &str, meta: Option<&Value>) -> anyhow::Result<Vec<Value>> {
        let method = format!("{kind}/list");
        let (mut entries, mut cursor) = (Vec::new(), Value::Null);
        for _page in 0..PAGES_MAX {
            let mut params = Map::new();
            if let Some(meta) = meta {
                params.insert("_meta".to_owned(), meta.clone());
            }
            if !cursor.is_null() {
                params.insert("cursor".to_owned(), cursor);
            }
            let mut answer = self.request(&method, Value::Object(params)).await?;
            if let Some(Value::Array(page)) = answer.get_mut(kind).map(Value::take) {
                entries.extend(page);
            }
            cursor = member(answer, "nextCursor");
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
                let said = error["message"].as_str().unwrap_or("it refuses");
                bail!("{}", said.chars().take(SAID_MAX).collect::<String>());
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

/// A member of an answer; null where there is none.
fn member(mut answer: Value, name: &str) -> Value {
    answer.get_mut(name).map(Value::take).unwrap_or_default()
}
