//! What an operator gets.

use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::body::{self, Body};

/// A page of text, of whatever type.
pub(crate) fn page(
    status: StatusCode,
    content_type: &'static str,
    text: impl Into<bytes::Bytes>,
) -> Response<Body> {
    let mut response = Response::new(body::full(text));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Response<Body> {
    match serde_json::to_string(value) {
        Ok(text) => page(StatusCode::OK, "application/json", text),
        Err(error) => failed(&error),
    }
}

/// What the gate could not do.
pub(crate) fn failed(error: &dyn std::error::Error) -> Response<Body> {
    page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "text/plain",
        error.to_string(),
    )
}

/// What is asked cannot be understood.
pub(super) fn bad(text: impl Into<bytes::Bytes>) -> Response<Body> {
    page(StatusCode::BAD_REQUEST, "text/plain", text)
}
