//! What the two faces of the gate, HTTP and stdio, hand to the proxy, and what
//! they get back.

use std::sync::Arc;

use bytes::Bytes;
use gatewright_engine::Snapshot;
use gatewright_policy::Grant;
use hyper::{HeaderMap, StatusCode};

use crate::answering::Marks;
use crate::bodies::Held;
use crate::flights::Seat;
use crate::presented::Presented;
use crate::upstream::Events;

/// What an agent sent to one tool server.
pub(crate) struct Incoming {
    /// The configured name of the tool server.
    pub(crate) server: Arc<str>,
    /// Who says that it asks.
    pub(crate) caller: Caller,
    /// `MCP-Protocol-Version`, `Mcp-Session-Id`, `Last-Event-ID` and the
    /// mirrored headers, as in Streamable HTTP. The stdio face sets the session
    /// and nothing else.
    pub(crate) headers: HeaderMap,
    /// One JSON-RPC message; empty for streams and for the end of a session.
    pub(crate) body: Bytes,
    /// The URL that it was sent to, as clients name it; none over stdio.
    pub(crate) endpoint: Option<String>,
    /// How a client without a credential gets one; none over stdio, and where there is
    /// no authorization server.
    pub(crate) sign_in: Option<SignIn>,
    /// Its share of what bodies may take in memory; none over stdio.
    pub(crate) held: Option<Held>,
    /// The seat that it was read in; none over stdio.
    pub(crate) seat: Option<Seat>,
    /// How far it has come.
    pub(crate) marks: Marks,
}

impl Incoming {
    /// What names this gate and this server of it. Over stdio there is no URL: the gate
    /// is its audience then.
    pub(crate) fn endpoint(&self, snapshot: &Snapshot) -> String {
        let audience = snapshot.gate.audience.as_deref().unwrap_or_default();
        match &self.endpoint {
            Some(url) => url.clone(),
            None => format!("stdio:{audience}/{}", self.server),
        }
    }
}

/// How a client gets a credential by signing in.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    /// The URL of the metadata of the endpoint (RFC 9728).
    pub(crate) resource_metadata: String,
    /// The scopes that it may ask for, where the operator says so.
    pub(crate) scopes: Vec<String>,
}

/// Who asks.
#[derive(Clone)]
pub(crate) enum Caller {
    /// Nobody that is known: an HTTP request without a credential that verifies.
    Nobody,
    /// Whom the credential of an HTTP request is for.
    Bearer(Bearer),
    /// The local agent that the operator named; only over stdio. Headers that
    /// mirror the body are not expected from it.
    Local(Grant),
}

impl Caller {
    /// What an agent showed; nothing of the local one.
    pub(crate) const fn presented(&self) -> Option<&Presented> {
        match self {
            Self::Bearer(bearer) => Some(&bearer.token),
            Self::Nobody | Self::Local(_) => None,
        }
    }
}

/// A credential that was verified, from the headers alone.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub(crate) token: Presented,
    pub(crate) grant: Grant,
    /// The URLs of the endpoint, and of the whole gate, as this client has them.
    pub(crate) resources: [String; 2],
    /// The snapshot whose issuers it was verified against: after a change of the
    /// configuration it is verified again.
    pub(crate) generation: u64,
}

/// What the agent gets.
pub(crate) struct Answer {
    /// The HTTP status. The stdio face needs it only where `body` is empty.
    pub(crate) status: StatusCode,
    /// Headers of the answer: `Mcp-Session-Id`, `WWW-Authenticate`, `Allow`.
    pub(crate) headers: HeaderMap,
    /// The messages.
    pub(crate) body: AnswerBody,
}

/// The messages of an answer, reviewed and ready to be sent.
pub(crate) enum AnswerBody {
    /// None.
    Empty,
    /// One JSON-RPC message.
    Json(Bytes),
    /// A stream of them. It ends with the final response, or without one when
    /// the connection to the agent should be cut.
    Events(Events),
}
