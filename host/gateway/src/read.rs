//! Step 1 of a call: bytes become a message that is understood.

use std::borrow::Cow;
use std::sync::Arc;

use gatewright_engine::config::{Params, is_server_name};
use gatewright_engine::{Kind, Server, Snapshot};
use gatewright_policy::Reason;
use hyper::HeaderMap;

use crate::asked::Asked;
use crate::call::{Caller, Incoming};
use crate::era::{
    Era, EraError, Mirror, declares, elicits_url, era, era_of_stream, version, version_header,
};
use crate::headers::{HeaderMismatch, SESSION_ID, only, verify};
use crate::message::{Id, Message, Shape};
use crate::method::{AGENT_NOTIFICATIONS, Method, Names, Notification, OTHER_NOTIFICATION};
use crate::mirrored::{Mirrored, MirroredParams};
use crate::params::{self, Unknown, hides_answers};
pub(crate) use crate::refused::Refusal;
use crate::returned::taken_off;

/// What an agent asked, understood.
pub(crate) struct Wanted {
    pub(crate) message: Message,
    /// The message as it came, where the gate took something of its own off it.
    pub(crate) as_sent: Option<Message>,
    pub(crate) era: Era,
    pub(crate) server: Arc<Server>,
    pub(crate) session: Option<Arc<str>>,
    pub(crate) what: What,
    /// Parameters of the tool that headers mirror.
    pub(crate) mirrored: Arc<[Mirrored]>,
}

/// The kinds of message that an agent sends.
#[derive(Debug)]
pub(crate) enum What {
    /// A request, and what it names.
    Request {
        id: Id,
        method: &'static Method,
        names: Vec<String>,
    },
    /// A notification. `cancels`: the request that it is about. `passes`: it is one of
    /// MCP, or one that the operator lets through.
    Notification {
        method: &'static Notification,
        cancels: Option<Id>,
        passes: bool,
    },
    /// The answer to a request of the server.
    Response { id: Id },
}

/// The extension that has tasks.
const TASKS: &str = "io.modelcontextprotocol/tasks";

/// Step 1. Fills in `asked` as far as it comes, so that a refusal can say what
/// it is about.
pub(crate) fn read(
    incoming: &Incoming,
    snapshot: &Snapshot,
    params: &MirroredParams,
    asked: &mut Asked,
) -> Result<Wanted, Refusal> {
    let covered = server(incoming, snapshot, asked)?;
    let limits = snapshot.limits.request_json();
    let message = Message::parse(&incoming.body, &limits).inspect_err(|_unread| {
        asked.id = Id::glimpsed(&incoming.body);
    })?;
    asked.note(&message);
    let mirror = mirror(&incoming.caller);
    let era = era(&message, &incoming.headers, mirror).map_err(|error| asked.out_of_era(error))?;
    asked.era = Some(era);
    asked.version = version(&message, &incoming.headers);
    asked.elicits_url = elicits_url(&message);
    let (message, as_sent, session) = match era {
        Era::Legacy => (message, None, session(&incoming.headers)?),
        Era::Modern => match taken_off(&message, &limits)? {
            None => (message, None, None),
            Some((left, returned)) => {
                asked.returned = Some(returned);
                (left, Some(message), None)
            }
        },
    };
    asked.in_session = session.is_some();
    let what = what(&message, era, covered.as_deref())?;
    if let What::Request { names, .. } = &what {
        asked.name = names.first().cloned().unwrap_or_default();
    }
    let mirrored = match (&what, &covered) {
        (What::Request { .. }, Some(server)) if asked.is_tool_call => {
            params.of(&server.name, &asked.name)
        }
        (What::Request { .. } | What::Notification { .. } | What::Response { .. }, _) => {
            Arc::from([])
        }
    };
    let required = era == Era::Modern && mirror == Mirror::Required;
    verify(&message, &incoming.headers, required, &mirrored).map_err(header_mismatch)?;
    let server = covered.ok_or_else(|| not_covered(&incoming.server, what.scope()))?;
    Ok(Wanted {
        message,
        as_sent,
        era,
        server,
        session,
        what,
        mirrored,
    })
}

/// The server, the era and the session of a stream.
type StreamPlace = (Arc<Server>, Era, Option<Arc<str>>);

/// Step 1 for a GET or a DELETE: the server and the session.
pub(crate) fn read_stream(
    incoming: &Incoming,
    snapshot: &Snapshot,
    asked: &mut Asked,
) -> Result<StreamPlace, Refusal> {
    let covered = server(incoming, snapshot, asked)?;
    let era = era_of_stream(&incoming.headers).map_err(|error| asked.out_of_era(error))?;
    asked.era = Some(era);
    asked.version = version_header(&incoming.headers);
    let session = session(&incoming.headers)?;
    asked.in_session = session.is_some();
    let server = covered.ok_or_else(|| not_covered(&incoming.server, "*"))?;
    Ok((server, era, session))
}

/// The server that is asked. Nothing where the credential covers none of this name: whether
/// there is one is told to nobody who may not use it, by no difference in what is refused.
fn server(
    incoming: &Incoming,
    snapshot: &Snapshot,
    asked: &mut Asked,
) -> Result<Option<Arc<Server>>, Refusal> {
    if !snapshot.is_ready() {
        return Err(Refusal::not_ready());
    }
    let is_covered = match &incoming.caller {
        Caller::Bearer(bearer) => bearer.grant.covers_server(&incoming.server),
        Caller::Local(grant) => grant.covers_server(&incoming.server),
        Caller::Nobody => true,
    };
    match (is_covered, snapshot.server(&incoming.server)) {
        (false, _) => Ok(None),
        (true, Some(server)) => {
            asked.server_label = Arc::clone(&server.name);
            Ok(Some(Arc::clone(server)))
        }
        (true, None) => Err(Refusal::new(
            Reason::UnknownServer,
            "no tool server has this name",
        )),
    }
}

/// As where there is such a server, and the credential covers something else there.
fn not_covered(server: &str, name: &str) -> Refusal {
    let scopes = match is_server_name(server) {
        true => vec![format!("{server}:{name}")],
        false => Vec::new(),
    };
    Refusal {
        scopes,
        ..Refusal::new(
            Reason::InsufficientScope,
            "the credential does not cover this",
        )
    }
}

/// The session that a header names.
pub(crate) fn session(headers: &HeaderMap) -> Result<Option<Arc<str>>, Refusal> {
    only(headers, &SESSION_ID)
        .map(|session| session.map(Arc::from))
        .map_err(|()| {
            Refusal::new(
                Reason::HeaderMismatch,
                "header `mcp-session-id` is not one text",
            )
        })
}

/// `server`: the one that is asked, where the credential covers any of it.
fn what(message: &Message, era: Era, server: Option<&Server>) -> Result<What, Refusal> {
    let unknown = match server.map(|server| server.params) {
        Some(Params::Known) | None => Unknown::Refused,
        Some(Params::Any) => Unknown::Allowed,
    };
    if unknown == Unknown::Refused {
        message.refuse_unknown_members()?;
    }
    match &message.shape {
        Shape::Request { id, method: name } => {
            let method = Method::find(name, era).ok_or_else(|| unknown_method(name))?;
            let lacks_tasks = era == Era::Modern && !declares(message, TASKS);
            if method.names == Names::Task && lacks_tasks {
                return Err(Refusal {
                    code: Some(-32_021),
                    ..Refusal::new(
                        Reason::MalformedRequest,
                        format!("the client does not declare the extension `{TASKS}`"),
                    )
                });
            }
            method.check(message.params(), era, unknown)?;
            let may_ask = server.is_some_and(|server| !server.client_requests.is_empty());
            let may_answer = unknown == Unknown::Allowed || may_ask;
            if !may_answer && hides_answers(message.params(), method.arguments_at) {
                return Err(Refusal::new(
                    Reason::MalformedRequest,
                    "`params.inputResponses` answers what the tool server may not ask",
                ));
            }
            let names = method.names(message.params())?;
            Ok(What::Request {
                id: id.clone(),
                method,
                names,
            })
        }
        Shape::Notification { method } => {
            let mut notifications = AGENT_NOTIFICATIONS.iter();
            let Some(method) = notifications.find(|known| known.name == method) else {
                return Ok(What::Notification {
                    method: OTHER_NOTIFICATION,
                    cancels: None,
                    passes: server.is_some_and(|server| passes(server, method)),
                });
            };
            params::check(message.params(), method.params, era, unknown)?;
            let cancels = match method.name {
                "notifications/cancelled" => Some(cancelled(message)?),
                _any_other => None,
            };
            Ok(What::Notification {
                method,
                cancels,
                passes: true,
            })
        }
        Shape::Response { id: Some(id), .. } => Ok(What::Response { id: id.clone() }),
        Shape::Response { id: None, .. } => Err(Refusal::new(
            Reason::MalformedRequest,
            "an answer without an id answers nothing",
        )),
    }
}

/// Whether the operator lets a notification that MCP does not know through.
pub(crate) fn passes(server: &Server, method: &str) -> bool {
    let mut patterns = server.notifications.iter();
    patterns.any(|pattern| pattern.matches(method))
}

/// The request that a notification cancels.
pub(crate) fn cancelled(message: &Message) -> Result<Id, Refusal> {
    let params = message.params();
    let id = params.and_then(|params| params.get("requestId"));
    let id =
        id.ok_or_else(|| Refusal::new(Reason::MalformedRequest, "`params.requestId` is missing"))?;
    Ok(Id::read(id)?)
}

pub(crate) fn unknown_method(name: &str) -> Refusal {
    Refusal {
        record: Some(Cow::Borrowed("this method is not served here")),
        ..Refusal::new(
            Reason::UnknownMethod,
            format!("method `{name}` is not served here"),
        )
    }
}

pub(crate) fn header_mismatch(error: HeaderMismatch) -> Refusal {
    Refusal {
        record: Some(Cow::Borrowed("a header is not what the message says")),
        ..Refusal::new(Reason::HeaderMismatch, error.to_string())
    }
}

pub(crate) fn mirror(caller: &Caller) -> Mirror {
    match caller {
        Caller::Nobody | Caller::Bearer(_) => Mirror::Required,
        Caller::Local(_) => Mirror::Absent,
    }
}

// === impl What ===

impl What {
    /// Whether the answer is a stream without an end.
    pub(crate) fn is_long(&self) -> bool {
        match self {
            Self::Request { method, .. } => method.is_long(),
            Self::Notification { .. } | Self::Response { .. } => false,
        }
    }

    /// Whether its answer may become a stream: that to a handshake has the session in a
    /// header, and others than requests have none.
    pub(crate) fn may_stream(&self) -> bool {
        match self {
            Self::Request { method, .. } => method.name != "initialize",
            Self::Notification { .. } | Self::Response { .. } => false,
        }
    }

    /// What a scope must cover of a server.
    fn scope(&self) -> &str {
        match self {
            Self::Request { method, names, .. }
                if self.kind() == Kind::Judged && method.names != Names::Task =>
            {
                names.first().map_or("*", String::as_str)
            }
            Self::Request { .. } | Self::Notification { .. } | Self::Response { .. } => "*",
        }
    }

    /// How much must be decided.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Request { method, names, .. } => match method.kind {
                // A subscription to nothing in particular names nothing.
                Kind::Judged if names.is_empty() => Kind::Protocol,
                kind @ (Kind::Judged | Kind::Listing | Kind::Protocol) => kind,
            },
            Self::Notification { .. } | Self::Response { .. } => Kind::Protocol,
        }
    }
}

// === impl Asked ===

impl Asked {
    /// What a message says of itself.
    pub(crate) fn note(&mut self, message: &Message) {
        self.id = match &message.shape {
            Shape::Request { id, .. } => Some(id.clone()),
            Shape::Notification { .. } | Shape::Response { .. } => None,
        };
        if let Shape::Request { method, .. } | Shape::Notification { method } = &message.shape {
            self.method.clone_from(method);
        }
        self.is_tool_call = self.id.is_some() && self.method == "tools/call";
        let meta = message.params().and_then(|params| params.get("_meta"));
        let token = meta.and_then(|meta| meta.get("progressToken"));
        self.progress = token.and_then(|token| Id::read(token).ok());
    }

    pub(crate) fn out_of_era(&mut self, error: EraError) -> Refusal {
        let message = error.to_string();
        let reason = match error {
            EraError::Unsupported(version) => {
                self.requested_version = Some(version);
                Reason::UnsupportedVersion
            }
            EraError::Mismatch(_) => Reason::HeaderMismatch,
            EraError::Incomplete(_) => {
                return Refusal {
                    code: Some(-32_602),
                    ..Refusal::new(Reason::MalformedRequest, message)
                };
            }
        };
        Refusal::new(reason, message)
    }
}
