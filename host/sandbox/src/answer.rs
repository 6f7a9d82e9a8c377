//! What one call of a guest gives: a result or a fault, what it cost, and what
//! the guest logged.

use gatewright_policy::Fault;
use serde::{Deserialize, Serialize};

/// Lines kept of one call; more are counted and dropped.
pub const LOG_LINES_MAX: usize = 32;

/// Longest log line, in bytes; the rest of a longer one is cut off.
pub const LOG_LINE_BYTES_MAX: usize = 1024;

/// The outcome of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// What the guest answered, or why it did not.
    pub result: Result<T, Fault>,
    /// Fuel that the call used: the same for the same call, every time.
    pub fuel: u64,
    /// What the guest logged, also when it trapped afterwards.
    pub log: Vec<LogLine>,
    /// How many further lines were dropped.
    pub log_dropped: u32,
    /// What it needed to know and was not told: asked again with it, it goes further.
    pub unread: Option<Unread>,
}

/// A budget that is not in the [`Context`](gatewright_policy::Context).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The name that the operator gave it.
    pub budget: String,
    /// The key that it is counted by.
    pub key: String,
}

/// One line for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// How important the guest finds it.
    pub level: LogLevel,
    /// The guest's text. It may hold control characters.
    pub text: String,
}

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LogLevel {
    /// For the author of the policy.
    Debug,
    /// For the operator.
    Info,
    /// For the operator, soon.
    Warn,
}

/// The lines of one call, bounded.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<LogLine>,
    pub(crate) dropped: u32,
}

impl Log {
    pub(crate) fn push(&mut self, level: LogLevel, mut text: String) {
        if self.lines.len() < LOG_LINES_MAX {
            cut(&mut text, LOG_LINE_BYTES_MAX);
            self.lines.push(LogLine { level, text });
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}

/// Cuts a text at the last character that ends within `bytes_max`.
pub(crate) fn cut(text: &mut String, bytes_max: usize) {
    if text.len() > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        text.push('…');
        text.shrink_to_fit();
    }
}
