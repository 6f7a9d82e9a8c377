//! A plain HTTP/1.1 reverse proxy: it streams bodies both ways, keeps
//! connections alive, leaves the `Host` header alone and can add one header.
//!
//! Tests put it in front of a gate for clients that cannot send a credential;
//! benchmarks measure the gate against it.

use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;

use futures_util::future::{self, Either};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::HarnessError;

/// Headers that concern one connection, not the message (RFC 9110, 7.6.1).
const HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Where requests go, and what is added to them.
#[derive(Clone, Debug)]
pub struct Forwarding {
    /// The server behind the proxy.
    pub upstream: SocketAddr,
    /// Replaces a header of that name.
    pub added: Option<(HeaderName, HeaderValue)>,
}

/// Serves until the future is dropped.
pub async fn serve(listener: TcpListener, forwarding: Forwarding) -> std::io::Result<Infallible> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Incoming> = Client::builder(TokioExecutor::new()).build(connector);
    loop {
        let (connection, _) = listener.accept().await?;
        connection.set_nodelay(true)?;
        let (client, forwarding) = (client.clone(), forwarding.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| forward(&client, &forwarding, request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(connection), service);
            // A client that hangs up in the middle is no concern of the others.
            drop(connection.await);
        });
    }
}

async fn forward(
    client: &Client<HttpConnector, Incoming>,
    forwarding: &Forwarding,
    mut request: Request<Incoming>,
) -> Result<Response<BoxBody<Bytes, hyper::Error>>, hyper::http::Error> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    *request.uri_mut() = Uri::builder()
        .scheme("http")
        .authority(forwarding.upstream.to_string())
        .path_and_query(path)
        .build()?;
    strip_hop_by_hop(request.headers_mut());
    if let Some((name, value)) = &forwarding.added {
        request.headers_mut().insert(name.clone(), value.clone());
    }
    match client.request(request).await {
        Ok(mut response) => {
            strip_hop_by_hop(response.headers_mut());
            Ok(response.map(BodyExt::boxed))
        }
        Err(error) => {
            let body = Full::new(Bytes::from(format!("no answer from upstream: {error}")));
            let body = body.map_err(|never| match never {}).boxed();
            Response::builder()
                .status(StatusCode::BAD_GATEWAY)
                .body(body)
        }
    }
}

pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// A proxy on a thread of its own, for tests that are not asynchronous. It ends
/// when it is dropped.
#[derive(Debug)]
pub struct ReverseProxy {
    address: SocketAddr,
    _stop: oneshot::Sender<Infallible>,
}

/// A proxy that has its address and does not yet know its upstream: a server
/// behind it may have to be told the address first.
#[derive(Debug)]
pub struct Unconnected {
    listener: std::net::TcpListener,
    address: SocketAddr,
}

impl ReverseProxy {
    /// Takes a free port of 127.0.0.1.
    pub fn bind() -> Result<Unconnected, HarnessError> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Unconnected { listener, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Unconnected {
    /// Where it will serve.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Begins to serve.
    pub fn forward_to(self, forwarding: Forwarding) -> Result<ReverseProxy, HarnessError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        std::thread::spawn(move || {
            runtime.block_on(serve_until(self.listener, forwarding, stopped))
        });
        Ok(ReverseProxy {
            address: self.address,
            _stop: stop,
        })
    }
}

async fn serve_until(
    listener: std::net::TcpListener,
    forwarding: Forwarding,
    stopped: impl Future,
) -> std::io::Result<()> {
    let serving = pin!(serve(TcpListener::from_std(listener)?, forwarding));
    match future::select(serving, pin!(stopped)).await {
        Either::Left((ended, _)) => ended.map(|never| match never {}),
        Either::Right(_) => Ok(()),
    }
}
