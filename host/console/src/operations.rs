//! What the console asks of whoever runs the gate, for people who may operate. What they
//! change is recorded with who it was.

use futures_util::future::BoxFuture;
use gatewright_engine::agents::{Listing, Selection};
use gatewright_policy::Digest;
use gatewright_policy::agent::{AgentKey, Turn};

/// Shows what can be changed, and changes it.
pub trait Operations: Send + Sync + 'static {
    /// Some of the agents that are registered or were seen.
    fn agents(&self, selection: &Selection) -> Listing;

    /// Stops an agent, or lets it go on.
    fn turn(&self, turning: Turning) -> BoxFuture<'_, Result<(), NotDone>>;

    /// The sets of packs that one can go back to, the latest first.
    fn sets(&self) -> BoxFuture<'_, Result<Vec<PackSet>, NotDone>>;

    /// Wants an earlier set of packs again.
    fn roll_back(&self, going: GoingBack) -> BoxFuture<'_, Result<(), NotDone>>;
}

/// What somebody does about an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turning {
    /// The agent.
    pub agent: AgentKey,
    /// What.
    pub turn: Turn,
    /// Who does it.
    pub by: String,
    /// Why.
    pub why: String,
}

/// A set of packs that was wanted before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackSet {
    /// Its revision.
    pub revision: u64,
    /// Who wanted it.
    pub by: String,
    /// When.
    pub at: String,
    /// Its packs, by name.
    pub packs: Vec<(String, Digest)>,
}

/// A way back to an earlier set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoingBack {
    /// The revision that is wanted, as the person saw it: nobody undoes what they did not
    /// see.
    pub from: u64,
    /// The revision to go back to.
    pub to: u64,
    /// Who does it.
    pub by: String,
}

/// Nothing was changed, or cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotDone(pub String);
