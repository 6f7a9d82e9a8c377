//! `subscriptions/listen` at all servers: one subscription at each of them, on one stream.
//! What names a resource of a server is judged there as all that it gets, and where one of
//! them refuses, nothing is subscribed to. One that ends later is subscribed to again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, FuturesUnordered};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture};
use gatewright_policy::Reason;
use gatewright_policy::json::Value;
use hyper::{HeaderMap, StatusCode};
use serde_json::{Map, json};
use tokio::time::{Instant, sleep, timeout};

use super::ask::{AT_ONCE, PART_MAX};
use super::back::Back;
use super::came::{Came, Said};
use super::inward::nobodys;
use super::left::{Left, META_LEFT_OUT};
use super::lists::{MESSAGE_BYTES_MAX, too_long};
use super::names::{apart_uri, joined_uri};
use super::pace::Pace;
use super::part::response;
use super::splice::Splices;
use super::woven::{Woven, weave};
use crate::answering::alive;
use crate::call::{Answer, AnswerBody};
use crate::message::{Id, Message, Shape};
use crate::method::Method;
use crate::read::Refusal;
use crate::sse::Event;
use crate::upstream::Events;

/// How long the servers have to say what they agree to.
const AGREED_MAX: Duration = Duration::from_secs(5);

/// What a server says first.
const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";

/// Names the subscription that a message belongs to.
const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// The lists that may be watched: what asks for that, and what says that one changed.
const LISTS: [(&str, &str); 3] = [
    ("toolsListChanged", "notifications/tools/list_changed"),
    ("promptsListChanged", "notifications/prompts/list_changed"),
    (
        "resourcesListChanged",
        "notifications/resources/list_changed",
    ),
];

/// Which resources are watched, by server.
type Named = BTreeMap<Arc<str>, Vec<String>>;

/// The stream of a server, and what it agrees to.
type Opened = Result<(Events, Option<Message>), Left>;

/// Subscriptions that go on together.
struct Together {
    came: Arc<Came>,
    said: Said,
    named: Named,
    woven: Woven,
    /// Since when each of them goes on.
    open: HashMap<Arc<str>, Instant>,
    paces: HashMap<Arc<str>, Pace>,
    /// Those that ended or are not there yet, and are asked for again.
    later: FuturesUnordered<BoxFuture<'static, (Arc<str>, Opened)>>,
    /// What the gate itself says; the last of it first.
    news: Vec<Event>,
}

/// Subscribes at every server that has a part in it.
pub(super) async fn subscribe(came: Came, said: Said, method: &'static Method) -> Answer {
    if said.message.document.text().len() > MESSAGE_BYTES_MAX {
        return came.refuse(too_long()).await;
    }
    let named = match named(&said.message, method) {
        Ok(named) => named,
        Err(refusal) => return came.refuse(refusal).await,
    };
    let mut servers: Vec<Arc<str>> = named.keys().cloned().collect();
    if watches_lists(&said.message) || named.is_empty() {
        let reached = came.reached();
        servers.extend(reached.iter().map(|server| Arc::clone(&server.name)));
        servers.sort();
        servers.dedup();
    }
    let came = Arc::new(came);
    let opening = stream::iter(servers).map(|server| {
        let body = body(&said.message, named.get(&server));
        let (came, id) = (&came, &said.id);
        async move {
            let opened = asked(came, id, &server, body).await;
            (server, opened)
        }
    });
    let opened: Vec<_> = opening.buffered(AT_ONCE).collect().await;
    let mut left = Vec::new();
    let mut agreed = Map::new();
    let (mut woven, mut open) = (Woven::new(), HashMap::new());
    for (server, opened) in opened {
        match opened {
            Ok((events, first)) => {
                if let Some(first) = first {
                    agree(&mut agreed, &server, &first);
                }
                weave(&mut woven, &server, events);
                open.insert(server, Instant::now());
            }
            // What is asked of a server by name is all or nothing.
            Err(refused) if named.contains_key(&server) => return refused.answer(&said.id, false),
            Err(refused) => left.push(refused),
        }
    }
    if woven.is_empty() {
        return match left.first() {
            Some(left) => left.answer(&said.id, false),
            None => {
                let message = "the credential reaches no tool server";
                came.refuse(Refusal::new(Reason::InsufficientScope, message))
                    .await
            }
        };
    }
    // One that is not there yet is asked again; one that does not want to is not.
    let absent = left.iter().filter(|left| left.is_away());
    let absent: Vec<_> = absent.map(|left| Arc::clone(&left.server)).collect();
    let mut together = Together {
        news: vec![acknowledged(&said, agreed, &left)],
        came,
        said,
        named,
        woven,
        open,
        paces: HashMap::new(),
        later: FuturesUnordered::new(),
    };
    for server in absent {
        together.again(server);
    }
    let events = stream::unfold(together, async |mut together| {
        let event = together.next().await?;
        Some((Ok(event), together))
    });
    alive(Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: AnswerBody::Events(Box::pin(events)),
    })
}

/// The resources that are named, with the names that they have at their servers.
fn named(message: &Message, method: &Method) -> Result<Named, Refusal> {
    let mut named = Named::new();
    for uri in method.names(message.params())? {
        let (server, uri) = apart_uri(&uri).ok_or_else(|| nobodys(true))?;
        let of_server = named.entry(Arc::from(server)).or_default();
        of_server.push(uri.to_owned());
    }
    Ok(named)
}

fn filter(message: &Message) -> Option<Value<'_>> {
    message.params()?.get("notifications")
}

/// Whether changes of lists are to be told: all servers have them.
fn watches_lists(message: &Message) -> bool {
    LISTS.iter().any(|(list, _)| watches(message, list))
}

fn watches(message: &Message, list: &str) -> bool {
    let flag = filter(message).and_then(|filter| filter.get(list));
    flag.and_then(|flag| flag.as_bool()) == Some(true)
}

/// What one server is asked.
fn body(message: &Message, uris: Option<&Vec<String>>) -> String {
    let mut splices = Splices::default();
    if let Some(at) = filter(message).and_then(|filter| filter.get("resourceSubscriptions")) {
        splices.json(at, json!(uris.map_or(&[][..], Vec::as_slice)).to_string());
    }
    splices.applied(&message.document)
}

/// Subscribes at one server.
async fn asked(came: &Came, id: &Id, server: &Arc<str>, body: String) -> Opened {
    let incoming = came.to(server, came.headers(None), Bytes::from(body));
    let answer = Box::pin(came.proxy.message(incoming));
    let back = came.back(server, Some(id.clone()));
    match timeout(PART_MAX, answer).await {
        Ok(answer) => opened(answer, &back).await,
        Err(_elapsed) => {
            let (reason, message) = (Reason::UpstreamTimeout, "it does not answer in time");
            Err(Left::without_answer(server, reason, message))
        }
    }
}

/// The stream in the answer of a server, and what it agrees to.
async fn opened(answer: Answer, back: &Back) -> Opened {
    let AnswerBody::Events(mut events) = answer.body else {
        // An error, or an answer where there should be a stream.
        response(answer, back, None).await?;
        let (reason, message) = (Reason::UpstreamInvalid, "it answers with no stream");
        return Err(Left::without_answer(&back.server, reason, message));
    };
    let first = async {
        while let Some(Ok(event)) = events.next().await {
            if event.payload().is_some() {
                return Some(event);
            }
        }
        None
    };
    let first = match timeout(AGREED_MAX, first).await {
        Ok(Some(first)) => first,
        Ok(None) => {
            let (reason, message) = (Reason::UpstreamUnavailable, "its stream ends at once");
            return Err(Left::without_answer(&back.server, reason, message));
        }
        // It may have nothing to say yet.
        Err(_elapsed) => return Ok((events, None)),
    };
    let message = first
        .payload()
        .and_then(|text| Message::parse_text(text, &back.limits).ok());
    match message {
        Some(message) if is_agreement(&message) => Ok((events, Some(message))),
        Some(message) if matches!(message.shape, Shape::Response { .. }) => {
            let answer = Answer {
                body: AnswerBody::Json(Bytes::from(message.document.text().to_owned())),
                ..answer_of(StatusCode::OK)
            };
            response(answer, back, None).await?;
            let (reason, message) = (Reason::UpstreamUnavailable, "its subscription ends at once");
            Err(Left::without_answer(&back.server, reason, message))
        }
        Some(_) | None => {
            let events: Events = Box::pin(stream::iter([Ok(first)]).chain(events));
            Ok((events, None))
        }
    }
}

fn answer_of(status: StatusCode) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: AnswerBody::Empty,
    }
}

fn is_agreement(message: &Message) -> bool {
    matches!(&message.shape, Shape::Notification { method } if method == ACKNOWLEDGED)
}

/// Adds what one server agrees to.
fn agree(agreed: &mut Map<String, serde_json::Value>, server: &str, message: &Message) {
    let Some(filter) = filter(message) else {
        return;
    };
    for (name, value) in filter.members() {
        if name == "resourceSubscriptions" {
            let uris = value.elements().filter_map(|uri| uri.as_text());
            let uris = uris.map(|uri| json!(joined_uri(server, &uri)));
            let known = agreed.entry(name.into_owned()).or_insert_with(|| json!([]));
            if let Some(known) = known.as_array_mut() {
                known.extend(uris);
            }
        } else if value.as_bool() == Some(true) {
            agreed.insert(name.into_owned(), true.into());
        }
    }
}

fn acknowledged(said: &Said, agreed: Map<String, serde_json::Value>, left: &[Left]) -> Event {
    let mut meta = Map::new();
    meta.insert(SUBSCRIPTION.to_owned(), json!(said.id));
    if !left.is_empty() {
        let left: Vec<_> = left.iter().map(Left::told).collect();
        meta.insert(META_LEFT_OUT.to_owned(), left.into());
    }
    let message = json!({
        "jsonrpc": "2.0",
        "method": ACKNOWLEDGED,
        "params": { "_meta": meta, "notifications": agreed },
    });
    Event::message(message.to_string())
}

// === impl Together ===

impl Together {
    /// One subscription that ends is none of the others' business: it is asked for again.
    /// Where none goes on, the client subscribes again.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(news) = self.news.pop() {
                return Some(news);
            }
            if self.open.is_empty() {
                return None;
            }
            let tries_some = !self.later.is_empty();
            let (server, event) = tokio::select! {
                biased;
                Some((server, opened)) = self.later.next(), if tries_some => {
                    self.take(server, opened);
                    continue;
                }
                thread = self.woven.next() => thread?,
            };
            let back = self.came.back(&server, Some(self.said.id.clone()));
            let event = event.filter(|event| self.goes_on(event, &back));
            let Some(event) = event else {
                if !self.open.contains_key(&server) {
                    // Its response came before.
                    continue;
                }
                // Whoever was stopped has no part in anything.
                if !self.came.reaches(&server) {
                    return None;
                }
                self.again(server);
                continue;
            };
            // Nobody comes back to a stream of this era.
            return Some(Event {
                id: None,
                ..back.event(event)
            });
        }
    }

    /// Whether a subscription goes on after an event. A response ends that at its server,
    /// and is told where it ends all.
    fn goes_on(&self, event: &Event, back: &Back) -> bool {
        let message = event.payload();
        let message = message.and_then(|text| Message::parse_text(text, &back.limits).ok());
        let is_response = |message: Message| matches!(message.shape, Shape::Response { .. });
        !message.is_some_and(is_response) || self.open.len() == 1
    }

    /// Takes in what one server that was asked again answers.
    fn take(&mut self, server: Arc<str>, opened: Opened) {
        match opened {
            Ok((events, _agreed)) => {
                weave(&mut self.woven, &server, events);
                self.news = self.missed(&server);
                self.open.insert(server, Instant::now());
            }
            Err(left) if left.is_refused() => {}
            Err(_left) => self.again(server),
        }
    }

    /// Asks a server for its subscription again, after a while.
    fn again(&mut self, server: Arc<str>) {
        let open_for = self.open.remove(&server).map(|since| since.elapsed());
        let pace = self.paces.entry(Arc::clone(&server));
        let pace = pace.or_insert_with(|| self.came.pace());
        let wait = pace.after(open_for.unwrap_or_default());
        let body = body(&self.said.message, self.named.get(&server));
        let (came, id) = (Arc::clone(&self.came), self.said.id.clone());
        let again = async move {
            sleep(wait).await;
            let opened = asked(&came, &id, &server, body).await;
            (server, opened)
        };
        self.later.push(again.boxed());
    }

    /// What may have changed while a server had no subscription.
    fn missed(&self, server: &Arc<str>) -> Vec<Event> {
        let meta = json!({ SUBSCRIPTION: self.said.id });
        let news = |method: &str, uri: Option<String>| {
            let params = match uri {
                Some(uri) => json!({ "uri": uri, "_meta": meta }),
                None => json!({ "_meta": meta }),
            };
            let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
            Event::message(message.to_string())
        };
        let lists = LISTS.iter();
        let lists = lists.filter(|(list, _)| watches(&self.said.message, list));
        let lists = lists.map(|&(_, method)| news(method, None));
        let uris = self.named.get(server).into_iter().flatten();
        let updated = uris.map(|uri| {
            let uri = joined_uri(server, uri);
            news("notifications/resources/updated", Some(uri))
        });
        lists.chain(updated).collect()
    }
}
