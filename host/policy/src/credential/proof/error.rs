//! Why a proof proves nothing.

use super::super::keyed_error::KeyedError;
use crate::json::CanonicalError;

/// Why a proof proves nothing. Quotes no word of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The credential binds nobody to a key.
    #[error("the proof is for nothing: the credential is bound to no key")]
    NotBound,
    /// It is nothing that this holder signed.
    #[error("the proof {0}")]
    Keyed(KeyedError),
    /// A claim is missing, or not what it should be.
    #[error("the proof's claim `{0}` is missing, or not what it should be")]
    Claim(&'static str),
    /// `htm` is another method.
    #[error("the proof is for another HTTP method (`htm`)")]
    OtherVerb,
    /// `htu` is another URL.
    #[error("the proof is for another URL (`htu`)")]
    OtherUrl,
    /// `ath` is the digest of another credential.
    #[error("the proof is for another credential (`ath`)")]
    OtherToken,
    /// `aud` is another gate, or another server of this one.
    #[error("the proof is for another endpoint (`aud`)")]
    OtherEndpoint,
    /// `method` is another one of MCP.
    #[error("the proof is for another method")]
    OtherMethod,
    /// `tool` is another one.
    #[error("the proof is for another tool")]
    OtherTool,
    /// `params_hash` is the digest of others.
    #[error("the proof is for other arguments (`params_hash`)")]
    OtherArguments,
    /// What is to be proved has no canonical form.
    #[error("the call cannot be proved: {0}")]
    Canonical(CanonicalError),
    /// `iat` is too long ago.
    #[error("the proof is too old")]
    TooOld,
    /// `iat` is of a time before the start of the gate, which does not know what was used
    /// then.
    #[error("the proof may be older than the start of the gate; make a new one in seconds")]
    BeforeStart,
    /// `iat` is later than clocks differ.
    #[error("the proof is from the future")]
    FromTheFuture,
    /// Its `jti` was used.
    #[error("the proof was used before")]
    Replayed,
    /// Nothing is forgotten to make room.
    #[error("the gate remembers as many proofs as it can; try again later")]
    Full,
}

impl From<KeyedError> for ProofError {
    fn from(error: KeyedError) -> Self {
        Self::Keyed(error)
    }
}

impl From<CanonicalError> for ProofError {
    fn from(error: CanonicalError) -> Self {
        Self::Canonical(error)
    }
}
