//! One child process: its pipes, the calls in flight at it, and its end.
//!
//! One task owns the process. It ends when the process has ended, is reaped and
//! has left nothing behind in its process group.

use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::json::{Document, JsonError, JsonLimits, Value};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::unix::pipe;
use tokio::process::{ChildStderr, ChildStdout};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::board::{Audience, Board};
use super::command::StdioCommand;
use super::lines::{LineError, Lines};
use super::mailbox::{End, Mail, Mailbox};
use super::message::Name;
use super::tail::Tail;
use crate::upstream::UpstreamError;

/// Messages that wait to be written to a child; the next sender waits.
const STDIN_QUEUE: usize = 16;

/// How long a child that is asked to go gets, after its stdin is closed and
/// again after SIGTERM.
const EXIT_GRACE: Duration = Duration::from_secs(2);

/// How long is waited, after one pipe of a child broke or its process ended,
/// for the rest of what it said.
const LAST_WORDS: Duration = Duration::from_millis(300);

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

/// Why a child is given up.
enum Over {
    Stopped,
    Exited(Option<ExitStatus>),
    ClosedStdout,
    ClosedStdin,
    TooLong { bytes_max: usize },
}

/// What the owning task holds.
struct Supervisor {
    server: Arc<str>,
    board: Arc<Mutex<Board>>,
    tail: Arc<Tail>,
    process: tokio::process::Child,
    group: Option<Pid>,
    stop: CancellationToken,
    ended: CancellationToken,
}

impl Child {
    /// Starts the program.
    pub(super) fn start(
        command: &StdioCommand,
        audience: Audience,
        reply_bytes_max: usize,
    ) -> Result<Arc<Self>, UpstreamError> {
        let mut process = command.to_process().spawn().map_err(|error| {
            let program = command.command.first().map_or("", String::as_str);
            UpstreamError::Unavailable(format!("`{program}` cannot be started: {error}"))
        })?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (
            process.stdin.take(),
            process.stdout.take(),
            process.stderr.take(),
        ) else {
            return Err(UpstreamError::Unavailable("it has no pipes".to_owned()));
        };
        let stdin = stdin
            .into_owned_fd()
            .and_then(pipe::Sender::from_owned_fd)
            .map_err(|error| UpstreamError::Unavailable(format!("its input: {error}")))?;
        let (sender, receiver) = mpsc::channel(STDIN_QUEUE);
        let stop = CancellationToken::new();
        let child = Arc::new(Self {
            _stop_on_drop: stop.clone().drop_guard(),
            server: Arc::clone(&command.server),
            board: Arc::new(Mutex::new(Board::new(audience))),
            stdin: sender.clone(),
            stop: stop.clone(),
            ended: CancellationToken::new(),
        });
        let supervisor = Supervisor {
            server: Arc::clone(&command.server),
            board: Arc::clone(&child.board),
            tail: Arc::default(),
            group: process
                .id()
                .and_then(|id| Pid::from_raw(id.try_into().ok()?)),
            process,
            stop,
            ended: child.ended.clone(),
        };
        let limits = JsonLimits {
            bytes_max: reply_bytes_max,
            ..JsonLimits::default()
        };
        tokio::spawn(supervisor.run(stdin, receiver, sender.downgrade(), stdout, stderr, limits));
        Ok(child)
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
        let error = UpstreamError::Unavailable("it was stopped".to_owned());
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
        lock(&self.board)
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

// === impl Supervisor ===

impl Supervisor {
    async fn run(
        mut self,
        stdin: pipe::Sender,
        outgoing: mpsc::Receiver<Arc<str>>,
        replies: mpsc::WeakSender<Arc<str>>,
        stdout: ChildStdout,
        stderr: ChildStderr,
        limits: JsonLimits,
    ) {
        let (server, tail) = (Arc::clone(&self.server), Arc::clone(&self.tail));
        let stderr = tokio::spawn(async move { tail.follow(&server, stderr).await });
        let stop = self.stop.clone();
        let over = {
            let mut listen = std::pin::pin!(listen(&self.board, &replies, stdout, &limits));
            tokio::select! {
                biased;
                () = stop.cancelled() => Over::Stopped,
                over = &mut listen => over,
                () = write(stdin, outgoing) => Over::ClosedStdin,
                status = self.process.wait() => {
                    // What it said before it went may still be in the pipe.
                    let _ = timeout(LAST_WORDS, listen).await;
                    Over::Exited(status.ok())
                }
            }
        };
        // The writer is gone with its future, and with it the child's stdin.
        self.give_up(over, stderr).await;
    }

    async fn give_up(mut self, over: Over, mut stderr: tokio::task::JoinHandle<()>) {
        let over = match over {
            Over::ClosedStdout | Over::ClosedStdin => {
                match timeout(LAST_WORDS, self.process.wait()).await {
                    Ok(status) => Over::Exited(status.ok()),
                    Err(_) => over,
                }
            }
            Over::Stopped | Over::Exited(_) | Over::TooLong { .. } => over,
        };
        if matches!(over, Over::Exited(_)) {
            let _ = timeout(LAST_WORDS, &mut stderr).await;
        }
        let error = self.explain(&over);
        let dropped = {
            let mut board = lock(&self.board);
            board.close(error.clone());
            board.dropped
        };
        let server = &*self.server;
        match over {
            Over::Stopped => tracing::debug!(server, dropped, "tool server stopped"),
            Over::Exited(_) | Over::ClosedStdout | Over::ClosedStdin | Over::TooLong { .. } => {
                tracing::warn!(server, dropped, %error, "tool server given up");
            }
        }
        self.end(&over).await;
        stderr.abort();
        self.ended.cancel();
    }

    /// Ends the process, gently first, and reaps it.
    async fn end(&mut self, over: &Over) {
        let may_go_by_itself = match over {
            Over::Stopped | Over::ClosedStdout | Over::ClosedStdin => true,
            Over::Exited(_) | Over::TooLong { .. } => false,
        };
        if may_go_by_itself && timeout(EXIT_GRACE, self.process.wait()).await.is_err() {
            self.signal(Signal::TERM);
            let _ = timeout(EXIT_GRACE, self.process.wait()).await;
        }
        // Whatever the child started is in its group, and outlives nobody.
        self.signal(Signal::KILL);
        if let Err(error) = self.process.wait().await {
            tracing::warn!(server = &*self.server, %error, "tool server not reaped");
        }
    }

    fn signal(&self, signal: Signal) {
        // An error means that there is nobody left in the group.
        if let Some(group) = self.group {
            let _ = kill_process_group(group, signal);
        }
    }

    fn explain(&self, over: &Over) -> UpstreamError {
        let said = self.tail.quoted();
        let what = match over {
            Over::TooLong { bytes_max } => {
                return UpstreamError::TooLarge {
                    bytes_max: *bytes_max,
                };
            }
            Over::Stopped => "it was stopped".to_owned(),
            Over::Exited(Some(status)) => format!("it ended ({status}){said}"),
            Over::Exited(None) => format!("it ended{said}"),
            Over::ClosedStdout => format!("it closed its output{said}"),
            Over::ClosedStdin => format!("it closed its input{said}"),
        };
        UpstreamError::Unavailable(what)
    }
}

/// Reads the child's messages until there are no more.
async fn listen(
    board: &Mutex<Board>,
    replies: &mpsc::WeakSender<Arc<str>>,
    stdout: ChildStdout,
    limits: &JsonLimits,
) -> Over {
    let mut lines = Lines::new(stdout, limits.bytes_max);
    loop {
        let line = match lines.next().await {
            Ok(Some(line)) => line,
            Ok(None) | Err(LineError::Broken(_)) => return Over::ClosedStdout,
            Err(LineError::TooLong { bytes_max }) => return Over::TooLong { bytes_max },
        };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let reply = match Document::parse_bytes(&line, limits) {
            Ok(document) => lock(board).deliver(&document),
            Err(error) => {
                hear_nonsense(board, &line, &error);
                None
            }
        };
        if let Some(reply) = reply
            && let Some(sender) = replies.upgrade()
            && sender.try_send(reply).is_err()
        {
            // The child asks faster than it reads; it gets no answer then.
            lock(board).dropped += 1;
        }
    }
}

/// A line that is not JSON. Where it looks like a message it was one; else it
/// is a banner or a log line, which does no harm.
fn hear_nonsense(board: &Mutex<Board>, line: &[u8], error: &JsonError) {
    let mut board = lock(board);
    if line.trim_ascii_start().starts_with(b"{") {
        board.deliver_nonsense(&error.to_string());
    } else {
        board.dropped += 1;
    }
    tracing::debug!(%error, "the tool server wrote a line that is no message");
}

/// Writes messages until the child reads no more.
async fn write(mut stdin: pipe::Sender, mut outgoing: mpsc::Receiver<Arc<str>>) {
    loop {
        let line = tokio::select! {
            line = outgoing.recv() => line,
            // Nobody has the other end: what was written last was not read.
            _ = stdin.ready(Interest::ERROR) => None,
        };
        let Some(line) = line else { return };
        // Line ends stand between the tokens of JSON and never inside them.
        let line = match line.contains(['\n', '\r']) {
            true => Arc::from(line.replace(['\n', '\r'], " ")),
            false => line,
        };
        let written = async {
            stdin.write_all(line.as_bytes()).await?;
            stdin.write_all(b"\n").await
        };
        if written.await.is_err() {
            return;
        }
    }
}

fn stdin_is_closed() -> UpstreamError {
    UpstreamError::Unavailable("it closed its input".to_owned())
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}
