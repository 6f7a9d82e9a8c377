//! Web pages that use the gate (the CORS protocol of the Fetch standard): those of the
//! origins that may, and no others. A browser shows a page nothing without these headers,
//! not even a refusal.

use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, HeaderValue, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, Response, StatusCode};

use crate::call::{Answer, AnswerBody};
use crate::headers::only;
use crate::mirrored::PARAM_PREFIX;

/// What a page may send.
const REQUEST_HEADERS: &str = "authorization, content-type, accept, mcp-protocol-version, \
     mcp-session-id, last-event-id, mcp-method, mcp-name, dpop";

/// What a page may read of an answer.
const ANSWER_HEADERS: &str = "mcp-session-id, mcp-protocol-version, www-authenticate, retry-after";

/// Most parameters of a tool that a page may mirror in one request.
const PARAMS_MAX: usize = 32;

/// How long a browser remembers, in seconds.
const MAX_AGE: &str = "600";

/// The answer to a question that a browser asks before a page's own request. It carries
/// no credential, and answers nothing about tool servers. Nothing for other requests.
/// The origin was checked.
pub(crate) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Answer> {
    let asks = headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if method != Method::OPTIONS || !asks {
        return None;
    }
    let mut allowed = REQUEST_HEADERS.to_owned();
    for name in params(headers) {
        allowed.push_str(", ");
        allowed.push_str(name.as_str());
    }
    let mut answer = HeaderMap::new();
    answer.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE"),
    );
    answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    if let Ok(allowed) = HeaderValue::from_str(&allowed) {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    }
    Some(Answer {
        status: StatusCode::NO_CONTENT,
        headers: answer,
        body: AnswerBody::Empty,
    })
}

/// The headers that mirror parameters of a tool, as they are asked for.
fn params(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let asked = only(headers, &ACCESS_CONTROL_REQUEST_HEADERS);
    let asked = asked.ok().flatten().unwrap_or_default();
    asked
        .split(',')
        .filter_map(|name| name.trim().parse::<HeaderName>().ok())
        .filter(|name| name.as_str().starts_with(PARAM_PREFIX))
        .take(PARAMS_MAX)
}

/// Lets a page of this origin read an answer. `origin`: one that may use the gate.
pub(crate) fn grant<B>(mut response: Response<B>, origin: Option<HeaderValue>) -> Response<B> {
    let Some(origin) = origin else {
        return response;
    };
    let headers = response.headers_mut();
    // What is for every page says so itself.
    headers.entry(ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(origin);
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(ANSWER_HEADERS),
    );
    headers.append(VARY, HeaderValue::from_static("origin"));
    response
}
