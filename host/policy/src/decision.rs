//! The engine's answer.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::reason::Reason;
use crate::verdict::{Ask, Obligation};

/// Whether a call goes ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It goes ahead, once it is recorded.
    Allow(Allowance),
    /// It waits for a person.
    Hold(Held),
    /// It does not.
    Deny(Denied),
}

/// A decision without what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    /// The call goes ahead.
    Allow,
    /// It waits for a person.
    Hold,
    /// It does not.
    Deny,
}

/// What an allowed call owes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Obligations and the binding that imposed each.
    pub obligations: Vec<(Arc<str>, Obligation)>,
}

/// What must be approved before a call goes ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What is asked, and the binding that asks. Never empty.
    pub asks: Vec<(Arc<str>, Ask)>,
    /// Whether anybody allows it: a policy, or one of those that ask and may allow.
    /// Without, people may agree as they like.
    pub allowed: bool,
    /// What the call owes once it is approved.
    pub allowance: Allowance,
}

/// Why a call does not go ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// For programs.
    pub reason: Reason,
    /// For the agent: safe to show.
    pub message: String,
    /// Scopes that would have been enough.
    pub scopes: Vec<String>,
    /// The binding that refused, if one did.
    pub binding: Option<Arc<str>>,
}

impl Held {
    /// What is decided once everything that is asked was approved.
    pub fn approved(self) -> Decision {
        match self.allowed {
            true => Decision::Allow(self.allowance),
            false => Decision::Deny(Denied::by_nobody()),
        }
    }
}

impl Denied {
    /// A refusal since no policy allows the call.
    pub fn by_nobody() -> Self {
        Self::by_gate(Reason::NoPolicy, "no policy allows this call")
    }

    /// A refusal by the gate itself.
    pub fn by_gate(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            scopes: Vec::new(),
            binding: None,
        }
    }

    /// A refusal since a policy gave no usable answer. Where there was only no room to
    /// ask it, the same call may be asked again.
    pub fn by_fault(binding: &Arc<str>, fault: &Fault) -> Self {
        let (reason, why) = match fault {
            Fault::NoInstance => (Reason::Overloaded, "could not be asked now"),
            Fault::Trapped(_)
            | Fault::OutOfFuel
            | Fault::TimedOut
            | Fault::OutOfMemory
            | Fault::BadOutput(_)
            | Fault::BadPointer(_)
            | Fault::GaveUp(_)
            | Fault::NotGranted(_) => (Reason::PolicyFault, "gave no usable answer"),
        };
        Self {
            reason,
            message: format!("policy `{binding}` {why}"),
            scopes: Vec::new(),
            binding: Some(Arc::clone(binding)),
        }
    }
}

impl Decision {
    /// Which of the three.
    pub const fn kind(&self) -> DecisionKind {
        match self {
            Self::Allow(_) => DecisionKind::Allow,
            Self::Hold(_) => DecisionKind::Hold,
            Self::Deny(_) => DecisionKind::Deny,
        }
    }

    /// `allow`, `hold` or `deny`.
    pub const fn name(&self) -> &'static str {
        self.kind().as_str()
    }

    /// Why not, if not.
    pub const fn reason(&self) -> Option<Reason> {
        match self {
            Self::Allow(_) => None,
            Self::Hold(_) => Some(Reason::ApprovalRequired),
            Self::Deny(denied) => Some(denied.reason),
        }
    }
}

impl DecisionKind {
    /// `allow`, `hold` or `deny`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Hold => "hold",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for DecisionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
