//! Tool servers over HTTP+SSE (2024-11-05): a GET opens a stream of events, whose first
//! one names where messages are posted to; all that the server says comes on the stream.
//! A stream is a session of the gate's.

mod carrier;
mod endpoint;
mod opening;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gatewright_policy::json::JsonLimits;
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::carrier::Carrier;
use self::opening::{OpenError, Opened, open};
use super::origin::Origin;
use crate::era::Era;
use crate::message::{Message, Shape};
use crate::presented::OnBehalf;
use crate::upstream::duplex::{Audience, Board, Bounds, Line, Out, Room, Sessions, Supervised};
use crate::upstream::{Exchange, Outgoing, UpstreamError, Verb};

/// How long a server that takes no messages where it should may take to show that it
/// speaks HTTP+SSE.
const SHOWS_WITHIN: Duration = Duration::from_secs(10);

/// Messages that wait to be posted; the next sender waits.
const POSTS_QUEUE: usize = 16;

/// What bounds the sessions.
#[derive(Clone, Debug)]
pub(crate) struct SseBounds {
    /// The configured name of the server, for logs.
    pub(crate) server: Arc<str>,
    pub(crate) sessions_max: usize,
    pub(crate) idle_max: Duration,
    /// Depth and number of values of one message.
    pub(crate) json: JsonLimits,
    /// For what waits for its reader.
    pub(crate) room: Room,
}

/// One server, as far as it speaks HTTP+SSE.
#[derive(Debug)]
pub(super) struct Sse {
    origin: Arc<Origin>,
    bounds: SseBounds,
    /// It spoke HTTP+SSE when it was last asked: a session that is over gives 404, and is
    /// not asked for elsewhere.
    is_spoken: AtomicBool,
    sessions: Sessions,
    tools_changed: Arc<AtomicBool>,
}

impl Sse {
    pub(super) fn new(origin: &Arc<Origin>, bounds: SseBounds) -> Self {
        Self {
            origin: Arc::clone(origin),
            bounds,
            is_spoken: AtomicBool::new(false),
            sessions: Sessions::default(),
            tools_changed: Arc::default(),
        }
    }

    /// What belongs to a session that a stream is. Nothing where it belongs to none.
    pub(super) async fn in_session(
        &self,
        verb: Verb,
        outgoing: &Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Option<Exchange>, UpstreamError> {
        let is_ours = |session: &&Arc<str>| self.speaks() || self.sessions.has(session);
        let Some(session) = outgoing.session.as_ref().filter(is_ours) else {
            return Ok(None);
        };
        Ok(Some(match verb {
            Verb::Send => {
                let message = Message::of(outgoing.message.clone())?;
                self.sessions.send(&message, outgoing, on_behalf).await?
            }
            Verb::Listen => self.sessions.open_stream(session),
            Verb::End => self.sessions.end_session(session),
        }))
    }

    /// Begins a session where `refused` is the answer to a message over Streamable HTTP.
    /// Where the server does not show that it speaks HTTP+SSE, the answer stays.
    pub(super) async fn instead_of(
        &self,
        refused: Exchange,
        outgoing: &Outgoing,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<Exchange, UpstreamError> {
        let message = Message::of(outgoing.message.clone())?;
        let (Shape::Request { method, .. }, Some(id)) = (&message.shape, message.id()) else {
            return Ok(refused);
        };
        let begins = match (outgoing.era, method.as_str()) {
            (Era::Legacy, "initialize") => true,
            // What clients ask before all else, to find out what a server speaks.
            (Era::Modern, "server/discover") => false,
            (Era::Legacy | Era::Modern, _) => return Ok(refused),
        };
        let bytes_max = outgoing.reply_bytes_max;
        let opening = open(&self.origin, on_behalf, bytes_max);
        let opened = match timeout(SHOWS_WITHIN, opening).await {
            Ok(Ok(opened)) => opened,
            // Nobody would find out by what it answered first.
            Ok(Err(OpenError::Unusable(error))) => return Err(error),
            Ok(Err(OpenError::NotSpoken)) | Err(_) => return Ok(refused),
        };
        self.is_spoken.store(true, Ordering::Release);
        if !begins {
            // Nothing was sent: its client goes back to the older revisions.
            return Ok(Exchange::no_method(
                id,
                "the tool server speaks HTTP+SSE of 2024-11-05",
            ));
        }
        let bounds = Bounds {
            sessions_max: self.bounds.sessions_max,
            idle_max: self.bounds.idle_max,
        };
        let in_use = self
            .sessions
            .start(bounds, || Ok(self.begin(opened, bytes_max, on_behalf)))?;
        let asked = (&message.document, id);
        self.sessions
            .initialize(in_use, asked, (outgoing, on_behalf))
            .await
    }

    /// Whether the server said that its tools changed since this was last asked.
    pub(super) fn took_change(&self) -> bool {
        // Only read at first: it is asked before every call.
        let changed = &self.tools_changed;
        changed.load(Ordering::Acquire) && changed.swap(false, Ordering::AcqRel)
    }

    /// Ends every session and waits until its stream is gone.
    pub(super) async fn close(&self) {
        self.sessions.close().await;
    }

    /// The server takes messages over Streamable HTTP.
    pub(super) fn not_needed(&self) {
        if self.speaks() {
            self.is_spoken.store(false, Ordering::Release);
        }
    }

    fn speaks(&self) -> bool {
        self.is_spoken.load(Ordering::Acquire)
    }

    fn begin(&self, opened: Opened, bytes_max: usize, on_behalf: Option<&OnBehalf>) -> Arc<Line> {
        let board = Board::new(Audience::Session, &self.tools_changed, &self.bounds.room);
        let supervised = Supervised::of(&self.bounds.server, board);
        let (posts, outgoing) = mpsc::channel(POSTS_QUEUE);
        let limits = JsonLimits {
            bytes_max,
            ..self.bounds.json
        };
        let carrier = Carrier {
            supervised: supervised.share(),
            origin: Arc::clone(&self.origin),
            endpoint: opened.endpoint,
            limits,
            on_behalf: on_behalf.cloned(),
        };
        tokio::spawn(carrier.run(opened.events, outgoing));
        Line::new(supervised, Out::Posts(posts))
    }
}
