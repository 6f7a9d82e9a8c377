//! Headers that mirror the body, and what of an agent's headers goes on. A
//! header that says something else than the body is refused: whoever routes by
//! the header must not be told another story.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_policy::json::{Document, Kind, Pointer, Value, are_equal};
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

use crate::message::{Message, Shape};
use crate::mirrored::{Mirrored, PARAM_PREFIX};

/// The revision of a message.
pub(crate) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// The session of the legacy era.
pub(crate) const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
/// Where a broken stream resumes.
pub(crate) const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// Longest text that is mirrored, in bytes: HTTP servers take no longer headers.
/// What is longer has none, and a server that wants one refuses the message.
const MIRRORED_BYTES_MAX: usize = 8 << 10;

const BASE64_PREFIX: &str = "=?base64?";
const BASE64_SUFFIX: &str = "?=";

/// Headers and body disagree; the text says which.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct HeaderMismatch(String);

/// Compares the mirrored headers of a message with its body. `required`: those
/// that the modern era demands must be there.
pub(crate) fn verify(
    message: &Message,
    headers: &HeaderMap,
    required: bool,
    mirrored: &[Mirrored],
) -> Result<(), HeaderMismatch> {
    let (method, is_request) = match &message.shape {
        Shape::Request { method, .. } => (method, true),
        Shape::Notification { method } => (method, false),
        Shape::Response { .. } => return Ok(()),
    };
    match text(headers, &METHOD)? {
        Some(header) if header != *method => return Err(differs(&METHOD, header, method)),
        None if required && is_request => return Err(missing(&METHOD)),
        Some(_) | None => {}
    }
    let name = mirrored_name(message, method);
    match (text(headers, &NAME)?, &name) {
        (Some(header), Some(name)) => {
            let decoded = decode(header).ok_or_else(|| undecodable(&NAME))?;
            if decoded != *name {
                return Err(differs(&NAME, &decoded, name));
            }
        }
        (Some(header), None) => return Err(differs(&NAME, header, "")),
        (None, Some(_)) if required && is_request && names_are_required(method) => {
            return Err(missing(&NAME));
        }
        (None, Some(_) | None) => {}
    }
    if required {
        refuse_repeated_params(headers)?;
        for mirrored in mirrored {
            verify_param(message, headers, mirrored)?;
        }
    }
    Ok(())
}

/// What goes on to the tool server: headers that the gate makes of the message as
/// it is sent. Parameters that it does not know to be mirrored have none: the
/// server misses the header, and whoever routes by it is told nothing false.
pub(crate) fn outgoing(message: &Message, headers: &HeaderMap, mirrored: &[Mirrored]) -> HeaderMap {
    let mut out = HeaderMap::new();
    if let Some(version) = headers.get(&PROTOCOL_VERSION) {
        out.insert(PROTOCOL_VERSION, version.clone());
    }
    let (Shape::Request { method, .. } | Shape::Notification { method }) = &message.shape else {
        return out;
    };
    if let Ok(value) = HeaderValue::from_str(method) {
        out.insert(METHOD, value);
    }
    if let Some(value) = mirrored_name(message, method).and_then(|name| encode(&name)) {
        out.insert(NAME, value);
    }
    for mirrored in mirrored {
        let value = at(message, mirrored).and_then(|value| primitive(value));
        if let Some(value) = value.and_then(|value| encode(&value)) {
            out.insert(mirrored.header.clone(), value);
        }
    }
    out
}

/// The header that mirrors the name, where there is one, for another name. One that no
/// header can hold has none, and who wants one refuses the message.
pub(crate) fn renamed(headers: &mut HeaderMap, name: Option<&str>) {
    let Some(name) = name.filter(|_| headers.contains_key(&NAME)) else {
        return;
    };
    match encode(name) {
        Some(value) => headers.insert(NAME, value),
        None => headers.remove(&NAME),
    };
}

/// A header that must not be there twice. `Err` where it is, or where it is not
/// text.
pub(crate) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(());
    }
    value.to_str().map(Some).map_err(|_not_ascii| ())
}

/// With two values, every reader takes the one that it likes.
fn refuse_repeated_params(headers: &HeaderMap) -> Result<(), HeaderMismatch> {
    let mut params = headers
        .keys()
        .filter(|name| name.as_str().starts_with(PARAM_PREFIX));
    if params.any(|name| only(headers, name).is_err()) {
        return Err(HeaderMismatch(format!(
            "a header `{PARAM_PREFIX}...` is not one text"
        )));
    }
    Ok(())
}

fn verify_param(
    message: &Message,
    headers: &HeaderMap,
    mirrored: &Mirrored,
) -> Result<(), HeaderMismatch> {
    let header = text(headers, &mirrored.header)?;
    let body = at(message, mirrored).filter(|value| value.kind() != Kind::Null);
    match (header, body) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(missing(&mirrored.header)),
        (Some(header), None) => Err(differs(&mirrored.header, header, "")),
        (Some(header), Some(body)) => {
            let decoded = decode(header).ok_or_else(|| undecodable(&mirrored.header))?;
            if is_same(&decoded, body) {
                Ok(())
            } else {
                Err(differs(&mirrored.header, &decoded, body.json()))
            }
        }
    }
}

/// Numbers are compared as numbers, exactly: `42.0` is `42`.
fn is_same(header: &str, body: Value<'_>) -> bool {
    match body.kind() {
        Kind::Number => are_equal(header, body.json()),
        Kind::Text | Kind::Boolean(_) => primitive(body).as_deref() == Some(header),
        Kind::Null | Kind::Array(_) | Kind::Object(_) => false,
    }
}

fn at<'a>(message: &'a Message, mirrored: &Mirrored) -> Option<Value<'a>> {
    let pointer = format!("/params/arguments{}", mirrored.pointer);
    at_pointer(&message.document, &pointer)
}

fn at_pointer<'a>(document: &'a Document, pointer: &str) -> Option<Value<'a>> {
    document.at(&Pointer::parse(pointer).ok()?)
}

fn primitive(value: Value<'_>) -> Option<String> {
    match value.kind() {
        Kind::Text => value.as_text().map(std::borrow::Cow::into_owned),
        Kind::Number | Kind::Boolean(_) => Some(value.json().to_owned()),
        Kind::Null | Kind::Array(_) | Kind::Object(_) => None,
    }
}

/// What `Mcp-Name` says for a message of this method.
fn mirrored_name(message: &Message, method: &str) -> Option<String> {
    let member = match method {
        "tools/call" | "prompts/get" => "name",
        "resources/read" | "resources/subscribe" | "resources/unsubscribe" => "uri",
        "tasks/get" | "tasks/update" | "tasks/cancel" => "taskId",
        _names_nothing => return None,
    };
    let name = message.params()?.get(member)?.as_text()?;
    Some(name.into_owned())
}

fn names_are_required(method: &str) -> bool {
    matches!(method, "tools/call" | "resources/read" | "prompts/get")
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, HeaderMismatch> {
    only(headers, name).map_err(|()| HeaderMismatch(format!("header `{name}` is not one text")))
}

fn missing(name: &HeaderName) -> HeaderMismatch {
    HeaderMismatch(format!("header `{name}` is missing"))
}

fn undecodable(name: &HeaderName) -> HeaderMismatch {
    HeaderMismatch(format!("header `{name}` is not base64 of text"))
}

fn differs(name: &HeaderName, header: &str, body: &str) -> HeaderMismatch {
    let short = |text: &str| text.chars().take(80).collect::<String>();
    HeaderMismatch(format!(
        "header `{name}` says `{}`, the message `{}`",
        short(header),
        short(body)
    ))
}

/// Decodes `=?base64?...?=`; other values stand for themselves.
fn decode(value: &str) -> Option<String> {
    let encoded = value
        .strip_prefix(BASE64_PREFIX)
        .and_then(|rest| rest.strip_suffix(BASE64_SUFFIX));
    match encoded {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}

fn encode(value: &str) -> Option<HeaderValue> {
    if value.len() > MIRRORED_BYTES_MAX {
        return None;
    }
    let plain = value.bytes().all(|byte| (0x20..0x7f).contains(&byte))
        && value.trim() == value
        && !(value.starts_with(BASE64_PREFIX) && value.ends_with(BASE64_SUFFIX));
    if plain {
        return HeaderValue::from_str(value).ok();
    }
    let encoded = format!("{BASE64_PREFIX}{}{BASE64_SUFFIX}", STANDARD.encode(value));
    HeaderValue::from_str(&encoded).ok()
}
