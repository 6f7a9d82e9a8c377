//! What becomes of a held call.

use gatewright_policy::Timestamp;
use gatewright_policy::approval::Vote;

/// What becomes of a held call. It counts only where nobody decided on the call since it
/// was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalStep {
    /// Id of the held call.
    pub held: String,
    /// How many decisions there were.
    pub before: usize,
    /// What becomes of it.
    pub change: ApprovalChange,
}

/// What becomes of a held call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalChange {
    /// A person decided.
    Vote {
        /// What.
        vote: Box<Vote>,
        /// From then on nothing of it counts any more.
        until: Timestamp,
    },
    /// It went ahead, and exactly the same call is not made again for a while.
    Use(UseOnce),
    /// It went ahead, or may not any more: it is let go of.
    End,
}

/// A use of what people agreed to, of which the outcome is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseOnce {
    /// Id of the decision that lets the call go ahead.
    pub decision: String,
    /// From then on the same call is asked about anew.
    pub until: Timestamp,
    /// How many are kept; the oldest gives way to one more.
    pub room: UseRoom,
}

/// How many approved calls are kept after they went ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseRoom {
    /// All of them.
    pub calls_max: usize,
    /// Those of one agent.
    pub calls_per_agent_max: usize,
}

impl ApprovalChange {
    /// Whether people cannot decide on the call any more, and it cannot be used.
    pub const fn ends(&self) -> bool {
        match self {
            Self::Vote { .. } => false,
            Self::Use(_) | Self::End => true,
        }
    }
}

/// What is known of a held call without reading the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldLook {
    /// How many people decided.
    pub decided: usize,
    /// From then on nothing of it counts.
    pub until: Timestamp,
}

/// The same call was held, somebody decided on it or used it meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("exactly this call is being held, decided on or used at this moment")]
pub struct ApprovalMoved;
