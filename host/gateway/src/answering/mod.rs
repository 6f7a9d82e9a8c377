//! The answer to a message, on its way to an agent over HTTP. One that takes long becomes
//! a stream of events, which shows that the connection lives: what stands between cuts
//! connections that are silent. In the legacy era a call that went ahead goes on when its
//! connection breaks, and the agent may come back for the rest (2025-11-25, transports).

mod kept;
mod marks;
mod resumed;
mod silence;

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gatewright_policy::pattern::Scope;
use hyper::{HeaderMap, StatusCode};
use tokio::runtime::Handle;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

pub(crate) use self::kept::KeptStreams;
use self::kept::{Keeping, Way};
pub(crate) use self::marks::Marks;
pub(crate) use self::resumed::resumed;
use self::silence::Silence;
use crate::call::{Answer, AnswerBody, Caller, Incoming};
use crate::era::{Era, era_of_stream, version_header};
use crate::headers::{SESSION_ID, only};
use crate::owner::{Owner, Place};
use crate::proxy::Proxy;
use crate::sse::Event;
use crate::upstream::{Events, UpstreamError};

/// The first revision whose clients expect a stream to begin with an event that carries no
/// message, only the place to resume from.
const PRIMED_SINCE: &str = "2025-11-25";

/// An answer that is under way.
struct UnderWay {
    rest: Rest,
    marks: Marks,
    /// Whether a call that went ahead goes on without its agent.
    outlives: bool,
    /// Where it does so, for whoever stops the gate.
    alone: TaskTracker,
    /// The tool server gives event ids of its own: it keeps what it said.
    is_kept_elsewhere: bool,
    /// Said before anything else.
    first: Option<Event>,
    silence: Silence,
}

/// What is to come of it.
struct Rest {
    state: State,
    keeping: Option<Keeping>,
    /// Counts what was handed on last, until the next event is asked for.
    held: Option<Bytes>,
}

enum State {
    /// Nothing is known of the answer yet.
    Asked(Pin<Box<dyn Future<Output = Answer> + Send>>),
    Events(Events),
    Done,
}

/// Answers one message.
pub(crate) async fn post(proxy: &Arc<Proxy>, mut incoming: Incoming, owner: &Owner) -> Answer {
    let marks = Marks::default();
    incoming.marks = marks.clone();
    let is_legacy = era_of_stream(&incoming.headers).is_ok_and(|era| era == Era::Legacy);
    // Without a session nobody can come back.
    let place = place(&incoming, owner).filter(|_| is_legacy);
    let is_primed = version_header(&incoming.headers).as_deref() == Some(PRIMED_SINCE);
    let message = {
        let proxy = Arc::clone(proxy);
        Box::pin(async move { proxy.message(incoming).await })
    };
    let mut under_way = UnderWay {
        rest: Rest {
            state: State::Asked(message),
            keeping: None,
            held: None,
        },
        marks: marks.clone(),
        outlives: place.is_some(),
        alone: proxy.gate.alone.clone(),
        is_kept_elsewhere: false,
        first: None,
        silence: Silence::USUAL,
    };
    let answered = tokio::select! {
        biased;
        answer = under_way.rest.answered() => Some(answer),
        () = opens(&marks, Silence::USUAL) => None,
    };
    let keeping = |place: Option<(Place, Arc<[Scope]>)>| {
        let (place, scopes) = place?;
        // A session that is another caller's, or nobody's, keeps nothing.
        proxy.gate.sessions.enter(&place).ok()?;
        Some(proxy.gate.kept.begin(place, scopes))
    };
    match answered {
        Some(Answer {
            status,
            headers,
            body: AnswerBody::Events(events),
        }) => {
            under_way.rest.state = State::Events(events);
            under_way.rest.keeping = keeping(place);
            Answer {
                status,
                headers,
                body: AnswerBody::Events(under_way.events()),
            }
        }
        Some(answer) => answer,
        None => {
            under_way.rest.keeping = keeping(place);
            under_way.first = match &under_way.rest.keeping {
                Some(keeping) if is_primed => Some(keeping.first()),
                Some(_) | None => Some(Event::default()),
            };
            Answer {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: AnswerBody::Events(under_way.events()),
            }
        }
    }
}

/// Puts signs of life into the silence of a stream.
pub(crate) fn alive(answer: Answer) -> Answer {
    let AnswerBody::Events(events) = answer.body else {
        return answer;
    };
    let under_way = UnderWay {
        rest: Rest {
            state: State::Events(events),
            keeping: None,
            held: None,
        },
        marks: Marks::default(),
        outlives: false,
        alone: TaskTracker::new(),
        is_kept_elsewhere: false,
        first: None,
        silence: Silence::USUAL,
    };
    Answer {
        body: AnswerBody::Events(under_way.events()),
        ..answer
    }
}

/// The session that a message belongs to, if it does, and what its credential covers.
fn place(incoming: &Incoming, owner: &Owner) -> Option<(Place, Arc<[Scope]>)> {
    let session = only(&incoming.headers, &SESSION_ID).ok().flatten()?;
    let scopes = match &incoming.caller {
        Caller::Bearer(bearer) => Arc::clone(&bearer.grant.scopes),
        Caller::Local(grant) => Arc::clone(&grant.scopes),
        Caller::Nobody => return None,
    };
    let place = Place {
        owner: owner.clone(),
        server: Arc::clone(&incoming.server),
        session: Some(Arc::from(session)),
    };
    Some((place, scopes))
}

/// Completes when an answer takes so long that it is to be a stream.
async fn opens(marks: &Marks, silence: Silence) {
    loop {
        sleep(silence.open_after).await;
        if marks.went_ahead() {
            return;
        }
    }
}

// === impl UnderWay ===

impl UnderWay {
    fn events(self) -> Events {
        Box::pin(stream::unfold(self, async |mut under_way| {
            let event = under_way.next().await?;
            Some((event, under_way))
        }))
    }

    async fn next(&mut self) -> Option<Result<Event, UpstreamError>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        let event = tokio::select! {
            biased;
            event = self.rest.next() => event,
            () = sleep(self.silence.keep_alive) => return Some(Ok(Event::default())),
        };
        let Some(event) = event else {
            // The agent has all of it.
            if let Some(keeping) = self.rest.keeping.take() {
                keeping.read();
            }
            return None;
        };
        Some(event.map(|event| {
            if event.id.is_some()
                && let Some(keeping) = self.rest.keeping.take()
            {
                keeping.read();
            }
            self.is_kept_elsewhere |= event.id.is_some();
            self.rest.kept(event)
        }))
    }
}

/// The agent went away. Dropping the rest cancels what is under way.
impl Drop for UnderWay {
    fn drop(&mut self) {
        let rest = std::mem::replace(
            &mut self.rest,
            Rest {
                state: State::Done,
                keeping: None,
                held: None,
            },
        );
        let goes_on = self.outlives && self.marks.went_ahead() && !self.is_kept_elsewhere;
        if !goes_on || matches!(rest.state, State::Done) {
            return;
        }
        // Without a runtime the gate is gone, and so is the call.
        if let Ok(runtime) = Handle::try_current() {
            self.alone.spawn_on(rest.run(), &runtime);
        }
    }
}

// === impl Rest ===

impl Rest {
    /// The answer, or the beginning of it.
    async fn answered(&mut self) -> Answer {
        match &mut self.state {
            State::Asked(message) => {
                let answer = message.await;
                self.state = State::Done;
                answer
            }
            State::Events(_) | State::Done => std::future::pending().await,
        }
    }

    async fn next(&mut self) -> Option<Result<Event, UpstreamError>> {
        self.held = None;
        loop {
            match &mut self.state {
                State::Done => return None,
                State::Events(events) => {
                    let event = events.next().await;
                    if event.is_none() {
                        self.state = State::Done;
                    }
                    return event;
                }
                State::Asked(_) => {}
            }
            match self.answered().await.body {
                AnswerBody::Events(events) => self.state = State::Events(events),
                AnswerBody::Empty => return None,
                AnswerBody::Json(text) => {
                    let event = Event::message(&*String::from_utf8_lossy(&text));
                    self.held = Some(text);
                    return Some(Ok(event));
                }
            }
        }
    }

    /// Keeps an event that carries a message, and gives it the id to come back with.
    fn kept(&mut self, event: Event) -> Event {
        let Some(keeping) = self.keeping.as_ref() else {
            return event;
        };
        match event.payload() {
            Some(_) => keeping.keep(event, Way::Seen),
            None => event,
        }
    }

    /// Goes on to the end, for an agent that may come back.
    async fn run(mut self) {
        while let Some(Ok(event)) = self.next().await {
            if let Some(keeping) = &self.keeping
                && event.payload().is_some()
            {
                keeping.keep(event, Way::Unseen);
            }
        }
        if let Some(keeping) = self.keeping.take() {
            keeping.end();
        }
    }
}

#[cfg(test)]
mod tests;
