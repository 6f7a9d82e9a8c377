//! What a client says, as far as a bridge must know, and what it is told.

use gatewright_policy::json::JsonLimits;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::json;

use crate::era::{Era, Mirror, era, version};
use crate::headers::{PROTOCOL_VERSION, outgoing};
use crate::message::{Id, Message, Shape};

/// Longest message of the client or of the gate.
pub(super) const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Headers that mirror a message.
pub(super) type Headers = Vec<(HeaderName, HeaderValue)>;

/// What the client wants, as far as order matters.
pub(super) enum Wish {
    Request {
        id: Id,
        is_handshake: bool,
        headers: Headers,
    },
    /// Notifications, and answers.
    Other {
        cancels: Option<Id>,
        is_initialized: bool,
        headers: Headers,
    },
    /// The gate says what is wrong with it.
    Unreadable { id: Option<Id> },
}

impl Wish {
    pub(super) fn of(line: &[u8], limits: &JsonLimits) -> Self {
        let Ok(message) = Message::parse(line, limits) else {
            return Self::Unreadable {
                id: Id::glimpsed(line),
            };
        };
        let headers = mirrored(&message);
        match &message.shape {
            Shape::Request { id, method } => Self::Request {
                id: id.clone(),
                is_handshake: method == "initialize",
                headers,
            },
            Shape::Notification { method } => {
                let id = message.params().and_then(|params| params.get("requestId"));
                Self::Other {
                    cancels: id
                        .filter(|_| method == "notifications/cancelled")
                        .and_then(|id| Id::read(id).ok()),
                    is_initialized: method == "notifications/initialized",
                    headers,
                }
            }
            Shape::Response { .. } => Self::Other {
                cancels: None,
                is_initialized: false,
                headers,
            },
        }
    }
}

/// What the modern era wants in headers. Parameters of tools have none here: a server
/// that wants one is reached over HTTP.
fn mirrored(message: &Message) -> Headers {
    let none = HeaderMap::new();
    if era(message, &none, Mirror::Absent) != Ok(Era::Modern) {
        return Vec::new();
    }
    let version = version(message, &none);
    let version = version.and_then(|version| HeaderValue::from_str(&version).ok());
    let said = version.map(|version| (PROTOCOL_VERSION, version));
    let headers = outgoing(message, &said.into_iter().collect(), &[]);
    headers
        .into_iter()
        .filter_map(|(name, value)| Some((name?, value)))
        .collect()
}

/// An error that the client shows to its user.
pub(super) fn refusal(id: Option<&Id>, why: &str) -> String {
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "error": { "code": -31_401, "message": why },
    })
    .to_string()
}
