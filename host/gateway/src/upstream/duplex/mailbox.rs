//! What waits for one reader: a bounded queue of messages, and how it ends.
//! Whoever fills it never waits, so a slow reader holds up nobody else.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::room::{For, Room};
use crate::owner::Owner;
use crate::upstream::UpstreamError;

/// Most messages that wait for a reader.
const MESSAGES_MAX: usize = 256;

/// Most bytes that wait for a reader.
const BYTES_MAX: usize = 4 << 20;

/// Messages for one reader.
#[derive(Debug)]
pub(super) struct Mailbox {
    /// What is in all mailboxes takes up room here.
    room: Room,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// For whom it waits, once that is known.
    owner: Option<Owner>,
    waiting: VecDeque<Arc<str>>,
    bytes: usize,
    end: Option<End>,
    /// How much room the end takes up, as long as the mailbox is there.
    end_bytes: usize,
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
    pub(super) fn new(room: &Room) -> Self {
        Self {
            room: room.clone(),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// An empty one in the same room, for a caller.
    pub(super) fn another(&self, owner: Option<&Owner>) -> Self {
        let another = Self::new(&self.room);
        another.lock().owner = owner.cloned();
        another
    }

    /// What waits here waits for this caller from now on. The first one counts.
    pub(super) fn is_for(&self, owner: &Owner) {
        let mut state = self.lock();
        if state.owner.is_none() {
            self.room.give_to(owner, state.bytes + state.end_bytes);
            state.owner = Some(owner.clone());
        }
    }

    /// Adds a message. `false` when there is no room for it, or nobody reads
    /// any more.
    pub(super) fn push(&self, message: Arc<str>) -> bool {
        let mut state = self.lock();
        let has_room =
            state.waiting.len() < MESSAGES_MAX && state.bytes + message.len() <= BYTES_MAX;
        if state.end.is_some() || !has_room {
            return false;
        }
        let owner = state.owner.as_ref();
        if !self.room.take(owner, message.len(), For::Message) {
            return false;
        }
        state.bytes += message.len();
        state.waiting.push_back(message);
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Ends it. The first end counts; what waits is still read. A response that the gate
    /// has no room for is a failure of its call.
    pub(super) fn end(&self, end: End) {
        let mut state = self.lock();
        if state.end.is_none() {
            let bytes = match &end {
                End::Response(text, _) => text.len(),
                End::Quiet | End::Failed(_) => 0,
            };
            let has_room = self.room.take(state.owner.as_ref(), bytes, For::Answer);
            state.end = Some(match has_room {
                true => {
                    state.end_bytes = bytes;
                    end
                }
                false => End::Failed(UpstreamError::NoRoom),
            });
        }
        drop(state);
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
            self.room.give_back(state.owner.as_ref(), message.len());
            return Some(Mail::Message(message));
        }
        state.end.clone().map(Mail::End)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let state = self.lock();
        let bytes = state.bytes + state.end_bytes;
        self.room.give_back(state.owner.as_ref(), bytes);
    }
}

#[cfg(test)]
mod tests {
    use gatewright_policy::Grant;

    use super::*;
    use crate::bodies::SumMax;

    fn room(all: usize, each: usize) -> Room {
        Room::new(SumMax { all, each })
    }

    fn mailbox() -> Mailbox {
        Mailbox::new(&room(4 * BYTES_MAX, 4 * BYTES_MAX))
    }

    fn owner(agent: &str) -> Owner {
        Owner::of(&Grant::local(agent, None, Vec::new(), "t".into()))
    }

    fn text(bytes: usize) -> Arc<str> {
        "x".repeat(bytes).into()
    }

    #[tokio::test]
    async fn a_full_mailbox_refuses_messages_and_still_takes_the_end() {
        let mailbox = mailbox();
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
        let mailbox = mailbox();
        let half: Arc<str> = "x".repeat(BYTES_MAX / 2).into();
        assert!(mailbox.push(Arc::clone(&half)));
        assert!(mailbox.push(half));
        assert!(!mailbox.push(Arc::from("x")));
    }

    #[tokio::test]
    async fn all_mailboxes_hold_a_bounded_number_of_bytes_together() {
        let room = room(100, 100);
        let many: Vec<_> = (0..10).map(|_| Mailbox::new(&room)).collect();
        let taken = many.iter().filter(|one| one.push(text(10))).count();
        assert_eq!(taken, 5, "half of it is for answers");
        let answers: Vec<_> = (0..2).map(|_| Mailbox::new(&room)).collect();
        for answer in &answers {
            answer.end(End::Response(text(30), None));
        }
        assert!(matches!(
            answers[0].next().await,
            Mail::End(End::Response(..))
        ));
        assert!(matches!(
            answers[1].next().await,
            Mail::End(End::Failed(UpstreamError::NoRoom))
        ));
        // What was read makes room, and so does what nobody reads any more.
        assert!(matches!(many[0].next().await, Mail::Message(_)));
        drop(answers);
        assert!(many[9].push(text(10)) && !many[8].push(text(1)));
        drop(many);
        assert!(room.take(None, 100, For::Answer));
        room.resize(SumMax { all: 50, each: 50 });
        let ended = Mailbox::new(&room);
        ended.end(End::Quiet);
        assert!(matches!(ended.next().await, Mail::End(End::Quiet)));
    }

    #[test]
    fn a_caller_that_has_its_share_leaves_the_rest_to_others() {
        let (greedy, other) = (owner("greedy"), owner("other"));
        let room = room(100, 60);
        let stream = Mailbox::new(&room);
        assert!(stream.push(text(20)), "of whom is not known yet");
        stream.is_for(&greedy);
        stream.is_for(&other);
        assert!(!stream.push(text(11)), "half of its share is for answers");
        assert!(stream.push(text(10)));
        let calls: Vec<_> = (0..2).map(|_| stream.another(Some(&greedy))).collect();
        for call in &calls {
            call.end(End::Response(text(30), None));
        }
        assert!(matches!(
            calls[0].take(),
            Some(Mail::End(End::Response(..)))
        ));
        assert!(matches!(calls[1].take(), Some(Mail::End(End::Failed(_)))));
        let call = stream.another(Some(&other));
        call.end(End::Response(text(40), None));
        assert!(matches!(call.take(), Some(Mail::End(End::Response(..)))));
        drop((calls, call));
        assert!(matches!(stream.take(), Some(Mail::Message(_))));
        assert!(stream.push(text(20)), "what was read makes room for it");
        drop(stream);
        assert!(room.take(Some(&greedy), 60, For::Answer), "nothing is left");
        assert!(room.take(Some(&other), 40, For::Answer));
    }
}
