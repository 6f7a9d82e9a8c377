//! Sessions of the legacy era: whose each one is, and what is open in it. A
//! session belongs to the caller that made it; to every other caller it does not
//! exist. Where there is no room for another one, an idle one gives way.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_engine::Pending;
use gatewright_engine::config::LimitsConfig;
use gatewright_policy::Grant;
use gatewright_policy::pattern::Scope;
use tokio::time::Instant;

use crate::asked::Asked;
use crate::message::Id;
use crate::method::Method;
use crate::owner::{Owner, Place};

/// All sessions of the gate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions(Arc<Mutex<HashMap<Key, Session>>>);

/// How many sessions there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Of all callers together.
    pub(crate) all: usize,
    /// Of one caller.
    pub(crate) each: usize,
}

/// A session of a server, that is no more.
pub(crate) type Ended = (Arc<str>, Arc<str>);

/// Something under way in a session; over when dropped.
#[derive(Debug)]
pub(crate) struct Stay {
    sessions: Sessions,
    place: Place,
}

/// A call whose stream broke before the answer came: the answer may still come
/// on a stream that resumes it.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) pending: Pending,
    pub(crate) asked: Asked,
    pub(crate) method: &'static Method,
    /// What the credential of the call covers.
    pub(crate) scopes: Arc<[Scope]>,
}

/// No room for another session.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are as many open sessions as there may be")]
pub(crate) struct SessionsFull;

/// The session is not there, or another caller's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such session")]
pub(crate) struct UnknownSession;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    server: Arc<str>,
    session: Arc<str>,
}

#[derive(Debug)]
struct Session {
    owner: Owner,
    used_at: Instant,
    /// Calls and streams under way in it.
    under_way: usize,
    /// The client can send its user to a URL.
    elicits_url: bool,
    /// Requests of the server that wait for an answer, and their methods.
    questions: HashMap<Id, String>,
    parked: HashMap<Id, Parked>,
}

/// Most requests of a server that wait for an answer in one session.
const QUESTIONS_MAX: usize = 64;

/// Most broken calls that one session may resume.
const PARKED_MAX: usize = 64;

/// Longest arguments of these together, in bytes: they stay in memory, with an index
/// several times as long, for as long as the session does.
const PARKED_BYTES_MAX: usize = 256 << 10;

/// Longest session id, in bytes.
const SESSION_ID_BYTES_MAX: usize = 1024;

impl Sessions {
    /// Binds a new session to its caller, whose client can send its user to a URL or not.
    /// Gives the one that gave way to it.
    pub(crate) fn open(
        &self,
        place: &Place,
        room: Room,
        elicits_url: bool,
    ) -> Result<Option<Ended>, SessionsFull> {
        let Some(key) = Key::of(place) else {
            return Ok(None);
        };
        if key.session.len() > SESSION_ID_BYTES_MAX {
            return Err(SessionsFull);
        }
        let session = Session {
            owner: place.owner.clone(),
            used_at: Instant::now(),
            under_way: 0,
            elicits_url,
            questions: HashMap::new(),
            parked: HashMap::new(),
        };
        let mut sessions = self.lock();
        // A server that gives one id twice gives it to the first caller only.
        let gone = match sessions.get(&key) {
            Some(known) if known.owner != place.owner => return Err(SessionsFull),
            Some(_) => None,
            None => give_way(&mut sessions, &place.owner, room)?,
        };
        let replaced = sessions.insert(key, session);
        drop(sessions);
        // Dropping a parked call records it: not under the lock.
        drop(replaced);
        Ok(gone.map(ended))
    }

    /// Makes room for a session that a caller is about to open. Gives the one that
    /// gave way to it.
    pub(crate) fn make_room(
        &self,
        owner: &Owner,
        room: Room,
    ) -> Result<Option<Ended>, SessionsFull> {
        let gone = give_way(&mut self.lock(), owner, room)?;
        Ok(gone.map(ended))
    }

    /// Whether the session is this caller's, and that something begins in it;
    /// `Ok(None)` where there is no session.
    pub(crate) fn enter(&self, place: &Place) -> Result<Option<Stay>, UnknownSession> {
        if place.session.is_none() {
            return Ok(None);
        }
        self.with(place, |session| session.under_way += 1)
            .ok_or(UnknownSession)?;
        Ok(Some(Stay {
            sessions: self.clone(),
            place: place.clone(),
        }))
    }

    /// Whether the client of a session can send its user to a URL.
    pub(crate) fn elicits_url(&self, place: &Place) -> bool {
        self.with(place, |session| session.elicits_url)
            .unwrap_or(false)
    }

    /// Notes a request of the server that the caller will answer. False where it
    /// cannot be kept.
    pub(crate) fn ask(&self, place: &Place, id: Id, method: &str) -> bool {
        self.with(place, |session| {
            let room = session.questions.len() < QUESTIONS_MAX;
            if room {
                session.questions.insert(id, method.to_owned());
            }
            room
        })
        .unwrap_or(false)
    }

    /// The method of the request that an answer of the caller belongs to. Each is
    /// answered once.
    pub(crate) fn answered(&self, place: &Place, id: &Id) -> Option<String> {
        self.with(place, |session| session.questions.remove(id))
            .flatten()
    }

    /// Keeps a call whose stream broke. Where there is no room, it is dropped,
    /// and with it recorded as abandoned.
    pub(crate) fn park(&self, place: &Place, id: Id, parked: Parked) {
        let dropped = self.with(place, |session| {
            let kept: usize = session.parked.values().map(Parked::bytes).sum();
            let has_room = kept.saturating_add(parked.bytes()) <= PARKED_BYTES_MAX;
            if has_room && session.parked.len() < PARKED_MAX {
                session.parked.insert(id, parked)
            } else {
                Some(parked)
            }
        });
        drop(dropped);
    }

    /// The broken call that an answer belongs to, for a credential that covers as much as
    /// the one that it was made with.
    pub(crate) fn resume(&self, place: &Place, id: &Id, grant: &Grant) -> Option<Parked> {
        self.with(place, |session| {
            let parked = session.parked.get(id)?;
            match grant.covers_all(&parked.scopes) {
                true => session.parked.remove(id),
                false => None,
            }
        })
        .flatten()
    }

    /// Forgets a session that has ended.
    pub(crate) fn close(&self, place: &Place) {
        let closed = Key::of(place).and_then(|key| self.lock().remove(&key));
        drop(closed);
    }

    /// Takes out the sessions that nobody used for a while.
    pub(crate) fn expire(&self, idle: Duration) -> Vec<Ended> {
        let mut expired = Vec::new();
        let mut gone = Vec::new();
        let mut sessions = self.lock();
        let keys: Vec<_> = sessions
            .iter()
            .filter(|(_, session)| session.used_at.elapsed() >= idle)
            .map(|(key, _)| key.clone())
            .collect();
        for key in keys {
            gone.extend(sessions.remove(&key));
            expired.push((key.server, key.session));
        }
        drop(sessions);
        // Dropping a parked call records it: not under the lock.
        drop(gone);
        expired
    }

    /// Takes out the sessions of a server that these callers have.
    pub(crate) fn end(&self, mut is_over: impl FnMut(&Owner, &Arc<str>) -> bool) -> Vec<Ended> {
        let mut sessions = self.lock();
        let over = sessions
            .iter()
            .filter(|(key, session)| is_over(&session.owner, &key.server));
        let keys: Vec<_> = over.map(|(key, _)| key.clone()).collect();
        let gone: Vec<_> = keys
            .into_iter()
            .filter_map(|key| sessions.remove_entry(&key))
            .collect();
        drop(sessions);
        // Dropping a parked call records it: not under the lock.
        gone.into_iter().map(ended).collect()
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn with<T>(&self, place: &Place, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let key = Key::of(place)?;
        let mut sessions = self.lock();
        let session = sessions
            .get_mut(&key)
            .filter(|session| session.owner == place.owner)?;
        session.used_at = Instant::now();
        Some(act(session))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes out what must give way to another session of a caller: where it has its
/// share, its own longest idle session; where all are taken, the longest idle one
/// of the caller that has most. A session with something under way stays.
fn give_way(
    sessions: &mut HashMap<Key, Session>,
    owner: &Owner,
    room: Room,
) -> Result<Option<(Key, Session)>, SessionsFull> {
    let mut held: HashMap<&Owner, usize> = HashMap::new();
    for session in sessions.values() {
        *held.entry(session.owner.account()).or_default() += 1;
    }
    let held_by = |owner: &Owner| held.get(owner.account()).copied().unwrap_or_default();
    let has_share = held_by(owner) >= room.each;
    if !has_share && sessions.len() < room.all {
        return Ok(None);
    }
    let longest_idle = sessions
        .iter()
        .filter(|(_, session)| session.under_way == 0)
        .filter(|(_, session)| !has_share || session.owner.account() == owner.account())
        .min_by_key(|(_, session)| (Reverse(held_by(&session.owner)), session.used_at));
    let key = longest_idle.map(|(key, _)| key.clone());
    let key = key.ok_or(SessionsFull)?;
    Ok(sessions.remove_entry(&key))
}

fn ended((key, _session): (Key, Session)) -> Ended {
    (key.server, key.session)
}

impl Parked {
    /// Length of its arguments.
    fn bytes(&self) -> usize {
        self.pending.request().arguments.text().len()
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let left = |session: &mut Session| session.under_way = session.under_way.saturating_sub(1);
        // A session that ended meanwhile has nothing under way.
        let _gone = self.sessions.with(&self.place, left);
    }
}

impl Room {
    /// What the limits leave.
    pub(crate) fn of(limits: &LimitsConfig) -> Self {
        let all = limits.sessions_max;
        Self {
            all,
            each: limits.agent_share.of(all),
        }
    }
}

impl Key {
    fn of(place: &Place) -> Option<Self> {
        let session = place.session.as_ref().map(Arc::clone)?;
        Some(Self {
            server: Arc::clone(&place.server),
            session,
        })
    }
}
