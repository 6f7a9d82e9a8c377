//! What one policy answers. The shapes are those of the newest contract (`wit/`); what
//! older ones say maps to them.

use serde::{Deserialize, Serialize};

use crate::charge::Charge;
use crate::digest::Digest;
use crate::integer::integer;

/// The answer of a policy that judges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// What it makes of the call.
    pub verdict: Verdict,
    /// What the gate owes if the call goes ahead, whoever allows it.
    pub obligations: Vec<Obligation>,
    /// Why.
    pub notes: Vec<Note>,
}

/// What a policy that judges makes of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "verdict")]
pub enum Verdict {
    /// Neither yes nor no.
    Abstain,
    /// Yes.
    Allow,
    /// No.
    Deny(Denial),
    /// Only if people agree.
    Ask(Ask),
}

/// Why a policy answered as it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Id of a rule of the policy.
    pub rule: String,
    /// In words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
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

/// What people are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ask {
    /// One line for the approver.
    pub title: String,
    /// Why a person must look at it.
    pub reason: String,
    /// JSON Pointers into the arguments: what an approver must see first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<String>,
    /// Roles that may approve; empty means any approver.
    pub roles: Vec<String>,
    /// How many different people must approve.
    pub quorum: u8,
    /// Whom the call is made for must not approve it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclude_requester: bool,
    /// Who else must not approve, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    /// How long people have to decide.
    #[serde(default = "Ask::default_decide_within")]
    pub decide_within_seconds: u32,
    /// How long the approval can be used once it is given.
    #[serde(alias = "ttl-seconds")]
    pub use_within_seconds: u32,
}

/// What the gate must do if the call goes ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Obligation {
    /// Charge a budget.
    Charge(Charge),
    /// Leave labels on the session.
    Label(Vec<String>),
    /// Take labels off the session.
    Declassify(Vec<String>),
    /// Replace parts of the result with `null`.
    Redact(Vec<String>),
    /// Withhold a result larger than this many bytes.
    LimitResult(#[serde(deserialize_with = "integer")] u64),
}

/// One change to a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The JSON to put there; none removes.
    pub json: Option<String>,
}

/// The answer of a policy that rewrites arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// Changes, in order.
    pub edits: Vec<Edit>,
    /// Why.
    pub notes: Vec<Note>,
}

/// The answer of a policy that reviews a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What becomes of the result.
    #[serde(flatten)]
    pub finding: Finding,
    /// Labels that the session carries from now on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What the call cost beyond what was charged before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// What becomes of a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "finding")]
pub enum Finding {
    /// It may go on, changed like this.
    Pass {
        /// Changes, in order.
        edits: Vec<Edit>,
    },
    /// The agent gets this text instead.
    Block {
        /// What the agent sees.
        message: String,
    },
}

// === impl Ask ===

impl Ask {
    /// What tells it from every other question.
    pub fn digest(&self) -> Digest {
        #[expect(
            clippy::expect_used,
            reason = "texts and numbers are always JSON, and memory takes what is written to it"
        )]
        let text = serde_json::to_vec(self).expect("texts and numbers as JSON");
        Digest::of(&text)
    }
}

// === impl Verdict ===

impl Verdict {
    /// `abstain`, `allow`, `deny` or `ask`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Abstain => "abstain",
            Self::Allow => "allow",
            Self::Deny(_) => "deny",
            Self::Ask(_) => "ask",
        }
    }
}

impl From<Verdict> for Opinion {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            obligations: Vec::new(),
            notes: Vec::new(),
        }
    }
}

// === impl Ask ===

impl Ask {
    /// For a policy whose contract does not let it say: a day, in seconds.
    pub const fn default_decide_within() -> u32 {
        24 * 60 * 60
    }
}
