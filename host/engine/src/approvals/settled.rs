//! What a decision makes of a request for approval.

use gatewright_policy::record::{ApprovalUse, UseOfApproval};
use gatewright_policy::{ActionDigest, HeldName, Label, Timestamp};

use crate::memory::{ApprovalChange, ApprovalStep};

/// What a decision makes of a request that was there before it.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    /// As the record tells it.
    pub(crate) entry: UseOfApproval,
    /// What becomes of the request, if anything does.
    pub(crate) step: Option<ApprovalStep>,
    /// What people agreed to, where the call goes ahead for that.
    pub(crate) agreed: Vec<HeldName>,
}

/// What came of exactly the same call, which is given again in place of making it.
#[derive(Debug)]
pub(crate) struct Repeated {
    /// Id of the decision that let it go ahead.
    pub(crate) made_by: String,
    /// When it ended.
    pub(crate) at: Timestamp,
    /// The result, as JSON text, or else the error.
    pub(crate) given: Result<String, String>,
    /// Whoever gets it has seen what the call returned.
    pub(crate) labels: Vec<Label>,
}

/// What an agent gets that makes an approved call again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenAgain {
    /// Id of this decision.
    pub id: String,
    /// Id of the decision that let the call go ahead.
    pub made_by: String,
    /// When the call ended.
    pub at: Timestamp,
    /// The result, as JSON text, or else the error.
    pub given: Result<String, String>,
}

// === impl Repeated ===

impl Repeated {
    /// What the agent gets, by the decision of this id.
    pub(crate) fn given_by(self, id: String) -> GivenAgain {
        GivenAgain {
            id,
            made_by: self.made_by,
            at: self.at,
            given: self.given,
        }
    }
}

// === impl Settled ===

impl Settled {
    /// The request that the call waits with, in place of one of its own.
    pub(crate) fn joined(&self) -> Option<&str> {
        match self.entry.what {
            ApprovalUse::Joined => Some(&self.entry.held),
            ApprovalUse::Consumed
            | ApprovalUse::Rejected
            | ApprovalUse::Void
            | ApprovalUse::OutcomeGiven
            | ApprovalUse::OutcomeNotGiven => None,
        }
    }

    /// The held call that goes ahead, where its outcome is kept.
    pub(crate) fn keeps_outcome(&self) -> Option<&str> {
        let step = self.step.as_ref()?;
        match &step.change {
            ApprovalChange::Use(_) => Some(&step.held),
            ApprovalChange::Vote { .. } | ApprovalChange::End => None,
        }
    }

    /// What people agreed to about this name.
    pub(crate) fn action(&self, name: &str) -> Option<ActionDigest> {
        let agreed = self.agreed.iter().find(|agreed| agreed.name == name);
        agreed.map(|agreed| agreed.action)
    }
}
