//! `subscriptions/listen` at all servers: one subscription at each of them, on one stream.
//! What names a resource of a server is judged there as all that it gets, and where one of
//! them refuses, nothing is subscribed to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gatewright_policy::Reason;
use gatewright_policy::json::Value;
use hyper::{HeaderMap, StatusCode};
use serde_json::{Map, json};

use super::ask::{AT_ONCE, PART_MAX};
use super::back::Back;
use super::came::{Came, Said};
use super::inward::nobodys;
use super::left::{Left, META_LEFT_OUT};
use super::lists::{MESSAGE_BYTES_MAX, too_long};
use super::names::{apart_uri, joined_uri};
use super::part::response;
use super::splice::Splices;
use super::woven::{Woven, weave};
use crate::answering::alive;
use crate::call::{Answer, AnswerBody};
use crate::message::{Message, Shape};
use crate::method::Method;
use crate::read::Refusal;
use crate::sse::Event;
use crate::upstream::Events;

/// How long the servers have to say what they agree to.
const AGREED_MAX: Duration = Duration::from_secs(5);

/// What a server says first.
const ACKNOWLEDGED: &str = "notifications/subscriptions/acknowledged";

/// Which resources are watched, by server.
type Named = BTreeMap<Arc<str>, Vec<String>>;

/// Subscriptions that go on together.
struct Together {
    came: Came,
    said: Said,
    woven: Woven,
    /// What all of them agree to, to be said first.
    first: Option<Event>,
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
    let opening = stream::iter(servers).map(|server| {
        let body = body(&said.message, named.get(&server));
        let (came, said) = (&came, &said);
        async move {
            let incoming = came.to(&server, came.headers(None), Bytes::from(body));
            let answer = Box::pin(came.proxy.message(incoming));
            let back = came.back(&server, Some(said.id.clone()));
            let opened = match tokio::time::timeout(PART_MAX, answer).await {
                Ok(answer) => opened(answer, &back).await,
                Err(_elapsed) => {
                    let (reason, message) = (Reason::UpstreamTimeout, "it does not answer in time");
                    Err(Left::without_answer(&server, reason, message))
                }
            };
            (server, opened)
        }
    });
    let opened: Vec<_> = opening.buffered(AT_ONCE).collect().await;
    let mut left = Vec::new();
    let mut agreed = Map::new();
    let mut woven = Woven::new();
    for (server, opened) in opened {
        match opened {
            Ok((events, first)) => {
                if let Some(first) = first {
                    agree(&mut agreed, &server, &first);
                }
                weave(&mut woven, &server, events);
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
    let together = Together {
        first: Some(acknowledged(&said, agreed, &left)),
        came,
        said,
        woven,
    };
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
    let lists = [
        "toolsListChanged",
        "promptsListChanged",
        "resourcesListChanged",
    ];
    let is_watched = |list: &&str| {
        let flag = filter(message).and_then(|filter| filter.get(list));
        flag.and_then(|flag| flag.as_bool()) == Some(true)
    };
    lists.iter().any(is_watched)
}

/// What one server is asked.
fn body(message: &Message, uris: Option<&Vec<String>>) -> String {
    let mut splices = Splices::default();
    if let Some(at) = filter(message).and_then(|filter| filter.get("resourceSubscriptions")) {
        splices.json(at, json!(uris.map_or(&[][..], Vec::as_slice)).to_string());
    }
    splices.applied(&message.document)
}

/// The stream of a server, and what it agrees to.
async fn opened(answer: Answer, back: &Back) -> Result<(Events, Option<Message>), Left> {
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
    let first = match tokio::time::timeout(AGREED_MAX, first).await {
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
    meta.insert(
        "io.modelcontextprotocol/subscriptionId".to_owned(),
        json!(said.id),
    );
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
    /// The subscription at one server ends, and so do all: the client subscribes again.
    async fn next(&mut self) -> Option<Event> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let (server, event) = self.woven.next().await?;
        let back = self.came.back(&server, Some(self.said.id.clone()));
        // Nobody comes back to a stream of this era.
        let event = Event {
            id: None,
            ..back.event(event?)
        };
        Some(event)
    }
}
