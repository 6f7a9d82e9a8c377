//! Why packs cannot be in force.

use gatewright_pack::{NameError, Refusal, StoreError};
use gatewright_policy::Digest;

/// Why a set cannot be in force.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackError {
    #[error("{0}")]
    Name(#[from] NameError),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Refused(#[from] Box<Refusal>),
    #[error(
        "no version of `{0}` is wanted; hint: `gatewright pack activate`, or follow a repository"
    )]
    NotWanted(String),
    #[error("{0}")]
    Drift(Box<Drifted>),
}

/// A version that asks for more than the one before it.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{pack}` {revision} asks for more than {before}: {asks}; hint: if it may have that, \
     `gatewright pack activate {pack}@{digest} --grant`"
)]
pub(crate) struct Drifted {
    pub(super) pack: String,
    pub(super) digest: Digest,
    pub(super) revision: String,
    pub(super) before: String,
    pub(super) asks: String,
}
