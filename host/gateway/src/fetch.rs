//! One small document from somebody else: over TLS, or in the clear with this machine
//! alone. It is not long, does not take long, and comes from where it was asked for.

use std::time::Duration;

use bytes::Bytes;
use gatewright_engine::config::is_safe;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};

use crate::clients::Clients;

/// Connections to whoever has documents.
#[derive(Debug)]
pub(crate) struct Http(Clients);

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

/// Connections to one of them that are kept.
const IDLE_MAX: usize = 8;

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
        let response = self.0.request(sent.to(uri)).await;
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        let text = collect(response, bytes_max).await;
        match status.is_success() {
            true => Ok((status, text?)),
            // Why there is none may be a long page, or none.
            false => Ok((status, text.unwrap_or_default())),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self(Clients::keeping(IDLE_MAX))
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
        let frame = frame.map_err(|error| format!("broke off: {error}"))?;
        if let Ok(piece) = frame.into_data() {
            if text.len() + piece.len() > bytes_max {
                return Err(format!("is longer than {bytes_max} bytes"));
            }
            text.extend_from_slice(&piece);
        }
    }
    Ok(text)
}
