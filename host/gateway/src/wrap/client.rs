//! The client of a wrapped server: its session, its calls in flight, and the
//! order of its messages.
//!
//! Requests run side by side. Notifications, answers and `initialize` are
//! finished before the next line is read, because what follows rests on them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use gatewright_engine::config::HolderDid;
use gatewright_policy::json::JsonLimits;
use gatewright_policy::{Grant, Reason};
use hyper::StatusCode;
use hyper::header::HeaderValue;
use tokio::io::AsyncRead;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::WrapError;
use crate::answering::Marks;
use crate::call::{Answer, AnswerBody, Caller, Incoming};
use crate::headers::SESSION_ID;
use crate::message::{Id, Message, Shape};
use crate::proxy::Proxy;
use crate::read::Refusal;
use crate::upstream::stdio::lines::{LineError, Lines};

/// Requests taken up beyond the calls in flight that the gate allows, so that
/// one too many is told so while its refusal waits to be read.
const SURPLUS: usize = 16;

/// The wait before a stream of the tool server that ended is opened again.
const REOPEN: Duration = Duration::from_millis(200);

/// One client.
pub(super) struct Client {
    shared: Arc<Shared>,
    /// Requests taken up.
    room: Arc<Semaphore>,
    tasks: TaskTracker,
}

struct Shared {
    proxy: Arc<Proxy>,
    server: Arc<str>,
    outbox: mpsc::Sender<Bytes>,
    /// Groups the calls of this client.
    group: Arc<str>,
    state: Mutex<State>,
    server_ended: CancellationToken,
    give_up: CancellationToken,
}

#[derive(Default)]
struct State {
    /// The legacy session, once there is one.
    session: Option<HeaderValue>,
    /// Requests in flight, and what cancels them.
    calls: HashMap<Id, CancellationToken>,
}

/// What the client wants, as far as order matters.
enum Wish {
    Initialize(Id),
    Request(Id),
    Initialized,
    Cancel(Option<Id>),
    /// Other notifications, and answers.
    Other,
    Unreadable,
}

/// What the client waits for.
#[derive(Clone, Copy)]
enum Awaits<'a> {
    /// The response to a request; it gets an error if none comes.
    Response(&'a Id),
    /// To learn why its line is no message.
    Refusal,
    Nothing,
}

impl Client {
    pub(super) fn new(proxy: Arc<Proxy>, server: Arc<str>, outbox: mpsc::Sender<Bytes>) -> Self {
        let limits = &proxy.gate.engine.snapshot().limits;
        let room = limits.calls_in_flight_max.saturating_add(SURPLUS);
        Self {
            room: Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS))),
            tasks: TaskTracker::new(),
            shared: Arc::new(Shared {
                proxy,
                server,
                outbox,
                group: Arc::from(format!("local-{}", uuid::Uuid::now_v7())),
                state: Mutex::default(),
                server_ended: CancellationToken::new(),
                give_up: CancellationToken::new(),
            }),
        }
    }

    /// Takes up messages until there are no more.
    pub(super) async fn serve<R: AsyncRead + Unpin>(&self, input: R) -> Result<(), WrapError> {
        let limits = self
            .shared
            .proxy
            .gate
            .engine
            .snapshot()
            .limits
            .request_json();
        let mut lines = Lines::new(input, limits.bytes_max);
        loop {
            let line = match lines.next().await {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(error @ LineError::TooLong { .. }) => {
                    self.shared.refuse_unread(error.to_string()).await;
                    continue;
                }
                Err(LineError::Broken(error)) => return Err(WrapError::Input(error)),
            };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match Wish::of(&line, &limits) {
                Wish::Initialize(id) => self.shared.initialize(line, &id).await,
                Wish::Request(id) => self.take_up(line, id).await,
                Wish::Initialized => {
                    self.shared.tell(line, Awaits::Nothing).await;
                    self.tasks.spawn(Arc::clone(&self.shared).listen());
                }
                Wish::Cancel(id) => self.shared.cancel(line, id).await,
                Wish::Other => self.shared.tell(line, Awaits::Nothing).await,
                Wish::Unreadable => self.shared.tell(line, Awaits::Refusal).await,
            }
        }
    }

    /// Waits until the tool server has ended by itself.
    pub(super) async fn server_ended(&self) {
        self.shared.server_ended.cancelled().await;
    }

    /// Lets the calls in flight end, and gives up those that take too long.
    pub(super) async fn finish(&self, grace: Duration) {
        self.tasks.close();
        if timeout(grace, self.tasks.wait()).await.is_err() {
            self.shared.give_up.cancel();
            self.tasks.wait().await;
        }
    }

    async fn take_up(&self, line: Bytes, id: Id) {
        let Ok(room) = Arc::clone(&self.room).acquire_owned().await else {
            return;
        };
        let shared = Arc::clone(&self.shared);
        let cancelled = shared.give_up.child_token();
        shared.state().calls.insert(id.clone(), cancelled.clone());
        self.tasks.spawn(shared.call(line, id, cancelled, room));
    }
}

impl Wish {
    fn of(line: &[u8], limits: &JsonLimits) -> Self {
        let Ok(message) = Message::parse(line, limits) else {
            return Self::Unreadable;
        };
        match &message.shape {
            Shape::Request { id, method } if method == "initialize" => Self::Initialize(id.clone()),
            Shape::Request { id, .. } => Self::Request(id.clone()),
            Shape::Notification { method } if method == "notifications/initialized" => {
                Self::Initialized
            }
            Shape::Notification { method } if method == "notifications/cancelled" => {
                let id = message.params().and_then(|params| params.get("requestId"));
                Self::Cancel(id.and_then(|id| Id::read(id).ok()))
            }
            Shape::Notification { .. } | Shape::Response { .. } => Self::Other,
        }
    }
}

// === impl Shared ===

impl Shared {
    /// One request and its answer.
    async fn call(
        self: Arc<Self>,
        line: Bytes,
        id: Id,
        cancelled: CancellationToken,
        room: OwnedSemaphorePermit,
    ) {
        let answered = async {
            let answer = self.proxy.message(self.incoming(line)).await;
            self.relay(answer, Awaits::Response(&id)).await;
        };
        tokio::select! {
            biased;
            () = cancelled.cancelled() => {}
            () = answered => {}
        }
        self.state().calls.remove(&id);
        drop(room);
    }

    /// `initialize`: from its answer on there is a session.
    async fn initialize(&self, line: Bytes, id: &Id) {
        let has_session = self.state().session.is_some();
        if has_session {
            self.proxy.end(self.incoming(Bytes::new())).await;
            self.state().session = None;
        }
        let token = self.give_up.child_token();
        self.state().calls.insert(id.clone(), token);
        let answer = self.proxy.message(self.incoming(line)).await;
        self.state().session = answer.headers.get(&SESSION_ID).cloned();
        self.relay(answer, Awaits::Response(id)).await;
        self.state().calls.remove(id);
    }

    /// What has no answer, and what may have a refusal.
    async fn tell(&self, line: Bytes, awaits: Awaits<'_>) {
        let answer = self.proxy.message(self.incoming(line)).await;
        self.relay(answer, awaits).await;
    }

    /// A line that is too long to be read.
    async fn refuse_unread(&self, why: String) {
        let refusal = Refusal::new(Reason::TooLarge, why);
        let incoming = self.incoming(Bytes::new());
        let answer = self.proxy.refuse_unread(incoming, refusal).await;
        self.relay(answer, Awaits::Refusal).await;
    }

    /// Ends a call. It ends here too, because its message may not have left the
    /// gate yet.
    async fn cancel(&self, line: Bytes, id: Option<Id>) {
        let call = id.and_then(|id| self.state().calls.remove(&id));
        self.tell(line, Awaits::Nothing).await;
        if let Some(call) = call {
            call.cancel();
        }
    }

    /// What the tool server says outside of any answer, for as long as the
    /// session lasts.
    async fn listen(self: Arc<Self>) {
        let stopped = self.proxy.gate.closing.clone();
        loop {
            let incoming = self.incoming(Bytes::new());
            if incoming.headers.is_empty() {
                return;
            }
            let answer = tokio::select! {
                () = stopped.cancelled() => return,
                answer = self.proxy.listen(incoming) => answer,
            };
            match answer.status {
                StatusCode::OK => self.relay(answer, Awaits::Nothing).await,
                StatusCode::NOT_FOUND => return self.server_ended.cancel(),
                status => {
                    tracing::debug!(%status, "the tool server has no stream");
                    return;
                }
            }
            tokio::select! {
                () = stopped.cancelled() => return,
                () = sleep(REOPEN) => {}
            }
        }
    }

    /// Hands the messages of an answer to the client.
    async fn relay(&self, answer: Answer, awaits: Awaits<'_>) {
        let mut has_response = false;
        match answer.body {
            AnswerBody::Empty => {}
            AnswerBody::Json(message) => match awaits {
                Awaits::Response(_) | Awaits::Refusal => {
                    has_response = true;
                    self.say(message, awaits).await;
                }
                Awaits::Nothing => {
                    tracing::debug!(status = %answer.status, "a notification was refused");
                }
            },
            AnswerBody::Events(mut events) => {
                while let Some(event) = events.next().await {
                    let data = match event {
                        Ok(event) => event.data.filter(|data| !data.is_empty()),
                        Err(error) => {
                            tracing::debug!(%error, "the stream of an answer broke");
                            break;
                        }
                    };
                    if let Some(data) = data {
                        has_response |= self.is_response(&data, awaits);
                        self.say(Bytes::copy_from_slice(data.as_bytes()), awaits)
                            .await;
                    }
                }
            }
        }
        if let Awaits::Response(id) = awaits
            && !has_response
        {
            let error = serde_json::json!({
                "jsonrpc": "2.0",
                "id": id,
                "error": { "code": -31_502, "message": "the tool server gave no answer" },
            });
            self.say(Bytes::from(error.to_string()), awaits).await;
        }
    }

    /// Whether a message of an answer ends the client's wait.
    fn is_response(&self, data: &str, awaits: Awaits<'_>) -> bool {
        let Awaits::Response(_) = awaits else {
            return false;
        };
        let limits = self.proxy.gate.engine.snapshot().limits.result_json();
        let message = Message::parse_text(data, &limits);
        message.is_ok_and(|message| matches!(message.shape, Shape::Response { .. }))
    }

    /// Writes one line. A call that the client cancelled says nothing more.
    async fn say(&self, message: Bytes, awaits: Awaits<'_>) {
        if let Awaits::Response(id) = awaits
            && !self.state().calls.contains_key(id)
        {
            return;
        }
        // An error means that the client reads no more; `run` ends for that.
        let _ = self.outbox.send(one_line(message)).await;
    }

    /// A message of the client, on behalf of the agent that is configured now.
    fn incoming(&self, body: Bytes) -> Incoming {
        let snapshot = self.proxy.gate.engine.snapshot();
        let caller = match &snapshot.local {
            Some(local) => {
                let grant = Grant::local(
                    &local.agent,
                    local.principal.as_deref(),
                    local.scopes.clone(),
                    Arc::clone(&self.group),
                );
                Caller::Local(match &local.holder {
                    Some(HolderDid(holder)) => grant.bound_to(holder.clone()),
                    None => grant,
                })
            }
            // A reload took the agent away: from now on nobody has a grant.
            None => Caller::Nobody,
        };
        let session = self.state().session.clone();
        Incoming {
            server: Arc::clone(&self.server),
            caller,
            headers: session.map(|id| (SESSION_ID, id)).into_iter().collect(),
            body,
            endpoint: None,
            sign_in: None,
            held: None,
            seat: None,
            marks: Marks::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Line ends stand between the tokens of JSON and never inside them.
pub(crate) fn one_line(message: Bytes) -> Bytes {
    let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    if !message.iter().any(is_break) {
        return message;
    }
    let spaced = message.iter().map(|byte| match is_break(byte) {
        true => b' ',
        false => *byte,
    });
    spaced.collect()
}
