//! One HTTP exchange: over TLS, or in the clear with this machine alone; no part
//! of an answer may keep it waiting for long or be longer than allowed.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::http::uri::{Authority, Scheme};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::error::RegistryError;
use crate::retry::retry_after;

/// What is asked. A clone shares the body.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An answer whose body was not read yet.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Who gave it.
    pub(crate) uri: Uri,
    response: Response<Incoming>,
    silence_max: Duration,
}

/// Connections to registries.
#[derive(Debug)]
pub(crate) struct Http {
    plain: Client<HttpConnector, Full<Bytes>>,
    /// Root certificates are looked for only where they are needed.
    tls: OnceLock<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
    may_be_plain: bool,
    silence_max: Duration,
}

/// Most headers of an answer.
const HEADERS_MAX: usize = 100;

/// Most characters of what a registry says about an error that are repeated.
const SAID_CHARS_MAX: usize = 300;

/// Connections without a request are closed after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

impl Http {
    /// Connects to nothing yet. `may_be_plain` allows plain HTTP with registries on
    /// this machine.
    pub(crate) fn new(may_be_plain: bool, silence_max: Duration) -> Self {
        Self {
            plain: client().build(connector(silence_max)),
            tls: OnceLock::new(),
            may_be_plain,
            silence_max,
        }
    }

    /// Sends a question as it is: no retry, no redirect, no credentials but those
    /// that it carries.
    pub(crate) async fn send(&self, question: Question) -> Result<Answer, RegistryError> {
        let Question {
            method,
            uri,
            headers,
            body,
        } = question;
        if !self.may_ask(&uri) {
            return Err(RegistryError::Insecure { url: shown(&uri) });
        }
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri.clone();
        *request.headers_mut() = headers;
        let agent = HeaderValue::from_static(concat!("gatewright/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(USER_AGENT, agent);
        let response = if uri.scheme() == Some(&Scheme::HTTPS) {
            self.tls()?.request(request)
        } else {
            self.plain.request(request)
        };
        let response = tokio::time::timeout(self.silence_max, response)
            .await
            .map_err(|_| silent(&uri, self.silence_max))?
            .map_err(|error| match speaks_plain_http(&error) {
                true => RegistryError::PlainHttp { url: shown(&uri) },
                false => unreachable(&uri, &causes(&error)),
            })?;
        Ok(Answer {
            uri,
            response,
            silence_max: self.silence_max,
        })
    }

    fn may_ask(&self, uri: &Uri) -> bool {
        let plain = self.may_be_plain && uri.scheme() == Some(&Scheme::HTTP);
        uri.scheme() == Some(&Scheme::HTTPS) || plain && uri.host().is_some_and(is_loopback)
    }

    fn tls(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Full<Bytes>>, RegistryError> {
        if let Some(client) = self.tls.get() {
            return Ok(client);
        }
        let mut tcp = connector(self.silence_max);
        tcp.enforce_http(false);
        let builder = HttpsConnectorBuilder::new().with_native_roots();
        let builder = builder.map_err(RegistryError::disk("root certificates".as_ref()))?;
        let connector = builder
            .https_only()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(self.tls.get_or_init(|| client().build(connector)))
    }
}

impl Answer {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// A header, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name)?.to_str().ok()
    }

    /// Media type without parameters.
    pub(crate) fn media_type(&self) -> &str {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    pub(crate) fn url(&self) -> String {
        shown(&self.uri)
    }

    /// The next piece of the body.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, RegistryError> {
        loop {
            let frame = tokio::time::timeout(self.silence_max, self.response.body_mut().frame());
            let frame = frame
                .await
                .map_err(|_| silent(&self.uri, self.silence_max))?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|error| unreachable(&self.uri, &causes(&error)))?;
            // Trailers say nothing that is wanted here.
            if let Ok(bytes) = frame.into_data() {
                return Ok(Some(bytes));
            }
        }
    }

    /// The whole body. One that is longer is given up where it becomes so.
    pub(crate) async fn body(mut self, bytes_max: u64) -> Result<Vec<u8>, RegistryError> {
        let too_large = |answer: &Self| RegistryError::TooLarge {
            what: "the answer",
            at: answer.url(),
            limit: bytes_max,
        };
        let promised = self
            .header("content-length")
            .and_then(|text| text.parse::<u64>().ok());
        if promised.is_some_and(|promised| promised > bytes_max) {
            return Err(too_large(&self));
        }
        let mut body = Vec::new();
        while let Some(bytes) = self.next().await? {
            body.extend_from_slice(&bytes);
            if body.len() as u64 > bytes_max {
                return Err(too_large(&self));
            }
        }
        Ok(body)
    }

    /// Takes an answer with one of these statuses; another one becomes the error
    /// that it stands for.
    pub(crate) async fn expect(self, good: &[StatusCode]) -> Result<Self, RegistryError> {
        let status = self.status();
        let url = self.url();
        if good.contains(&status) {
            return Ok(self);
        }
        Err(match status {
            StatusCode::NOT_FOUND => RegistryError::NotFound { url },
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => RegistryError::Unauthorized {
                url,
                status: status.as_u16(),
            },
            StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => self.busy(),
            status if status.is_server_error() => self.busy(),
            status => RegistryError::Refused {
                url,
                status: status.as_u16(),
                said: self.said().await,
            },
        })
    }

    fn busy(&self) -> RegistryError {
        let after = self.header(RETRY_AFTER.as_str());
        RegistryError::Busy {
            url: self.url(),
            status: self.status().as_u16(),
            after: after.and_then(|value| retry_after(value, SystemTime::now())),
        }
    }

    /// The beginning of what the registry says, for a person.
    async fn said(mut self) -> String {
        // Whether more would have come does not matter.
        let bytes = self.next().await.ok().flatten().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let text: String = text.trim().chars().take(SAID_CHARS_MAX).collect();
        text.escape_debug().to_string()
    }
}

/// Where a `Location` leads: an absolute URL, or a path on the same host.
pub(crate) fn resolve(base: &Uri, location: &str) -> Option<Uri> {
    let path_only = location.starts_with('/') && !location.starts_with("//");
    if path_only {
        let mut parts = base.clone().into_parts();
        parts.path_and_query = Some(location.parse().ok()?);
        return Uri::from_parts(parts).ok();
    }
    let uri: Uri = location.parse().ok()?;
    let web = uri.scheme() == Some(&Scheme::HTTPS) || uri.scheme() == Some(&Scheme::HTTP);
    let names_user = uri
        .authority()
        .is_some_and(|host| host.as_str().contains('@'));
    (web && !names_user).then_some(uri)
}

/// Whether credentials for one may be shown to the other: scheme, host and port
/// are the same.
pub(crate) fn same_origin(one: &Uri, other: &Uri) -> bool {
    fn port(uri: &Uri) -> Option<u16> {
        let usual = (uri.scheme() == Some(&Scheme::HTTPS))
            .then_some(443)
            .or(Some(80));
        uri.port_u16().or(usual)
    }
    let host = |uri: &Uri| {
        uri.authority()
            .map(Authority::host)
            .map(str::to_ascii_lowercase)
    };
    one.scheme() == other.scheme() && host(one) == host(other) && port(one) == port(other)
}

/// An address as errors show it: without its query, which may hold a secret.
pub(crate) fn shown(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let host = uri.authority().map_or("", Authority::as_str);
    format!("{scheme}://{host}{}", uri.path())
}

/// The same question with credentials, which no debug output shows.
pub(crate) fn with_authorization(mut question: Question, value: &HeaderValue) -> Question {
    let mut value = value.clone();
    value.set_sensitive(true);
    question.headers.insert(AUTHORIZATION, value);
    question
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<std::net::IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

fn connector(connect_max: Duration) -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(connect_max));
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

fn silent(uri: &Uri, limit: Duration) -> RegistryError {
    unreachable(uri, &format!("it kept silent for {limit:?}"))
}

fn unreachable(uri: &Uri, why: &str) -> RegistryError {
    RegistryError::Unreachable {
        url: shown(uri),
        why: why.to_owned(),
    }
}

/// Whether what answered to TLS was no TLS at all.
fn speaks_plain_http(error: &(dyn std::error::Error + 'static)) -> bool {
    let no_tls = rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
    let inner = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    error.downcast_ref::<rustls::Error>() == Some(&no_tls)
        || inner.is_some_and(|inner| speaks_plain_http(inner))
        || error.source().is_some_and(speaks_plain_http)
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, resolve, same_origin, shown};
    use hyper::Uri;

    #[test]
    fn a_location_is_a_path_or_a_web_address() {
        let base = Uri::from_static("https://registry.example.com/v2/a/blobs/x");
        let leads = |location| resolve(&base, location).map(|uri| uri.to_string());
        for (location, expected) in [
            ("/b?c=d", Some("https://registry.example.com/b?c=d")),
            (
                "http://other.example.com/b",
                Some("http://other.example.com/b"),
            ),
            ("//other.example.com/b", None),
            ("file:///etc/passwd", None),
            ("https://user:word@registry.example.com/", None),
            ("b", None),
            ("", None),
        ] {
            assert_eq!(leads(location).as_deref(), expected, "{location}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let one = Uri::from_static("https://registry.example.com/v2/");
        for (other, same) in [
            ("https://registry.example.com:443/x", true),
            ("https://Registry.Example.com/x", true),
            ("http://registry.example.com/x", false),
            ("http://registry.example.com:443/x", false),
            ("https://registry.example.com:8443/x", false),
            ("https://registry.example.com.evil.example/x", false),
        ] {
            assert_eq!(same_origin(&one, &Uri::from_static(other)), same, "{other}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for host in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "127.0.0.1.example.com",
            "10.0.0.1",
            "[::2]",
            "localhost.example.com",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn no_query_is_shown() {
        let signed = Uri::from_static("https://store.example.com/b?signature=secret");
        assert_eq!(shown(&signed), "https://store.example.com/b");
    }
}
