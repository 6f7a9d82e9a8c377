//! What was said to agents that may come back for it: the last events of each stream in a
//! legacy session, reviewed and recorded already. Bounded in every direction: what does
//! not fit is not kept, and whoever comes back for it is told so.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gatewright_policy::Grant;
use gatewright_policy::pattern::Scope;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::owner::{Owner, Place};
use crate::sse::Event;

/// Most streams that one session keeps; the oldest gives way.
const STREAMS_MAX: usize = 16;

/// Most events that one stream keeps; the oldest gives way.
const EVENTS_MAX: usize = 128;

/// Most bytes that one stream keeps, unless its last event alone is longer.
const STREAM_BYTES_MAX: usize = 1 << 20;

/// Most bytes that are kept of all streams together.
const ALL_BYTES_MAX: usize = 64 << 20;

/// Most of them that are one agent's, with those that it hands its rights to: nobody takes
/// from others what they come back for.
const ACCOUNT_BYTES_MAX: usize = ALL_BYTES_MAX / 4;

/// What a stream counts for without its events.
pub(super) const STREAM_BYTES: usize = 512;

/// What an event counts for without its message: small ones are many.
pub(super) const EVENT_BYTES: usize = 256;

/// An answer that nobody comes back for is kept for so long.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// All streams that are kept.
#[derive(Clone, Debug)]
pub(crate) struct KeptStreams(Arc<Mutex<Streams>>);

#[derive(Debug)]
struct Streams {
    /// What every id begins with: a tool server, or this gate before it was started again,
    /// gives others.
    tag: String,
    sessions: HashMap<Place, BTreeMap<u64, Stream>>,
    last: u64,
    bytes: usize,
    /// Of each agent.
    accounts: HashMap<Owner, usize>,
}

#[derive(Debug)]
struct Stream {
    /// What the credential of the call covers: a narrower one does not read the answer.
    scopes: Arc<[Scope]>,
    events: VecDeque<(u64, Event)>,
    bytes: usize,
    /// The number of the next event.
    next: u64,
    ended_at: Option<Instant>,
    changed: Arc<Notify>,
}

/// One stream that is being kept.
#[derive(Debug)]
pub(super) struct Keeping {
    kept: KeptStreams,
    place: Place,
    stream: u64,
}

/// Whether an event is on its way to the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Seen,
    Unseen,
}

/// A stream that an agent came back for.
#[derive(Debug)]
pub(crate) struct Resumption {
    kept: KeptStreams,
    place: Place,
    stream: u64,
    next: u64,
}

/// What a resumed stream gives.
enum Found {
    Event(Event),
    NotYet(Arc<Notify>),
    End,
}

impl Default for KeptStreams {
    fn default() -> Self {
        let random = uuid::Uuid::now_v7().simple().to_string();
        let tag = random.get(20..).unwrap_or_default();
        Self(Arc::new(Mutex::new(Streams {
            tag: format!("gw-{tag}-"),
            sessions: HashMap::new(),
            last: 0,
            bytes: 0,
            accounts: HashMap::new(),
        })))
    }
}

impl KeptStreams {
    /// Begins to keep a stream, for credentials that cover as much as `scopes`.
    pub(super) fn begin(&self, place: Place, scopes: Arc<[Scope]>) -> Keeping {
        let mut streams = self.lock();
        streams.last += 1;
        let number = streams.last;
        let session = streams.sessions.get(&place);
        let full = session.filter(|session| session.len() >= STREAMS_MAX);
        if let Some(oldest) = full.and_then(|session| session.keys().next().copied()) {
            streams.forget(&place, oldest);
        }
        if streams.room(&place.owner) >= STREAM_BYTES {
            let session = streams.sessions.entry(place.clone()).or_default();
            session.insert(number, Stream::new(scopes));
            streams.count(&place.owner, 0, STREAM_BYTES);
        }
        drop(streams);
        Keeping {
            kept: self.clone(),
            place,
            stream: number,
        }
    }

    /// Whether the gate gave an id, in this session or another one.
    pub(crate) fn gave(&self, id: &str) -> bool {
        id.starts_with(&*self.lock().tag)
    }

    /// The stream that an id is of, from the event after it on. Nothing where the gate
    /// gave no such id in this session, does not keep what follows any more, or gave it to
    /// a credential that covers more.
    pub(crate) fn resume(&self, place: &Place, id: &str, grant: &Grant) -> Option<Resumption> {
        let streams = self.lock();
        let (number, event) = id.strip_prefix(&*streams.tag)?.split_once('-')?;
        let (number, event): (u64, u64) = (number.parse().ok()?, event.parse().ok()?);
        let next = event.checked_add(1)?;
        let stream = streams.sessions.get(place)?.get(&number)?;
        let first = stream
            .events
            .front()
            .map_or(stream.next, |(number, _)| *number);
        let is_kept = (first..=stream.next).contains(&next);
        (is_kept && grant.covers_all(&stream.scopes)).then(|| Resumption {
            kept: self.clone(),
            place: place.clone(),
            stream: number,
            next,
        })
    }

    /// Forgets what nobody came back for.
    pub(crate) fn expire(&self, now: Instant) {
        let mut streams = self.lock();
        let over: Vec<_> = streams
            .sessions
            .iter()
            .flat_map(|(place, session)| session.iter().map(move |one| (place, one)))
            .filter(|(_, (_, stream))| stream.ended_at.is_some_and(|at| now >= at + KEPT_FOR))
            .map(|(place, (number, _))| (place.clone(), *number))
            .collect();
        for (place, number) in over {
            streams.forget(&place, number);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Streams> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    fn id(&self, stream: u64, event: u64) -> Arc<str> {
        Arc::from(format!("{}{stream}-{event}", self.tag))
    }

    fn stream(&mut self, place: &Place, number: u64) -> Option<&mut Stream> {
        self.sessions.get_mut(place)?.get_mut(&number)
    }

    fn forget(&mut self, place: &Place, number: u64) {
        let Some(session) = self.sessions.get_mut(place) else {
            return;
        };
        let gone = session.remove(&number);
        if session.is_empty() {
            self.sessions.remove(place);
        }
        if let Some(stream) = gone {
            self.count(&place.owner, stream.bytes, 0);
            stream.changed.notify_waiters();
        }
    }

    /// How much more of an agent can be kept.
    fn room(&self, owner: &Owner) -> usize {
        let own = self.accounts.get(owner.account()).copied();
        let own = ACCOUNT_BYTES_MAX.saturating_sub(own.unwrap_or_default());
        ALL_BYTES_MAX.saturating_sub(self.bytes).min(own)
    }

    /// What counted for `before` counts for `after`.
    fn count(&mut self, owner: &Owner, before: usize, after: usize) {
        self.bytes = (self.bytes + after).saturating_sub(before);
        let owner = owner.account();
        let own = self.accounts.get(owner).copied().unwrap_or_default();
        match (own + after).saturating_sub(before) {
            0 => self.accounts.remove(owner),
            left => self.accounts.insert(owner.clone(), left),
        };
    }
}

impl Stream {
    fn new(scopes: Arc<[Scope]>) -> Self {
        Self {
            scopes,
            events: VecDeque::new(),
            bytes: STREAM_BYTES,
            // The number before it names the beginning.
            next: 1,
            ended_at: None,
            changed: Arc::default(),
        }
    }

    /// The number of the next event.
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    fn make_room(&mut self, bytes: usize) {
        while self.events.len() >= EVENTS_MAX || self.bytes + bytes > STREAM_BYTES_MAX {
            let Some((_, oldest)) = self.events.pop_front() else {
                return;
            };
            self.bytes -= length(&oldest);
        }
    }
}

// === impl Keeping ===

impl Keeping {
    /// The event that names the beginning.
    pub(super) fn first(&self) -> Event {
        Event {
            id: Some(self.kept.lock().id(self.stream, 0)),
            data: Some(Arc::from("")),
            ..Event::default()
        }
    }

    /// Keeps an event, and gives it its id.
    pub(super) fn keep(&self, event: Event, way: Way) -> Event {
        let bytes = length(&event);
        let mut all = self.kept.lock();
        let Some(number) = all.stream(&self.place, self.stream).map(Stream::number) else {
            return event;
        };
        let event = Event {
            id: Some(all.id(self.stream, number)),
            ..event
        };
        let room = all.room(&self.place.owner);
        let Some(stream) = all.stream(&self.place, self.stream) else {
            return event;
        };
        let before = stream.bytes;
        stream.make_room(bytes);
        if bytes <= room + (before - stream.bytes) {
            stream.events.push_back((number, event.clone()));
            stream.bytes += bytes;
        } else {
            // What follows a gap is of no use to whoever comes back.
            stream.events.clear();
            stream.bytes = STREAM_BYTES;
        }
        if way == Way::Unseen {
            stream.changed.notify_waiters();
        }
        let after = stream.bytes;
        all.count(&self.place.owner, before, after);
        event
    }

    /// There is nothing more, and the agent does not have all of it.
    pub(super) fn end(self) {
        let mut all = self.kept.lock();
        if let Some(stream) = all.stream(&self.place, self.stream) {
            stream.ended_at = Some(Instant::now());
            stream.changed.notify_waiters();
        }
    }

    /// The agent has all of it.
    pub(super) fn read(self) {
        self.kept.lock().forget(&self.place, self.stream);
    }
}

/// A stream that breaks off, and that nobody goes on with, has ended.
impl Drop for Keeping {
    fn drop(&mut self) {
        let mut all = self.kept.lock();
        if let Some(stream) = all.stream(&self.place, self.stream) {
            stream.ended_at.get_or_insert_with(Instant::now);
            stream.changed.notify_waiters();
        }
    }
}

// === impl Resumption ===

impl Resumption {
    /// The next event, or nothing at the end.
    pub(super) async fn next(&mut self) -> Option<Event> {
        loop {
            let changed = match self.find() {
                Found::Event(event) => return Some(event),
                Found::End => return None,
                Found::NotYet(changed) => changed,
            };
            let mut changed = std::pin::pin!(changed.notified());
            // From here on no change is missed: it is looked once more.
            changed.as_mut().enable();
            match self.find() {
                Found::Event(event) => return Some(event),
                Found::End => return None,
                Found::NotYet(_) => changed.await,
            }
        }
    }

    fn find(&mut self) -> Found {
        let mut all = self.kept.lock();
        let Some(stream) = all.stream(&self.place, self.stream) else {
            return Found::End;
        };
        let mut later = stream
            .events
            .iter()
            .filter(|(number, _)| *number >= self.next);
        match later.next() {
            Some((number, event)) if *number == self.next => {
                self.next = number + 1;
                return Found::Event(event.clone());
            }
            // There is a gap: whoever comes back once more is told so.
            Some(_) | None if stream.next > self.next => return Found::End,
            Some(_) | None => {}
        }
        if stream.ended_at.is_none() {
            return Found::NotYet(Arc::clone(&stream.changed));
        }
        // Whoever has come to the end has all of it.
        all.forget(&self.place, self.stream);
        Found::End
    }
}

fn length(event: &Event) -> usize {
    EVENT_BYTES + event.payload().map_or(0, |text| text.len())
}

#[cfg(test)]
impl KeptStreams {
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// How many events each stream of each session has.
    pub(super) fn sizes(&self) -> HashMap<Place, Vec<usize>> {
        let streams = self.lock();
        let sessions = streams.sessions.iter();
        let sizes = |session: &BTreeMap<u64, Stream>| {
            session.values().map(|stream| stream.events.len()).collect()
        };
        sessions
            .map(|(place, session)| (place.clone(), sizes(session)))
            .collect()
    }
}
