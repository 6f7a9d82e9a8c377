//! What becomes of a call that waits for people.

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
    /// It went ahead, or may not any more: it is let go of.
    End,
}

/// What is known of a call that waits without reading the call.
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
