//! A tool server that does what a test says, and remembers what reached it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// One request that reached the tool server.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// What the tool server answers.
pub enum Reply {
    Json(u16, String),
    /// With more headers.
    Full(u16, Vec<(&'static str, String)>, String),
    /// With a body that is no text.
    Packed(Vec<(&'static str, String)>, Vec<u8>),
    /// In chunks, and without a content type: as Node answers where there is nothing to
    /// say.
    Chunked(u16),
    /// Server-sent events as they are written, then the end.
    Events(Vec<String>),
    /// Events that the test sends one by one; the end when it drops the sender.
    Live(mpsc::Receiver<String>),
    /// Never.
    Hang,
    /// Once the test says so.
    Later(oneshot::Receiver<String>),
}

type Script = Box<dyn FnMut(&Seen) -> Reply + Send>;

pub struct Fake {
    pub address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    script: Arc<Mutex<Script>>,
    _tasks: JoinSet<()>,
}

impl Fake {
    /// Answers every request with a result that repeats its `params`.
    pub async fn start() -> Self {
        Self::with(|seen| Reply::Json(200, echo(seen))).await
    }

    pub async fn with(script: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Mutex<Script>> = Arc::new(Mutex::new(Box::new(script)));
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&seen), Arc::clone(&script)));
        Self {
            address,
            seen,
            script,
            _tasks: tasks,
        }
    }

    /// From now on it answers otherwise.
    pub fn script(&self, script: impl FnMut(&Seen) -> Reply + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    pub fn last(&self) -> Seen {
        self.seen().pop().expect("nothing reached the tool server")
    }
}

/// The response to a request, with its `params` as the result.
pub fn echo(seen: &Seen) -> String {
    let message = seen.json();
    let params = message.get("params").cloned().unwrap_or(Value::Null);
    result(
        &message["id"],
        &serde_json::json!({ "content": [], "echo": params }),
    )
}

pub fn result(id: &Value, result: &Value) -> String {
    serde_json::json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
}

pub fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

async fn accept(listener: TcpListener, seen: Arc<Mutex<Vec<Seen>>>, script: Arc<Mutex<Script>>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
        let service = service_fn(move |request| {
            let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
            async move { Ok::<_, Infallible>(answer(request, &seen, &script).await) }
        });
        let serving = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        connections.spawn(async move {
            let _ = serving.await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    seen: &Mutex<Vec<Seen>>,
    script: &Mutex<Script>,
) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    let (parts, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let request = Seen {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    seen.lock().unwrap().push(request.clone());
    let reply = (script.lock().unwrap())(&request);
    match reply {
        Reply::Json(status, text) => json(status, &[], text),
        Reply::Full(status, headers, text) => json(status, &headers, text),
        Reply::Packed(headers, bytes) => json(200, &headers, bytes),
        Reply::Chunked(status) => {
            let none = stream::iter(Vec::<Result<Frame<Bytes>, Infallible>>::new());
            Response::builder()
                .status(status)
                .body(StreamBody::new(none).boxed_unsync())
                .unwrap()
        }
        Reply::Events(events) => {
            let frames = events
                .into_iter()
                .map(|event| Ok(Frame::data(Bytes::from(event))));
            streamed(StreamBody::new(stream::iter(frames)).boxed_unsync())
        }
        Reply::Live(events) => {
            let frames = stream::unfold(events, async |mut events| {
                let event = events.recv().await?;
                Some((Ok(Frame::data(Bytes::from(event))), events))
            });
            streamed(StreamBody::new(frames).boxed_unsync())
        }
        Reply::Hang => std::future::pending().await,
        Reply::Later(text) => {
            let text = text.await.unwrap_or_default();
            json(200, &[], text)
        }
    }
}

fn json(
    status: u16,
    headers: &[(&'static str, String)],
    body: impl Into<Bytes>,
) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    let body = body.into();
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    if !headers.iter().any(|(name, _)| *name == "content-type") && !body.is_empty() {
        response = response.header("content-type", "application/json");
    }
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Full::new(body).boxed_unsync()).unwrap()
}

fn streamed(body: UnsyncBoxBody<Bytes, Infallible>) -> Response<UnsyncBoxBody<Bytes, Infallible>> {
    Response::builder()
        .header("content-type", "text/event-stream")
        .body(body)
        .unwrap()
}
