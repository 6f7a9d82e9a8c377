//! One small document from somebody else: over TLS, or in the clear with this machine
//! alone. It is not long, does not take long, and comes from where it was asked for.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use gatewright_engine::config::is_safe;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// Connections to whoever has documents.
#[derive(Debug, Default)]
pub(crate) struct Http {
    plain: OnceLock<Client<HttpConnector, Full<Bytes>>>,
    /// Root certificates are looked for only where they are needed.
    tls: OnceLock<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
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
    pub(crate) fn of(url: &str, problem: impl Into<String>) -> Self {
        Self {
            url: url.to_owned(),
            problem: problem.into(),
            is_absent: false,
        }
    }

    /// Whether the server answered, and has no such document.
    pub(crate) const fn is_absent(&self) -> bool {
        self.is_absent
    }
}

/// What is sent besides the address.
enum Sent {
    Nothing,
    /// A form, and who sends it.
    Form {
        text: String,
        authorization: Option<HeaderValue>,
    },
}

impl Http {
    /// The document at a URL. No redirect is followed.
    pub(crate) async fn get(&self, url: &str, bytes_max: usize) -> Result<Vec<u8>, FetchError> {
        let (status, text) = self.fetch(url, Sent::Nothing, bytes_max).await?;
        let answered = || format!("answered with HTTP status {status}");
        match status {
            StatusCode::OK => Ok(text),
            status if status.is_client_error() => Err(FetchError {
                is_absent: true,
                ..FetchError::of(url, answered())
            }),
            _other => Err(FetchError::of(url, answered())),
        }
    }

    /// What is answered to a form, whatever its status is. No redirect is followed.
    pub(crate) async fn post_form(
        &self,
        url: &str,
        text: String,
        authorization: Option<HeaderValue>,
        bytes_max: usize,
    ) -> Result<(StatusCode, Vec<u8>), FetchError> {
        let form = Sent::Form {
            text,
            authorization,
        };
        self.fetch(url, form, bytes_max).await
    }

    async fn fetch(
        &self,
        url: &str,
        sent: Sent,
        bytes_max: usize,
    ) -> Result<(StatusCode, Vec<u8>), FetchError> {
        let failed = |problem: String| FetchError::of(url, problem);
        if !is_safe(url) {
            return Err(failed("is neither https nor on this machine".to_owned()));
        }
        let uri: Uri = url
            .parse()
            .map_err(|error| failed(format!("is no URL: {error}")))?;
        match tokio::time::timeout(WITHIN, self.exchange(uri, sent, bytes_max)).await {
            Ok(answered) => answered.map_err(failed),
            Err(_) => Err(failed(format!("did not answer within {WITHIN:?}"))),
        }
    }

    async fn exchange(
        &self,
        uri: Uri,
        sent: Sent,
        bytes_max: usize,
    ) -> Result<(StatusCode, Vec<u8>), String> {
        let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
        let request = sent.to(uri);
        let response = if is_tls {
            self.tls()?.request(request).await
        } else {
            self.plain().request(request).await
        };
        let response = response.map_err(|error| causes(&error))?;
        let status = response.status();
        let text = collect(response, bytes_max).await;
        match status.is_success() {
            true => Ok((status, text?)),
            // Why there is none may be a long page, or none.
            false => Ok((status, text.unwrap_or_default())),
        }
    }

    fn plain(&self) -> &Client<HttpConnector, Full<Bytes>> {
        self.plain.get_or_init(|| client().build(connector()))
    }

    fn tls(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Full<Bytes>>, String> {
        if let Some(client) = self.tls.get() {
            return Ok(client);
        }
        let mut tcp = connector();
        tcp.enforce_http(false);
        let builder = HttpsConnectorBuilder::new().with_native_roots();
        let builder =
            builder.map_err(|error| format!("has no root certificates to trust: {error}"))?;
        let connector = builder
            .https_only()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(self.tls.get_or_init(|| client().build(connector)))
    }
}

impl Sent {
    fn to(self, uri: Uri) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::default());
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        let accept = HeaderValue::from_static("application/json, */*;q=0.5");
        headers.insert(ACCEPT, accept);
        let agent = HeaderValue::from_static(concat!("gatewright/", env!("CARGO_PKG_VERSION")));
        headers.insert(USER_AGENT, agent);
        if let Self::Form {
            text,
            authorization,
        } = self
        {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(CONTENT_TYPE, form);
            headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
            *request.method_mut() = Method::POST;
            *request.body_mut() = Full::new(Bytes::from(text));
        }
        request
    }
}

/// A body that is longer is given up where it becomes so.
async fn collect(response: Response<Incoming>, bytes_max: usize) -> Result<Vec<u8>, String> {
    let mut body = response.into_body();
    let mut text = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| causes(&error))?;
        if let Ok(piece) = frame.into_data() {
            if text.len() + piece.len() > bytes_max {
                return Err(format!("is longer than {bytes_max} bytes"));
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
