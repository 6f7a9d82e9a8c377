//! `proof`: how strongly agents must prove that they hold their credentials.

use gatewright_policy::Proof;
use serde::Deserialize;

/// The least that is asked. The later, the stronger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeastProof {
    /// Whoever has a credential may use it, unless it is bound to a key.
    #[default]
    Bearer,
    /// The sender proves that it holds the key.
    Sender,
    /// The sender signs the very call.
    Call,
}

impl LeastProof {
    /// Whether a caller proved as much. `names`: whether its message names a tool, a
    /// prompt or a resource; what names nothing is no call that somebody could sign for.
    pub(crate) fn is_met(self, proof: Proof, names: bool) -> bool {
        match (self, names) {
            (Self::Bearer, _) => true,
            (Self::Sender, _) | (Self::Call, false) => proof >= Proof::Sender,
            (Self::Call, true) => proof >= Proof::Call,
        }
    }

    /// As the configuration writes it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Sender => "sender",
            Self::Call => "call",
        }
    }
}
