//! Server-sent events (WHATWG HTML, 9.2), read as they stream and written anew.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};

/// When a client asks again for a stream that ended with its credential, in milliseconds.
/// Its own clock of the credential began up to a second later than the gate's, and later by
/// as long as the token was on its way; a client that still trusts the old one when it is
/// refused sends its user to sign in, where it would have renewed by itself.
const RENEWAL: u64 = 3_000;

/// One event. All members empty: a comment, which only keeps the connection
/// alive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// `id`, which a client names to resume.
    pub(crate) id: Option<Arc<str>>,
    /// `event`, where it is not `message`.
    pub(crate) name: Option<Arc<str>>,
    /// `retry`, in milliseconds.
    pub(crate) retry: Option<u64>,
    /// The lines of `data`, joined. Empty or missing: no message.
    pub(crate) data: Option<Arc<str>>,
}

/// Reads events out of bytes that arrive in pieces.
#[derive(Debug)]
pub(crate) struct Parser {
    buffer: BytesMut,
    /// Bytes at the start of `buffer` that are known to hold no line end.
    searched: usize,
    /// A line ended with CR at the end of a piece: an LF that follows belongs to
    /// it.
    swallow_line_feed: bool,
    at_start: bool,
    draft: Draft,
    event_bytes_max: usize,
}

/// The event that is being read.
#[derive(Debug, Default)]
struct Draft {
    event: Event,
    data: Option<String>,
    /// A field or a comment was seen.
    begun: bool,
    bytes: usize,
}

/// Why a stream of events is not usable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SseError {
    /// One event, or one line, over the limit.
    #[error("an event is longer than {0} bytes")]
    TooLong(usize),
    /// Not UTF-8.
    #[error("an event is not UTF-8")]
    NotUtf8,
}

// === impl Event ===

impl Event {
    /// An event that carries one message and nothing else.
    pub(crate) fn message(data: impl Into<Arc<str>>) -> Self {
        Self {
            data: Some(data.into()),
            ..Self::default()
        }
    }

    /// The last event of a stream that ends with the credential that it was asked for with:
    /// no message, and how long the client waits before it asks again.
    pub(crate) fn until_renewed() -> Self {
        Self {
            retry: Some(RENEWAL),
            ..Self::default()
        }
    }

    /// The same event with another message.
    pub(crate) fn with_data(self, data: impl Into<Arc<str>>) -> Self {
        Self {
            data: Some(data.into()),
            ..self
        }
    }

    /// The message, if the event carries one.
    pub(crate) fn payload(&self) -> Option<&Arc<str>> {
        self.data.as_ref().filter(|data| !data.is_empty())
    }

    /// The event on the wire.
    pub(crate) fn to_bytes(&self) -> Bytes {
        let data = self.data.as_deref().unwrap_or_default();
        let mut out = String::with_capacity(data.len() + 32);
        if let Some(name) = &self.name {
            field(&mut out, "event", name);
        }
        if let Some(id) = &self.id {
            field(&mut out, "id", id);
        }
        if let Some(retry) = self.retry {
            field(&mut out, "retry", &retry.to_string());
        }
        if self.data.is_some() {
            for line in data.split('\n') {
                field(&mut out, "data", line);
            }
        }
        if out.is_empty() {
            out.push_str(":\n");
        }
        out.push('\n');
        Bytes::from(out)
    }
}

fn field(out: &mut String, name: &str, value: &str) {
    out.push_str(name);
    out.push_str(": ");
    out.push_str(value);
    out.push('\n');
}

// === impl Parser ===

impl Parser {
    /// A parser that refuses events longer than this.
    pub(crate) fn new(event_bytes_max: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            searched: 0,
            swallow_line_feed: false,
            at_start: true,
            draft: Draft::default(),
            event_bytes_max,
        }
    }

    /// Takes in the next piece. Call [`Parser::next`] until it gives nothing
    /// before the next one.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next event that is complete.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, SseError> {
        while let Some(line) = self.line()? {
            if line.is_empty() {
                if let Some(event) = self.dispatch() {
                    return Ok(Some(event));
                }
                continue;
            }
            let line = std::str::from_utf8(&line).map_err(|_| SseError::NotUtf8)?;
            self.draft.bytes += line.len();
            if self.draft.bytes > self.event_bytes_max {
                return Err(SseError::TooLong(self.event_bytes_max));
            }
            self.draft.read(line);
        }
        Ok(None)
    }

    fn line(&mut self) -> Result<Option<Bytes>, SseError> {
        if self.swallow_line_feed && !self.buffer.is_empty() {
            if self.buffer.first() == Some(&b'\n') {
                let _line_feed = self.buffer.split_to(1);
            }
            self.swallow_line_feed = false;
        }
        let unseen = self.buffer.get(self.searched..).unwrap_or_default();
        let Some(end) = unseen.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.searched = self.buffer.len();
            // A field name and its colon come on top of the data.
            if self.buffer.len() > self.event_bytes_max.saturating_add(FIELD_BYTES_MAX) {
                return Err(SseError::TooLong(self.event_bytes_max));
            }
            return Ok(None);
        };
        let mut line = self.buffer.split_to(self.searched + end).freeze();
        self.searched = 0;
        let line_end = self.buffer.split_to(1);
        self.swallow_line_feed = line_end.first() == Some(&b'\r');
        if std::mem::take(&mut self.at_start) && line.starts_with("\u{feff}".as_bytes()) {
            line = line.slice(3..);
        }
        Ok(Some(line))
    }

    fn dispatch(&mut self) -> Option<Event> {
        let draft = std::mem::take(&mut self.draft);
        if !draft.begun {
            return None;
        }
        Some(Event {
            data: draft.data.map(Arc::from),
            ..draft.event
        })
    }
}

/// Longest field name that the gate makes room for beyond the data.
const FIELD_BYTES_MAX: usize = 64;

impl Draft {
    fn read(&mut self, line: &str) {
        self.begun = true;
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "id" if !value.contains('\0') => self.event.id = Some(Arc::from(value)),
            "event" if value != "message" => self.event.name = Some(Arc::from(value)),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.event.retry = value.parse().ok();
            }
            // Comments (an empty field name) and fields nobody knows.
            _ignored => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pieces: &[&[u8]]) -> Result<Vec<Event>, SseError> {
        let mut parser = Parser::new(64);
        let mut events = Vec::new();
        for piece in pieces {
            parser.push(piece);
            while let Some(event) = parser.next()? {
                events.push(event);
            }
        }
        Ok(events)
    }

    #[test]
    fn fields_are_read_as_the_standard_says() {
        let case = |text: &str, expected: Event| {
            assert_eq!(read(&[text.as_bytes()]).unwrap(), [expected], "{text:?}");
        };
        case("data: a\n\n", Event::message("a"));
        case("\u{feff}data: a\n\n", Event::message("a"));
        case("data:a\r\n\r\n", Event::message("a"));
        case("data:a\r\r", Event::message("a"));
        case("data:  a\n\n", Event::message(" a"));
        case("data: a\ndata: b\n\n", Event::message("a\nb"));
        case("data\n\n", Event::message(""));
        case("event: message\ndata: a\n\n", Event::message("a"));
        case(": hello\n\n", Event::default());
        case("whatever: 1\n\n", Event::default());
        case("retry: 1x\n\n", Event::default());
        case(
            "id: 7\nretry: 500\ndata: \n\n",
            Event {
                id: Some("7".into()),
                retry: Some(500),
                data: Some("".into()),
                name: None,
            },
        );
        assert_eq!(read(&[b"\n\n\n"]).unwrap(), []);
        assert_eq!(read(&[b"data: unfinished\n"]).unwrap(), []);
    }

    #[test]
    fn long_events_are_refused_before_they_are_complete() {
        assert_eq!(read(&[&[b'x'; 200]]), Err(SseError::TooLong(64)));
        assert_eq!(read(&[b"data: ", &[b'x'; 200]]), Err(SseError::TooLong(64)));
        let lines = "data: x\n".repeat(30);
        assert_eq!(read(&[lines.as_bytes()]), Err(SseError::TooLong(64)));
        assert_eq!(read(&[b"data: \xff\n\n"]), Err(SseError::NotUtf8));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(bytes in "[ad:t \r\n]{0,80}", cuts in proptest::collection::vec(0usize..80, 0..6)) {
            let bytes = bytes.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().filter(|cut| *cut <= bytes.len()).collect();
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&bytes[from..cut]);
                from = cut;
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(read(&pieces), read(&[bytes]));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&[&bytes]);
        }

        #[test]
        fn what_is_written_is_read_again(
            id in proptest::option::of("[a-z0-9]{1,8}"),
            retry in proptest::option::of(0u64..100_000),
            // Short enough for the parser, with `data: ` before each line.
            data in proptest::option::of("[a-z {}]{0,5}(\\n[a-z {}]{0,5}){0,2}"),
        ) {
            let event = Event {
                id: id.map(Arc::from),
                name: None,
                retry,
                data: data.map(Arc::from),
            };
            prop_assert_eq!(read(&[&event.to_bytes()]).unwrap(), [event]);
        }
    }
}
