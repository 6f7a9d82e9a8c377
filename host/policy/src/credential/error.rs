//! Why a credential gives no grant, in words for the operator and for strangers.

use std::borrow::Cow;

use super::TOKEN_BYTES_MAX;
use super::delegation_error::DelegationError;
use super::did_key::public_key;
use super::jwk::KeyError;
use crate::json::JsonError;
use crate::scope::{DetailsError, Scope};
use crate::timestamp::Timestamp;

/// Why a credential gives no grant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Over [`TOKEN_BYTES_MAX`].
    #[error("credential is longer than {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// Not `header.payload.signature` in base64url.
    #[error("credential is not a compact JWS")]
    NotCompactJws,
    /// Header or payload is not strict JSON.
    #[error("credential is not unambiguous JSON: {0}")]
    Json(JsonError),
    /// A member is missing, has the wrong type, or a value that is not accepted.
    #[error("credential member `{member}` {problem}")]
    Member {
        /// Path of the member.
        member: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The scopes cannot be read.
    #[error("credential member `authorization_details` {0}")]
    Details(DetailsError),
    /// A link after it gives nothing.
    #[error("credential is a chain that {0}")]
    Delegation(DelegationError),
    /// No trust anchor for this issuer.
    #[error("issuer `{0}` is not trusted")]
    UntrustedIssuer(String),
    /// The signature is not the issuer's.
    #[error("signature does not verify")]
    BadSignature,
    /// `validFrom` is in the future.
    #[error("credential is not valid before {0}")]
    NotYetValid(Timestamp),
    /// `validUntil` is past.
    #[error("credential expired at {0}")]
    Expired(Timestamp),
    /// Valid for longer than the trust anchor accepts.
    #[error("credential is valid for longer than its issuer may grant")]
    LivesTooLong,
    /// A scope is wider than the trust anchor accepts.
    #[error("scope `{0}` is wider than its issuer may grant")]
    ScopeTooWide(Scope),
    /// The claim that names the task is missing, or not text.
    #[error("credential has no task: its claim `{0}` is not a text")]
    NoTask(String),
    /// The keys of its issuer were not read yet, or are too old.
    #[error("the keys of issuer `{0}` are not at hand")]
    NoKeys(String),
    /// It names a key that its issuer does not have, or not any more.
    #[error("it is signed by a key that issuer `{0}` does not have")]
    UnknownKey(String),
    /// The key that it names cannot be used.
    #[error("the key that it names {0}")]
    Key(KeyError),
    /// It says to a client who signed in; nobody may do anything with it.
    #[error("it is not an access token, as its claim `{0}` shows")]
    NotAnAccessToken(&'static str),
    /// None of the claims that could say it is there.
    #[error("it names no {what}: it has none of the claims `{claims}`")]
    NoClaim {
        /// What it would say.
        what: &'static str,
        /// The claims of the configuration.
        claims: String,
    },
    /// A claim that the configuration reads is not what it should be.
    #[error("its claim `{claim}` {problem}")]
    Claim {
        /// The claim of the configuration.
        claim: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// `aud` names another endpoint of this gate.
    #[error("credential is for another resource of this gate")]
    WrongResource,
    /// `aud` names other gates.
    #[error("credential is for another audience")]
    WrongAudience,
}

impl From<DetailsError> for CredentialError {
    fn from(error: DetailsError) -> Self {
        Self::Details(error)
    }
}

impl From<DelegationError> for CredentialError {
    fn from(error: DelegationError) -> Self {
        Self::Delegation(error)
    }
}

impl From<JsonError> for CredentialError {
    fn from(error: JsonError) -> Self {
        Self::Json(error)
    }
}

impl CredentialError {
    /// What is wrong, without a word of the credential; only an issuer that is a
    /// public key is named.
    pub fn unquoted(&self) -> Cow<'static, str> {
        match self {
            Self::Json(_) => Cow::Borrowed("credential is not unambiguous JSON"),
            Self::Details(DetailsError::Scope(_)) => Cow::Borrowed("a scope is not `server:tool`"),
            Self::Delegation(error) => {
                Cow::Owned(format!("credential is a chain that {}", error.unquoted()))
            }
            Self::ScopeTooWide(_) => Cow::Borrowed("a scope is wider than its issuer may grant"),
            Self::UntrustedIssuer(issuer) if public_key(issuer).is_err() => {
                Cow::Borrowed("issuer is not trusted")
            }
            Self::NoKeys(_) => Cow::Borrowed("the keys of its issuer are not at hand"),
            Self::UnknownKey(_) => {
                Cow::Borrowed("it is signed by a key that its issuer does not have")
            }
            Self::TooLong
            | Self::NotCompactJws
            | Self::Member { .. }
            | Self::Details(_)
            | Self::UntrustedIssuer(_)
            | Self::BadSignature
            | Self::NotYetValid(_)
            | Self::Expired(_)
            | Self::LivesTooLong
            | Self::NoTask(_)
            | Self::Key(_)
            | Self::NotAnAccessToken(_)
            | Self::NoClaim { .. }
            | Self::Claim { .. }
            | Self::WrongResource
            | Self::WrongAudience => Cow::Owned(self.to_string()),
        }
    }
}
