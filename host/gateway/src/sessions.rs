//! Sessions of the legacy era: whose each one is, and what is open in it. A
//! session belongs to the caller that made it; to every other caller it does not
//! exist.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_engine::Pending;
use gatewright_policy::Grant;
use tokio::time::Instant;

use crate::message::Id;
use crate::method::Method;
use crate::refusal::Asked;

/// All sessions of the gate.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    sessions: Mutex<HashMap<Key, Session>>,
}

/// Who a caller is, whatever credential it shows today.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Owner {
    agent: String,
    issuer: String,
    principal: Option<String>,
}

/// A conversation: a caller, a server, and the session that the server gave, if
/// it gave one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) owner: Owner,
    pub(crate) server: Arc<str>,
    pub(crate) session: Option<Arc<str>>,
}

/// A call whose stream broke before the answer came: the answer may still come
/// on a stream that resumes it.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) pending: Pending,
    pub(crate) asked: Asked,
    pub(crate) method: &'static Method,
}

/// No room for another session.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gate has as many open sessions as it takes")]
pub(crate) struct SessionsFull;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    server: Arc<str>,
    session: Arc<str>,
}

#[derive(Debug)]
struct Session {
    owner: Owner,
    used_at: Instant,
    /// Requests of the server that wait for an answer, and their methods.
    questions: HashMap<Id, String>,
    parked: HashMap<Id, Parked>,
}

/// Most requests of a server that wait for an answer in one session.
const QUESTIONS_MAX: usize = 64;

/// Most broken calls that one session may resume.
const PARKED_MAX: usize = 64;

/// Longest session id, in bytes.
const SESSION_ID_BYTES_MAX: usize = 1024;

impl Sessions {
    /// Binds a new session to its caller.
    pub(crate) fn open(&self, place: &Place, sessions_max: usize) -> Result<(), SessionsFull> {
        let Some(key) = Key::of(place) else {
            return Ok(());
        };
        let mut sessions = self.lock();
        let full = sessions.len() >= sessions_max && !sessions.contains_key(&key);
        if full || key.session.len() > SESSION_ID_BYTES_MAX {
            return Err(SessionsFull);
        }
        let session = Session {
            owner: place.owner.clone(),
            used_at: Instant::now(),
            questions: HashMap::new(),
            parked: HashMap::new(),
        };
        // A server that gives one id twice gives it to the first caller only.
        match sessions.get(&key) {
            Some(known) if known.owner != place.owner => Err(SessionsFull),
            Some(_) | None => {
                sessions.insert(key, session);
                Ok(())
            }
        }
    }

    /// Whether there is room for another session.
    pub(crate) fn have_room(&self, sessions_max: usize) -> bool {
        self.lock().len() < sessions_max
    }

    /// Whether the session is this caller's; true where there is none. Counts as
    /// use.
    pub(crate) fn admits(&self, place: &Place) -> bool {
        place.session.is_none() || self.with(place, |_session| ()).is_some()
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
            if session.parked.len() < PARKED_MAX {
                session.parked.insert(id, parked)
            } else {
                Some(parked)
            }
        });
        drop(dropped);
    }

    /// The broken call that an answer belongs to.
    pub(crate) fn resume(&self, place: &Place, id: &Id) -> Option<Parked> {
        self.with(place, |session| session.parked.remove(id))
            .flatten()
    }

    /// Forgets a session that has ended.
    pub(crate) fn close(&self, place: &Place) {
        let closed = Key::of(place).and_then(|key| self.lock().remove(&key));
        drop(closed);
    }

    /// Takes out the sessions that nobody used for a while: their servers and
    /// ids.
    pub(crate) fn expire(&self, idle: Duration) -> Vec<(Arc<str>, Arc<str>)> {
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
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Owner {
    /// Whom a grant speaks for.
    pub(crate) fn of(grant: &Grant) -> Self {
        Self {
            agent: grant.subject.id.clone(),
            issuer: grant.subject.issuer.clone(),
            principal: grant.subject.principal.clone(),
        }
    }
}
