//! Why a decision of a person is not taken.

use serde::{Deserialize, Serialize};

/// Closed; each has a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum NotTaken {
    /// No call of this id waits, or its time is over.
    #[error("no call of this id waits for anybody")]
    Unknown,
    /// It was decided already.
    #[error("it is decided already")]
    Ended,
    /// The time to decide is over.
    #[error("the time to decide is over")]
    Late,
    /// The statement was signed too long ago.
    #[error("it was signed too long ago; sign it again")]
    Stale,
    /// The statement says that it is signed later than now, or before the call was made.
    #[error("it says that it was signed at another time than now; mend the clock")]
    OutOfOrder,
    /// It is about another call than the one of this id.
    #[error("it is about another call than the one of this id")]
    WrongCall,
    /// What was signed is not what is shown.
    #[error("what was signed is not what is shown")]
    WrongShown,
    /// Another version, a reason that is too long, or one with control characters.
    #[error("it is not a statement that this gate takes")]
    Unreadable,
    /// The signature is not that of the key.
    #[error("the signature does not verify")]
    Forged,
    /// Nobody who may decide has this key.
    #[error("nobody who may decide has this key")]
    UnknownApprover,
    /// The person has none of the roles that are asked for.
    #[error("none of the roles that are asked for")]
    WrongRole,
    /// The call is made by, for, or through whoever decides.
    #[error("nobody decides on a call of one's own")]
    OwnCall,
    /// A policy excludes the person.
    #[error("a policy asks somebody else")]
    Excluded,
    /// The person decided already.
    #[error("the same person decided already")]
    Duplicate,
    /// Somebody else decided at the same moment.
    #[error("somebody else decided at this moment; look again")]
    Moved,
    /// It could not be recorded, so it does not count.
    #[error("it could not be recorded, so it does not count; try again later")]
    NotRecorded,
}

impl NotTaken {
    /// For programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Ended => "ended",
            Self::Late => "late",
            Self::Stale => "stale",
            Self::OutOfOrder => "out-of-order",
            Self::WrongCall => "wrong-call",
            Self::WrongShown => "wrong-shown",
            Self::Unreadable => "unreadable",
            Self::Forged => "forged",
            Self::UnknownApprover => "unknown-approver",
            Self::WrongRole => "wrong-role",
            Self::OwnCall => "own-call",
            Self::Excluded => "excluded",
            Self::Duplicate => "duplicate",
            Self::Moved => "moved",
            Self::NotRecorded => "not-recorded",
        }
    }
}
