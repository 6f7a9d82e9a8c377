//! Whose packs the operator trusts, and with what.

use ed25519_dalek::VerifyingKey;
use gatewright_policy::pattern::Pattern;
use gatewright_policy::{Authority, Timestamp};

/// Every publisher that the operator trusts.
#[derive(Clone, Debug, Default)]
pub struct TrustPolicy {
    /// In the order of the configuration.
    pub publishers: Vec<Publisher>,
}

/// A publisher, and how far it is trusted.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Names it in messages and records.
    pub name: String,
    /// Its keys. One that is listed twice counts once.
    pub keys: Vec<VerifyingKey>,
    /// How many different keys must have signed; 0 trusts nobody.
    pub threshold: usize,
    /// Its signatures do not count from then on.
    pub expires: Option<Timestamp>,
    /// Which packs it may sign.
    pub packs: Vec<Pattern>,
    /// The most that its policies may ask for.
    pub authority: Authority,
}

// === impl Publisher ===

impl Publisher {
    /// Whether it may sign packs of this name.
    pub fn may_sign(&self, pack: &str) -> bool {
        self.packs.iter().any(|pattern| pattern.matches(pack))
    }
}
