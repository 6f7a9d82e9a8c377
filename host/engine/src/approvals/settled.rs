//! What a decision makes of a request for approval.

use gatewright_policy::record::{ApprovalUse, UseOfApproval};
use gatewright_policy::{ActionDigest, HeldName};

use crate::memory::ApprovalStep;

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

impl Settled {
    /// The request that the call waits with, in place of one of its own.
    pub(crate) fn joined(&self) -> Option<&str> {
        match self.entry.what {
            ApprovalUse::Joined => Some(&self.entry.held),
            ApprovalUse::Consumed | ApprovalUse::Rejected | ApprovalUse::Void => None,
        }
    }

    /// What people agreed to about this name.
    pub(crate) fn action(&self, name: &str) -> Option<ActionDigest> {
        let agreed = self.agreed.iter().find(|agreed| agreed.name == name);
        agreed.map(|agreed| agreed.action)
    }
}
