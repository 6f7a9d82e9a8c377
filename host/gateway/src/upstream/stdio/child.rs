//! Handles to one child process: to call it, to hear what belongs to no call,
//! and to end it. The process itself belongs to its supervisor.

use std::sync::{Arc, Mutex, MutexGuard};

use gatewright_policy::Trouble;
use gatewright_policy::json::{Document, JsonLimits, Value};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::audience::Audience;
use super::board::{self, Board};
use super::command::StdioCommand;
use super::mailbox::{End, Mail, Mailbox};
use super::names::Name;
use super::supervisor::Supervisor;
use crate::upstream::UpstreamError;

/// Messages that wait to be written to a child; the next sender waits.
const STDIN_QUEUE: usize = 16;

/// A running child. Dropping the last handle ends the process.
#[derive(Debug)]
pub(super) struct Child {
    // First, so that the task learns that it was let go before its pipe closes.
    _stop_on_drop: DropGuard,
    server: Arc<str>,
    board: Arc<Mutex<Board>>,
    stdin: mpsc::Sender<Arc<str>>,
    stop: CancellationToken,
    ended: CancellationToken,
}

/// A call in flight. Dropping it before its end cancels it.
#[derive(Debug)]
pub(super) struct ChildCall {
    child: Arc<Child>,
    name: Name,
    mailbox: Arc<Mailbox>,
    has_ended: bool,
}

/// The messages of a child that belong to no call. Dropping it lets another
/// reader open the stream.
#[derive(Debug)]
pub(super) struct ChildStream {
    child: Arc<Child>,
    mailbox: Arc<Mailbox>,
}

impl Child {
    /// Starts the program.
    pub(super) fn start(
        command: &StdioCommand,
        audience: Audience,
        reply_bytes_max: usize,
    ) -> Result<Arc<Self>, UpstreamError> {
        let board = Arc::new(Mutex::new(Board::new(audience, &command.tools_changed)));
        let (stdin, outgoing) = mpsc::channel(STDIN_QUEUE);
        let stop = CancellationToken::new();
        let limits = JsonLimits {
            bytes_max: reply_bytes_max,
            ..command.json
        };
        let (supervisor, pipes) =
            Supervisor::start(command, Arc::clone(&board), stop.clone(), limits)?;
        let ended = supervisor.ended();
        tokio::spawn(supervisor.run(pipes, outgoing, stdin.downgrade()));
        Ok(Arc::new(Self {
            _stop_on_drop: stop.clone().drop_guard(),
            server: Arc::clone(&command.server),
            board,
            stdin,
            stop,
            ended,
        }))
    }

    /// Sends a request and gives the handle to what comes back.
    pub(super) async fn call(
        self: &Arc<Self>,
        request: &Document,
        id: Value<'_>,
    ) -> Result<ChildCall, UpstreamError> {
        let admitted = self.board().admit(request, id)?;
        let call = ChildCall {
            child: Arc::clone(self),
            name: admitted.name,
            mailbox: admitted.mailbox,
            has_ended: false,
        };
        self.write(admitted.line).await?;
        Ok(call)
    }

    /// Sends what has no answer: a notification, or a response to the child.
    pub(super) async fn write(&self, line: Arc<str>) -> Result<(), UpstreamError> {
        if let Some(error) = self.closed() {
            return Err(error);
        }
        let sent = self.stdin.send(line).await;
        sent.map_err(|_| self.closed().unwrap_or_else(stdin_is_closed))
    }

    /// Sends a caller's `notifications/cancelled`, where it names a call.
    pub(super) async fn cancel(&self, notification: &Document) -> Result<(), UpstreamError> {
        let line = self.board().cancel(notification);
        match line {
            Some(line) => self.write(line).await,
            None => Ok(()),
        }
    }

    /// Opens the stream of what belongs to no call, unless it is open.
    pub(super) fn open_stream(self: &Arc<Self>) -> Option<ChildStream> {
        let mailbox = self.board().open_stream()?;
        Some(ChildStream {
            child: Arc::clone(self),
            mailbox,
        })
    }

    /// Why it takes no more calls, if so.
    pub(super) fn closed(&self) -> Option<UpstreamError> {
        self.board().closed().cloned()
    }

    /// Whether it ever answered a call.
    pub(super) fn has_answered(&self) -> bool {
        self.board().has_answered()
    }

    /// Takes no more calls, ends those in flight, and the process.
    pub(super) fn stop(&self) {
        let error = UpstreamError::Trouble(Trouble::Stopped, "it was stopped".to_owned());
        self.board().close(error);
        self.stop.cancel();
    }

    /// Waits until the process is gone.
    pub(super) async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// Becomes cancelled when the process is gone; keeps nothing alive.
    pub(super) fn end_of(&self) -> CancellationToken {
        self.ended.clone()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        board::lock(&self.board)
    }
}

impl ChildCall {
    /// The next message of the call, or its end.
    pub(super) async fn next(&mut self) -> Mail {
        let mail = self.mailbox.next().await;
        self.has_ended |= matches!(mail, Mail::End(_));
        mail
    }
}

impl Drop for ChildCall {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let cancelled = self.child.board().abandon(&self.name);
        if let Some(line) = cancelled
            && let Err(error) = self.child.stdin.try_send(line)
        {
            // The child reads nothing at all: it would not read this either.
            tracing::debug!(server = &*self.child.server, %error, "call not cancelled");
        }
    }
}

impl ChildStream {
    /// The next message, or nothing when the child has ended.
    pub(super) async fn next(&mut self) -> Option<Arc<str>> {
        match self.mailbox.next().await {
            Mail::Message(message) => Some(message),
            Mail::End(End::Response(..) | End::Quiet | End::Failed(_)) => None,
        }
    }
}

impl Drop for ChildStream {
    fn drop(&mut self) {
        self.child.board().close_stream();
    }
}

fn stdin_is_closed() -> UpstreamError {
    UpstreamError::Trouble(Trouble::Ended, "it closed its input".to_owned())
}
