//! A gateway that decides nothing itself: of each `tools/call` it asks a policy server
//! over HTTP, as OPA is asked, and forwards the call where the answer is true.
//!
//! Benchmarks measure the gate against it. It is as small as such a gateway can be: it
//! looks at no credential, writes no record, and reads nothing of what comes back.

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::proxy::strip_hop_by_hop;

/// Where calls go, and who is asked about them.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The tool server.
    pub upstream: SocketAddr,
    /// The rule, as a document of the policy server: `http://host:port/v1/data/...`.
    pub rule: Uri,
}

/// To the tool server and to the policy server, each over connections that are kept.
type Connections = Client<HttpConnector, Full<Bytes>>;

type Answer = Response<BoxBody<Bytes, hyper::Error>>;

/// Serves until the future is dropped.
pub async fn serve(listener: TcpListener, asking: Asking) -> std::io::Result<Infallible> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let connections: Connections = Client::builder(TokioExecutor::new()).build(connector);
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        let (connections, asking) = (connections.clone(), asking.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| pass(&connections, &asking, request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(connection), service);
            // A client that hangs up in the middle is no concern of the others.
            drop(connection.await);
        });
    }
}

async fn pass(
    connections: &Connections,
    asking: &Asking,
    request: Request<Incoming>,
) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let message = serde_json::from_slice::<Value>(&body);
    let Some(message) = message.ok().filter(Value::is_object) else {
        return answer(StatusCode::BAD_REQUEST, "not a message");
    };
    if let Some(question) = question(message)
        && !is_allowed(connections, asking, question).await
    {
        return answer(StatusCode::FORBIDDEN, "the policy does not allow the call");
    }
    let path = parts.uri.path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    parts.uri = Uri::builder()
        .scheme("http")
        .authority(asking.upstream.to_string())
        .path_and_query(path)
        .build()?;
    strip_hop_by_hop(&mut parts.headers);
    let forwarded = Request::from_parts(parts, Full::new(body));
    match connections.request(forwarded).await {
        Ok(mut response) => {
            strip_hop_by_hop(response.headers_mut());
            Ok(response.map(BodyExt::boxed))
        }
        Err(error) => answer(
            StatusCode::BAD_GATEWAY,
            &format!("no answer from upstream: {error}"),
        ),
    }
}

/// What is asked about a message; nothing about one that calls no tool.
fn question(mut message: Value) -> Option<String> {
    if message.get("method").and_then(Value::as_str) != Some("tools/call") {
        return None;
    }
    let mut taken = |pointer: &str| {
        let member = message.pointer_mut(pointer);
        member.map(Value::take).unwrap_or_default()
    };
    let (tool, arguments) = (taken("/params/name"), taken("/params/arguments"));
    Some(format!(
        r#"{{"input":{{"tool":{tool},"arguments":{arguments}}}}}"#
    ))
}

/// Whether the answer is true. Anything else, and no answer, is a no.
async fn is_allowed(connections: &Connections, asking: &Asking, question: String) -> bool {
    let asked = Request::post(asking.rule.clone())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(question)));
    let Ok(asked) = asked else {
        return false;
    };
    let Ok(answer) = connections.request(asked).await else {
        return false;
    };
    let is_ok = answer.status() == StatusCode::OK;
    let Ok(answer) = answer.into_body().collect().await else {
        return false;
    };
    let said = serde_json::from_slice::<Value>(&answer.to_bytes());
    is_ok && said.is_ok_and(|said| said.get("result") == Some(&Value::Bool(true)))
}

fn answer(status: StatusCode, text: &str) -> Result<Answer, Box<dyn Error + Send + Sync>> {
    let body = Full::new(Bytes::from(text.to_owned()));
    let body = body.map_err(|never| match never {}).boxed();
    Ok(Response::builder().status(status).body(body)?)
}
