//! Tool servers that speak Streamable HTTP.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use gatewright_policy::Trouble;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};

use super::dialer::{Dialer, causes};
use super::secret::Secret;
use super::{Events, Exchange, Outgoing, Reply, UpstreamError, redirect};
use crate::headers::SESSION_ID;
use crate::presented::OnBehalf;
use crate::sse::{Parser, SseError};

/// One endpoint, and the connections to it.
#[derive(Debug)]
pub(crate) struct HttpUpstream {
    endpoint: Uri,
    secret: Option<Secret>,
    dialer: Dialer,
}

impl HttpUpstream {
    /// Connects to nothing yet.
    pub(crate) fn new(url: &str, secret: Option<Secret>) -> Result<Self, UpstreamError> {
        let endpoint: Uri = url
            .parse()
            .map_err(|error| UpstreamError::Unavailable(format!("`{url}` is no URL: {error}")))?;
        Ok(Self {
            dialer: Dialer::to(&endpoint)?,
            endpoint,
            secret,
        })
    }

    /// POST.
    pub(crate) async fn send(
        &self,
        outgoing: Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        self.exchange(Method::POST, outgoing, on_behalf).await
    }

    /// GET.
    pub(crate) async fn open_stream(
        &self,
        outgoing: Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        self.exchange(Method::GET, outgoing, on_behalf).await
    }

    /// DELETE.
    pub(crate) async fn end_session(
        &self,
        outgoing: Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        self.exchange(Method::DELETE, outgoing, on_behalf).await
    }

    async fn exchange(
        &self,
        method: Method,
        outgoing: Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        let reply_bytes_max = outgoing.reply_bytes_max;
        let ends = method == Method::DELETE;
        let response = self
            .show(self.request(method, outgoing)?, on_behalf)
            .await?;
        if ends {
            // Whatever it says besides, the session has ended, or cannot be ended.
            return usable(&response).map(|()| Exchange::empty(response.status()));
        }
        read(response, reply_bytes_max).await
    }

    /// Sends a request with the gate's credential, if the gate has one.
    async fn show(
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
        *again.uri_mut() = redirect::target(&self.endpoint, response.headers())?;
        let response = self.dialer.ask(again).await?;
        match redirects(response.status()) {
            false => Ok(response),
            true => Err(redirect::refused(response.headers())),
        }
    }

    /// Only what is named here goes out: no header of the agent's but those that
    /// `outgoing` carries.
    fn request(
        &self,
        method: Method,
        outgoing: Outgoing,
    ) -> Result<Request<Full<Bytes>>, UpstreamError> {
        let accept = if method == Method::GET {
            "text/event-stream"
        } else {
            "application/json, text/event-stream"
        };
        let has_body = method == Method::POST;
        let body = if has_body {
            Full::new(Bytes::from_owner(Arc::<[u8]>::from(
                outgoing.message.shared_text(),
            )))
        } else {
            Full::default()
        };
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = self.endpoint.clone();
        let headers = request.headers_mut();
        headers.extend(outgoing.headers);
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        // Without this header any encoding is welcome (RFC 9110, 12.5.3). What is judged is
        // read as it is, and nothing small becomes something large.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("gatewright/", env!("CARGO_PKG_VERSION"))),
        );
        if has_body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(session) = outgoing.session {
            let session = HeaderValue::from_str(&session)
                .map_err(|_| UpstreamError::Invalid("its session id is no header".to_owned()))?;
            headers.insert(SESSION_ID, session);
        }
        Ok(request)
    }
}

/// The same request belongs elsewhere (RFC 9110, 15.4.8 and 15.4.9).
fn redirects(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
    )
}

/// Whether an answer goes on to the agent, and what is wrong with the server otherwise.
fn usable(response: &Response<Incoming>) -> Result<(), UpstreamError> {
    let status = response.status();
    // What the gate's credential is not good for, the agent cannot mend; it must
    // not look to the agent as if its own credential were refused.
    let trouble = match status {
        StatusCode::BAD_REQUEST
        | StatusCode::NOT_FOUND
        | StatusCode::METHOD_NOT_ALLOWED
        | StatusCode::NOT_ACCEPTABLE
        | StatusCode::CONFLICT
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
        | StatusCode::UNPROCESSABLE_ENTITY => return Ok(()),
        status if status.is_success() => return Ok(()),
        status if status.is_redirection() => return Err(redirect::refused(response.headers())),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Trouble::RefusedCredential,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Trouble::Busy(retry_after(response.headers()))
        }
        status => Trouble::Status(status.as_u16()),
    };
    let detail = format!("it answered with HTTP status {status}");
    Err(UpstreamError::Trouble(trouble, detail))
}

/// When to ask again, in seconds. A date is not read: clocks differ.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// No agent is told to wait for longer.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

async fn read(
    response: Response<Incoming>,
    reply_bytes_max: usize,
) -> Result<Exchange, UpstreamError> {
    usable(&response)?;
    let status = response.status();
    if let Some(encoding) = response.headers().get(CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(UpstreamError::Invalid(
            "its answer is compressed, which nobody asked for".to_owned(),
        ));
    }
    let session = match response.headers().get(SESSION_ID) {
        Some(session) => Some(visible(session)?),
        None => None,
    };
    let kind = content_type(&response);
    let body = match kind.as_deref() {
        Some("application/json") => {
            let bytes = unmarked(collect(response.into_body(), reply_bytes_max).await?);
            if bytes.is_empty() {
                Reply::Empty
            } else {
                Reply::Json(bytes)
            }
        }
        Some("text/event-stream") if status == StatusCode::OK => {
            Reply::Events(events(response.into_body(), reply_bytes_max))
        }
        // A page about an error, or the empty body of a 202.
        Some(_) | None if status != StatusCode::OK => Reply::Empty,
        Some(_) | None if response.body().is_end_stream() => Reply::Empty,
        Some(other) => {
            return Err(UpstreamError::Invalid(format!(
                "its content type is `{other}`"
            )));
        }
        None => return Err(UpstreamError::Invalid("it has no content type".to_owned())),
    };
    Ok(Exchange {
        status,
        session,
        body,
    })
}

/// The spec wants visible ASCII.
fn visible(session: &HeaderValue) -> Result<Arc<str>, UpstreamError> {
    let text = session.to_str().ok();
    text.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))
        .map(Arc::from)
        .ok_or_else(|| UpstreamError::Invalid("its session id is not visible ASCII".to_owned()))
}

fn content_type(response: &Response<Incoming>) -> Option<String> {
    let value = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or_default();
    Some(essence.trim().to_ascii_lowercase())
}

/// Without a byte order mark, which readers of JSON may pass over (RFC 8259, 8.1).
fn unmarked(bytes: Bytes) -> Bytes {
    match bytes.starts_with("\u{feff}".as_bytes()) {
        true => bytes.slice(3..),
        false => bytes,
    }
}

async fn collect(mut body: Incoming, bytes_max: usize) -> Result<Bytes, UpstreamError> {
    let too_large = || UpstreamError::TooLarge { bytes_max };
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large());
    }
    let mut pieces = Vec::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&error))?;
        if let Ok(piece) = frame.into_data() {
            length += piece.len();
            if length > bytes_max {
                return Err(too_large());
            }
            pieces.push(piece);
        }
    }
    Ok(match <[Bytes; 1]>::try_from(pieces) {
        Ok([only]) => only,
        Err(pieces) => Bytes::from(pieces.concat()),
    })
}

struct EventBody {
    body: Incoming,
    parser: Parser,
    ended: bool,
}

fn events(body: Incoming, event_bytes_max: usize) -> Events {
    let start = EventBody {
        body,
        parser: Parser::new(event_bytes_max),
        ended: false,
    };
    Box::pin(stream::unfold(start, |mut events| async move {
        if events.ended {
            return None;
        }
        let next = events.next().await;
        events.ended = !matches!(next, Some(Ok(_)));
        next.map(|event| (event, events))
    }))
}

impl EventBody {
    async fn next(&mut self) -> Option<Result<crate::sse::Event, UpstreamError>> {
        loop {
            match self.parser.next() {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => {}
                Err(SseError::TooLong(bytes_max)) => {
                    return Some(Err(UpstreamError::TooLarge { bytes_max }));
                }
                Err(error @ SseError::NotUtf8) => {
                    return Some(Err(UpstreamError::Invalid(error.to_string())));
                }
            }
            match self.body.frame().await? {
                Ok(frame) => {
                    if let Some(piece) = frame.data_ref() {
                        self.parser.push(piece);
                    }
                }
                Err(error) => return Some(Err(broken(&error))),
            }
        }
    }
}

/// The connection broke.
fn broken(error: &hyper::Error) -> UpstreamError {
    UpstreamError::Trouble(Trouble::Unreachable, causes(error))
}
