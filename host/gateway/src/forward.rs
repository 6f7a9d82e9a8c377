//! What goes to a tool server, and how it travels.

use std::sync::Arc;

use gatewright_engine::{Pending, Permit, Snapshot};
use gatewright_policy::Grant;
use gatewright_policy::json::Document;
use hyper::HeaderMap;
use hyper::header::HeaderName;
use tracing::Instrument as _;

use crate::call::Incoming;
use crate::era::Era;
use crate::gate::Gate;
use crate::headers::{LAST_EVENT_ID, PROTOCOL_VERSION, outgoing};
use crate::message::Message;
use crate::mirrored::Mirrored;
use crate::owner::{Owner, Place};
use crate::presented::{OnBehalf, Presented};
use crate::read::Wanted;
use crate::telemetry;
use crate::upstream::{Exchange, Outgoing, UpstreamError, Verb};

/// How a message travels: everything but the message itself.
pub(crate) struct Route<'a> {
    pub(crate) verb: Verb,
    pub(crate) era: Era,
    pub(crate) session: Option<Arc<str>>,
    pub(crate) owner: &'a Owner,
    /// The agent's credential, which goes nowhere: a tool server may be one where the gate
    /// gets a token in exchange for it.
    pub(crate) presented: Option<&'a Presented>,
    /// The agent's headers; only those that mirror the message go on.
    pub(crate) headers: &'a HeaderMap,
    /// None for streams and for the end of a session.
    pub(crate) message: Option<&'a Message>,
    pub(crate) mirrored: &'a [Mirrored],
}

impl Gate {
    /// Sends to a tool server exactly what a permit allows. Nothing else in the
    /// gate sends a message.
    pub(crate) async fn forward(
        &self,
        permit: Permit,
        snapshot: &Snapshot,
        route: Route<'_>,
        grant: &Grant,
    ) -> (Result<Exchange, UpstreamError>, Pending) {
        self.metrics.allowed(permit.server());
        let server = snapshot.server(permit.server()).map(Arc::clone);
        let (message, changed, pending) = permit.redeem();
        let Some(server) = server else {
            return (
                Err(not_permitted("the tool server is not configured")),
                pending,
            );
        };
        let verb = route.verb;
        let lasts = grant.expires_at.since(self.engine.now());
        let presented = route.presented.filter(|_| server.is_asked_per_caller());
        let on_behalf =
            presented.and_then(|shown| OnBehalf::of(shown, &grant.subject.issuer, lasts));
        let sent = async {
            let upstream = self.upstream(&server, snapshot)?;
            let outgoing = route.outgoing(message, changed, snapshot)?;
            upstream.exchange(verb, outgoing, on_behalf.as_ref()).await
        };
        let span = telemetry::client_span(pending.request());
        let timed = tokio::time::timeout(server.timeout, sent).instrument(span);
        let exchange = tokio::select! {
            biased;
            stopped = self.stopped(grant, &server.name) => Err(UpstreamError::Stopped(stopped)),
            timed = timed => timed.unwrap_or(Err(UpstreamError::TimedOut)),
        };
        (exchange, pending)
    }
}

impl<'a> Route<'a> {
    pub(crate) fn of(wanted: &'a Wanted, incoming: &'a Incoming, place: &'a Place) -> Self {
        Self {
            verb: Verb::Send,
            era: wanted.era,
            session: place.session.clone(),
            owner: &place.owner,
            presented: incoming.caller.presented(),
            headers: &incoming.headers,
            message: Some(&wanted.message),
            mirrored: &wanted.mirrored,
        }
    }

    /// What goes out, for the bytes that a permit gave.
    fn outgoing(
        self,
        message: Document,
        changed: bool,
        snapshot: &Snapshot,
    ) -> Result<Outgoing, UpstreamError> {
        let headers = match (self.message, self.era) {
            (Some(original), Era::Modern) => {
                let edited = changed
                    .then(|| Message::of(message.clone()))
                    .transpose()
                    .map_err(|error| not_permitted(&error.unquoted()))?;
                let message = edited.as_ref().unwrap_or(original);
                outgoing(message, self.headers, self.mirrored)
            }
            (Some(_), Era::Legacy) => copied(self.headers, &[&PROTOCOL_VERSION]),
            (None, Era::Modern | Era::Legacy) => {
                copied(self.headers, &[&PROTOCOL_VERSION, &LAST_EVENT_ID])
            }
        };
        Ok(Outgoing {
            message,
            era: self.era,
            session: self.session,
            headers,
            owner: Some(self.owner.clone()),
            reply_bytes_max: snapshot.limits.result_bytes_max.0,
        })
    }
}

fn copied(headers: &HeaderMap, names: &[&HeaderName]) -> HeaderMap {
    let mut copied = HeaderMap::new();
    for &name in names {
        if let Some(value) = headers.get(name) {
            copied.insert(name.clone(), value.clone());
        }
    }
    copied
}

fn not_permitted(why: &str) -> UpstreamError {
    UpstreamError::Unavailable(format!("nothing was sent: {why}"))
}
