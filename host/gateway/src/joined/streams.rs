//! What tool servers say outside of any answer, on one stream. One server that ends its own
//! ends its part alone: it is asked for another one after a while, and what may have changed
//! meanwhile is said. One that is not there begins its part once it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, FuturesUnordered};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture};
use gatewright_policy::Reason;
use hyper::{HeaderMap, StatusCode};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::ask::PART_MAX;
use super::back::Back;
use super::came::Came;
use super::hearing::{Part, begun, heard};
use super::names::{Return, apart_event};
use super::opening::entered;
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

/// The stream of one server that is being opened.
type Opening = BoxFuture<'static, Tried>;

/// A server that was asked for its stream.
struct Tried {
    server: Arc<str>,
    /// In which session; none where none began.
    opened: Option<Opened>,
    what: Opens,
}

/// What comes of opening a stream.
enum Opens {
    Events(Events),
    /// It has no such stream: it says nothing outside of its answers.
    Never,
    /// It may have one later.
    NotNow,
}

/// The stream of all servers.
struct All {
    came: Arc<Came>,
    session: Arc<Session>,
    woven: Woven,
    opening: FuturesUnordered<Opening>,
    /// Those that are tried again, each after a while.
    later: FuturesUnordered<Opening>,
    /// Servers without a session, each until it has one.
    absent: FuturesUnordered<BoxFuture<'static, ()>>,
    /// Those that are listened to, or will be.
    parts: HashMap<Arc<str>, Part>,
    changes: watch::Receiver<u64>,
    /// What the gate itself says.
    news: Vec<Event>,
    /// Completes when whoever listens may not go on, also where nobody has a stream.
    stopped: BoxFuture<'static, ()>,
    ends_at: Instant,
    /// Nothing comes any more.
    is_over: bool,
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
            let answer = heard(&came, &session, (&server, &opened), Some(id)).await;
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

async fn all(mut came: Came, session: Arc<Session>, back_to: Option<Return<'_>>) -> Answer {
    drop(came.incoming.seat.take());
    let seat = match came.proxy.seat(&came.snapshot, &came.owner, true) {
        Ok(seat) => seat,
        Err(refusal) => return came.refuse(refusal).await,
    };
    let now = came.proxy.gate.engine.now();
    let life = came.grant.expires_at.since(now).min(LIFE_MAX);
    let came = Arc::new(came);
    let mut all = All {
        changes: session.changes(),
        stopped: came.stopped(),
        came,
        session,
        woven: Woven::new(),
        opening: FuturesUnordered::new(),
        later: FuturesUnordered::new(),
        absent: FuturesUnordered::new(),
        parts: HashMap::new(),
        news: Vec::new(),
        ends_at: Instant::now() + life,
        is_over: false,
        _seat: seat,
    };
    all.begin(back_to);
    // Those that are quick are there before the agent goes on.
    let _slow = tokio::time::timeout(PART_MAX, all.opened()).await;
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
    /// Asks every server for its stream. One without a session gets one once it is there.
    fn begin(&mut self, back_to: Option<Return<'_>>) {
        self.hear(back_to);
        for part in self.parts.values_mut() {
            part.is_away = part.left_out > 0;
        }
        for server in self.came.reached() {
            if !self.parts.contains_key(&server.name) {
                let (came, session) = (Arc::clone(&self.came), Arc::clone(&self.session));
                let begun = begun(came, session, Arc::clone(&server.name));
                self.absent.push(begun.boxed());
            }
        }
    }

    /// Opens the streams of all servers that are not listened to yet, and of those that had
    /// none in a session that is over. Gives those.
    fn hear(&mut self, back_to: Option<Return<'_>>) -> Vec<(Arc<str>, Opened)> {
        let mut servers = self.session.all();
        // Another credential of the same caller may have reached more.
        servers.retain(|(server, opened)| {
            let part = self.parts.get(server);
            let is_new = part.is_none_or(|part| part.is_silent && part.session != opened.session);
            is_new && self.came.covers(server)
        });
        for (server, opened) in servers.clone() {
            // Who begins anew is not asked more often for that.
            let before = self.parts.remove(&server);
            let pace = before.map_or_else(|| self.came.pace(), |part| part.pace);
            let left_out = self.session.left_out(&server);
            let part = Part::new(pace, opened.session.clone(), left_out);
            self.parts.insert(Arc::clone(&server), part);
            let from = back_to.filter(|back_to| back_to.server == &*server);
            let from = from.map(|back_to| back_to.id.to_owned());
            let (came, session) = (Arc::clone(&self.came), Arc::clone(&self.session));
            let opening = async move {
                let there = (&server, &opened);
                let answer = heard(&came, &session, there, from.as_deref()).await;
                Tried {
                    server,
                    opened: Some(opened),
                    what: opens(answer),
                }
            };
            self.opening.push(opening.boxed());
        }
        servers
    }

    /// Something happened to a server: it is there now, its session began anew, or a list
    /// lacks it. Where it has no stream that would tell, it is asked for one again; where that
    /// is being opened, or opens again, its client is told then.
    fn look(&mut self) {
        for (_, opened) in self.hear(None) {
            self.news.extend(changed(&opened));
        }
        for (server, _) in self.session.all() {
            let left_out = self.session.left_out(&server);
            let Some(part) = self.parts.get_mut(&server) else {
                continue;
            };
            let is_new = std::mem::replace(&mut part.left_out, left_out) != left_out;
            part.is_away |= is_new;
            if is_new && std::mem::take(&mut part.is_silent) {
                self.again(server);
            }
        }
    }

    /// Completes when every server was asked once.
    async fn opened(&mut self) {
        while let Some(opened) = self.opening.next().await {
            self.take(opened);
        }
    }

    /// Takes in the stream of a server. Where it opens none now, it is asked again later.
    fn take(&mut self, tried: Tried) {
        let Some(part) = self.parts.get_mut(&tried.server) else {
            return;
        };
        let is_there = !matches!(tried.what, Opens::NotNow);
        match (&tried.opened, is_there) {
            // What the client missed meanwhile is said.
            (Some(opened), true) => {
                if part.is_back(opened.session.clone()) {
                    self.news.extend(changed(opened));
                }
            }
            // Its session may be over with that: it is asked again in another one.
            (Some(opened), false) => part.session.clone_from(&opened.session),
            (None, _) => {}
        }
        match tried.what {
            Opens::Events(events) => {
                part.since = Some(Instant::now());
                weave(&mut self.woven, &tried.server, events);
            }
            Opens::Never => part.is_silent = true,
            Opens::NotNow => {
                part.is_away = true;
                self.again(tried.server);
            }
        }
    }

    /// Opens the stream of a server again, after a while, or once its session begins anew.
    /// Where it can, it goes on after what it said last.
    fn again(&mut self, server: Arc<str>) {
        let (came, session) = (Arc::clone(&self.came), Arc::clone(&self.session));
        let Some(part) = self.parts.get_mut(&server) else {
            return;
        };
        let before = part.session.clone();
        let open_for = part.since.take().map(|since| since.elapsed());
        let wait = part.pace.after(open_for.unwrap_or_default());
        let place = part.place.take();
        let again = async move {
            let is_another = tokio::select! {
                () = sleep(wait) => false,
                () = session.is_another(&server, before.as_deref()) => true,
            };
            // One that is over begins anew, as it would with a call, but only in its time:
            // two streams of one session would go on beginning it for each other.
            let entered = match is_another {
                true => Ok(session.at(&server)),
                false => entered(&came, &session, &server).await.map(Some),
            };
            let is_refused = entered.as_ref().is_err_and(|left| left.is_refused());
            let opened = entered.ok().flatten();
            let what = match &opened {
                None if is_refused => Opens::Never,
                None => Opens::NotNow,
                Some(opened) => {
                    let place = place.filter(|_| before.is_some() && opened.session == before);
                    let there = (&server, opened);
                    opens(heard(&came, &session, there, place.as_deref()).await)
                }
            };
            Tried {
                server,
                opened,
                what,
            }
        };
        self.later.push(again.boxed());
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.is_over {
                return None;
            }
            if let Some(news) = self.news.pop() {
                return Some(news);
            }
            let has_some = !self.woven.is_empty();
            let (opens_some, tries_some) = (!self.opening.is_empty(), !self.later.is_empty());
            let lacks_some = !self.absent.is_empty();
            let (server, event) = tokio::select! {
                biased;
                () = self.came.proxy.gate.closing.cancelled() => return None,
                () = self.session.over.cancelled() => return None,
                () = sleep_until(self.ends_at) => {
                    self.is_over = true;
                    return Some(Event::until_renewed());
                }
                () = &mut self.stopped => return None,
                Some(opened) = self.opening.next(), if opens_some => {
                    self.take(opened);
                    continue;
                }
                Some(opened) = self.later.next(), if tries_some => {
                    self.take(opened);
                    continue;
                }
                // Its session is a change, too.
                Some(()) = self.absent.next(), if lacks_some => continue,
                Ok(()) = self.changes.changed() => {
                    self.look();
                    continue;
                }
                // Last: one that never stops talking keeps nobody else out.
                Some(thread) = self.woven.next(), if has_some => thread,
            };
            let Some(event) = event else {
                // Whoever was stopped has no part in anything.
                if !self.came.reaches(&server) {
                    return None;
                }
                self.again(server);
                continue;
            };
            if let Some(part) = self.parts.get_mut(&server) {
                part.spoke |= event.payload().is_some();
                if let Some(id) = event.id.as_ref().filter(|id| !id.is_empty()) {
                    part.place = Some(Arc::clone(id));
                }
            }
            let back = Back {
                of_all: true,
                ..self.came.back(&server, None)
            };
            return Some(back.event(event));
        }
    }
}

fn opens(answer: Answer) -> Opens {
    match (answer.body, answer.status) {
        (AnswerBody::Events(events), _) => Opens::Events(events),
        (_, StatusCode::METHOD_NOT_ALLOWED) => Opens::Never,
        (AnswerBody::Empty | AnswerBody::Json(_), _) => Opens::NotNow,
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
