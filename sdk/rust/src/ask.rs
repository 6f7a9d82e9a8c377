//! What people are asked.

use crate::{Ask, Pointer};

/// How long people have to decide when the policy does not say: a day.
const DECIDE_WITHIN_SECONDS: u32 = 24 * 60 * 60;

/// How long an approval stays usable when the policy does not say.
const USE_WITHIN_SECONDS: u32 = 900;

/// Longest title, in bytes: it is one line.
const TITLE_BYTES_MAX: usize = 256;

/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 4096;

/// Most roles, people and places of one question.
const LIST_MAX: usize = 16;

/// Longest name of a role, a person or a place, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// Most people that one question can need.
const QUORUM_MAX: u8 = 16;

/// Longest time to decide, and to use an approval, in seconds: 30 days.
const SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

impl Ask {
    /// Asks one approver of any role, who has a day: a line that says what is to be
    /// approved, and why a person must look at it.
    pub fn new(title: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            reason: reason.into(),
            show: Vec::new(),
            roles: Vec::new(),
            quorum: 1,
            exclude_requester: false,
            exclude: Vec::new(),
            decide_within_seconds: DECIDE_WITHIN_SECONDS,
            use_within_seconds: USE_WITHIN_SECONDS,
        }
    }

    /// What an approver must see first: JSON Pointers into the arguments.
    #[must_use]
    pub fn showing(self, pointers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            show: pointers.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Only people with one of these roles may approve.
    #[must_use]
    pub fn with_roles(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            roles: roles.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// So many different people must approve.
    #[must_use]
    pub fn with_quorum(self, quorum: u8) -> Self {
        Self { quorum, ..self }
    }

    /// Whom the call is made for must not approve it.
    #[must_use]
    pub fn excluding_requester(self) -> Self {
        Self {
            exclude_requester: true,
            ..self
        }
    }

    /// These people must not approve.
    #[must_use]
    pub fn excluding(self, people: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            exclude: people.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// How long people have to decide.
    #[must_use]
    pub fn decide_within_seconds(self, seconds: u32) -> Self {
        Self {
            decide_within_seconds: seconds,
            ..self
        }
    }

    /// How long the approval stays usable.
    #[must_use]
    pub fn use_within_seconds(self, seconds: u32) -> Self {
        Self {
            use_within_seconds: seconds,
            ..self
        }
    }

    /// Fails where the gate would not take the question, and says why: what is
    /// asked is a fault then. For a question that settings describe, so that the
    /// operator hears of it when they are read.
    pub fn check(&self) -> Result<(), String> {
        no_longer(&self.title, TITLE_BYTES_MAX, "the title")?;
        no_longer(&self.reason, REASON_BYTES_MAX, "the reason")?;
        for (list, what) in [
            (&self.show, "place to show"),
            (&self.roles, "role"),
            (&self.exclude, "person who must not approve"),
        ] {
            if list.len() > LIST_MAX {
                return Err(format!("there are more than {LIST_MAX} of: {what}"));
            }
            for name in list {
                no_longer(name, NAME_BYTES_MAX, what)?;
            }
        }
        for pointer in &self.show {
            Pointer::parse(pointer).map_err(|error| error.to_string())?;
        }
        if !(1..=QUORUM_MAX).contains(&self.quorum) {
            return Err(format!("the quorum must be 1 to {QUORUM_MAX}"));
        }
        for (seconds, what) in [
            (self.decide_within_seconds, "decide"),
            (self.use_within_seconds, "use an approval"),
        ] {
            if !(1..=SECONDS_MAX).contains(&seconds) {
                return Err(format!(
                    "the time to {what} must be 1 to {SECONDS_MAX} seconds"
                ));
            }
        }
        Ok(())
    }
}

fn no_longer(text: &str, bytes_max: usize, what: &str) -> Result<(), String> {
    match text.len() > bytes_max {
        true => Err(format!("{what} is longer than {bytes_max} bytes")),
        false => Ok(()),
    }
}
