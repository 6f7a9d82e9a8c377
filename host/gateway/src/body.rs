//! HTTP bodies: read with a limit and a deadline, written as they come.

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

use crate::call::{Answer, AnswerBody};
use crate::read::Refusal;
use crate::sse::Event;
use crate::upstream::UpstreamError;

/// What the gate's own listeners send. An error cuts the connection.
pub(crate) type Body = UnsyncBoxBody<Bytes, UpstreamError>;

/// Tells reverse proxies not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Reads a request's body.
pub(crate) async fn read(
    mut body: Incoming,
    bytes_max: usize,
    within: Duration,
) -> Result<Bytes, Refusal> {
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
        let mut pieces: Vec<Bytes> = Vec::new();
        let mut length = 0;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_broken| {
                Refusal::new(Reason::MalformedRequest, "the body ends too early")
            })?;
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
    };
    tokio::time::timeout(within, reading)
        .await
        .unwrap_or_else(|_late| {
            Err(Refusal::new(
                Reason::MalformedRequest,
                format!("the body did not arrive within {within:?}"),
            ))
        })
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
