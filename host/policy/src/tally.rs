//! How verdicts combine: deny beats ask, ask beats allow, a fault denies, and
//! nobody allowing is a deny.

use std::sync::Arc;

use crate::authority::Mode;
use crate::decision::{Allowance, Decision, Denied, Held};
use crate::digest::Digest;
use crate::fault::Fault;
use crate::reason::Reason;
use crate::verdict::{Ask, Obligation, Opinion, Refusal, Verdict};

/// What one binding said on a call.
#[derive(Clone, Debug)]
pub struct Vote {
    /// The binding.
    pub binding: Arc<str>,
    /// The component that ran.
    pub component: Digest,
    /// Whether it counts.
    pub mode: Mode,
    /// Whether it may allow. Then what it asks people is a yes once they agree.
    pub may_allow: bool,
    /// What it said.
    pub answer: Result<Opinion, Fault>,
    /// What it cost. Deterministic.
    pub fuel: u64,
}

/// Votes so far. The order in which they arrive decides only which of
/// several refusals is reported.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    denied: Option<Denied>,
    asks: Vec<(Arc<str>, Ask)>,
    obligations: Vec<(Arc<str>, Obligation)>,
    allowed: bool,
    /// Somebody who may allow asks people.
    allows_if_approved: bool,
}

// === impl Tally ===

impl Tally {
    /// Counts one vote.
    pub fn push(&mut self, vote: &Vote) {
        match vote.mode {
            Mode::Observe => {}
            Mode::Enforce => self.count(vote),
        }
    }

    /// Something that the gate itself asks people. Their yes stands in for no policy.
    pub fn ask(&mut self, by: Arc<str>, ask: Ask) {
        self.asks.push((by, ask));
    }

    /// The decision on a call.
    pub fn decide(self) -> Decision {
        if let Some(denied) = self.denied {
            return Decision::Deny(denied);
        }
        let allowance = Allowance {
            obligations: self.obligations,
        };
        if !self.asks.is_empty() {
            return Decision::Hold(Held {
                allowed: self.allowed || self.allows_if_approved,
                asks: self.asks,
                allowance,
            });
        }
        if self.allowed {
            return Decision::Allow(allowance);
        }
        Decision::Deny(Denied::by_nobody())
    }

    /// Whether an entry of a list may be shown: nobody denied it and nobody
    /// faulted. No allow is needed.
    pub const fn is_visible(&self) -> bool {
        self.denied.is_none()
    }

    /// Counts a vote whatever its mode.
    pub(crate) fn count(&mut self, vote: &Vote) {
        let binding = &vote.binding;
        let opinion = match &vote.answer {
            Ok(opinion) => opinion,
            Err(fault) => return self.deny(Denied::by_fault(binding, fault)),
        };
        // Whoever allows: what one policy wants done does not hang on another.
        let owed = opinion.obligations.iter().cloned();
        self.obligations
            .extend(owed.map(|obligation| (Arc::clone(binding), obligation)));
        match &opinion.verdict {
            Verdict::Abstain => {}
            Verdict::Allow => self.allowed = true,
            Verdict::Ask(ask) => {
                self.allows_if_approved |= vote.may_allow;
                self.asks.push((Arc::clone(binding), ask.clone()));
            }
            Verdict::Deny(denial) => self.deny(Denied {
                reason: denial.refusal.into(),
                message: denial.message.clone(),
                scopes: denial.scopes.clone(),
                binding: Some(Arc::clone(binding)),
            }),
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
