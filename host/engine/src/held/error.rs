//! Why a held call cannot be read.

use gatewright_policy::record::PayloadError;

use crate::ledger::LedgerError;

/// Why a held call cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeldError {
    /// It is there, and was changed, or sealed with another salt.
    #[error(transparent)]
    Sealed(#[from] PayloadError),
    /// Nobody knows whether it is there.
    #[error(transparent)]
    Memory(#[from] LedgerError),
}
