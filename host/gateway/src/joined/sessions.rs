//! Sessions of the legacy era at the endpoint of all servers: each stands for one session
//! at every server that its agent reaches. Those are sessions like any other; here is only
//! which ones belong together, and what a server is told that is reached later.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::left::Left;
use super::telling::{Teller, Telling};
use super::tokens::Tokens;
use crate::message::Id;
use crate::owner::Owner;
use crate::sessions::{Room, SessionsFull};

/// All of them.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<Arc<str>, Arc<Session>>>);

/// One of them.
pub(super) struct Session {
    owner: Owner,
    /// What the client said to begin it, for every server, and the id of that.
    pub(super) initialize: (Id, Bytes),
    /// Sessions that are being begun, by server.
    beginning: Mutex<HashMap<Arc<str>, Beginning>>,
    /// It has ended.
    pub(super) over: CancellationToken,
    /// Those for progress that its client gave to servers.
    pub(super) tokens: Tokens,
    state: Mutex<State>,
    /// Its client has said that it is ready, and who is told so is known; or it was waited
    /// for long enough.
    ready: CancellationToken,
    /// How often something happened to a server of it.
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct State {
    used_at: Instant,
    servers: HashMap<Arc<str>, There>,
    /// The client has said that it is ready.
    initialized: Option<Bytes>,
    /// What it wants to hear of logs.
    level: Option<Bytes>,
    /// How often each server had no part in a list.
    left_out: HashMap<Arc<str>, u64>,
}

/// A session that there is at a server.
#[derive(Debug)]
struct There {
    opened: Opened,
    /// What it hears first. Nobody has told it that the client is ready where there is none.
    telling: Option<Telling>,
}

/// A session that is being begun; whoever needs it waits for the same one.
pub(super) type Beginning = Shared<BoxFuture<'static, Result<Opened, Left>>>;

/// The session at one server.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    /// None where the server does without.
    pub(super) session: Option<Arc<str>>,
    /// The revision that the server chose.
    pub(super) version: Option<Arc<str>>,
    pub(super) offers: Offers,
    /// What it says that it can, as it says it.
    pub(super) capabilities: Arc<serde_json::Value>,
    /// What it says about its use.
    pub(super) instructions: Option<Arc<str>>,
}

/// What a server says that it has, as far as anybody asks because of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) tools: bool,
    pub(super) prompts: bool,
    pub(super) resources: bool,
    pub(super) logging: bool,
    pub(super) tasks: bool,
}

impl Sessions {
    /// Begins a session. Where there are as many as there may be, the one of the same
    /// caller gives way that was longest not used.
    pub(super) fn begin(
        &self,
        owner: &Owner,
        initialize: (Id, Bytes),
        room: Room,
    ) -> Result<(Arc<str>, Arc<Session>), SessionsFull> {
        let id: Arc<str> = Arc::from(format!("gw-{}", uuid::Uuid::now_v7().simple()));
        let session = Arc::new(Session {
            owner: owner.clone(),
            initialize,
            beginning: Mutex::default(),
            over: CancellationToken::new(),
            tokens: Tokens::default(),
            state: Mutex::new(State {
                used_at: Instant::now(),
                servers: HashMap::new(),
                initialized: None,
                level: None,
                left_out: HashMap::new(),
            }),
            ready: CancellationToken::new(),
            changes: watch::Sender::new(0),
        });
        let mut sessions = self.lock();
        let own = |session: &Arc<Session>| session.owner.account() == owner.account();
        let is_full = sessions.len() >= room.all;
        if is_full || sessions.values().filter(|session| own(session)).count() >= room.each {
            let idle = sessions
                .iter()
                .filter(|(_, session)| own(session))
                .min_by_key(|(_, session)| session.lock().used_at);
            let idle = idle.map(|(id, _)| Arc::clone(id)).ok_or(SessionsFull)?;
            ended(sessions.remove(&idle));
        }
        sessions.insert(Arc::clone(&id), Arc::clone(&session));
        Ok((id, session))
    }

    /// A session of this caller.
    pub(super) fn find(&self, id: &str, owner: &Owner) -> Option<Arc<Session>> {
        let sessions = self.lock();
        let session = sessions.get(id).filter(|session| session.owner == *owner)?;
        session.lock().used_at = Instant::now();
        Some(Arc::clone(session))
    }

    /// Forgets a session that has ended.
    pub(super) fn end(&self, id: &str) {
        ended(self.lock().remove(id));
    }

    /// Forgets those that nobody used for a while. Whoever holds one uses it.
    pub(super) fn expire(&self, idle: Duration) {
        self.lock().retain(|_, session| {
            Arc::strong_count(session) > 1 || session.lock().used_at.elapsed() < idle
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Session>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ended(session: Option<Arc<Session>>) {
    if let Some(session) = session {
        session.over.cancel();
    }
}

impl Session {
    /// The session at a server, if there is one.
    pub(super) fn at(&self, server: &str) -> Option<Opened> {
        let state = self.lock();
        Some(state.servers.get(server)?.opened.clone())
    }

    /// Completes once a server was told what the client said to all of them.
    pub(super) async fn told(&self, server: &str) {
        let telling = {
            let state = self.lock();
            let there = state.servers.get(server);
            there.and_then(|there| there.telling.clone())
        };
        if let Some(telling) = telling {
            telling.over().await;
        }
    }

    /// Those at all servers, in the order of their names.
    pub(super) fn all(&self) -> Vec<(Arc<str>, Opened)> {
        self.lock().sorted()
    }

    /// There is one at this server from now on. Gives what the client said before, which is
    /// to be said to this server too, before anything is asked of it.
    pub(super) fn open(&self, server: &Arc<str>, opened: Opened) -> (Vec<Bytes>, Teller) {
        let teller = Teller::default();
        let mut state = self.lock();
        let level = state.level.clone().filter(|_| opened.offers.logging);
        let said: Vec<_> = state.initialized.clone().into_iter().chain(level).collect();
        let there = There {
            opened,
            telling: (!said.is_empty()).then(|| teller.telling()),
        };
        state.servers.insert(Arc::clone(server), there);
        drop(state);
        self.changes.send_modify(|count| *count += 1);
        (said, teller)
    }

    /// Changes when there is one at another server, and when one had no part in a list.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// A list lacks this server: its client does not know what it has.
    pub(super) fn lacks(&self, server: &Arc<str>) {
        let mut state = self.lock();
        *state.left_out.entry(Arc::clone(server)).or_default() += 1;
        drop(state);
        self.changes.send_modify(|count| *count += 1);
    }

    /// How often a server had no part in a list.
    pub(super) fn left_out(&self, server: &str) -> u64 {
        let state = self.lock();
        state.left_out.get(server).copied().unwrap_or_default()
    }

    /// Completes once the client has said that it is ready. One that does not is waited for
    /// so long, and only once.
    pub(super) async fn is_ready(&self, longest: Duration) {
        if timeout(longest, self.ready.cancelled()).await.is_err() {
            self.ready.cancel();
        }
    }

    /// Completes when the one at a server is another one than it was.
    pub(super) async fn is_another(&self, server: &str, before: Option<&str>) {
        let mut changes = self.changes();
        while self
            .at(server)
            .is_none_or(|now| now.session.as_deref() == before)
        {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The one at a server that is being begun; where there is none, `start` begins it.
    pub(super) fn beginning(
        &self,
        server: &Arc<str>,
        start: impl FnOnce() -> Beginning,
    ) -> Beginning {
        let mut beginning = self.beginnings();
        let one = beginning.entry(Arc::clone(server)).or_insert_with(start);
        one.clone()
    }

    /// It has begun, or failed to: the next one begins anew.
    pub(super) fn has_begun(&self, server: &str) {
        self.beginnings().remove(server);
    }

    fn beginnings(&self) -> MutexGuard<'_, HashMap<Arc<str>, Beginning>> {
        self.beginning
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The client is ready. Gives the servers that are told so, and who tells them; those
    /// that are reached later are told then.
    pub(super) fn is_initialized(&self, message: &Bytes) -> Vec<(Arc<str>, Opened, Teller)> {
        let mut state = self.lock();
        let is_first = state.initialized.replace(message.clone()).is_none();
        let servers = state.sorted().into_iter();
        let servers = servers.map(|(server, opened)| {
            let teller = Teller::default();
            // Whoever says it twice keeps nobody waiting twice.
            if let Some(there) = state.servers.get_mut(&server).filter(|_| is_first) {
                there.telling = Some(teller.telling());
            }
            (server, opened, teller)
        });
        let told = servers.collect();
        self.ready.cancel();
        told
    }

    /// The client says what it wants to hear of logs. As with [`Session::is_initialized`];
    /// a server that is being told something else hears it after that.
    pub(super) fn has_level(&self, message: &Bytes) -> Vec<(Arc<str>, Opened)> {
        let mut state = self.lock();
        state.level = Some(message.clone());
        let mut all = state.sorted();
        all.retain(|(server, opened)| {
            let telling = state.servers.get(server).map(|there| &there.telling);
            let is_left = |telling: &Telling| telling.leave(message);
            opened.offers.logging && !telling.and_then(Option::as_ref).is_some_and(is_left)
        });
        all
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn sorted(&self) -> Vec<(Arc<str>, Opened)> {
        let servers = self.servers.iter();
        let mut all: Vec<_> = servers
            .map(|(server, there)| (Arc::clone(server), there.opened.clone()))
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }
}
