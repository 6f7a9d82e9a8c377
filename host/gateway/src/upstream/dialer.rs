//! Connections to tool servers and gates over HTTP, plain and in TLS.

use std::time::Duration;

use bytes::Bytes;
use gatewright_policy::Trouble;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::UpstreamError;
use super::plain::{HEADERS_MAX, IDLE_CONNECTIONS_MAX, IDLE_TIMEOUT, Plain};
use crate::workers::PerWorker;

/// Connections to one endpoint. Each thread that serves agents keeps its own: a call stays
/// where it is.
#[derive(Debug)]
pub(crate) struct Dialer(PerWorker<Connections>);

/// Root certificates are looked for only where they are needed.
#[derive(Debug)]
enum Connections {
    Plain(Plain),
    Tls(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

/// A connection must stand within this time; the deadline of the call counts as
/// well.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server that reads nothing of what it is sent for so long is gone. One that answered
/// before it had read all kept its connection for ever: nobody waits on it any more.
#[cfg(target_os = "linux")]
const UNREAD_MAX: Duration = Duration::from_secs(120);

impl Dialer {
    /// Connects to nothing yet.
    pub(crate) fn to(endpoint: &Uri) -> Result<Self, UpstreamError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        #[cfg(target_os = "linux")]
        tcp.set_tcp_user_timeout(Some(UNREAD_MAX));
        if endpoint.scheme_str() != Some("https") {
            let plain = Plain::to(endpoint, tcp).map_err(|error| failed(&*error))?;
            return Ok(Self(PerWorker::new(|| Connections::Plain(plain.anew()))));
        }
        let mut client = Client::builder(TokioExecutor::new());
        client
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .http1_max_headers(HEADERS_MAX);
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|error| {
                let detail = format!("no root certificates: {error}");
                UpstreamError::Trouble(Trouble::Tls, detail)
            })?
            .https_only()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(Self(PerWorker::new(|| {
            Connections::Tls(client.build(connector.clone()))
        })))
    }

    /// Asks once.
    pub(crate) async fn ask(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        match self.0.here() {
            Connections::Plain(plain) => plain.ask(request).await.map_err(|error| failed(&*error)),
            Connections::Tls(client) => {
                let response = client.request(request).await;
                response.map_err(|error| failed(&error))
            }
        }
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> UpstreamError {
    let trouble = match is_tls(error) {
        true => Trouble::Tls,
        false => Trouble::Unreachable,
    };
    UpstreamError::Trouble(trouble, causes(error))
}

/// Whether the connection failed for what TLS is about.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>()
        || inner.is_some_and(|inner| is_tls(inner))
        || error.source().is_some_and(is_tls)
}

/// An error with its causes: hyper's own texts say little.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
