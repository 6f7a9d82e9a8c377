//! What an agent says to all servers at once.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use gatewright_policy::Reason;
use hyper::{HeaderMap, StatusCode};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::ask::AT_ONCE;
use super::came::{Came, Said};
use super::inward;
use super::lists::{MESSAGE_BYTES_MAX, too_long};
use super::one;
use super::opening::{tell, tell_first};
use super::part::part;
use super::sessions::{Opened, Session};
use crate::call::{Answer, AnswerBody};
use crate::message::{Id, Message};
use crate::read::{Refusal, cancelled};
use crate::refusal::plain;

/// A notification: for the server that it is about, or for all.
pub(super) async fn notification(mut came: Came, message: Message, method: &str) -> Answer {
    let Some(session) = came.session.clone() else {
        // Without a session it is about nothing that this endpoint knows.
        came.proxy.gate.metrics.notifications_dropped.inc();
        return plain(StatusCode::ACCEPTED, None);
    };
    if method == "notifications/progress" {
        return match inward::progress(&message) {
            Ok(inward) => Box::pin(one::tell(came, inward)).await,
            Err(refusal) => came.refuse(refusal).await,
        };
    }
    let body = Bytes::from(message.document.text().to_owned());
    if body.len() > MESSAGE_BYTES_MAX {
        return came.refuse(too_long()).await;
    }
    drop(came.incoming.seat.take());
    let servers = match method {
        "notifications/initialized" => {
            is_ready(came, &session, body).await;
            return plain(StatusCode::ACCEPTED, None);
        }
        "notifications/cancelled" => match cancelled(&message) {
            Ok(id) => match under_way(&came, session.all(), &id) {
                none if none.is_empty() => {
                    let message = "no call of this caller with this id is under way";
                    let refusal = Refusal::new(Reason::MalformedRequest, message);
                    return came.refuse(refusal).await;
                }
                servers => servers,
            },
            Err(refusal) => return came.refuse(refusal).await,
        },
        _any_other => session.all(),
    };
    let came = Arc::new(came);
    let telling = servers.into_iter().map(|(server, opened)| {
        let (came, body) = (Arc::clone(&came), body.clone());
        async move { tell(&came, &server, &opened, body).await }
    });
    let _told = by_all(&came, telling).await;
    plain(StatusCode::ACCEPTED, None)
}

/// The agent is ready: each server hears that before anything is asked of it.
async fn is_ready(came: Came, session: &Session, body: Bytes) {
    let came = Arc::new(came);
    let servers = session.is_initialized(&body).into_iter();
    let telling = servers.map(|(server, opened, teller)| {
        let (came, said) = (Arc::clone(&came), vec![body.clone()]);
        async move { tell_first(&came, (&server, &opened), said, teller).await }
    });
    let _told = by_all(&came, telling).await;
}

/// Longest that an agent waits for servers whose answers tell it nothing.
const TOLD_MAX: Duration = Duration::from_secs(2);

/// What comes of these at once, one for each server. The slower ones go on alone: nobody
/// waits for the slowest, and none of them is cut off.
async fn by_all<T: Send + 'static>(
    came: &Came,
    each: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<Option<T>> {
    let until = Instant::now() + TOLD_MAX;
    let alone = &came.proxy.gate.alone;
    let tasks: Vec<_> = each.map(|one| alone.spawn(Box::pin(one))).collect();
    let mut all = Vec::with_capacity(tasks.len());
    for task in tasks {
        let done = timeout_at(until, task).await;
        all.push(done.ok().and_then(Result::ok));
    }
    all
}

/// The servers at which a request of this id is under way.
fn under_way(came: &Came, servers: Vec<(Arc<str>, Opened)>, id: &Id) -> Vec<(Arc<str>, Opened)> {
    let is_there = |(server, opened): &(Arc<str>, Opened)| {
        came.proxy.is_under_way(&came.place(server, opened), id)
    };
    servers.into_iter().filter(is_there).collect()
}

/// What the agent wants to hear of the logs of all servers that have any.
pub(super) async fn level(came: Came, said: Said) -> Answer {
    let message = Bytes::from(said.message.document.text().to_owned());
    if message.len() > MESSAGE_BYTES_MAX {
        return came.refuse(too_long()).await;
    }
    let session = came.session.as_ref();
    let servers = session.map(|session| session.has_level(&message));
    let came = Arc::new(came);
    let telling = servers.unwrap_or_default().into_iter();
    let telling = telling.map(|(server, opened)| {
        let (came, message, id) = (Arc::clone(&came), message.clone(), said.id.clone());
        async move {
            let incoming = came.to(&server, came.headers(Some(&opened)), message);
            let back = came.back(&server, Some(id));
            part(&came.proxy, incoming, &back, None).await
        }
    });
    let told = by_all(&came, telling).await;
    // One that takes long may still set it.
    let is_set = told.is_empty() || told.iter().any(|one| !matches!(one, Some(Err(_))));
    let left = told.into_iter().flatten().find_map(Result::err);
    match left {
        Some(left) if !is_set => left.answer(&said.id, came.session.is_some()),
        Some(_) | None => empty(&said.id),
    }
}

/// An answer that says no more than that it is one.
pub(super) fn empty(id: &Id) -> Answer {
    let body = json!({ "jsonrpc": "2.0", "id": id, "result": {} });
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: AnswerBody::Json(body.to_string().into()),
    }
}

/// Ends the sessions at all servers.
pub(super) async fn end(mut came: Came) {
    drop(came.incoming.seat.take());
    let Some(session) = came.session.clone() else {
        return;
    };
    let ending = stream::iter(session.all()).for_each_concurrent(AT_ONCE, |(server, opened)| {
        let came = &came;
        async move {
            if opened.session.is_none() {
                return;
            }
            let headers = came.own_headers(&opened);
            let incoming = came.to(&server, headers, Bytes::new());
            drop(Box::pin(came.proxy.end(incoming)).await);
        }
    });
    Box::pin(ending).await;
}
