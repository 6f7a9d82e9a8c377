//! What the console answers with.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};
use maud::Markup;
use serde::Serialize;
use serde_json::json;

use crate::asset::Asset;

/// A body.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// Something that the console does not do, and why, for a person.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) status: StatusCode,
    pub(crate) why: String,
}

/// Tells reverse proxies not to hold events back.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

impl Refused {
    pub(crate) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self {
            status,
            why: why.into(),
        }
    }

    /// For a script.
    pub(crate) fn to_json(&self) -> Response<Body> {
        with(
            self.status,
            "application/json",
            json!({ "error": self.why }).to_string(),
        )
    }
}

/// A page.
pub(crate) fn page(status: StatusCode, page: Markup) -> Response<Body> {
    with(status, "text/html; charset=utf-8", page.into_string())
}

/// An answer for a script.
pub(crate) fn answer(value: &impl Serialize) -> Response<Body> {
    match serde_json::to_string(value) {
        Ok(text) => with(StatusCode::OK, "application/json", text),
        Err(error) => Refused::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).to_json(),
    }
}

/// Go there.
pub(crate) fn see_other(path: &str) -> Response<Body> {
    let mut response = with(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", "");
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}

/// What a page is dressed with: kept for ever, since its name says what it is.
pub(crate) fn asset(asset: &Asset) -> Response<Body> {
    let mut response = with(StatusCode::OK, asset.content_type, asset.bytes);
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(CACHE_CONTROL, kept);
    response
}

/// Events as they come.
pub(crate) fn events(events: impl Stream<Item = String> + Send + 'static) -> Response<Body> {
    let frames = events.map(|text| Ok::<_, Infallible>(Frame::data(Bytes::from(text))));
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

fn with(status: StatusCode, content_type: &'static str, bytes: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(bytes.into()).boxed_unsync());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
