//! Which server an agent gave its tokens for progress to. Servers choose what they say, and
//! none of them says how far a call is that another one makes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use crate::message::Id;

/// Most tokens of one session that are remembered: tasks use theirs after the answer.
const TOKENS_MAX: usize = 1024;

/// Longest token that is remembered, in bytes.
const BYTES_MAX: usize = 256;

/// The tokens of one session, oldest first.
#[derive(Debug, Default)]
pub(super) struct Tokens(Mutex<VecDeque<Given>>);

#[derive(Debug)]
struct Given {
    token: Id,
    /// The request that it came with: another one with the same token takes it back.
    request: Option<Id>,
    server: Arc<str>,
}

impl Tokens {
    /// A request with a token goes to a server; the same one may go to others too.
    pub(super) fn give(&self, token: &Id, request: Option<&Id>, server: &Arc<str>) {
        if matches!(token, Id::Text(text) if text.len() > BYTES_MAX) {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stays = |given: &Given| {
            given.token != *token || (given.request.as_ref() == request && given.server != *server)
        };
        all.retain(stays);
        if all.len() == TOKENS_MAX {
            all.pop_front();
        }
        all.push_back(Given {
            token: token.clone(),
            request: request.cloned(),
            server: Arc::clone(server),
        });
    }

    /// Whether this server has it.
    pub(super) fn has(&self, token: &Id, server: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = all.iter();
        all.any(|given| given.token == *token && &*given.server == server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> Id {
        Id::Number(number.to_string())
    }

    #[test]
    fn a_token_is_of_the_servers_that_the_last_request_with_it_went_to() {
        let (one, other) = (Arc::from("one"), Arc::from("other"));
        let tokens = Tokens::default();
        assert!(!tokens.has(&id(7), "one"));
        tokens.give(&id(7), Some(&id(1)), &one);
        assert!(tokens.has(&id(7), "one") && !tokens.has(&id(7), "other"));
        assert!(!tokens.has(&id(8), "one"));
        // A list goes to many.
        tokens.give(&id(7), Some(&id(1)), &other);
        assert!(tokens.has(&id(7), "one") && tokens.has(&id(7), "other"));
        tokens.give(&id(7), Some(&id(2)), &other);
        assert!(!tokens.has(&id(7), "one") && tokens.has(&id(7), "other"));
    }

    #[test]
    fn as_many_are_remembered_as_there_is_room_for() {
        let one: Arc<str> = Arc::from("one");
        let tokens = Tokens::default();
        for number in 0..3 * TOKENS_MAX {
            tokens.give(&id(number), None, &one);
        }
        assert_eq!(tokens.0.lock().unwrap().len(), TOKENS_MAX);
        assert!(!tokens.has(&id(0), "one") && tokens.has(&id(3 * TOKENS_MAX - 1), "one"));
        let long = Id::Text("x".repeat(BYTES_MAX + 1));
        tokens.give(&long, None, &one);
        assert!(!tokens.has(&long, "one"));
    }
}
