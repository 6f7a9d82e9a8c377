//! What came to the endpoint of all servers, and the same as it goes to one of them: from
//! there on it is a message like any other, and nothing knows where it came in.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use gatewright_engine::{Server, Snapshot};
use gatewright_policy::Grant;
use hyper::HeaderMap;
use hyper::header::HeaderValue;

use super::back::Back;
use super::pace::Pace;
use super::sessions::{Opened, Session};
use crate::answering::Marks;
use crate::asked::Asked;
use crate::call::{Answer, Caller, Incoming};
use crate::era::Era;
use crate::headers::{LAST_EVENT_ID, PROTOCOL_VERSION, SESSION_ID};
use crate::message::{Id, Message};
use crate::owner::{Owner, Place};
use crate::proxy::Proxy;
use crate::read::Refusal;

/// What came, and from whom.
pub(super) struct Came {
    pub(super) proxy: Arc<Proxy>,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) incoming: Incoming,
    pub(super) owner: Owner,
    pub(super) grant: Grant,
    pub(super) asked: Asked,
    pub(super) era: Era,
    /// The session that it belongs to.
    pub(super) session: Option<Arc<Session>>,
}

/// A request: what it says, and its id.
pub(super) struct Said {
    pub(super) message: Message,
    pub(super) id: Id,
}

impl Came {
    /// The same to one server, with other headers and another message. It has no seat yet,
    /// and its bytes do not count.
    pub(super) fn to(&self, server: &Arc<str>, headers: HeaderMap, body: Bytes) -> Incoming {
        let incoming = &self.incoming;
        Incoming {
            server: Arc::clone(server),
            caller: incoming.caller.clone(),
            headers,
            body,
            endpoint: incoming.endpoint.clone(),
            sign_in: incoming.sign_in.clone(),
            held: None,
            seat: None,
            marks: Marks::default(),
        }
    }

    /// The headers that a message has at a server: those that it came with, and the
    /// session and the revision there.
    pub(super) fn headers(&self, opened: Option<&Opened>) -> HeaderMap {
        let mut headers = self.incoming.headers.clone();
        headers.remove(&SESSION_ID);
        headers.remove(&LAST_EVENT_ID);
        let session = opened.and_then(|opened| opened.session.as_deref());
        let version = opened.and_then(|opened| opened.version.as_deref());
        for (name, value) in [(SESSION_ID, session), (PROTOCOL_VERSION, version)] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }

    /// The session and the revision there alone, for what did not come with these headers.
    pub(super) fn own_headers(&self, opened: &Opened) -> HeaderMap {
        let headers = self.headers(Some(opened));
        let mut own = HeaderMap::new();
        for name in [SESSION_ID, PROTOCOL_VERSION] {
            if let Some(value) = headers.get(&name) {
                own.insert(name, value.clone());
            }
        }
        own
    }

    /// Whether the credential reaches a server.
    pub(super) fn reaches(&self, server: &Arc<str>) -> bool {
        self.snapshot.server(server).is_some() && self.covers(server)
    }

    /// Whether the credential reaches a server that there may be since it came.
    pub(super) fn covers(&self, server: &Arc<str>) -> bool {
        let engine = &self.proxy.gate.engine;
        self.grant.covers_server(server) && engine.admits(&self.grant, server).is_ok()
    }

    /// How long a server is left alone whose stream does not open.
    pub(super) fn pace(&self) -> Pace {
        Pace::new(self.proxy.gate.first_wait)
    }

    /// Completes when whoever sent it may not go on at one of the servers that it reaches
    /// now: whoever was stopped has no part in anything.
    pub(super) fn stopped(self: &Arc<Self>) -> BoxFuture<'static, ()> {
        let came = Arc::clone(self);
        let stopped = async move {
            let reached = came.reached();
            let mut each = FuturesUnordered::new();
            for server in &reached {
                each.push(came.proxy.gate.stopped(&came.grant, &server.name));
            }
            if each.next().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        stopped.boxed()
    }

    /// The servers that the credential reaches, in the order of their names.
    pub(super) fn reached(&self) -> Vec<Arc<Server>> {
        let servers = self.snapshot.servers();
        let mut reached: Vec<_> = servers
            .filter(|server| self.reaches(&server.name))
            .cloned()
            .collect();
        reached.sort_by(|one, other| one.name.cmp(&other.name));
        reached
    }

    /// Where a session at a server is.
    pub(super) fn place(&self, server: &Arc<str>, opened: &Opened) -> Place {
        Place {
            owner: self.owner.clone(),
            server: Arc::clone(server),
            session: opened.session.clone(),
        }
    }

    /// How what a server says is told: as the answer to a request, or on a stream.
    pub(super) fn back(&self, server: &Arc<str>, id: Option<Id>) -> Back {
        let token = self.asked.progress.clone();
        let token = token.filter(|_| id.is_some() && id == self.asked.id);
        if let (Some(session), Some(token)) = (&self.session, &token) {
            session.tokens.give(token, id.as_ref(), server);
        }
        Back {
            server: Arc::clone(server),
            id,
            token,
            limits: self.snapshot.limits.result_json(),
            session: self.session.clone(),
            of_all: false,
        }
    }

    /// Refuses it, and records that.
    pub(super) async fn refuse(&self, refusal: Refusal) -> Answer {
        let mut asked = self.asked.clone();
        let refused = self
            .proxy
            .refuse(&self.snapshot, &self.incoming, &mut asked, refusal);
        Box::pin(refused).await
    }

    /// The grant that counts from here on, with what the message proved: it proves nothing
    /// a second time.
    pub(super) fn proved(&mut self, grant: Grant) {
        if let Caller::Bearer(bearer) = &mut self.incoming.caller {
            bearer.grant = grant.clone();
            bearer.generation = self.snapshot.generation;
        }
        self.grant = grant;
    }
}
