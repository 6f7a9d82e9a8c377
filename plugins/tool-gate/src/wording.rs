//! The texts of answers, no longer than they may be: agents choose how long a name is.

use std::fmt::Display;

use gatewright_sdk::{Ask, Request};

/// Longest title of a question, in bytes.
const TITLE_BYTES_MAX: usize = 256;

/// Longest reason of a question, in bytes.
const REASON_BYTES_MAX: usize = 4096;

/// Longest text of a note, in bytes.
const NOTE_BYTES_MAX: usize = 1024;

/// The question, with a title and a reason where the operator wrote none.
pub(crate) fn filled_in(mut ask: Ask, asking: &impl Display, request: &Request) -> Ask {
    if ask.title.is_empty() {
        let title = format!("{} wants to call `{}`", request.agent(), request.name());
        ask.title = cut(title, TITLE_BYTES_MAX);
    }
    if ask.reason.is_empty() {
        ask.reason = cut(format!("{asking} asks for a person"), REASON_BYTES_MAX);
    }
    ask
}

/// What decided, for a note.
pub(crate) fn note(decided: &impl Display) -> String {
    cut(decided.to_string(), NOTE_BYTES_MAX)
}

fn cut(mut text: String, bytes_max: usize) -> String {
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}
