//! One GET of a small document: over TLS, or in the clear with this machine alone. It is
//! not long, does not take long, and comes from where it was asked for.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use gatewright_engine::config::is_safe;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, HeaderValue, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Connections to issuers.
#[derive(Default)]
pub(super) struct Http {
    plain: OnceLock<Client<HttpConnector, Empty<Bytes>>>,
    /// Root certificates are looked for only where they are needed.
    tls: OnceLock<Client<HttpsConnector<HttpConnector>, Empty<Bytes>>>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
#[error("`{url}` {problem}")]
pub struct FetchError {
    url: String,
    problem: String,
    /// Nothing is there.
    is_absent: bool,
}

/// A document comes whole within this time, or not at all.
const WITHIN: Duration = Duration::from_secs(10);

/// A connection stands within this time.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// Connections without a request are closed after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Most headers of an answer.
const HEADERS_MAX: usize = 100;

impl FetchError {
    pub(super) fn of(url: &str, problem: impl Into<String>) -> Self {
        Self {
            url: url.to_owned(),
            problem: problem.into(),
            is_absent: false,
        }
    }

    /// Whether the server answered, and has no such document.
    pub(super) const fn is_absent(&self) -> bool {
        self.is_absent
    }
}

impl Http {
    /// The document at a URL. No redirect is followed.
    pub(super) async fn get(&self, url: &str, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
        let failed = |problem: String| FetchError::of(url, problem);
        if !is_safe(url) {
            return Err(failed("is neither https nor on this machine".to_owned()));
        }
        let uri: Uri = url
            .parse()
            .map_err(|error| failed(format!("is no URL: {error}")))?;
        let got = tokio::time::timeout(WITHIN, self.exchange(&uri, bytes_max)).await;
        match got {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(Problem::Absent(status))) => Err(FetchError {
                is_absent: true,
                ..failed(format!("answered with HTTP status {status}"))
            }),
            Ok(Err(Problem::Other(problem))) => Err(failed(problem)),
            Err(_) => Err(failed(format!("did not answer within {WITHIN:?}"))),
        }
    }

    async fn exchange(&self, uri: &Uri, bytes_max: usize) -> Result<Vec<u8>, Problem> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        headers.insert(
            ACCEPT,
            HeaderValue::from_static("application/json, */*;q=0.5"),
        );
        let agent = HeaderValue::from_static(concat!("gatewright/", env!("CARGO_PKG_VERSION")));
        headers.insert(USER_AGENT, agent);
        let response = if uri.scheme() == Some(&Scheme::HTTPS) {
            self.tls()?.request(request).await
        } else {
            self.plain().request(request).await
        };
        let response = response.map_err(|error| Problem::Other(causes(&error)))?;
        match response.status() {
            StatusCode::OK => collect(response, bytes_max).await,
            status if status.is_client_error() => Err(Problem::Absent(status)),
            status => Err(Problem::Other(format!(
                "answered with HTTP status {status}"
            ))),
        }
    }

    fn plain(&self) -> &Client<HttpConnector, Empty<Bytes>> {
        self.plain.get_or_init(|| client().build(connector()))
    }

    fn tls(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Empty<Bytes>>, Problem> {
        if let Some(client) = self.tls.get() {
            return Ok(client);
        }
        let mut tcp = connector();
        tcp.enforce_http(false);
        let builder = HttpsConnectorBuilder::new().with_native_roots();
        let builder =
            builder.map_err(|error| Problem::Other(format!("no root certificates: {error}")))?;
        let connector = builder
            .https_only()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(self.tls.get_or_init(|| client().build(connector)))
    }
}

enum Problem {
    /// The server has no such document.
    Absent(StatusCode),
    Other(String),
}

/// A body that is longer is given up where it becomes so.
async fn collect(response: Response<Incoming>, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let mut body = response.into_body();
    let mut text = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Problem::Other(causes(&error)))?;
        if let Ok(piece) = frame.into_data() {
            if text.len() + piece.len() > bytes_max {
                return Err(Problem::Other(format!("is longer than {bytes_max} bytes")));
            }
            text.extend_from_slice(&piece);
        }
    }
    Ok(text)
}

fn connector() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_MAX));
    tcp
}

fn client() -> hyper_util::client::legacy::Builder {
    let mut client = Client::builder(TokioExecutor::new());
    client
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http1_max_headers(HEADERS_MAX);
    client
}

/// An error with its causes: hyper's own texts say little.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = format!("cannot be fetched: {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
