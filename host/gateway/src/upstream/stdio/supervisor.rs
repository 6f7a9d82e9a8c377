//! The owner of one child process: it carries messages in and out, and sees to
//! it that the process ends, is reaped, and leaves nothing behind in its process
//! group.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::Trouble;
use gatewright_policy::json::JsonLimits;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncWriteExt, Interest};
use tokio::net::unix::pipe;
use tokio::process::{Child as Process, ChildStderr, ChildStdout};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::command::StdioCommand;
use super::lines::{LineError, Lines};
use super::tail::Tail;
use crate::upstream::UpstreamError;
use crate::upstream::duplex::{Listener, Supervised, lock};

/// How long is waited, after one pipe of a child broke or its process ended,
/// for the rest of what it said.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// How long a child that is asked to go gets, after its stdin is closed and
/// again after SIGTERM.
const EXIT_GRACE: Duration = Duration::from_secs(2);

/// Why a child is given up.
enum Over {
    Stopped,
    Exited(Option<ExitStatus>),
    ClosedStdout,
    ClosedStdin,
    TooLong { bytes_max: usize },
}

/// The gate's ends of the pipes of a process.
pub(super) struct Pipes {
    stdin: pipe::Sender,
    stdout: ChildStdout,
    stderr: ChildStderr,
}

/// The owner of one process.
pub(super) struct Supervisor {
    supervised: Supervised,
    tail: Arc<Tail>,
    process: Process,
    limits: JsonLimits,
    group: Option<Pid>,
}

impl Supervisor {
    /// Starts the program.
    pub(super) fn start(
        command: &StdioCommand,
        supervised: Supervised,
        limits: JsonLimits,
    ) -> Result<(Self, Pipes), UpstreamError> {
        let cannot = |error: std::io::Error| {
            let program = command.command.first().map_or("", String::as_str);
            let detail = format!("`{program}` cannot be started: {}", plain(&error));
            UpstreamError::Trouble(Trouble::NotStarted, detail)
        };
        let mut process = command.to_process().spawn().map_err(cannot)?;
        let pipes = Pipes::of(&mut process).map_err(cannot)?;
        let supervisor = Self {
            supervised,
            tail: Arc::default(),
            group: process
                .id()
                .and_then(|id| Pid::from_raw(id.try_into().ok()?)),
            process,
            limits,
        };
        Ok((supervisor, pipes))
    }

    /// Carries messages until the process is given up, and ends it. What the
    /// child asks and nobody can be asked is answered through `replies`.
    pub(super) async fn run(
        mut self,
        pipes: Pipes,
        outgoing: mpsc::Receiver<Arc<str>>,
        replies: mpsc::WeakSender<Arc<str>>,
    ) {
        let Pipes {
            stdin,
            stdout,
            stderr,
        } = pipes;
        let Supervised {
            server,
            board,
            stop,
            ended: _,
        } = self.supervised.share();
        let listener = Listener::new(&server, &board, self.limits);
        let tail = Arc::clone(&self.tail);
        let stderr = tokio::spawn(async move { tail.follow(&server, stderr).await });
        let over = {
            let lines = Lines::new(stdout, self.limits.bytes_max);
            let mut listen = std::pin::pin!(listen(listener, &replies, lines));
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
            let mut board = lock(&self.supervised.board);
            board.close(error.clone());
            board.dropped
        };
        let server = &*self.supervised.server;
        match over {
            Over::Stopped => tracing::debug!(server, dropped, "tool server stopped"),
            Over::Exited(_) | Over::ClosedStdout | Over::ClosedStdin | Over::TooLong { .. } => {
                tracing::warn!(server, dropped, %error, "tool server given up");
            }
        }
        self.end(&over).await;
        stderr.abort();
        self.supervised.ended.cancel();
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
            tracing::warn!(server = &*self.supervised.server, %error, "tool server not reaped");
        }
        // Its number may be somebody else's from now on.
        self.group = None;
    }

    fn signal(&self, signal: Signal) {
        // An error means that there is nobody left in the group.
        if let Some(group) = self.group {
            let _ = kill_process_group(group, signal);
        }
    }

    fn explain(&self, over: &Over) -> UpstreamError {
        let said = self.tail.quoted();
        let (trouble, what) = match over {
            Over::TooLong { bytes_max } => {
                return UpstreamError::TooLarge {
                    bytes_max: *bytes_max,
                };
            }
            Over::Stopped => (Trouble::Stopped, "it was stopped".to_owned()),
            Over::Exited(Some(status)) => (Trouble::Ended, format!("it ended ({status}){said}")),
            Over::Exited(None) => (Trouble::Ended, format!("it ended{said}")),
            Over::ClosedStdout => (Trouble::Ended, format!("it closed its output{said}")),
            Over::ClosedStdin => (Trouble::Ended, format!("it closed its input{said}")),
        };
        UpstreamError::Trouble(trouble, what)
    }
}

/// A supervisor that is cut off, because the gate ends or a task was aborted,
/// leaves nothing behind either.
impl Drop for Supervisor {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

impl Pipes {
    fn of(process: &mut Process) -> std::io::Result<Self> {
        let (Some(stdin), Some(stdout), Some(stderr)) = (
            process.stdin.take(),
            process.stdout.take(),
            process.stderr.take(),
        ) else {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        };
        Ok(Self {
            // As a pipe it tells when nobody reads it any more.
            stdin: pipe::Sender::from_owned_fd(stdin.into_owned_fd()?)?,
            stdout,
            stderr,
        })
    }
}

/// Reads the child's messages until there are no more.
async fn listen(
    mut listener: Listener,
    replies: &mpsc::WeakSender<Arc<str>>,
    mut lines: Lines<ChildStdout>,
) -> Over {
    loop {
        let line = match lines.next().await {
            Ok(Some(line)) => line,
            Ok(None) | Err(LineError::Broken(_)) => return Over::ClosedStdout,
            Err(LineError::TooLong { bytes_max }) => return Over::TooLong { bytes_max },
        };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Some(reply) = listener.hear(&line)
            && let Some(sender) = replies.upgrade()
            && sender.try_send(reply).is_err()
        {
            // The child asks faster than it reads; it gets no answer then.
            listener.dropped();
        }
    }
}

/// What the system says of it, without the number and said once.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text.get(..end).unwrap_or_default().to_owned()
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
