//! The agent: a minimal MCP client of the stateless revision, over HTTP.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

const REVISION: &str = "2026-07-28";

/// Longest reply, in bytes.
const REPLY_BYTES_MAX: usize = 1 << 20;

/// An agent that knows one endpoint.
pub(crate) struct Agent {
    host: String,
    path: String,
}

/// What the agent gets back.
pub(crate) struct Reply {
    /// The tool's answer, if a tool answered.
    pub(crate) answer: Option<String>,
    /// What the gate said instead.
    pub(crate) refusal: Option<String>,
}

impl Agent {
    pub(crate) fn new(endpoint: &str) -> anyhow::Result<Self> {
        let rest = endpoint
            .strip_prefix("http://")
            .context("the endpoint is not http")?;
        let (host, path) = rest.split_once('/').context("the endpoint has no path")?;
        Ok(Self {
            host: host.to_owned(),
            path: format!("/{path}"),
        })
    }

    pub(crate) async fn call(
        &self,
        tool: &str,
        arguments: &Value,
        credential: &str,
    ) -> anyhow::Result<Reply> {
        let message = json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {
                "name": tool,
                "arguments": arguments,
                "_meta": {
                    "io.modelcontextprotocol/protocolVersion": REVISION,
                    "io.modelcontextprotocol/clientInfo": { "name": "demo", "version": "1" },
                    "io.modelcontextprotocol/clientCapabilities": {},
                },
            },
        });
        let request = Request::post(&self.path)
            .header("host", &self.host)
            .header("authorization", format!("Bearer {credential}"))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .body(Full::new(Bytes::from(message.to_string())))?;
        reply(&self.send(request).await?)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Value> {
        let stream = TcpStream::connect(&self.host).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let body = Limited::new(response.into_body(), REPLY_BYTES_MAX)
            .collect()
            .await;
        drop(sender);
        connection.await??;
        let body = body.map_err(anyhow::Error::from_boxed)?.to_bytes();
        let text = std::str::from_utf8(&body)?;
        let json = text
            .lines()
            .filter_map(|line| line.strip_prefix("data:"))
            .next_back();
        serde_json::from_str(json.unwrap_or(text).trim())
            .with_context(|| format!("not a JSON-RPC message: {text}"))
    }
}

fn reply(message: &Value) -> anyhow::Result<Reply> {
    let text = |pointer| {
        message
            .pointer(pointer)
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    if let Some(error) = text("/error/message") {
        return Ok(Reply {
            answer: None,
            refusal: Some(error),
        });
    }
    let Some(content) = text("/result/content/0/text") else {
        bail!("neither a result nor an error: {message}");
    };
    let is_error = message.pointer("/result/isError").and_then(Value::as_bool) == Some(true);
    Ok(match is_error {
        true => Reply {
            answer: None,
            refusal: Some(content),
        },
        false => Reply {
            answer: Some(content),
            refusal: None,
        },
    })
}
