//! Why a chain of delegations gives no grant.

use std::borrow::Cow;

use super::keyed_error::KeyedError;
use crate::scope::{DetailsError, Scope};

/// Why a chain gives no grant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DelegationError {
    /// Over [`LINKS_MAX`](super::LINKS_MAX), or over what a link before allowed.
    #[error("has more links than are allowed")]
    TooDeep,
    /// Who delegates must be bound to a key.
    #[error("begins with a credential that is bound to no key, which cannot be delegated")]
    NotBound,
    /// A link is missing, twice there, or in another place.
    #[error("has a gap: `del_depth` of a link is not its place")]
    Gap,
    /// A link is for another parent.
    #[error("has a link of another chain: `par_hash` is not the digest of its parent")]
    OtherParent,
    /// The parent's holder did not sign it.
    #[error("has a link that {0}")]
    Signature(KeyedError),
    /// `iss` is not the agent that delegates.
    #[error("has a link whose `iss` is not the agent that delegates")]
    OtherAgent,
    /// `sub` is neither the delegating agent's own name, nor below it, nor the key.
    #[error("has a link for an agent by a name that is not its parent's to give")]
    ForeignName,
    /// The principal changes.
    #[error("has a link for another principal")]
    OtherPrincipal,
    /// It ends later than its parent.
    #[error("has a link that ends later than its parent")]
    LivesLonger,
    /// It grants what its parent does not.
    #[error("has a link with a scope that its parent does not have: `{0}`")]
    Widened(Scope),
    /// Its scopes cannot be read.
    #[error("has a link whose `authorization_details` {0}")]
    Details(DetailsError),
    /// A claim is missing, not known, or not what it should be.
    #[error("has a link whose claim `{0}` is missing, or not what it should be")]
    Claim(&'static str),
    /// A claim that is not known here.
    #[error("has a link with a claim that is not known here")]
    UnknownClaim,
    /// Nobody could use the leaf.
    #[error("has a link that is bound to no key")]
    UnboundLink,
}

impl From<KeyedError> for DelegationError {
    fn from(error: KeyedError) -> Self {
        Self::Signature(error)
    }
}

impl From<DetailsError> for DelegationError {
    fn from(error: DetailsError) -> Self {
        Self::Details(error)
    }
}

impl DelegationError {
    /// What is wrong, without a word of the chain.
    pub fn unquoted(&self) -> Cow<'static, str> {
        match self {
            Self::Widened(_) => Cow::Borrowed("has a link with a scope that its parent lacks"),
            Self::Details(_) => Cow::Borrowed("has a link whose scopes cannot be read"),
            Self::TooDeep
            | Self::NotBound
            | Self::Gap
            | Self::OtherParent
            | Self::Signature(_)
            | Self::OtherAgent
            | Self::ForeignName
            | Self::OtherPrincipal
            | Self::LivesLonger
            | Self::Claim(_)
            | Self::UnknownClaim
            | Self::UnboundLink => Cow::Owned(self.to_string()),
        }
    }
}
