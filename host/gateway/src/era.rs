//! The two eras of MCP. The gate serves both and never translates one into the
//! other: it answers in the era of the request.

use gatewright_policy::json::{Kind, Value};
use hyper::HeaderMap;

use crate::headers::{PROTOCOL_VERSION, only};
use crate::message::{Message, Shape};

/// Which rules a message follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// Up to 2025-11-25: `initialize`, sessions, GET streams.
    Legacy,
    /// From 2026-07-28: stateless, everything in `_meta` of each request.
    Modern,
}

/// Why a message belongs to no era that the gate serves.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EraError {
    /// A revision that the gate does not know.
    #[error("protocol revision `{0}` is not supported")]
    Unsupported(String),
    /// The header and `_meta` disagree, or one of them is missing.
    #[error("{0}")]
    Mismatch(String),
    /// A modern request without what every modern request carries.
    #[error("{0}")]
    Incomplete(String),
}

/// Revisions with a handshake, oldest first.
const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// Revisions without one.
const MODERN: [&str; 1] = ["2026-07-28"];

/// The member of `_meta` that holds what the client can do.
const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// The member of `_meta` that names the revision.
const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Where a modern message and its headers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mirror {
    /// Over HTTP the headers must be there.
    Required,
    /// Over stdio there are none.
    Absent,
}

/// The era of a message.
pub(crate) fn era(message: &Message, headers: &HeaderMap, mirror: Mirror) -> Result<Era, EraError> {
    let header = only(headers, &PROTOCOL_VERSION)
        .map_err(|()| EraError::Mismatch(format!("header `{PROTOCOL_VERSION}` is not one text")))?;
    let (is_request, is_handshake) = match &message.shape {
        Shape::Request { method, .. } => (true, method == "initialize"),
        Shape::Notification { .. } | Shape::Response { .. } => (false, false),
    };
    let meta = meta_version(message)?;
    if is_handshake && meta.is_none() {
        return handshake(message, header);
    }
    if let Some(meta) = meta {
        return match header {
            Some(header) if header == meta => known(&meta),
            None if mirror == Mirror::Absent => known(&meta),
            Some(_) | None => Err(EraError::Mismatch(format!(
                "header `{PROTOCOL_VERSION}` does not say `{meta}`, as the message does"
            ))),
        };
    }
    let Some(header) = header else {
        return Ok(Era::Legacy);
    };
    match known(header)? {
        Era::Modern if is_request => Err(EraError::Incomplete(format!(
            "`params._meta` has no `{META_VERSION}`"
        ))),
        era @ (Era::Modern | Era::Legacy) => Ok(era),
    }
}

/// Whether a modern message declares an extension of the protocol.
pub(crate) fn declares(message: &Message, extension: &str) -> bool {
    let meta = message.params().and_then(|params| params.get("_meta"));
    let capabilities = meta.and_then(|meta| meta.get(META_CAPABILITIES));
    let extensions = capabilities.and_then(|capabilities| capabilities.get("extensions"));
    extensions
        .and_then(|extensions| extensions.get(extension))
        .is_some()
}

/// Whether a message says that the client can send its user to a URL: a modern one in its
/// `_meta`, a legacy one where it begins a session.
pub(crate) fn elicits_url(message: &Message) -> bool {
    let params = message.params();
    let meta = params.and_then(|params| params.get("_meta"));
    let modern = meta.and_then(|meta| meta.get(META_CAPABILITIES));
    let legacy = params
        .filter(
            |_| matches!(&message.shape, Shape::Request { method, .. } if method == "initialize"),
        )
        .and_then(|params| params.get("capabilities"));
    let elicitation = modern
        .or(legacy)
        .and_then(|capabilities| capabilities.get("elicitation"));
    let url = elicitation.and_then(|elicitation| elicitation.get("url"));
    url.is_some_and(|url| matches!(url.kind(), Kind::Object(_)))
}

/// The revision that a message, or else its header, names; for telemetry.
pub(crate) fn version(message: &Message, headers: &HeaderMap) -> Option<String> {
    let meta = meta_version(message).ok().flatten();
    meta.or_else(|| version_header(headers))
}

/// The revision that a header names.
pub(crate) fn version_header(headers: &HeaderMap) -> Option<String> {
    let version = headers.get(&PROTOCOL_VERSION)?.to_str().ok()?;
    Some(version.to_owned())
}

/// The era of a GET or DELETE, which only the legacy revisions know.
pub(crate) fn era_of_stream(headers: &HeaderMap) -> Result<Era, EraError> {
    let header = only(headers, &PROTOCOL_VERSION)
        .map_err(|()| EraError::Mismatch(format!("header `{PROTOCOL_VERSION}` is not one text")))?;
    header.map_or(Ok(Era::Legacy), known)
}

/// Every revision that the gate passes on, newest first.
pub(crate) fn supported() -> impl Iterator<Item = &'static str> {
    MODERN.iter().rev().chain(LEGACY.iter().rev()).copied()
}

/// `initialize` belongs to the legacy era whatever it asks for: servers answer
/// it with a revision that they have.
fn handshake(message: &Message, header: Option<&str>) -> Result<Era, EraError> {
    let body = message
        .params()
        .and_then(|params| params.get("protocolVersion"))
        .and_then(|version| version.as_text());
    match (header, body) {
        (Some(header), Some(body)) if header != body => Err(EraError::Mismatch(format!(
            "header `{PROTOCOL_VERSION}` does not say `{body}`, as the message does"
        ))),
        (Some(_) | None, Some(_) | None) => Ok(Era::Legacy),
    }
}

fn meta_version(message: &Message) -> Result<Option<String>, EraError> {
    let version = message
        .params()
        .and_then(|params| params.get("_meta"))
        .and_then(|meta| meta.get(META_VERSION));
    let text = |version: Value<'_>| {
        version
            .as_text()
            .map(std::borrow::Cow::into_owned)
            .ok_or_else(|| EraError::Incomplete(format!("`{META_VERSION}` is not text")))
    };
    version.map(text).transpose()
}

fn known(version: &str) -> Result<Era, EraError> {
    if MODERN.contains(&version) {
        Ok(Era::Modern)
    } else if LEGACY.contains(&version) {
        Ok(Era::Legacy)
    } else {
        Err(EraError::Unsupported(version.chars().take(64).collect()))
    }
}
