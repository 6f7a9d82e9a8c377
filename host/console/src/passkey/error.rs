//! What can be wrong with a passkey, or with a use of one.

/// Why a passkey is not taken, or proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// A field is not what WebAuthn says.
    #[error("the browser sent something that is no passkey")]
    Malformed,
    /// It was made for something else.
    #[error("the passkey answered another question")]
    Challenge,
    /// It was asked by a page that may not.
    #[error("the passkey was used on a page of another origin")]
    Origin,
    /// It belongs to another domain.
    #[error("the passkey belongs to another site")]
    RelyingParty,
    /// Nobody was there, or nobody knows who.
    #[error("the passkey did not check who is there; hint: use one with a PIN or a fingerprint")]
    NotVerified,
    /// It is of a kind that the console does not take.
    #[error(
        "the passkey is of a kind that the console does not take; hint: it takes ES256, EdDSA and RS256"
    )]
    Algorithm,
    /// The signature is not its.
    #[error("the signature of the passkey is wrong")]
    Signature,
    /// It counts backwards: there may be a copy of it.
    #[error("the passkey counts backwards; hint: there may be a copy of it, remove it")]
    Counter,
}
