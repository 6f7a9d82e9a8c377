//! A desktop client, and the wrapped server that it talks to.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use gatewright_engine::Engine;
use gatewright_engine::config::Loaded;
use gatewright_gateway::wrap::{WrapError, run};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, duplex};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::guests;

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A tool server of both eras. It notes every message that reaches it.
const SERVER: &str = r#"
import json, os, sys
def say(message): print(json.dumps(message), flush=True)
def answer(m, result): say({"jsonrpc": "2.0", "id": m["id"], "result": result})
def text(m, text): answer(m, {"content": [{"type": "text", "text": text}], "resultType": "complete"})
heard = open("heard", "a")
waiting = {}
for line in sys.stdin:
    heard.write(line); heard.flush()
    m = json.loads(line)
    method, params = m.get("method"), m.get("params", {})
    if method == "initialize":
        answer(m, {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "tested", "version": "1"}})
    elif method == "notifications/initialized":
        say({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"})
    elif method == "notifications/cancelled":
        for tool, call in list(waiting.items()):
            if call["id"] == params["requestId"]: del waiting[tool]
    elif method == "tools/list":
        tools = [{"name": n, "inputSchema": {"type": "object"}} for n in ("read", "forbidden")]
        answer(m, {"tools": tools, "resultType": "complete"})
    elif method == "tools/call":
        tool = params["name"]
        if tool == "wait": waiting["wait"] = m
        elif tool == "release":
            text(m, "released")
            if "wait" in waiting: text(waiting.pop("wait"), "waited")
        elif tool == "ask":
            asked = m
            say({"jsonrpc": "2.0", "id": 77, "method": "roots/list"})
        elif tool == "die": sys.exit(3)
        elif tool == "environment": text(m, " ".join(os.environ))
        elif tool == "pid": text(m, str(os.getpid()))
        else: text(m, tool)
    elif m.get("id") == 77 and "method" not in m:
        text(asked, json.dumps(m.get("result", "refused")))
    elif method == "ping": answer(m, {})
"#;

/// One run of the wrapped server.
pub struct Desktop {
    pub folder: TempDir,
    pub engine: std::sync::Arc<Engine>,
    pub input: Option<DuplexStream>,
    output: tokio::io::Lines<BufReader<DuplexStream>>,
    shutdown: Option<oneshot::Sender<()>>,
    running: JoinHandle<Result<(), WrapError>>,
}

/// A folder with the configuration of a wrapped server and an allowing policy;
/// what is called `forbidden` is refused.
pub fn folder(more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let allow = guests::judge("(i32.const 64)", r#"(data (i32.const 64) "\01")"#);
    let deny = guests::judge(
        "(i32.const 64)",
        r#"(data (i32.const 64) "\02\00\00\00\00\00\00\00\80\00\00\00\02") (data (i32.const 128) "no")"#,
    );
    fs::write(folder.path().join("allow.wasm"), allow).unwrap();
    fs::write(folder.path().join("deny.wasm"), deny).unwrap();
    fs::write(folder.path().join("server.py"), SERVER).unwrap();
    let config = format!(
        r#"
[limits]
body_bytes_max = "64KiB"
shutdown_grace = "20s"

[[server]]
name = "tools"
command = ["python3", "server.py"]
definitions = "off"
client_requests = ["roots"]
env = {{ GIVEN = "yes" }}
env_pass = ["CARGO_PKG_NAME"]

[[binding]]
name = "allow"
policy = "allow.wasm"

[[binding]]
name = "deny"
policy = "deny.wasm"
tools = ["forbidden"]
{more}
"#
    );
    fs::write(folder.path().join("gatewright.toml"), config).unwrap();
    folder
}

pub async fn engine(folder: &TempDir) -> std::sync::Arc<Engine> {
    let loaded = Loaded::read(&folder.path().join("gatewright.toml")).unwrap();
    Engine::start(&loaded).await.unwrap()
}

impl Desktop {
    pub async fn start() -> Self {
        Self::with("[local]\nagent = \"desktop\"\nprincipal = \"alice\"").await
    }

    pub async fn with(local: &str) -> Self {
        let folder = folder(local);
        let engine = engine(&folder).await;
        let kept = std::sync::Arc::clone(&engine);
        let (input, gate_input) = duplex(1 << 16);
        let (gate_output, output) = duplex(1 << 16);
        let (shutdown, stop) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let stop = async {
                if stop.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            run(engine, "tools", gate_input, gate_output, stop).await
        });
        Self {
            folder,
            engine: kept,
            input: Some(input),
            output: BufReader::new(output).lines(),
            shutdown: Some(shutdown),
            running,
        }
    }

    /// Starts, and goes through the handshake of the legacy era.
    pub async fn initialized() -> Self {
        let mut desktop = Self::start().await;
        desktop.request("0", "initialize", json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}})).await;
        assert_eq!(
            desktop.hear().await["result"]["serverInfo"]["name"],
            "tested"
        );
        desktop
            .say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
            .await;
        desktop
    }

    pub async fn say(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        let line = format!("{line}\n");
        timeout(PATIENCE, input.write_all(line.as_bytes()))
            .await
            .unwrap()
            .unwrap();
    }

    pub async fn request(&mut self, id: &str, method: &str, params: Value) {
        let line =
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#);
        self.say(&line).await;
    }

    pub async fn call(&mut self, id: &str, tool: &str) {
        self.request(id, "tools/call", json!({"name": tool, "arguments": {}}))
            .await;
    }

    /// A call of the modern era.
    pub async fn call_modern(&mut self, id: &str, tool: &str) {
        self.call_with(id, tool, None).await;
    }

    /// The same, with a proof.
    pub async fn call_with(&mut self, id: &str, tool: &str, proof: Option<&str>) {
        let mut meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
        });
        if let Some(proof) = proof {
            meta["gatewright/proof"] = json!(proof);
        }
        let params = json!({"name": tool, "arguments": {}, "_meta": meta});
        self.request(id, "tools/call", params).await;
    }

    /// The next line of the gate, or nothing at its end.
    pub async fn next(&mut self) -> Option<Value> {
        let line = timeout(PATIENCE, self.output.next_line()).await.unwrap();
        Some(serde_json::from_str(&line.unwrap()?).unwrap())
    }

    pub async fn hear(&mut self) -> Value {
        self.next().await.expect("the gate says something")
    }

    /// The next response or error, with an id or without.
    pub async fn answer(&mut self) -> Value {
        loop {
            let message = self.hear().await;
            if message.get("method").is_none() {
                return message;
            }
        }
    }

    /// The text of the next result, and the id that it answers.
    pub async fn text(&mut self) -> (Value, String) {
        let answer = self.answer().await;
        let text = &answer["result"]["content"][0]["text"];
        let text = text.as_str().unwrap_or_else(|| panic!("{answer}"));
        (answer["id"].clone(), text.to_owned())
    }

    /// Stops the gate as a signal would.
    pub fn shut_down(&mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
    }

    pub async fn ended(self) -> Result<(), WrapError> {
        timeout(PATIENCE, self.running).await.unwrap().unwrap()
    }

    /// What reached the tool server.
    pub fn heard(&self) -> Vec<Value> {
        let heard = fs::read_to_string(self.folder.path().join("heard")).unwrap();
        heard
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The tools that the tool server was asked to call.
    pub fn called(&self) -> BTreeSet<String> {
        let tools = self
            .heard()
            .into_iter()
            .filter_map(|message| message["params"]["name"].as_str().map(str::to_owned));
        tools.collect()
    }

    /// The ledger, as text.
    pub fn ledger(&self) -> String {
        fs::read_to_string(self.folder.path().join("state/audit.jsonl")).unwrap()
    }
}

/// Whether a process exists, zombies included.
pub fn exists(process: &str) -> bool {
    std::path::Path::new("/proc").join(process).exists()
}
