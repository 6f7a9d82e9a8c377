//! A stream that an agent came back for, with the id of an event that the gate gave.

use std::time::Duration;

use futures_util::stream;
use hyper::{HeaderMap, StatusCode};
use std::sync::Arc;
use tokio::time::{Instant, sleep, sleep_until};

use super::kept::Resumption;
use super::silence::Silence;
use crate::call::{Answer, AnswerBody};
use crate::gate::Gate;
use crate::relay::Underway;
use crate::sse::Event;

/// Longest that it stays open; the calls of streams end long before.
const LIFE_MAX: Duration = Duration::from_secs(24 * 3600);

/// One of them.
struct Stream {
    gate: Arc<Gate>,
    rest: Resumption,
    underway: Underway,
    ends_at: Instant,
    /// Nothing comes any more.
    is_over: bool,
}

/// Gives what follows the event, and what is still to come. It ends with the credential
/// of whoever came back, and when that one may not go on.
pub(crate) fn resumed(gate: &Arc<Gate>, rest: Resumption, underway: Underway) -> Answer {
    let life = underway.grant.expires_at.since(gate.engine.now());
    let start = Stream {
        gate: Arc::clone(gate),
        rest,
        underway,
        ends_at: Instant::now() + life.min(LIFE_MAX),
        is_over: false,
    };
    let events = stream::unfold(start, async |mut stream| {
        let event = stream.next().await?;
        Some((Ok(event), stream))
    });
    Answer {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: AnswerBody::Events(Box::pin(events)),
    }
}

impl Stream {
    async fn next(&mut self) -> Option<Event> {
        if self.is_over {
            return None;
        }
        let Underway { grant, place, .. } = &self.underway;
        tokio::select! {
            biased;
            () = self.gate.closing.cancelled() => None,
            () = sleep_until(self.ends_at) => {
                self.is_over = true;
                Some(Event::until_renewed())
            }
            _stopped = self.gate.stopped(grant, &place.server) => None,
            event = self.rest.next() => event,
            () = sleep(Silence::USUAL.keep_alive) => Some(Event::default()),
        }
    }
}
