//! What one policy answers. The shapes are those of the contract (`wit/`).

use serde::{Deserialize, Serialize};

/// The answer of a policy that judges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// No opinion.
    Abstain,
    /// Yes, if the obligations are met.
    Allow {
        /// What the gate must do.
        obligations: Vec<Obligation>,
    },
    /// No.
    Deny(Denial),
    /// Only if a person agrees.
    Ask(ApprovalRequest),
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// Why.
    pub refusal: Refusal,
    /// Shown to the agent.
    pub message: String,
    /// Scopes that would have been enough; only with `insufficient-scope`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// Why a policy refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// Not allowed, whatever the arguments.
    Forbidden,
    /// Another credential would be allowed.
    InsufficientScope,
    /// This tool, but not with these arguments.
    InvalidArguments,
    /// Not in this session.
    UnsafeContext,
}

/// What an approver is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ApprovalRequest {
    /// One line for the approver.
    pub title: String,
    /// Why a person must look at it.
    pub reason: String,
    /// Roles that may approve; empty means any approver.
    pub roles: Vec<String>,
    /// How many different people must approve.
    pub quorum: u8,
    /// How long a granted approval stays usable.
    pub ttl_seconds: u32,
}

/// What the gate must do if the call goes ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obligation {
    /// Charge a quota.
    Charge(Quota),
    /// Leave labels on the session.
    Label(Vec<String>),
    /// Replace parts of the result with `null`.
    Redact(Vec<String>),
    /// Withhold a result larger than this many bytes.
    LimitResult(u64),
}

/// A budget, counted in fixed windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Quota {
    /// Counted per binding and key.
    pub key: String,
    /// What this call costs.
    pub cost: u64,
    /// The most that one window may cost.
    pub limit: u64,
    /// Length of the window.
    pub window_seconds: u32,
}

/// One change to a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The JSON to put there; none removes.
    pub json: Option<String>,
}

/// The answer of a policy that reviews a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "finding")]
pub enum Finding {
    /// The result may go on, changed like this.
    Pass {
        /// Changes, in order.
        edits: Vec<Edit>,
        /// Labels that the session carries from now on.
        labels: Vec<String>,
    },
    /// The agent gets this text instead.
    Block {
        /// What the agent sees.
        message: String,
    },
}
