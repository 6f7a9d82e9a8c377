//! The sessions of the legacy era: a line for each, from `initialize` to DELETE, to a long
//! silence, or to the end of the line.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use gatewright_policy::Trouble;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::line::Line;
use crate::upstream::UpstreamError;

/// The sessions of one tool server.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    sessions: HashMap<Arc<str>, Arc<Session>>,
    closed: bool,
}

/// One session and its line.
#[derive(Debug)]
pub(crate) struct Session {
    pub(super) id: Arc<str>,
    pub(super) line: Arc<Line>,
    usage: Mutex<Usage>,
}

#[derive(Debug)]
struct Usage {
    /// Calls in flight and open streams.
    open: usize,
    /// When the last one ended.
    since: Instant,
}

/// What looks after one session, and keeps neither it nor its line alive.
struct Watch {
    state: Weak<Mutex<State>>,
    session: Weak<Session>,
    ended: CancellationToken,
    id: Arc<str>,
    idle_max: Duration,
}

/// While it lives, its session is in use.
#[derive(Debug)]
pub(crate) struct InUse {
    session: Arc<Session>,
}

/// How many sessions there are, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Most of them at once.
    pub(crate) sessions_max: usize,
    /// One without a call or an open stream for this long is ended.
    pub(crate) idle_max: Duration,
}

impl Sessions {
    /// Begins a line for a new session.
    pub(crate) fn start(
        &self,
        bounds: Bounds,
        begin: impl FnOnce() -> Result<Arc<Line>, UpstreamError>,
    ) -> Result<InUse, UpstreamError> {
        let id = random_id()?;
        let session = {
            let mut state = self.lock();
            if state.closed {
                return Err(UpstreamError::Trouble(
                    Trouble::Stopped,
                    "the gate stops".to_owned(),
                ));
            }
            if state.sessions.len() >= bounds.sessions_max {
                let detail = format!("{} sessions are open", bounds.sessions_max);
                return Err(UpstreamError::Trouble(Trouble::Busy(None), detail));
            }
            let session = Arc::new(Session {
                id: Arc::clone(&id),
                line: begin()?,
                usage: Mutex::new(Usage {
                    open: 0,
                    since: Instant::now(),
                }),
            });
            state.sessions.insert(id, Arc::clone(&session));
            session
        };
        let watch = Watch {
            state: Arc::downgrade(&self.state),
            session: Arc::downgrade(&session),
            ended: session.line.end_of(),
            id: Arc::clone(&session.id),
            idle_max: bounds.idle_max,
        };
        tokio::spawn(watch.run());
        Ok(InUse::new(session))
    }

    /// Whether there is a session with this id, or was one a moment ago.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.lock().sessions.contains_key(id)
    }

    /// The session with this id, unless it has ended.
    pub(super) fn find(&self, id: &str) -> Option<InUse> {
        let session = self.lock().sessions.get(id).map(Arc::clone)?;
        let is_alive = session.line.closed().is_none();
        is_alive.then(|| InUse::new(session))
    }

    /// Ends a session. `false` where there is none with this id.
    pub(super) fn end(&self, id: &str) -> bool {
        let session = self.lock().sessions.get(id).map(Arc::clone);
        let Some(session) = session else { return false };
        let was_alive = session.line.closed().is_none();
        session.line.stop();
        was_alive
    }

    /// How many lines there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.lock().sessions.len()
    }

    /// Ends all sessions for good and waits until their lines are gone.
    pub(crate) async fn close(&self) {
        let sessions: Vec<_> = {
            let mut state = self.lock();
            state.closed = true;
            state.sessions.values().map(Arc::clone).collect()
        };
        for session in &sessions {
            session.line.stop();
        }
        join_all(sessions.iter().map(|session| session.line.ended())).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Watch {
    /// Ends the session after a long silence; forgets it when its line is gone, so that
    /// the number of lines (and of processes) is bounded and not only that of usable
    /// sessions.
    async fn run(self) {
        while let Some(idle_at) = self.idle_at() {
            tokio::select! {
                () = self.ended.cancelled() => break,
                () = sleep_until(idle_at) => {
                    if self.idle_at().is_some_and(|idle_at| idle_at <= Instant::now()) {
                        tracing::debug!(session = &*self.id, "session ended after a silence");
                        if let Some(session) = self.session.upgrade() {
                            session.line.stop();
                        }
                        self.ended.cancelled().await;
                        break;
                    }
                }
            }
        }
        if let Some(state) = self.state.upgrade() {
            lock(&state).sessions.remove(&self.id);
        }
    }

    fn idle_at(&self) -> Option<Instant> {
        let session = self.session.upgrade()?;
        Some(session.idle_at(self.idle_max))
    }
}

impl Session {
    /// The earliest moment at which it may count as idle.
    fn idle_at(&self, idle_max: Duration) -> Instant {
        let usage = self.usage();
        let since = if usage.open > 0 {
            Instant::now()
        } else {
            usage.since
        };
        since + idle_max
    }

    fn usage(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl InUse {
    fn new(session: Arc<Session>) -> Self {
        session.usage().open += 1;
        Self { session }
    }

    pub(super) fn session(&self) -> &Session {
        &self.session
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut usage = self.session.usage();
        usage.open -= 1;
        usage.since = Instant::now();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// 128 random bits in hexadecimal.
fn random_id() -> Result<Arc<str>, UpstreamError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| UpstreamError::Unavailable(format!("no randomness: {error}")))?;
    let mut id = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string never fails.
        let _ = write!(id, "{byte:02x}");
    }
    Ok(Arc::from(id))
}
