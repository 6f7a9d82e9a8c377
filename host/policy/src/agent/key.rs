//! Which agent is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An agent: its id, and who vouches for it. The same id from another issuer is another
/// agent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentKey {
    /// Its id.
    pub id: String,
    /// Who issues its credentials; `local` for the agent of `gatewright wrap`.
    pub issuer: String,
}

impl fmt::Display for AgentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.id, self.issuer)
    }
}
