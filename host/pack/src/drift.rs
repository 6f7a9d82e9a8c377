//! What a version of a pack asks for beyond another one.

use std::fmt;

use gatewright_policy::Power;
use serde::{Deserialize, Serialize};

use crate::manifest::PackManifest;

/// Something that a policy asks for: it is refused until the operator granted
/// it, when the version before did without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Ask {
    /// An interface that the component imports.
    Import {
        /// The policy.
        policy: String,
        /// The interface.
        interface: String,
    },
    /// A power that its answers need.
    Power {
        /// The policy.
        policy: String,
        /// The power.
        power: Power,
    },
}

/// What a version asks for that another did not, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Drift(pub Vec<Ask>);

// === impl Drift ===

impl Drift {
    /// What `new` asks for beyond `old`. A policy that `old` does not have asks
    /// for nothing that it had.
    pub fn between(old: &PackManifest, new: &PackManifest) -> Self {
        let before = asks(old);
        let mut beyond = asks(new);
        beyond.retain(|ask| !before.contains(ask));
        Self(beyond)
    }

    /// Everything that a version asks for.
    pub fn all(manifest: &PackManifest) -> Self {
        Self(asks(manifest))
    }

    /// What of it is not among what was granted.
    pub fn without(mut self, granted: &[Ask]) -> Self {
        self.0.retain(|ask| !granted.contains(ask));
        self
    }

    /// Whether nothing more is asked for.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Everything that the policies of a pack ask for, sorted. `types` holds no
/// functions: importing it asks for nothing.
fn asks(manifest: &PackManifest) -> Vec<Ask> {
    let mut asks = Vec::new();
    for policy in &manifest.policies {
        let functions = policy
            .imports
            .iter()
            .filter(|name| !name.contains("/types@"));
        asks.extend(functions.map(|interface| Ask::Import {
            policy: policy.name.clone(),
            interface: interface.clone(),
        }));
        let powers = Vec::from(policy.authority).into_iter();
        asks.extend(powers.map(|power| Ask::Power {
            policy: policy.name.clone(),
            power,
        }));
    }
    asks.sort();
    asks
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import { policy, interface } => write!(f, "{policy} imports {interface}"),
            Self::Power { policy, power } => write!(f, "{policy} asks for {power}"),
        }
    }
}
