//! HTTP bodies: read with limits and a deadline, written as they come.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use gatewright_policy::Reason;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::Response;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};

use crate::bodies::{Bodies, Held, SumMax};
use crate::call::{Answer, AnswerBody};
use crate::owner::Owner;
use crate::read::Refusal;
use crate::sse::Event;
use crate::upstream::UpstreamError;

/// What the gate's own listeners send. An error cuts the connection.
pub(crate) type Body = UnsyncBoxBody<Bytes, UpstreamError>;

/// Tells reverse proxies not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Bounds of a body.
pub(crate) struct Bounds {
    /// Its length.
    pub(crate) bytes_max: usize,
    /// The length of all together.
    pub(crate) sum: SumMax,
    /// It is there within this time.
    pub(crate) within: Duration,
}

/// Nobody is waited for longer so that a connection can be used again.
const DRAIN: Duration = Duration::from_millis(100);

/// And no more is read.
const DRAIN_BYTES_MAX: usize = 64 << 10;

/// Reads a request's body.
pub(crate) async fn read(
    mut body: Incoming,
    bounds: &Bounds,
    bodies: &Bodies,
    owner: &Owner,
) -> Result<(Bytes, Held), Refusal> {
    let bytes_max = bounds.bytes_max;
    let too_large = || {
        Refusal::new(
            Reason::TooLarge,
            format!("the message is longer than {bytes_max} bytes"),
        )
    };
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large());
    }
    let reading = async {
        let mut held = bodies.held(owner);
        let mut whole = Bytes::new();
        // One buffer, and not a list of pieces: pieces may be a byte each.
        let mut joined = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_broken| {
                Refusal::new(Reason::MalformedRequest, "the body ends too early")
            })?;
            let Ok(piece) = frame.into_data() else {
                continue;
            };
            if held.bytes() + piece.len() > bytes_max {
                return Err(too_large());
            }
            held.grow(piece.len(), bounds.sum)
                .map_err(|full| Refusal::new(Reason::Overloaded, full))?;
            if held.bytes() == piece.len() {
                whole = piece;
            } else {
                joined.extend_from_slice(&std::mem::take(&mut whole));
                joined.extend_from_slice(&piece);
            }
        }
        let bytes = if joined.is_empty() {
            whole
        } else {
            Bytes::from(joined)
        };
        Ok((bytes, held))
    };
    tokio::time::timeout(bounds.within, reading)
        .await
        .unwrap_or_else(|_late| {
            Err(Refusal::new(
                Reason::MalformedRequest,
                format!("the body did not arrive within {:?}", bounds.within),
            ))
        })
}

/// Reads what is left of a small body and drops it. Whether that was all of it, so
/// that the connection can be used again.
pub(crate) async fn drain(mut body: Incoming) -> bool {
    if body.size_hint().lower() > DRAIN_BYTES_MAX as u64 {
        return false;
    }
    let draining = async {
        let mut left = DRAIN_BYTES_MAX;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return false;
            };
            let bytes = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(bytes) {
                Some(less) => left = less,
                None => return false,
            }
        }
        true
    };
    tokio::time::timeout(DRAIN, draining).await.unwrap_or(false)
}

/// A body that is there already.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    let never = |error: Infallible| match error {};
    Full::new(bytes.into()).map_err(never).boxed_unsync()
}

/// What the agent gets, as HTTP.
pub(crate) fn response(answer: Answer) -> Response<Body> {
    let (body, content_type) = match answer.body {
        AnswerBody::Empty => (full(Bytes::new()), None),
        AnswerBody::Json(bytes) => (full(bytes), Some("application/json")),
        AnswerBody::Events(events) => {
            let frames = events
                .map(|event| event.as_ref().map(Event::to_bytes).map_err(Clone::clone))
                .map_ok(Frame::data);
            (
                StreamBody::new(frames).boxed_unsync(),
                Some("text/event-stream"),
            )
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if content_type == "text/event-stream" {
            headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
        }
    }
    response
}
