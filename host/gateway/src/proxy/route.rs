//! How a message travels to its tool server.

use std::sync::Arc;

use gatewright_engine::Snapshot;
use hyper::HeaderMap;
use hyper::header::HeaderName;

use super::not_permitted;
use crate::call::Incoming;
use crate::era::Era;
use crate::headers::{LAST_EVENT_ID, PROTOCOL_VERSION, outgoing};
use crate::message::Message;
use crate::mirrored::Mirrored;
use crate::read::Wanted;
use crate::sessions::Place;
use crate::upstream::{Outgoing, UpstreamError, Verb};

/// How a message travels: everything but the message itself.
pub(super) struct Route<'a> {
    pub(super) verb: Verb,
    pub(super) era: Era,
    pub(super) session: Option<Arc<str>>,
    /// The agent's headers; only those that mirror the message go on.
    pub(super) headers: &'a HeaderMap,
    /// None for streams and for the end of a session.
    pub(super) message: Option<&'a Message>,
    pub(super) mirrored: &'a [Mirrored],
}

impl<'a> Route<'a> {
    pub(super) fn of(wanted: &'a Wanted, incoming: &'a Incoming, place: &Place) -> Self {
        Self {
            verb: Verb::Send,
            era: wanted.era,
            session: place.session.clone(),
            headers: &incoming.headers,
            message: Some(&wanted.message),
            mirrored: &wanted.mirrored,
        }
    }

    /// What goes out, for the bytes that a permit gave.
    pub(super) fn outgoing(
        self,
        message: Arc<str>,
        changed: bool,
        snapshot: &Snapshot,
    ) -> Result<Outgoing, UpstreamError> {
        let headers = match (self.message, self.era) {
            (Some(original), Era::Modern) => {
                let edited = changed
                    .then(|| Message::parse_text(&message, &snapshot.limits.request_json()))
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
