//! Why packs cannot be in force.

use gatewright_pack::{NameError, Refusal, StoreError};
use gatewright_policy::Digest;

/// Why a set cannot be in force.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Refused(#[from] Box<Refusal>),
    #[error(
        "no version of `{0}` is wanted; hint: `gatewright pack activate`, or follow a repository"
    )]
    NotWanted(String),
    #[error(transparent)]
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
