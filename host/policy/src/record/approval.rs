//! What the record says about approvals. What people signed stands in it for ever, as they
//! signed it: it quotes no argument.

use serde::{Deserialize, Serialize};

use crate::approval::{NotTaken, Stand, Vote};
use crate::timestamp::Timestamp;

/// A person decided on a held call, or tried to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum ApprovalEvent {
    /// A decision was taken.
    Decided {
        /// Id of the held call.
        held: String,
        /// How many decisions there were before.
        before: u64,
        /// The decision, with what proves it.
        vote: Box<Vote>,
        /// What the decisions come to.
        stand: Stand,
        /// From then on nothing of it counts any more.
        until: Timestamp,
        /// Until then the call itself may still be kept.
        decide_by: Timestamp,
    },
    /// A decision was not taken.
    Refused {
        /// Id of the held call, if there is one of this id; otherwise a keyed digest.
        held: String,
        /// Who tried, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approver: Option<String>,
        /// Why not.
        why: NotTaken,
    },
}

impl ApprovalEvent {
    /// Id of the held call that it is about, or a keyed digest where there is none of it.
    pub fn held(&self) -> &str {
        match self {
            Self::Decided { held, .. } | Self::Refused { held, .. } => held,
        }
    }
}

/// The request for approval that a decision goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseOfApproval {
    /// Id of the held call.
    pub held: String,
    /// What became of it.
    #[serde(rename = "use")]
    pub what: ApprovalUse,
    /// Who agreed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
    /// From then on nothing of it would count anyway.
    pub until: Timestamp,
    /// Until then the call itself may still be kept.
    pub decide_by: Timestamp,
    /// Of a call that goes ahead: until then exactly the same call gets what comes of it,
    /// as long as there is room, and is not made again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome_until: Option<Timestamp>,
    /// Of a call that is not made again: the decision that it was made by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_by: Option<String>,
}

/// What a decision makes of a request for approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalUse {
    /// The call waits with the one that was there first.
    Joined,
    /// The call goes ahead: it cannot be used again.
    Consumed,
    /// Somebody said no to exactly this call.
    Rejected,
    /// The call may not go ahead any more: nor may a later one.
    Void,
    /// The call went ahead before, and what came of it was given again.
    OutcomeGiven,
    /// The call went ahead before, at most once, and what came of it is not known or not
    /// kept.
    OutcomeNotGiven,
}
