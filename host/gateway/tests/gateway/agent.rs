//! An agent: HTTP as it is on the wire, so that it can also be wrong.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::handshake;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// No test waits for longer.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Agent {
    pub gate: SocketAddr,
    pub token: Option<String>,
    /// Sent with each request, besides what HTTP and MCP want.
    pub headers: Vec<(String, String)>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

/// An answer whose body is still coming.
pub struct Open {
    pub status: u16,
    pub headers: HeaderMap,
    body: Incoming,
    buffer: String,
}

impl Answer {
    /// The message; of a stream the last one.
    pub fn json(&self) -> Value {
        if self.header("content-type") == Some("text/event-stream") {
            let last = self.events().pop();
            return last.unwrap_or_else(|| panic!("no message: {self:?}"));
        }
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The reason code, wherever the refusal has it.
    pub fn reason(&self) -> String {
        let json = self.json();
        let places = ["/error/data/reason", "/result/_meta/gatewright~1reason"];
        places
            .iter()
            .find_map(|place| json.pointer(place))
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("no reason in {}", self.body))
            .to_owned()
    }

    pub fn code(&self) -> Option<i64> {
        self.json().pointer("/error/code").and_then(Value::as_i64)
    }

    /// The messages of a stream.
    pub fn events(&self) -> Vec<Value> {
        let data = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| !data.is_empty())
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }
}

impl Open {
    /// The next block of the stream; none at its end.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let block = block.to_owned();
                self.buffer = rest.to_owned();
                return Some(block);
            }
            let frame = tokio::time::timeout(DEADLINE, self.body.frame())
                .await
                .unwrap()?;
            let piece = frame.ok()?.into_data().unwrap();
            self.buffer.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
}

impl Agent {
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut headers = self.headers.clone();
        headers.retain(|(known, _)| known != name);
        headers.push((name.to_owned(), value.to_owned()));
        Self {
            gate: self.gate,
            token: self.token.clone(),
            headers,
        }
    }

    pub async fn post(&self, body: &str) -> Answer {
        self.request("POST", "/mcp/files", body).await
    }

    pub async fn request(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = async {
            let open = self.open(method, path, body).await;
            let body = open.body.collect().await.map(|body| body.to_bytes());
            Answer {
                status: open.status,
                headers: open.headers,
                body: String::from_utf8(body.unwrap_or_default().to_vec()).unwrap(),
            }
        };
        tokio::time::timeout(DEADLINE, request)
            .await
            .expect("no answer")
    }

    pub async fn open(&self, method: &str, path: &str, body: &str) -> Open {
        let response = self.send(method, path, body).await.unwrap();
        let (parts, body) = response.into_parts();
        Open {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
            buffer: String::new(),
        }
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
    ) -> Result<Response<Incoming>, hyper::Error> {
        let stream = TcpStream::connect(self.gate).await.unwrap();
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::builder().method(method).uri(path);
        let given = |name: &str| self.headers.iter().any(|(known, _)| known == name);
        for (name, value) in [
            ("host", self.gate.to_string()),
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json, text/event-stream".to_owned()),
        ] {
            if !given(name) {
                request = request.header(name, value);
            }
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in self.headers.iter().filter(|(_, value)| value != "<none>") {
            request = request.header(name, value);
        }
        sender
            .send_request(
                request
                    .body(Full::new(Bytes::from(body.to_owned())))
                    .unwrap(),
            )
            .await
    }
}

/// `tools/call` of the legacy era.
pub fn call(name: &str, arguments: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{name}","arguments":{arguments}}}}}"#
    )
}

/// A request of the modern era, with the headers that mirror it.
pub fn modern(agent: &Agent, method: &str, params: &str) -> (Agent, String) {
    let meta = r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#;
    let params = match params.trim_start_matches('{') {
        "}" => format!("{{{meta}}}"),
        more => format!("{{{meta},{more}"),
    };
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    let json: Value = serde_json::from_str(&body).unwrap();
    let mut agent = agent
        .with("mcp-protocol-version", "2026-07-28")
        .with("mcp-method", method);
    let name = json["params"]
        .get("name")
        .or_else(|| json["params"].get("uri"));
    if let Some(name) = name.and_then(Value::as_str) {
        agent = agent.with("mcp-name", name);
    }
    (agent, body)
}
