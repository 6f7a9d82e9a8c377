//! Who asked, as the record says it.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::request::{Claim, Proof};
use crate::timestamp::Timestamp;

/// Who asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Caller {
    /// The agent.
    pub agent: String,
    /// What the operator has read from the credential for policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Its credential.
    pub credential: Digest,
    /// Every agent between the principal and this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub delegation: Vec<String>,
    /// When the credential ends.
    pub expires_at: Timestamp,
    /// Who vouches for it.
    pub issuer: String,
    /// Whom it acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// How strongly it proved that it holds the credential; none in older entries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// What the credential covers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Groups its calls.
    pub session: String,
    /// Until when what the session carries is kept; of older entries, `expires_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_ends: Option<Timestamp>,
}
