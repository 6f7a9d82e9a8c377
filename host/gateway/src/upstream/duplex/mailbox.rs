//! What waits for one reader: a bounded queue of messages, and how it ends.
//! Whoever fills it never waits, so a slow reader holds up nobody else.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::upstream::UpstreamError;

/// Most messages that wait for a reader.
const MESSAGES_MAX: usize = 256;

/// Most bytes that wait for a reader.
const BYTES_MAX: usize = 4 << 20;

/// Messages for one reader.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arc<str>>,
    bytes: usize,
    end: Option<End>,
}

/// How the messages end.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// With the response, and its code where it is an error.
    Response(Arc<str>, Option<i64>),
    /// Without one, as they should.
    Quiet,
    /// Without one, because of this.
    Failed(UpstreamError),
}

/// What a reader finds.
#[derive(Debug)]
pub(super) enum Mail {
    /// One message; more may follow.
    Message(Arc<str>),
    /// Nothing follows.
    End(End),
}

impl Mailbox {
    /// Adds a message. `false` when there is no room for it, or nobody reads
    /// any more.
    pub(super) fn push(&self, message: Arc<str>) -> bool {
        let mut state = self.lock();
        let has_room =
            state.waiting.len() < MESSAGES_MAX && state.bytes + message.len() <= BYTES_MAX;
        if state.end.is_some() || !has_room {
            return false;
        }
        state.bytes += message.len();
        state.waiting.push_back(message);
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Ends it. The first end counts; what waits is still read. The end always
    /// has room: it is one message, and the reader of a line bounds its size.
    pub(super) fn end(&self, end: End) {
        self.lock().end.get_or_insert(end);
        self.changed.notify_one();
    }

    /// The next message, or the end, which is given again and again.
    pub(super) async fn next(&self) -> Mail {
        loop {
            if let Some(mail) = self.take() {
                return mail;
            }
            // One reader: a notification that comes before this line is kept.
            self.changed.notified().await;
        }
    }

    fn take(&self) -> Option<Mail> {
        let mut state = self.lock();
        if let Some(message) = state.waiting.pop_front() {
            state.bytes -= message.len();
            return Some(Mail::Message(message));
        }
        state.end.clone().map(Mail::End)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_mailbox_refuses_messages_and_still_takes_the_end() {
        let mailbox = Mailbox::default();
        let taken = (0..MESSAGES_MAX + 7)
            .filter(|_| mailbox.push(Arc::from("m")))
            .count();
        assert_eq!(taken, MESSAGES_MAX);
        mailbox.end(End::Response(Arc::from("r"), None));
        mailbox.end(End::Quiet);
        for _ in 0..MESSAGES_MAX {
            assert!(matches!(mailbox.next().await, Mail::Message(_)));
        }
        for _ in 0..2 {
            assert!(
                matches!(mailbox.next().await, Mail::End(End::Response(text, None)) if &*text == "r")
            );
        }
        assert!(!mailbox.push(Arc::from("late")));
    }

    #[test]
    fn a_mailbox_holds_a_bounded_number_of_bytes() {
        let mailbox = Mailbox::default();
        let half: Arc<str> = "x".repeat(BYTES_MAX / 2).into();
        assert!(mailbox.push(Arc::clone(&half)));
        assert!(mailbox.push(half));
        assert!(!mailbox.push(Arc::from("x")));
    }
}
