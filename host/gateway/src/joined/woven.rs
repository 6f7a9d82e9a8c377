//! Streams of several servers as one.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::ready;
use futures_util::stream::{self, SelectAll};
use futures_util::{Stream, StreamExt as _};

use crate::sse::Event;
use crate::upstream::Events;

/// What comes on them, and from whom. It says nothing at the end of any of them.
pub(super) type Woven = SelectAll<Pin<Box<dyn Stream<Item = Thread> + Send>>>;

/// An event of a server; none, once, at the end of its stream.
pub(super) type Thread = (Arc<str>, Option<Event>);

/// Adds the stream of a server.
pub(super) fn weave(woven: &mut Woven, server: &Arc<str>, events: Events) {
    let (of_event, at_end) = (Arc::clone(server), Arc::clone(server));
    // A stream that breaks has ended.
    let events = events.take_while(|event| ready(event.is_ok()));
    let events = events.map(move |event| (Arc::clone(&of_event), event.ok()));
    woven.push(Box::pin(events.chain(stream::iter([(at_end, None)]))));
}
