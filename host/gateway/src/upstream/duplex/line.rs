//! Handles to one line: to call the tool server at its end, to hear what belongs to no
//! call, and to end it. The line itself belongs to whoever carries its messages.

use std::sync::{Arc, Mutex, MutexGuard};

use gatewright_policy::Trouble;
use gatewright_policy::json::{Document, Value};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::board::{self, Board};
use super::mailbox::{End, Mail, Mailbox};
use super::names::Name;
use super::out::{Out, SentBy};
use crate::owner::Owner;
use crate::presented::OnBehalf;
use crate::upstream::UpstreamError;

/// A line to a tool server. Dropping the last handle ends it.
#[derive(Debug)]
pub(crate) struct Line {
    // First, so that the task learns that it was let go before its channel closes.
    _stop_on_drop: DropGuard,
    server: Arc<str>,
    board: Arc<Mutex<Board>>,
    out: Out,
    stop: CancellationToken,
    ended: CancellationToken,
}

/// What a line shares with whoever carries its messages.
pub(crate) struct Supervised {
    pub(crate) server: Arc<str>,
    pub(crate) board: Arc<Mutex<Board>>,
    /// Cancelled when the line is to end.
    pub(crate) stop: CancellationToken,
    /// To be cancelled when nothing of it is left.
    pub(crate) ended: CancellationToken,
}

/// A call in flight. Dropping it before its end cancels it.
#[derive(Debug)]
pub(super) struct LineCall {
    line: Arc<Line>,
    name: Name,
    mailbox: Arc<Mailbox>,
    on_behalf: Option<OnBehalf>,
    has_ended: bool,
    /// Nobody waits for it any more.
    _over: DropGuard,
}

/// The messages on a line that belong to no call. Dropping it lets another reader open the
/// stream.
#[derive(Debug)]
pub(super) struct LineStream {
    line: Arc<Line>,
    mailbox: Arc<Mailbox>,
}

impl Line {
    /// A line whose messages go `out`.
    pub(crate) fn new(supervised: Supervised, out: Out) -> Arc<Self> {
        let Supervised {
            server,
            board,
            stop,
            ended,
        } = supervised;
        Arc::new(Self {
            _stop_on_drop: stop.clone().drop_guard(),
            server,
            board,
            out,
            stop,
            ended,
        })
    }

    /// Sends a request of a caller and gives the handle to what comes back.
    pub(super) async fn call(
        self: &Arc<Self>,
        (request, id): (&Document, Value<'_>),
        owner: Option<&Owner>,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<LineCall, UpstreamError> {
        let admitted = self.board().admit(request, id, owner)?;
        let over = CancellationToken::new();
        let call = LineCall {
            line: Arc::clone(self),
            name: admitted.name.clone(),
            mailbox: admitted.mailbox,
            on_behalf: on_behalf.cloned(),
            has_ended: false,
            _over: over.clone().drop_guard(),
        };
        let from = SentBy::Call(admitted.name, over);
        self.send(admitted.line, on_behalf, from).await?;
        Ok(call)
    }

    /// Sends what has no answer: a notification, or a response to the tool server.
    pub(super) async fn write(
        &self,
        text: Arc<str>,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<(), UpstreamError> {
        self.send(text, on_behalf, SentBy::Teller).await
    }

    /// Sends a caller's `notifications/cancelled`, where it names a call.
    pub(super) async fn cancel(
        &self,
        notification: &Document,
        on_behalf: Option<&OnBehalf>,
    ) -> Result<(), UpstreamError> {
        let text = self.board().cancel(notification);
        match text {
            Some(text) => self.write(text, on_behalf).await,
            None => Ok(()),
        }
    }

    async fn send(
        &self,
        text: Arc<str>,
        on_behalf: Option<&OnBehalf>,
        from: SentBy,
    ) -> Result<(), UpstreamError> {
        if let Some(error) = self.closed() {
            return Err(error);
        }
        let sent = self.out.send(text, on_behalf, from).await;
        sent.unwrap_or_else(|| Err(self.closed().unwrap_or_else(takes_no_more)))
    }

    /// Opens the stream of what belongs to no call, unless it is open.
    pub(super) fn open_stream(self: &Arc<Self>) -> Option<LineStream> {
        let mailbox = self.board().open_stream()?;
        Some(LineStream {
            line: Arc::clone(self),
            mailbox,
        })
    }

    /// Why it takes no more calls, if so.
    pub(crate) fn closed(&self) -> Option<UpstreamError> {
        self.board().closed().cloned()
    }

    /// Whether a call was ever answered on it.
    pub(crate) fn has_answered(&self) -> bool {
        self.board().has_answered()
    }

    /// Takes no more calls, ends those in flight, and the line.
    pub(crate) fn stop(&self) {
        let error = UpstreamError::Trouble(Trouble::Stopped, "it was stopped".to_owned());
        self.board().close(error);
        self.stop.cancel();
    }

    /// Waits until nothing of it is left.
    pub(crate) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Becomes cancelled when nothing of it is left; keeps nothing alive.
    pub(super) fn end_of(&self) -> CancellationToken {
        self.ended.clone()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        board::lock(&self.board)
    }
}

impl Supervised {
    /// Of a line that begins.
    pub(crate) fn of(server: &Arc<str>, board: Board) -> Self {
        Self {
            server: Arc::clone(server),
            board: Arc::new(Mutex::new(board)),
            stop: CancellationToken::new(),
            ended: CancellationToken::new(),
        }
    }

    /// For whoever carries the messages.
    pub(crate) fn share(&self) -> Self {
        Self {
            server: Arc::clone(&self.server),
            board: Arc::clone(&self.board),
            stop: self.stop.clone(),
            ended: self.ended.clone(),
        }
    }
}

impl LineCall {
    /// The next message of the call, or its end.
    pub(super) async fn next(&mut self) -> Mail {
        let mail = self.mailbox.next().await;
        self.has_ended |= matches!(mail, Mail::End(_));
        mail
    }
}

impl Drop for LineCall {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let cancelled = self.line.board().abandon(&self.name);
        if let Some(text) = cancelled
            && !self.line.out.try_send(text, self.on_behalf.take())
        {
            // The server reads nothing at all: it would not read this either.
            tracing::debug!(server = &*self.line.server, "call not cancelled");
        }
    }
}

impl LineStream {
    /// The next message, or nothing when the line has ended.
    pub(super) async fn next(&mut self) -> Option<Arc<str>> {
        match self.mailbox.next().await {
            Mail::Message(message) => Some(message),
            Mail::End(End::Response(..) | End::Quiet | End::Failed(_)) => None,
        }
    }
}

impl Drop for LineStream {
    fn drop(&mut self) {
        self.line.board().close_stream();
    }
}

fn takes_no_more() -> UpstreamError {
    UpstreamError::Trouble(Trouble::Ended, "it closed its input".to_owned())
}
