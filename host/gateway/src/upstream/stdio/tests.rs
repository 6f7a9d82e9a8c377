//! The gate in front of real child processes: small Python programs that do
//! what good and bad tool servers do.

mod eras;
mod hostile;
mod processes;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::StreamExt as _;
use gatewright_policy::json::{Document, JsonLimits};
use hyper::{HeaderMap, StatusCode};
use tokio::time::{Instant, timeout};

use super::{StdioCommand, StdioUpstream};
use crate::bodies::SumMax;
use crate::era::Era;
use crate::sse::Event;
use crate::upstream::duplex::Room;
use crate::upstream::{Events, Exchange, Outgoing, Reply, UpstreamError};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// What every program begins with.
const PRELUDE: &str = r#"
import json, os, sys, threading, time, signal
def say(message): print(json.dumps(message), flush=True)
def answer(request, result): say({"jsonrpc": "2.0", "id": request["id"], "result": result})
def tell(method, params): say({"jsonrpc": "2.0", "method": method, "params": params})
def messages():
    for line in sys.stdin: yield json.loads(line)
"#;

/// A tool server that runs this program.
fn server(program: &str) -> StdioUpstream {
    StdioUpstream::new(command(program))
}

fn command(program: &str) -> StdioCommand {
    StdioCommand {
        server: Arc::from("tested"),
        command: [python(), "-c", &format!("{PRELUDE}\n{program}")]
            .map(str::to_owned)
            .into(),
        environment: BTreeMap::from([(
            "PATH".to_owned(),
            std::env::var("PATH").unwrap_or_default(),
        )]),
        directory: None,
        processes_max: 4,
        idle_max: PATIENCE,
        one_client: false,
        json: JsonLimits::default(),
        tools_changed: Arc::default(),
        room: Room::new(SumMax {
            all: 64 << 20,
            each: 64 << 20,
        }),
    }
}

/// The interpreter itself, not a script that looks for it.
fn python() -> &'static str {
    static PATH: OnceLock<String> = OnceLock::new();
    PATH.get_or_init(|| {
        let output = std::process::Command::new("python3")
            .args(["-c", "import sys; print(sys.executable, end='')"])
            .output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    })
}

fn modern(message: &str) -> Outgoing {
    Outgoing {
        message: match message {
            // Streams, and the end of a session.
            "" => Document::empty_object(),
            message => Document::parse(message, &JsonLimits::default()).unwrap(),
        },
        era: Era::Modern,
        session: None,
        headers: HeaderMap::new(),
        owner: None,
        reply_bytes_max: 1 << 20,
    }
}

fn legacy(session: &Arc<str>, message: &str) -> Outgoing {
    Outgoing {
        era: Era::Legacy,
        session: Some(Arc::clone(session)),
        ..modern(message)
    }
}

/// Sends, and waits no longer than a test may.
async fn send(upstream: &StdioUpstream, outgoing: Outgoing) -> Result<Exchange, UpstreamError> {
    timeout(PATIENCE, upstream.send(outgoing)).await.unwrap()
}

/// Opens a session.
async fn initialize(upstream: &StdioUpstream) -> Arc<str> {
    let message = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}"#;
    let outgoing = Outgoing {
        era: Era::Legacy,
        ..modern(message)
    };
    let exchange = send(upstream, outgoing).await.unwrap();
    assert_eq!(exchange.status, StatusCode::OK);
    exchange.session.unwrap()
}

/// A request, as JSON text.
fn request(id: &str, method: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{{}}}}"#)
}

/// The only message of an answer.
fn json(exchange: Exchange) -> String {
    match exchange.body {
        Reply::Json(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Reply::Empty => panic!("no message: {}", exchange.status),
        Reply::Events(_) => panic!("a stream"),
    }
}

/// The stream of an answer.
fn events(exchange: Exchange) -> Events {
    match exchange.body {
        Reply::Events(events) => events,
        Reply::Empty => panic!("no message: {}", exchange.status),
        Reply::Json(bytes) => panic!("{bytes:?}"),
    }
}

/// The next message of a stream, or nothing at its end.
async fn next(events: &mut Events) -> Option<Result<String, UpstreamError>> {
    let event: Result<Event, _> = timeout(PATIENCE, events.next()).await.unwrap()?;
    Some(event.map(|event| event.data.unwrap().to_string()))
}

/// Waits until something is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
