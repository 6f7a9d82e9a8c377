//! Why one policy gave no usable answer.

use serde::{Deserialize, Serialize};

use crate::authority::Power;

/// Recorded, counted, and in an enforced binding a deny. What an agent sees is
/// only the reason `policy_fault`, or `overloaded` where nobody could be asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", tag = "fault", content = "detail")]
pub enum Fault {
    /// The guest hit an instruction that traps: a panic, an exception, a bad
    /// memory access. The text is the kind of trap.
    #[error("trapped: {0}")]
    Trapped(String),
    /// The fuel of the binding ran out.
    #[error("ran out of fuel")]
    OutOfFuel,
    /// It ran for longer than the deadline of the binding.
    #[error("ran past its deadline")]
    TimedOut,
    /// The guest asked for more memory or table space than the binding allows.
    #[error("asked for more memory than its limit")]
    OutOfMemory,
    /// Too many policies ran at once.
    #[error("found no free instance")]
    NoInstance,
    /// The answer is over the output limit, not Unicode, or an edit does not
    /// apply.
    #[error("answered badly: {0}")]
    BadOutput(String),
    /// The guest passed something that is not a JSON Pointer.
    #[error("used a bad pointer: {0}")]
    BadPointer(String),
    /// An editor returned its error.
    #[error("gave up: {0}")]
    GaveUp(String),
    /// The answer needs a power that the binding was not granted.
    #[error("answered beyond its authority: `{0}` was not granted")]
    NotGranted(Power),
}

impl Fault {
    /// Stable name, for metrics.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Trapped(_) => "trapped",
            Self::OutOfFuel => "out-of-fuel",
            Self::TimedOut => "timed-out",
            Self::OutOfMemory => "out-of-memory",
            Self::NoInstance => "no-instance",
            Self::BadOutput(_) => "bad-output",
            Self::BadPointer(_) => "bad-pointer",
            Self::GaveUp(_) => "gave-up",
            Self::NotGranted(_) => "not-granted",
        }
    }

    /// What of its text a policy may have written, and not the host.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::BadOutput(text) | Self::BadPointer(text) | Self::GaveUp(text) => Some(text),
            Self::Trapped(_)
            | Self::OutOfFuel
            | Self::TimedOut
            | Self::OutOfMemory
            | Self::NoInstance
            | Self::NotGranted(_) => None,
        }
    }
}
