//! One endpoint for many tool servers: `/mcp` serves all that a credential reaches. It
//! stands before the path of a call and is no part of it. A message that names something
//! becomes the message that its server's own endpoint would get, and goes the way of that;
//! a list is asked for at each server, and the answers are put together. So nobody is
//! judged otherwise here than there: nothing on that way knows where a message came in.

mod ask;
mod back;
mod came;
mod cursor;
mod gathered;
mod handshake;
mod hearing;
mod inward;
mod left;
mod lists;
mod many;
mod names;
mod one;
mod opening;
mod pace;
mod part;
mod sessions;
mod splice;
mod start;
mod streams;
mod subscribe;
mod telling;
mod tokens;
mod woven;

use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::Reason;
use hyper::StatusCode;

use self::came::{Came, Said};
use self::inward::unasked;
use self::sessions::Sessions;
use crate::call::{Answer, Incoming};
use crate::era::Era;
use crate::message::{Id, Message, Shape};
use crate::method::{Method, Names, SESSION_END, STREAM_LISTEN};
use crate::owner::Owner;
use crate::proxy::Proxy;
use crate::read::{Refusal, unknown_method};
use crate::refusal::plain;

/// The endpoint of all servers.
#[derive(Default)]
pub(crate) struct Joined {
    sessions: Sessions,
}

impl Joined {
    /// One JSON-RPC message of an agent (POST).
    pub(crate) async fn post(
        &self,
        proxy: &Arc<Proxy>,
        incoming: Incoming,
        owner: &Owner,
    ) -> Answer {
        let read = start::message(&self.sessions, Arc::clone(proxy), incoming, owner).await;
        let (came, message) = match read {
            Ok(read) => read,
            Err(refused) => return *refused,
        };
        match message.shape.clone() {
            Shape::Request { id, method } => {
                let method = Method::find(&method, came.era).ok_or(method);
                match method {
                    Ok(method) => self.request(came, Said { message, id }, method).await,
                    Err(name) => came.refuse(unknown_method(&name)).await,
                }
            }
            Shape::Notification { method } => many::notification(came, message, &method).await,
            Shape::Response { id, .. } => response(came, &message, id.as_ref()).await,
        }
    }

    async fn request(&self, mut came: Came, said: Said, method: &'static Method) -> Answer {
        // Where many are asked, each of them takes a seat of its own.
        if matches!(method.names, Names::Nothing | Names::Subscriptions) {
            drop(came.incoming.seat.take());
        }
        match (method.name, method.names) {
            ("initialize", _) => {
                let body = said.message.document.text().to_owned().into();
                let begun = handshake::initialize(&self.sessions, came, said, body);
                Box::pin(begun).await
            }
            ("server/discover", _) => Box::pin(handshake::discover(came, said)).await,
            // It asks whether the gate is there.
            ("ping", _) => many::empty(&said.id),
            ("logging/setLevel", _) => Box::pin(many::level(came, said)).await,
            (_, Names::Subscriptions) => Box::pin(subscribe::subscribe(came, said, method)).await,
            (_, Names::Nothing) => match method.listing() {
                Some(listing) => Box::pin(lists::list(Arc::new(came), said, listing)).await,
                None => came.refuse(unknown_method(method.name)).await,
            },
            (_, Names::Name | Names::Uri | Names::Reference | Names::Task) => {
                match inward::request(&said.message, method) {
                    Ok(inward) => Box::pin(one::request(came, said, inward)).await,
                    Err(refusal) => came.refuse(refusal).await,
                }
            }
        }
    }

    /// What tool servers say outside of any answer (GET; legacy).
    pub(crate) async fn listen(
        &self,
        proxy: &Arc<Proxy>,
        incoming: Incoming,
        owner: &Owner,
    ) -> Answer {
        let proxy = Arc::clone(proxy);
        let read = start::stream(&self.sessions, proxy, incoming, owner, STREAM_LISTEN).await;
        match read {
            Err(refused) => *refused,
            Ok(came) if came.era == Era::Modern => {
                plain(StatusCode::METHOD_NOT_ALLOWED, Some("POST"))
            }
            Ok(came) => Box::pin(streams::listen(came)).await,
        }
    }

    /// The end of a session (DELETE; legacy), and of those that it stands for.
    pub(crate) async fn end(
        &self,
        proxy: &Arc<Proxy>,
        incoming: Incoming,
        owner: &Owner,
    ) -> Answer {
        let proxy = Arc::clone(proxy);
        let session = crate::read::session(&incoming.headers).ok().flatten();
        let read = start::stream(&self.sessions, proxy, incoming, owner, SESSION_END).await;
        let came = match read {
            Ok(came) if came.era == Era::Modern => {
                return plain(StatusCode::METHOD_NOT_ALLOWED, Some("POST"));
            }
            Ok(came) => came,
            Err(refused) => return *refused,
        };
        let Some(id) = session else {
            let message = "without a session there is nothing to end";
            return came
                .refuse(Refusal::new(Reason::MalformedRequest, message))
                .await;
        };
        self.sessions.end(&id);
        Box::pin(many::end(came)).await;
        plain(StatusCode::OK, None)
    }

    /// Forgets sessions that nobody used for a while.
    pub(crate) fn expire(&self, idle: Duration) {
        self.sessions.expire(idle);
    }
}

/// What an agent answers to a server that asked it something.
async fn response(came: Came, message: &Message, id: Option<&Id>) -> Answer {
    let inward = id.ok_or_else(unasked);
    match inward.and_then(|id| inward::response(message, id)) {
        Ok(inward) => Box::pin(one::tell(came, inward)).await,
        Err(refusal) => came.refuse(refusal).await,
    }
}
