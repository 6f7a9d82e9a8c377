//! What tool servers say outside of any answer, on one stream. One server that ends its own
//! ends all: the client comes back, and nothing that another server says is lost in silence.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gatewright_policy::Reason;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, StatusCode};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::ask::{AT_ONCE, PART_MAX};
use super::back::Back;
use super::came::Came;
use super::names::{Return, apart_event};
use super::sessions::{Opened, Session};
use super::woven::{Woven, weave};
use crate::answering::alive;
use crate::call::{Answer, AnswerBody};
use crate::flights::Seat;
use crate::headers::{LAST_EVENT_ID, only};
use crate::read::Refusal;
use crate::refusal::plain;
use crate::sse::Event;
use crate::upstream::Events;

/// Longest that the stream stays open; those of the servers end before.
const LIFE_MAX: Duration = Duration::from_secs(24 * 3600);

/// The stream of all servers.
struct All {
    came: Arc<Came>,
    session: Arc<Session>,
    woven: Woven,
    listening: HashSet<Arc<str>>,
    changes: watch::Receiver<usize>,
    /// What the gate itself says.
    news: Vec<Event>,
    ends_at: Instant,
    _seat: Seat,
}

/// Listens to all servers of a session; to one where the agent comes back for the rest of
/// an answer.
pub(super) async fn listen(came: Came) -> Answer {
    let Some(session) = came.session.clone() else {
        return plain(StatusCode::METHOD_NOT_ALLOWED, Some("POST"));
    };
    let event = only(&came.incoming.headers, &LAST_EVENT_ID).ok().flatten();
    let event = event.map(str::to_owned);
    let back_to = match event.as_deref().map(apart_event) {
        None => None,
        Some(Some(back_to)) => Some(back_to),
        Some(None) => return came.refuse(not_kept()).await,
    };
    match back_to {
        Some(Return {
            of_all: false,
            server,
            id,
        }) => {
            let server: Arc<str> = Arc::from(server);
            let Some(opened) = session.at(&server) else {
                return came.refuse(not_kept()).await;
            };
            let back = came.back(&server, None);
            let answer = heard(&came, &server, &opened, Some(id)).await;
            alive(back.answer(answer))
        }
        back_to => all(came, session, back_to).await,
    }
}

fn not_kept() -> Refusal {
    Refusal::new(
        Reason::MalformedRequest,
        "what follows this event is not kept any more",
    )
}

/// The stream of one server, from an event on.
async fn heard(came: &Came, server: &Arc<str>, opened: &Opened, from: Option<&str>) -> Answer {
    let mut headers = came.headers(Some(opened));
    if let Some(from) = from.and_then(|from| HeaderValue::from_str(from).ok()) {
        headers.insert(LAST_EVENT_ID, from);
    }
    let incoming = came.to(server, headers, bytes::Bytes::new());
    Box::pin(came.proxy.listen(incoming)).await
}

async fn all(mut came: Came, session: Arc<Session>, back_to: Option<Return<'_>>) -> Answer {
    drop(came.incoming.seat.take());
    let seat = match came.proxy.seat(&came.snapshot, &came.owner, true) {
        Ok(seat) => seat,
        Err(refusal) => return came.refuse(refusal).await,
    };
    let now = came.proxy.gate.engine.now();
    let life = came.grant.expires_at.since(now).min(LIFE_MAX);
    let mut all = All {
        changes: session.changes(),
        came: Arc::new(came),
        session,
        woven: Woven::new(),
        listening: HashSet::new(),
        news: Vec::new(),
        ends_at: Instant::now() + life,
        _seat: seat,
    };
    all.hear(back_to).await;
    let events = stream::unfold(all, async |mut all| {
        let event = all.next().await?;
        Some((Ok(event), all))
    });
    alive(Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: AnswerBody::Events(Box::pin(events)),
    })
}

// === impl All ===

impl All {
    /// Listens to every server that it does not listen to yet. Gives those.
    async fn hear(&mut self, back_to: Option<Return<'_>>) -> Vec<(Arc<str>, Opened)> {
        let mut servers = self.session.all();
        servers.retain(|(server, _)| !self.listening.contains(server));
        let opening = stream::iter(servers.clone()).map(|(server, opened)| {
            let from = back_to.filter(|back_to| back_to.server == &*server);
            let (came, from) = (&self.came, from.map(|back_to| back_to.id));
            async move {
                let heard = heard(came, &server, &opened, from);
                let answer = tokio::time::timeout(PART_MAX, heard).await;
                (server, answer.ok().and_then(events))
            }
        });
        let opened: Vec<(Arc<str>, Option<Events>)> = opening.buffered(AT_ONCE).collect().await;
        for (server, events) in opened {
            // One that has no such stream says nothing outside of its answers.
            if let Some(events) = events {
                weave(&mut self.woven, &server, events);
            }
            self.listening.insert(server);
        }
        servers
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(news) = self.news.pop() {
                return Some(news);
            }
            let has_some = !self.woven.is_empty();
            let (server, event) = tokio::select! {
                biased;
                () = self.came.proxy.gate.closing.cancelled() => return None,
                () = self.session.over.cancelled() => return None,
                () = sleep_until(self.ends_at) => return None,
                Some(thread) = self.woven.next(), if has_some => thread,
                Ok(()) = self.changes.changed() => {
                    for (_, opened) in Box::pin(self.hear(None)).await {
                        self.news.extend(changed(&opened));
                    }
                    continue;
                }
            };
            let event = event?;
            let back = Back {
                of_all: true,
                ..self.came.back(&server, None)
            };
            return Some(back.event(event));
        }
    }
}

fn events(answer: Answer) -> Option<Events> {
    match answer.body {
        AnswerBody::Events(events) => Some(events),
        AnswerBody::Empty | AnswerBody::Json(_) => None,
    }
}

/// What a client is told when a server is there that was not before.
fn changed(opened: &Opened) -> impl Iterator<Item = Event> {
    let offers = opened.offers;
    let lists = [
        ("tools", offers.tools),
        ("prompts", offers.prompts),
        ("resources", offers.resources),
    ];
    lists.into_iter().filter(|(_, has)| *has).map(|(list, _)| {
        let method = format!("notifications/{list}/list_changed");
        Event::message(json!({ "jsonrpc": "2.0", "method": method }).to_string())
    })
}
