//! What reads bytes off the wire, for the fuzz targets (`tests/fuzz`). Not an
//! interface: it changes with what it shows.

use bytes::Bytes;
use gatewright_policy::json::JsonLimits;

use crate::message::Message;
use crate::sse::Parser;

/// Longest event that [`events`] takes, in bytes.
const EVENT_BYTES_MAX: usize = 4096;

/// The text of a message that a gate would read on; nothing where it would refuse
/// it.
pub fn message(bytes: &[u8]) -> Option<String> {
    let message = Message::parse(bytes, &JsonLimits::default()).ok()?;
    Some(message.document.text().to_owned())
}

/// The events of a stream that arrives in pieces, each as it would be written anew;
/// and whether the stream was one to its end.
pub fn events<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Bytes>, bool) {
    let mut parser = Parser::new(EVENT_BYTES_MAX);
    let mut events = Vec::new();
    for piece in pieces {
        parser.push(piece);
        loop {
            match parser.next() {
                Ok(Some(event)) => events.push(event.to_bytes()),
                Ok(None) => break,
                Err(_) => return (events, false),
            }
        }
    }
    (events, true)
}
