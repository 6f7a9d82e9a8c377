//! What the guard answers to one SQL text of a call, and to several together.

use crate::check::{Passed, check};
use crate::settings::Settings;

/// What the guard has to say about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No rule is about this call.
    NotMine,
    /// Nothing against it.
    Fine,
    /// A person must agree.
    Ask {
        /// Why.
        reason: String,
        /// The statement, for the approver.
        sql: String,
    },
    /// Refused; the text is for the agent.
    Refused(String),
}

/// The part of a statement that an approver sees, in characters.
const SQL_SHOWN_MAX: usize = 400;

impl Answer {
    /// What two answers say together.
    pub(crate) fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Refused(message), _) | (_, Self::Refused(message)) => Self::Refused(message),
            (ask @ Self::Ask { .. }, _) | (_, ask @ Self::Ask { .. }) => ask,
            (Self::Fine, _) | (_, Self::Fine) => Self::Fine,
            (Self::NotMine, Self::NotMine) => Self::NotMine,
        }
    }
}

/// Judges one text at a pointer.
pub(crate) fn judged(settings: &Settings, pointer: &str, sql: &str) -> Answer {
    match check(settings, sql) {
        Err(refused) => Answer::Refused(format!("`{pointer}`: {refused}")),
        Ok(Passed::Ask(reason)) => Answer::Ask {
            reason,
            sql: sql.chars().take(SQL_SHOWN_MAX).collect(),
        },
        Ok(Passed::Fine) => Answer::Fine,
    }
}
