//! The origin of a tool server: connections to it, and the gate's credential there.

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};

use super::redirect;
use crate::presented::OnBehalf;
use crate::upstream::UpstreamError;
use crate::upstream::dialer::Dialer;
use crate::upstream::secret::Secret;

/// Where a tool server is, and how the gate is let in there.
#[derive(Debug)]
pub(super) struct Origin {
    endpoint: Uri,
    secret: Option<Secret>,
    dialer: Dialer,
}

impl Origin {
    /// Connects to nothing yet.
    pub(super) fn new(url: &str, secret: Option<Secret>) -> Result<Self, UpstreamError> {
        let endpoint: Uri = url
            .parse()
            .map_err(|error| UpstreamError::Unavailable(format!("`{url}` is no URL: {error}")))?;
        Ok(Self {
            dialer: Dialer::to(&endpoint)?,
            endpoint,
            secret,
        })
    }

    /// The address that the operator gave.
    pub(super) fn endpoint(&self) -> &Uri {
        &self.endpoint
    }

    /// Sends a request with the gate's credential, if the gate has one.
    pub(super) async fn show(
        &self,
        mut request: Request<Full<Bytes>>,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        let Some(secret) = &self.secret else {
            return self.follow(request).await;
        };
        let (name, shown) = secret.header(on_behalf).await?;
        let mut again = request.clone();
        request.headers_mut().insert(name, shown.clone());
        let response = self.follow(request).await?;
        // Whoever is not let in was not heard: with another credential it may be sent once
        // more.
        if response.status() != StatusCode::UNAUTHORIZED || !secret.refused(&shown, on_behalf) {
            return Ok(response);
        }
        let (name, renewed) = secret.header(on_behalf).await?;
        if renewed == shown {
            return Ok(response);
        }
        again.headers_mut().insert(name, renewed);
        self.follow(again).await
    }

    /// Sends a request, and once more where the server has another path for it: many add
    /// a slash. Nothing goes to another origin, the gate's credential least of all.
    async fn follow(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, UpstreamError> {
        let mut again = request.clone();
        let response = self.dialer.ask(request).await?;
        if !redirects(response.status()) {
            return Ok(response);
        }
        *again.uri_mut() = redirect::target(again.uri(), response.headers())?;
        let response = self.dialer.ask(again).await?;
        match redirects(response.status()) {
            false => Ok(response),
            true => Err(redirect::refused(response.headers())),
        }
    }
}

/// A request. Only what is named here goes out: no header of the agent's but those that
/// are given.
pub(super) fn request(
    method: Method,
    uri: &Uri,
    headers: HeaderMap,
    body: Option<Bytes>,
) -> Request<Full<Bytes>> {
    let accept = match method == Method::GET {
        true => "text/event-stream",
        false => "application/json, text/event-stream",
    };
    let has_body = body.is_some();
    let mut request = Request::new(body.map(Full::new).unwrap_or_default());
    *request.method_mut() = method;
    *request.uri_mut() = uri.clone();
    let known = request.headers_mut();
    known.extend(headers);
    known.insert(ACCEPT, HeaderValue::from_static(accept));
    // Without this header any encoding is welcome (RFC 9110, 12.5.3).
    known.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    known.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!("gatewright/", env!("CARGO_PKG_VERSION"))),
    );
    if has_body {
        known.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    request
}

/// The same request belongs elsewhere (RFC 9110, 15.4.8 and 15.4.9).
fn redirects(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    )
}
