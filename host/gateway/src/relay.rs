//! The way back: steps 8 and 9 of a call. Every message of a tool server is
//! parsed, checked, reviewed, and only then passed on; the outcome is recorded
//! before the final answer leaves.

mod ending;
mod question;
mod review;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use gatewright_engine::{Pending, Server, Snapshot};
use gatewright_policy::{Grant, Reason};
use hyper::header::HeaderValue;
use hyper::{HeaderMap, StatusCode};
use tokio::time::Instant;

use crate::asked::Asked;
use crate::bodies::{Held, SumMax};
use crate::call::{Answer, AnswerBody};
use crate::flights::{Flight, Seat};
use crate::gate::Gate;
use crate::headers::SESSION_ID;
use crate::mended;
use crate::message::{Id, Message, Shape};
use crate::method::Method;
use crate::owner::{Owner, Place};
use crate::read::What;
use crate::sessions::{Room, Stay};
use crate::upstream::{Exchange, Reply, UpstreamError};

/// Said in place of an answer for which there is no room.
const NOT_KEPT: &str = "the call was made, and its answer is not kept: as many answers wait \
                        to be read as may";

/// What the operator is told of a server that knows no POST at its URL.
const NO_STREAMABLE_HTTP: &str = "; nor does it open a stream of HTTP+SSE (2024-11-05) there; \
     hint: put its endpoint into `url`, often `/mcp`, or `/sse` where it speaks HTTP+SSE";

/// One call that went ahead, until its answer is with the agent.
pub(crate) struct Relay {
    gate: Arc<Gate>,
    snapshot: Arc<Snapshot>,
    server: Arc<Server>,
    expects: Expects,
    underway: Underway,
    asked: Asked,
    pending: Option<Pending>,
    /// The server gave an event id: the agent may come back for the rest.
    resumable: bool,
    /// What it said last had halves of signs in it.
    mended: bool,
    patience: Patience,
    /// It ends then, whatever comes.
    ends_at: Instant,
}

/// What a call holds as long as it lasts.
pub(crate) struct Underway {
    pub(crate) place: Place,
    pub(crate) grant: Grant,
    #[expect(dead_code, reason = "held, and given back when dropped")]
    pub(crate) seat: Seat,
    #[expect(dead_code, reason = "held, and over when dropped")]
    pub(crate) stay: Option<Stay>,
    #[expect(dead_code, reason = "held, and over when dropped")]
    pub(crate) flight: Option<Flight>,
    /// When it went ahead.
    pub(crate) since: Instant,
}

/// What the tool server should answer with.
#[derive(Clone, Debug)]
pub(crate) enum Expects {
    /// The response to a request.
    Response { id: Id, method: &'static Method },
    /// Acceptance.
    Nothing,
    /// The end of a session.
    End,
    /// A stream that nobody asked for anything in particular on.
    Stream,
}

/// How long a stream may be silent.
#[derive(Clone, Copy, Debug)]
enum Patience {
    /// So long before each message. What is left counts only the time in which
    /// the tool server was waited for: a slow agent costs it nothing.
    PerMessage { timeout: Duration, left: Duration },
    /// For ever: streams without an end.
    Endless,
}

/// No credential keeps a stream without an end open for longer.
const STREAM_LIFE_MAX: Duration = Duration::from_secs(24 * 3600);

impl Relay {
    /// A call that was forwarded just now.
    pub(crate) fn new(
        gate: &Arc<Gate>,
        snapshot: &Arc<Snapshot>,
        server: Arc<Server>,
        expects: Expects,
        underway: Underway,
        asked: &Asked,
        pending: Option<Pending>,
    ) -> Self {
        let (patience, life_max) = if expects.is_long() {
            (Patience::Endless, STREAM_LIFE_MAX)
        } else {
            let patience = Patience::PerMessage {
                timeout: server.timeout,
                left: server.timeout,
            };
            (patience, snapshot.limits.call_time_max.0)
        };
        let credential_life = underway.grant.expires_at.since(gate.engine.now());
        let ends_at = Instant::now() + credential_life.min(life_max);
        let mut asked = asked.clone();
        if let Some(pending) = &pending {
            pending.id().clone_into(&mut asked.decision);
        }
        Self {
            gate: Arc::clone(gate),
            snapshot: Arc::clone(snapshot),
            server,
            expects,
            underway,
            asked,
            pending,
            resumable: false,
            mended: false,
            patience,
            ends_at,
        }
    }

    /// Turns what the tool server answered into what the agent gets.
    pub(crate) async fn answer(mut self, exchange: Result<Exchange, UpstreamError>) -> Answer {
        let exchange = match exchange {
            Ok(exchange) => exchange,
            Err(error) => return self.failed(StatusCode::OK, &error).await,
        };
        let Exchange {
            status,
            session,
            body,
        } = exchange;
        if status == StatusCode::NOT_FOUND && self.underway.place.session.is_some() {
            return self.session_ended(body).await;
        }
        let opened = match self.bind(session).await {
            Ok(opened) => opened,
            Err(error) => return self.failed(StatusCode::OK, &error).await,
        };
        let mut answer = match (self.expects.clone(), body) {
            (Expects::Nothing, _) if status.is_success() => {
                self.accepted(StatusCode::ACCEPTED).await
            }
            (Expects::End, _) if status.is_success() => self.accepted(StatusCode::OK).await,
            (Expects::End, _) if status == StatusCode::METHOD_NOT_ALLOWED => {
                self.accepted(status).await
            }
            (Expects::Response { .. }, Reply::Json(bytes)) => {
                let text = self.only_response(&bytes).await;
                // The seat is free while the agent reads, and the bytes are not.
                let bytes = match self.held(text.len()) {
                    Ok(held) => held.text(text),
                    Err(instead) => instead.into(),
                };
                Answer {
                    status: whole(status),
                    headers: HeaderMap::new(),
                    body: AnswerBody::Json(bytes),
                }
            }
            (Expects::Response { .. } | Expects::Stream, Reply::Events(events)) => Answer {
                status,
                headers: HeaderMap::new(),
                body: AnswerBody::Events(self.relayed(events)),
            },
            (Expects::Stream, _) if !status.is_success() => self.accepted(status).await,
            (Expects::Nothing | Expects::End, _) => self.accepted(StatusCode::BAD_REQUEST).await,
            (Expects::Response { .. }, Reply::Empty) | (Expects::Stream, _) => {
                let mut error = format!("status {status} and no message");
                if self.is_handshake() && matches!(status.as_u16(), 404 | 405) {
                    error.push_str(NO_STREAMABLE_HTTP);
                }
                let error = UpstreamError::Invalid(error);
                self.failed(whole(status), &error).await
            }
        };
        if let Some(session) = opened {
            answer.headers.insert(SESSION_ID, session);
        }
        answer
    }

    /// Counts an answer until it is taken. Where there is no room, something short goes
    /// instead: the call was made, and its outcome is recorded as it was.
    fn held(&self, bytes: usize) -> Result<Held, String> {
        let max = SumMax::of_answers(&self.snapshot.limits);
        let held = self.gate.answers.hold(self.owner(), bytes, max);
        held.map_err(|_full| self.instead(Reason::Overloaded, NOT_KEPT))
    }

    fn owner(&self) -> &Owner {
        &self.underway.place.owner
    }

    /// Binds the session that an answer to `initialize` gives to the caller.
    async fn bind(
        &mut self,
        session: Option<Arc<str>>,
    ) -> Result<Option<HeaderValue>, UpstreamError> {
        let Some(session) = session.filter(|_| self.is_handshake()) else {
            return Ok(None);
        };
        let header = HeaderValue::from_str(&session)
            .map_err(|_| UpstreamError::Invalid("its session id is no header".to_owned()))?;
        self.underway.place.session = Some(Arc::clone(&session));
        let room = Room::of(&self.snapshot.limits);
        let elicits_url = self.asked.elicits_url;
        match self
            .gate
            .sessions
            .open(&self.underway.place, room, elicits_url)
        {
            Ok(gone) => Box::pin(self.gate.gave_way(&self.snapshot, gone)).await,
            Err(error) => {
                self.gate
                    .retire(&self.snapshot, &self.server.name, session)
                    .await;
                return Err(UpstreamError::Unavailable(error.to_string()));
            }
        }
        Ok(Some(header))
    }

    fn is_handshake(&self) -> bool {
        match &self.expects {
            Expects::Response { method, .. } => method.name == "initialize",
            Expects::Nothing | Expects::End | Expects::Stream => false,
        }
    }

    /// A single message, which must be the response.
    async fn only_response(&mut self, bytes: &[u8]) -> String {
        match self.read(bytes) {
            Ok(message) => match &message.shape {
                Shape::Response { id, .. } if self.awaits(id.as_ref()) => {
                    self.finish(message).await
                }
                Shape::Response { .. } | Shape::Request { .. } | Shape::Notification { .. } => {
                    let error = "it answered with a message that is not the response";
                    self.fail(&UpstreamError::Invalid(error.to_owned())).await
                }
            },
            Err(error) => self.fail(&error).await,
        }
    }

    /// Reads a message of the tool server, and notes whether it had to be mended.
    fn read(&mut self, bytes: &[u8]) -> Result<Message, UpstreamError> {
        let (document, mended) = mended::read(bytes, &self.snapshot.limits.result_json())
            .map_err(|error| UpstreamError::unread(&error))?;
        self.mended = mended;
        Ok(Message::of(document)?)
    }

    /// Whether a response of this id is the one. An error may lack its id.
    fn awaits(&self, id: Option<&Id>) -> bool {
        match &self.expects {
            Expects::Response { id: expected, .. } => id.is_none_or(|id| id == expected),
            Expects::Nothing | Expects::End | Expects::Stream => false,
        }
    }
}

impl Expects {
    /// What the answer to a message should be.
    pub(crate) fn of(what: What) -> Self {
        match what {
            What::Request { id, method, .. } => Self::Response { id, method },
            What::Notification { .. } | What::Response { .. } => Self::Nothing,
        }
    }

    fn is_long(&self) -> bool {
        match self {
            Self::Response { method, .. } => method.is_long(),
            Self::Nothing | Self::End => false,
            Self::Stream => true,
        }
    }
}

fn json(status: StatusCode, text: String) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: AnswerBody::Json(text.into()),
    }
}

/// A response is a 200, even where the tool server called it accepted.
fn whole(status: StatusCode) -> StatusCode {
    if status.is_success() {
        StatusCode::OK
    } else {
        status
    }
}
