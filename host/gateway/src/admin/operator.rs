//! Who asks on the admin listener, and what stands in a query.

use std::time::Duration;

use gatewright_engine::Engine;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use hyper::{HeaderMap, Request, Response, StatusCode};
use serde::de::DeserializeOwned;

use super::page::{bad, page};
use crate::body::Body;
use crate::headers::only;

/// What is asked is there within this time.
const ASKED_WITHIN: Duration = Duration::from_secs(5);

/// What an operator asks for, if it is one; what it gets, if not. In so many bytes at the
/// most, and about this.
pub(super) async fn asked<T: DeserializeOwned>(
    engine: &Engine,
    request: Request<Incoming>,
    (bytes_max, about): (usize, &str),
) -> Result<T, Box<Response<Body>>> {
    if let Err(refused) = may_change(engine, request.headers()) {
        return Err(Box::new(page(StatusCode::FORBIDDEN, "text/plain", refused)));
    }
    let body = Limited::new(request.into_body(), bytes_max).collect();
    let body = match tokio::time::timeout(ASKED_WITHIN, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Err(Box::new(bad("the request is too large, or broken"))),
        Err(_elapsed) => return Err(Box::new(bad("the request did not come in time"))),
    };
    serde_json::from_slice(&body)
        .map_err(|error| Box::new(bad(format!("not a request about {about}: {error}"))))
}

/// Whether an operator asks. A page of a browser says where it is from, can say that it
/// sends JSON to its own site only, and has no secret.
fn may_change(engine: &Engine, headers: &HeaderMap) -> Result<(), &'static str> {
    let is_of_browser = |name: &hyper::header::HeaderName| name.as_str().starts_with("sec-fetch-");
    if headers.contains_key(ORIGIN) || headers.keys().any(is_of_browser) {
        return Err("not for web pages\n");
    }
    let content_type = only(headers, &CONTENT_TYPE).ok().flatten();
    if content_type != Some("application/json") {
        return Err("the request is not application/json\n");
    }
    let secret = only(headers, &AUTHORIZATION).ok().flatten();
    let secret = secret.and_then(|header| header.strip_prefix("Bearer "));
    match secret.is_some_and(|secret| engine.is_operator(secret)) {
        true => Ok(()),
        false => Err("only for operators: the secret is not the one of this gate\n"),
    }
}

/// Percent-encoded text (RFC 3986).
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn a_text_is_read_whole_or_not_at_all() {
        assert_eq!(decoded("a%2Fb").as_deref(), Some("a/b"));
        for text in ["%", "%g0", "%ff"] {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
