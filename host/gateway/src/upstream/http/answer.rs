//! What a tool server answers over HTTP: whether it is usable, and the messages in it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use gatewright_policy::Trouble;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Response, StatusCode};

use super::redirect;
use super::unpacked::UnpackedBody;
use crate::headers::SESSION_ID;
use crate::sse::{Event, Parser, SseError};
use crate::upstream::{Events, Exchange, Reply, UpstreamError};

/// Whether an answer goes on to the agent, and what is wrong with the server otherwise.
pub(super) fn usable(response: &Response<Incoming>) -> Result<(), UpstreamError> {
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

/// The messages of an answer.
pub(super) async fn read(
    response: Response<Incoming>,
    reply_bytes_max: usize,
) -> Result<Exchange, UpstreamError> {
    usable(&response)?;
    let status = response.status();
    let session = match response.headers().get(SESSION_ID) {
        Some(session) => Some(visible(session)?),
        None => None,
    };
    let kind = content_type(&response);
    let body = match kind.as_deref() {
        Some("application/json") => {
            let bytes = unmarked(collect(UnpackedBody::of(response)?, reply_bytes_max).await?);
            if bytes.is_empty() {
                Reply::Empty
            } else {
                Reply::Json(bytes)
            }
        }
        Some("text/event-stream") if status == StatusCode::OK => {
            Reply::Events(events(UnpackedBody::of(response)?, reply_bytes_max))
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

pub(super) fn content_type(response: &Response<Incoming>) -> Option<String> {
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

/// The whole body. One buffer has it: of pieces, which may be a byte each, a list would be
/// many times as long as what they say.
async fn collect(mut body: UnpackedBody, bytes_max: usize) -> Result<Bytes, UpstreamError> {
    let too_large = || UpstreamError::TooLarge { bytes_max };
    if body.bytes_min() > bytes_max as u64 {
        return Err(too_large());
    }
    let Some(first) = body.next().await? else {
        return Ok(Bytes::new());
    };
    if first.len() > bytes_max {
        return Err(too_large());
    }
    let rest = usize::try_from(body.bytes_min()).unwrap_or_default();
    let Some(second) = body.next().await? else {
        return Ok(first);
    };
    let mut whole = Vec::with_capacity(first.len().saturating_add(rest).min(bytes_max));
    whole.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        if whole.len() + piece.len() > bytes_max {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
        next = body.next().await?;
    }
    Ok(Bytes::from(whole))
}

struct EventBody {
    body: UnpackedBody,
    parser: Parser,
    ended: bool,
}

/// The events of a body.
pub(super) fn events(body: UnpackedBody, event_bytes_max: usize) -> Events {
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
    async fn next(&mut self) -> Option<Result<Event, UpstreamError>> {
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
            match self.body.next().await {
                Ok(Some(piece)) => self.parser.push(&piece),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}
