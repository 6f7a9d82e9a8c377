//! `gatewright connect`: a gate over HTTP as a stdio server, for clients that can only
//! start programs. It judges nothing: each line goes to the gate with the credential of a
//! file, which is read again for each message, and what comes back is a line.

mod credential;
mod error;
mod gate;
mod said;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use gatewright_policy::json::JsonLimits;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::credential::CredentialFile;
pub use self::error::ConnectError;
use self::gate::RemoteGate;
use self::said::{MESSAGE_BYTES_MAX, Wish};
use crate::message::Id;
use crate::upstream::stdio::lines::{LineError, Lines};
use crate::wrap::{one_line, write};

/// Lines that wait for the client to read them.
const OUTBOX: usize = 64;

/// Requests of the client under way at once; with more it is not read.
const REQUESTS_MAX: usize = 64;

/// What is under way when the client goes gets so long to end.
const GRACE: Duration = Duration::from_secs(5);

/// The wait before a stream of the gate that ended is opened again.
const REOPEN: Duration = Duration::from_secs(1);

/// What is connected.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The gate's endpoint.
    pub endpoint: String,
    /// Holds the credential.
    pub credential: PathBuf,
    /// Started with the path of that file before the credential ends, to put a new one
    /// there.
    pub renew: Option<PathBuf>,
}

/// One client.
struct Bridge {
    gate: RemoteGate,
    outbox: mpsc::Sender<Bytes>,
    calls: Mutex<HashMap<Id, CancellationToken>>,
    stopped: CancellationToken,
}

/// Serves one client until `input` ends or `shutdown` completes. `input` and `output` carry
/// newline-delimited JSON-RPC and nothing else.
pub async fn run<R, W>(
    connection: Connection,
    (input, output): (R, W),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ConnectError>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let credential = CredentialFile::new(connection.credential, connection.renew);
    let gate = RemoteGate::new(&connection.endpoint, credential)?;
    let (outbox, outgoing) = mpsc::channel(OUTBOX);
    let mut writer = tokio::spawn(write(outgoing, output));
    let bridge = Arc::new(Bridge {
        gate,
        outbox,
        calls: Mutex::default(),
        stopped: CancellationToken::new(),
    });
    let tasks = TaskTracker::new();
    let served = tokio::select! {
        served = serve(&bridge, &tasks, input) => served,
        written = &mut writer => Err(ConnectError::Output(match written {
            Ok(Err(error)) => error,
            Ok(Ok(())) => std::io::ErrorKind::BrokenPipe.into(),
            Err(error) => error.into(),
        })),
        () = shutdown => Ok(()),
    };
    tasks.close();
    if timeout(GRACE, bridge.finish(&tasks)).await.is_err() {
        bridge.stopped.cancel();
    }
    drop(bridge);
    if !writer.is_finished() && timeout(GRACE, &mut writer).await.is_err() {
        writer.abort();
    }
    served
}

/// Takes up messages until there are no more.
async fn serve<R: AsyncRead + Unpin>(
    bridge: &Arc<Bridge>,
    tasks: &TaskTracker,
    input: R,
) -> Result<(), ConnectError> {
    let room = Arc::new(Semaphore::new(REQUESTS_MAX));
    let limits = JsonLimits {
        bytes_max: MESSAGE_BYTES_MAX,
        ..JsonLimits::default()
    };
    let mut lines = Lines::new(input, MESSAGE_BYTES_MAX);
    loop {
        let line = match lines.next().await {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(()),
            Err(error @ LineError::TooLong { .. }) => {
                bridge.say(said::refusal(None, &error.to_string())).await;
                continue;
            }
            Err(LineError::Broken(error)) => return Err(ConnectError::Input(error)),
        };
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match Wish::of(&line, &limits) {
            Wish::Request {
                id,
                is_handshake: false,
                headers,
            } => {
                let Ok(room) = Arc::clone(&room).acquire_owned().await else {
                    return Ok(());
                };
                let bridge = Arc::clone(bridge);
                let cancelled = bridge.stopped.child_token();
                bridge.calls().insert(id.clone(), cancelled.clone());
                tasks.spawn(async move {
                    let asked = bridge.gate.ask(&line, &headers, Some(&id), &bridge.outbox);
                    tokio::select! {
                        biased;
                        () = cancelled.cancelled() => {}
                        () = asked => {}
                    }
                    bridge.calls().remove(&id);
                    drop(room);
                });
            }
            // What follows rests on it.
            Wish::Request {
                id,
                is_handshake: true,
                headers,
            } => {
                let asked = bridge.gate.ask(&line, &headers, Some(&id), &bridge.outbox);
                tokio::select! {
                    () = bridge.stopped.cancelled() => return Ok(()),
                    () = asked => {}
                }
            }
            Wish::Other {
                cancels,
                is_initialized,
                headers,
            } => {
                bridge.gate.ask(&line, &headers, None, &bridge.outbox).await;
                if let Some(call) = cancels.and_then(|id| bridge.calls().remove(&id)) {
                    call.cancel();
                }
                if is_initialized {
                    // Ends when the bridge is stopped.
                    tokio::spawn(Arc::clone(bridge).listen());
                }
            }
            Wish::Unreadable { id } => {
                let asked = bridge.gate.ask(&line, &[], id.as_ref(), &bridge.outbox);
                asked.await;
            }
        }
    }
}

// === impl Bridge ===

impl Bridge {
    /// What the gate says outside of any answer, for as long as there is a session.
    async fn listen(self: Arc<Self>) {
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                goes_on = self.gate.listen(&self.outbox) => {
                    if !goes_on {
                        return;
                    }
                }
            }
            tokio::select! {
                () = self.stopped.cancelled() => return,
                () = sleep(REOPEN) => {}
            }
        }
    }

    /// Lets calls end, and ends the session.
    async fn finish(&self, tasks: &TaskTracker) {
        tasks.wait().await;
        self.stopped.cancel();
        self.gate.end().await;
    }

    async fn say(&self, message: String) {
        // An error means that the client reads no more; `run` ends for that.
        let _ = self.outbox.send(one_line(Bytes::from(message))).await;
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<Id, CancellationToken>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
