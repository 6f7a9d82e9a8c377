//! How verdicts combine: deny beats ask, ask beats allow, a fault denies, and
//! nobody allowing is a deny.

use std::sync::Arc;

use crate::authority::Mode;
use crate::decision::{Allowance, Decision, Denied, Held};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::reason::Reason;
use crate::verdict::{ApprovalRequest, Obligation, Refusal, Verdict};

/// What one binding answered.
#[derive(Clone, Debug)]
pub struct Opinion {
    /// The binding.
    pub binding: Arc<str>,
    /// The component that ran.
    pub component: Digest,
    /// Whether it counts.
    pub mode: Mode,
    /// What it said.
    pub answer: Result<Verdict, Fault>,
    /// What it cost. Deterministic.
    pub fuel: u64,
}

/// Verdicts so far. The order in which opinions arrive decides only which of
/// several refusals is reported.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    denied: Option<Denied>,
    approvals: Vec<(Arc<str>, ApprovalRequest)>,
    obligations: Vec<(Arc<str>, Obligation)>,
    allowed: bool,
}

// === impl Tally ===

impl Tally {
    /// Counts one opinion.
    pub fn push(&mut self, opinion: &Opinion) {
        match opinion.mode {
            Mode::Observe => {}
            Mode::Enforce => self.count(opinion),
        }
    }

    /// The decision on a call.
    pub fn decide(self) -> Decision {
        if let Some(denied) = self.denied {
            return Decision::Deny(denied);
        }
        let allowance = Allowance {
            obligations: self.obligations,
        };
        if !self.approvals.is_empty() {
            return Decision::Hold(Held {
                approvals: self.approvals,
                allowance,
            });
        }
        if self.allowed {
            return Decision::Allow(allowance);
        }
        Decision::Deny(Denied::by_gate(
            Reason::NoPolicy,
            "no policy allows this call",
        ))
    }

    /// Whether an entry of a list may be shown: nobody denied it and nobody
    /// faulted. No allow is needed.
    pub const fn is_visible(&self) -> bool {
        self.denied.is_none()
    }

    /// Counts an opinion whatever its mode.
    pub(crate) fn count(&mut self, opinion: &Opinion) {
        let Opinion {
            binding, answer, ..
        } = opinion;
        match answer {
            Ok(Verdict::Abstain) => {}
            Ok(Verdict::Allow { obligations }) => {
                self.allowed = true;
                let owed = obligations.iter().cloned();
                self.obligations
                    .extend(owed.map(|obligation| (Arc::clone(binding), obligation)));
            }
            Ok(Verdict::Ask(approval)) => {
                self.approvals.push((Arc::clone(binding), approval.clone()));
            }
            Ok(Verdict::Deny(denial)) => self.deny(Denied {
                reason: denial.refusal.into(),
                message: denial.message.clone(),
                scopes: denial.scopes.clone(),
                binding: Some(Arc::clone(binding)),
            }),
            Err(fault) => self.deny(Denied::by_fault(binding, fault)),
        }
    }

    fn deny(&mut self, denied: Denied) {
        self.denied.get_or_insert(denied);
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Forbidden => Self::Forbidden,
            Refusal::InsufficientScope => Self::InsufficientScope,
            Refusal::InvalidArguments => Self::InvalidArguments,
            Refusal::UnsafeContext => Self::UnsafeContext,
        }
    }
}
