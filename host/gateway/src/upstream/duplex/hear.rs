//! What a tool server says on a line: messages for its board, and what is none.

use std::sync::{Arc, Mutex};

use gatewright_policy::json::{Document, JsonError, JsonLimits};
use tokio::time::Instant;

use super::board::{Board, lock};
use super::noise::{self, Noise};
use crate::mended;
use crate::message::Message;
use crate::upstream::UpstreamError;

/// Hears one tool server.
pub(crate) struct Listener {
    server: Arc<str>,
    board: Arc<Mutex<Board>>,
    limits: JsonLimits,
    noise: Noise,
}

/// What a text is.
enum Heard {
    /// A message, or what was meant as one; and what must be said in return.
    Message(Option<Arc<str>>),
    /// Something else.
    Noise,
}

impl Listener {
    pub(crate) fn new(server: &Arc<str>, board: &Arc<Mutex<Board>>, limits: JsonLimits) -> Self {
        Self {
            server: Arc::clone(server),
            board: Arc::clone(board),
            limits,
            noise: Noise::default(),
        }
    }

    /// Takes in one text. Gives what must be said to the server in return.
    pub(crate) fn hear(&mut self, text: &[u8]) -> Option<Arc<str>> {
        match self.heard(text) {
            Heard::Message(reply) => reply,
            Heard::Noise => {
                self.noise.heard(&self.server, text, Instant::now());
                self.dropped();
                None
            }
        }
    }

    /// Counts a message that nobody got.
    pub(crate) fn dropped(&self) {
        lock(&self.board).dropped += 1;
    }

    fn heard(&self, text: &[u8]) -> Heard {
        match mended::read(text, &self.limits) {
            // What is mended for the agent is mended, and recorded, on its way there.
            Ok((document, true)) => {
                let original = String::from_utf8_lossy(text);
                self.deliver(&document, &Arc::from(original))
            }
            Ok((document, false)) => self.deliver(&document, &document.shared_text()),
            Err(error) => self.unread(text, &error),
        }
    }

    fn deliver(&self, document: &Document, text: &Arc<str>) -> Heard {
        match Message::of(document.clone()) {
            Ok(message) => Heard::Message(lock(&self.board).deliver(&message, text)),
            Err(error) => {
                let error = error.unquoted();
                let was_meant = lock(&self.board).deliver_misshapen(document, &error);
                tracing::debug!(%error, "the tool server wrote JSON that is no message");
                match was_meant {
                    true => Heard::Message(None),
                    false => Heard::Noise,
                }
            }
        }
    }

    /// A text that is not JSON.
    fn unread(&self, text: &[u8], error: &JsonError) -> Heard {
        if !noise::is_message(text) {
            return Heard::Noise;
        }
        let error = UpstreamError::unread(error);
        tracing::debug!(%error, "the tool server wrote a message that cannot be read");
        lock(&self.board).deliver_nonsense(error);
        Heard::Message(None)
    }
}
