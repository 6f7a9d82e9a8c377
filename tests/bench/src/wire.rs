//! MCP over HTTP/1.1, as bare as it goes: a tool server with one answer, and a
//! client that keeps its connection.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::callers::Caller;
use crate::rule::{Sample, TOOL};

/// The revision that everybody speaks here.
const REVISION: &str = "2026-07-28";

/// What every answer of the tool server says.
const ANSWER: &str = "Chapter 17. It was a quiet night on the river, and nobody spoke.";

/// Who sends calls on one connection.
pub(crate) struct Client {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
    path: String,
    credential: String,
    id: u64,
}

/// Where calls go.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) path: &'static str,
    pub(crate) credential: String,
}

/// Starts the tool server on a thread of its own; it serves until the program
/// ends.
pub(crate) fn tool_server() -> Result<SocketAddr> {
    let servers = tool_servers(1)?;
    servers.first().copied().context("one tool server")
}

/// Starts so many on one thread.
pub(crate) fn tool_servers(count: usize) -> Result<Vec<SocketAddr>> {
    let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        addresses.push(listener.local_addr()?);
        listeners.push(listener);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let mut serving = JoinSet::new();
            for listener in listeners {
                serving.spawn(serve(listener));
            }
            // None of them ends by itself.
            serving.join_next().await
        })
    });
    Ok(addresses)
}

async fn serve(listener: std::net::TcpListener) -> std::io::Result<Infallible> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(connection), service_fn(answer));
            // A client that hangs up ends its connection and nothing else.
            drop(connection.await);
        });
    }
}

#[derive(serde::Deserialize)]
struct Asked {
    id: u64,
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>> {
    let body = request.into_body().collect().await?.to_bytes();
    let Asked { id } = serde_json::from_slice(&body)?;
    let answer = json!({
        "jsonrpc": "2.0", "id": id,
        "result": {"resultType": "complete", "content": [{"type": "text", "text": ANSWER}]},
    });
    let response = Response::builder().header("content-type", "application/json");
    Ok(response.body(Full::new(Bytes::from(answer.to_string())))?)
}

/// A connection that is kept.
pub(crate) async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // Ends when the client is dropped; a broken connection shows at the next call.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

impl Client {
    /// `number` tells the calls of one client from those of the others.
    pub(crate) async fn connect(target: &Target, number: u64) -> Result<Self> {
        Ok(Self {
            sender: connect(target.address).await?,
            address: target.address,
            path: target.path.to_owned(),
            credential: target.credential.clone(),
            id: number << 32,
        })
    }

    /// Its next calls go to another path.
    pub(crate) fn turn_to(&mut self, path: &str) {
        path.clone_into(&mut self.path);
    }

    /// One call, from its first byte to the last of the answer.
    pub(crate) async fn call(&mut self, sample: &Sample) -> Result<()> {
        self.id += 1;
        let arguments = &sample.arguments;
        let id = self.id;
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"{TOOL}","arguments":{arguments},"_meta":{{"io.modelcontextprotocol/protocolVersion":"{REVISION}","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let request = Request::post(&self.path)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", REVISION)
            .header("mcp-method", "tools/call")
            .header("mcp-name", TOOL)
            .header("authorization", format!("Bearer {}", self.credential))
            .body(Full::new(Bytes::from(body)))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        let text = std::str::from_utf8(&body).context("an answer is text")?;
        ensure!(
            status == StatusCode::OK && text.contains(ANSWER),
            "{status}: {text}"
        );
        Ok(())
    }
}

impl Caller for Client {
    async fn ask(&mut self, sample: &Sample) -> Result<()> {
        self.call(sample).await
    }
}
