//! Why a text is nothing that the holder of a key has signed.

use super::jwk::KeyError;
use crate::json::JsonError;

/// Why a text is nothing that the holder of a key has signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyedError {
    /// Over its bound.
    #[error("is too long")]
    TooLong,
    /// Not `header.payload.signature` in base64url.
    #[error("is not a compact JWS")]
    NotCompactJws,
    /// Header or payload is not strict JSON.
    #[error("is not unambiguous JSON")]
    Json(JsonError),
    /// `typ` says something else.
    #[error("is of another type")]
    OtherType,
    /// `alg` is neither EdDSA nor ES256, or is not one of the key.
    #[error("is signed in a way that is not accepted")]
    Algorithm,
    /// The header has `crit`, `jku`, `x5u` or another member that is not known.
    #[error("has a header with a member that is not accepted")]
    Header,
    /// `jwk` is missing, or no public key.
    #[error("brings no public key: the one in it {0}")]
    Key(KeyError),
    /// The key is not the one that the credential is bound to.
    #[error("is signed with another key than the credential is bound to")]
    OtherKey,
    /// The signature is not the key's.
    #[error("has a signature that does not verify")]
    BadSignature,
}

impl From<JsonError> for KeyedError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl From<KeyError> for KeyedError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}
