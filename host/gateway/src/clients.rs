//! Connections to those whom somebody named by a URL: over TLS, or in the clear with this
//! machine alone.

use std::error::Error as _;
use std::io;
use std::net::IpAddr;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::http::uri::Scheme;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

/// A connection stands within this time.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// Connections without a request are closed after this time.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Most headers of an answer.
const HEADERS_MAX: usize = 100;

/// Connections, made when they are needed.
#[derive(Debug)]
pub(crate) struct Clients {
    plain: OnceLock<Client<HttpConnector, Full<Bytes>>>,
    /// Root certificates are looked for only where they are needed.
    tls: OnceLock<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>,
    idle_max: usize,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Somebody on the way could read it, or answer.
    #[error("is neither https nor on this machine")]
    Unsafe,
    /// Nobody could be trusted.
    #[error("has no root certificates to trust: {cause}")]
    Roots {
        /// What the system said.
        cause: io::Error,
    },
    /// It did not answer, or did not speak HTTP.
    #[error("cannot be reached: {}", causes(.cause))]
    Unreached {
        /// Where it ended.
        cause: hyper_util::client::legacy::Error,
    },
}

// === impl Clients ===

impl Clients {
    /// Keeps so many connections to each of them that nobody uses now.
    pub(crate) const fn keeping(idle_max: usize) -> Self {
        Self {
            plain: OnceLock::new(),
            tls: OnceLock::new(),
            idle_max,
        }
    }

    /// What is answered. No redirect is followed, and nobody waits but who asks: for as long
    /// as the answer takes.
    pub(crate) async fn request(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        let uri = request.uri();
        let response = if uri.scheme() == Some(&Scheme::HTTPS) {
            self.tls()?.request(request).await
        } else if uri.host().is_some_and(is_loopback) {
            self.plain().request(request).await
        } else {
            return Err(ClientError::Unsafe);
        };
        response.map_err(|cause| ClientError::Unreached { cause })
    }

    fn plain(&self) -> &Client<HttpConnector, Full<Bytes>> {
        self.plain.get_or_init(|| self.client().build(connector()))
    }

    fn tls(&self) -> Result<&Client<HttpsConnector<HttpConnector>, Full<Bytes>>, ClientError> {
        if let Some(client) = self.tls.get() {
            return Ok(client);
        }
        let mut tcp = connector();
        tcp.enforce_http(false);
        let connector = HttpsConnectorBuilder::new()
            .with_native_roots()
            .map_err(|cause| ClientError::Roots { cause })?
            .https_only()
            .enable_all_versions()
            .wrap_connector(tcp);
        Ok(self.tls.get_or_init(|| self.client().build(connector)))
    }

    fn client(&self) -> hyper_util::client::legacy::Builder {
        let mut client = Client::builder(TokioExecutor::new());
        client
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(self.idle_max)
            .http1_max_headers(HEADERS_MAX);
        client
    }
}

// === impl ClientError ===

impl ClientError {
    /// The same without what may name the host: what lies behind a refused certificate does.
    pub(crate) fn unquoted(&self) -> String {
        match self {
            Self::Unsafe | Self::Roots { .. } => self.to_string(),
            Self::Unreached { cause: error } => {
                let cause = error.source().map(ToString::to_string);
                format!("cannot be reached: {}", cause.unwrap_or_default())
            }
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<IpAddr>();
    address.map_or(host.eq_ignore_ascii_case("localhost"), |it| {
        it.is_loopback()
    })
}

fn connector() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_MAX));
    tcp
}

/// What lies behind an error: hyper's own texts say little, and those of this level nothing.
fn causes(error: &hyper_util::client::legacy::Error) -> String {
    let mut source = error.source();
    let mut said = Vec::new();
    while let Some(cause) = source {
        said.push(cause.to_string());
        source = cause.source();
    }
    match said.is_empty() {
        true => error.to_string(),
        false => said.join(": "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_is_asked_in_the_clear_but_this_machine() {
        let clients = Clients::keeping(0);
        for (url, is_unsafe) in [
            ("http://idp.example/keys", true),
            ("http://127.0.0.1.example/", true),
            ("http://10.0.0.1/", true),
            ("ftp://idp.example/", true),
            ("/keys", true),
            // Nobody listens there.
            ("http://127.0.0.1:1/", false),
            ("http://[::1]:1/", false),
            ("http://LOCALHOST:1/", false),
        ] {
            let request = Request::get(url).body(Full::default()).unwrap();
            let error = clients.request(request).await.unwrap_err();
            assert_eq!(matches!(error, ClientError::Unsafe), is_unsafe, "{url}");
            assert!(!error.to_string().is_empty());
        }
    }
}
