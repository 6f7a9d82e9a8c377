//! Server-sent events (WHATWG HTML, 9.2).

use std::sync::Arc;

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

impl Event {
    /// An event that carries one message and nothing else.
    pub(crate) fn message(data: impl Into<Arc<str>>) -> Self {
        Self {
            data: Some(data.into()),
            ..Self::default()
        }
    }
}
