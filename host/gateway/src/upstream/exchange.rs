//! What goes to a tool server, and what comes back.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use gatewright_policy::json::{Document, Value};
use hyper::{HeaderMap, StatusCode};

use super::UpstreamError;
use crate::era::Era;
use crate::owner::Owner;
use crate::sse::Event;

/// What is done with a tool server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// POST: one message.
    Send,
    /// GET: listen to what the server says outside of any answer.
    Listen,
    /// DELETE: end a session.
    End,
}

/// One message on its way to a tool server.
///
/// Nobody below this type keeps time: the caller drops the future when the
/// deadline passes, and dropping it (or the [`Events`] it gave) abandons the
/// exchange.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    /// Exactly what is sent, with its index; streams and the end of a session send
    /// nothing.
    pub(crate) message: Document,
    /// Which era the message belongs to.
    pub(crate) era: Era,
    /// The `Mcp-Session-Id` that the tool server gave, for the legacy era.
    pub(crate) session: Option<Arc<str>>,
    /// `MCP-Protocol-Version`, `Mcp-Method`, `Mcp-Name`, `Mcp-Param-*` and
    /// `Last-Event-ID`, where they apply. Nothing else of the agent's request.
    pub(crate) headers: HeaderMap,
    /// Who asks: whose share what comes back takes until it is read. It goes nowhere.
    pub(crate) owner: Option<Owner>,
    /// Longest single message that the tool server may answer with.
    pub(crate) reply_bytes_max: usize,
}

/// What a tool server answered.
pub(crate) struct Exchange {
    /// As in Streamable HTTP: 200 with a reply, 202 for an accepted
    /// notification or response, 400, 404 (no such session) or 405 (no such
    /// stream) otherwise.
    pub(crate) status: StatusCode,
    /// The `Mcp-Session-Id` that the answer to `initialize` carries.
    pub(crate) session: Option<Arc<str>>,
    /// The messages.
    pub(crate) body: Reply,
}

/// The messages of an answer. None of them is parsed yet.
pub(crate) enum Reply {
    /// None.
    Empty,
    /// One.
    Json(Bytes),
    /// A stream of them.
    Events(Events),
}

/// A stream of messages; ends after the first error.
pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<Event, UpstreamError>> + Send>>;

impl Exchange {
    /// An answer without a message.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            session: None,
            body: Reply::Empty,
        }
    }

    /// The answer to a request whose method is not there, and why. The words are JSON as
    /// they are.
    pub(super) fn no_method(id: Value<'_>, why: &'static str) -> Self {
        let id = id.json();
        let text =
            format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":-32601,"message":"{why}"}}}}"#);
        Self {
            body: Reply::Json(Bytes::from(text)),
            ..Self::empty(StatusCode::NOT_FOUND)
        }
    }
}
