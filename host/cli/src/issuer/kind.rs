//! Which kind of status list is meant.

use clap::ValueEnum;
use gatewright_policy::credential::status::ListKind;

/// A kind of status list.
#[derive(Clone, Copy, Default, ValueEnum)]
pub(crate) enum Kind {
    /// Token Status List of the IETF: a credential is valid, revoked or suspended.
    #[default]
    Token,
    /// Bitstring Status List of the W3C, of what was revoked.
    Revocation,
    /// Bitstring Status List of the W3C, of what is suspended.
    Suspension,
}

impl Kind {
    pub(crate) const fn of_list(self) -> ListKind {
        match self {
            Self::Token => ListKind::Token,
            Self::Revocation => ListKind::Revocation,
            Self::Suspension => ListKind::Suspension,
        }
    }
}
