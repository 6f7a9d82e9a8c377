//! Server-sent events: how the bytes arrive changes nothing, and what is written
//! anew reads the same.

use gatewright_gateway::wire;

/// The first byte says how long the pieces are in which the rest arrives.
pub(super) fn run(bytes: &[u8]) -> bool {
    let Some((&piece, stream)) = bytes.split_first() else {
        return false;
    };
    let whole = wire::events(std::iter::once(stream));
    let pieces = wire::events(stream.chunks(usize::from(piece).max(1)));
    assert_eq!(whole.0, pieces.0, "events");
    assert_eq!(whole.1, pieces.1, "the same end");
    let written = whole.0.concat();
    let again = wire::events(std::iter::once(&written[..]));
    assert_eq!(again.0, whole.0, "what is written reads the same");
    assert!(again.1, "and is a stream");
    whole.1
}
