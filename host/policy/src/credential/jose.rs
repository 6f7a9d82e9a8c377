//! A compact JWS (RFC 7515), taken apart, and what its header must not say.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::TOKEN_BYTES_MAX;
use super::algorithm::Algorithm;
use super::anchor::TrustAnchor;
use super::error::CredentialError;
use super::key_set::{KeySet, NoKey};
use super::members::{missing, text, wrong};
use crate::digest::Digest;
use crate::json::{Document, JsonLimits, Value};
use crate::timestamp::Timestamp;

const LIMITS: JsonLimits = JsonLimits {
    bytes_max: TOKEN_BYTES_MAX,
    depth_max: 16,
    nodes_max: 4096,
};

/// What a credential is made of. Nothing of it is verified.
pub(super) struct Jws<'a> {
    token: &'a str,
    signed: &'a str,
    pub(super) header: Document,
    pub(super) payload: Document,
    signature: Vec<u8>,
}

/// Members that bring a key, or the address of one: whoever makes a token must not say
/// what it is verified with.
pub(super) const KEYS_IN_HEADER: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];

impl<'a> Jws<'a> {
    /// Canonical base64url without padding, and strict JSON.
    pub(super) fn split(token: &'a str) -> Result<Self, CredentialError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(CredentialError::TooLong);
        }
        let bad = || CredentialError::NotCompactJws;
        let (signed, signature) = token.rsplit_once('.').ok_or_else(bad)?;
        let (header, payload) = signed.split_once('.').ok_or_else(bad)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| bad());
        Ok(Self {
            signature: decode(signature)?,
            header: Document::parse_bytes(&decode(header)?, &LIMITS)?,
            payload: Document::parse_bytes(&decode(payload)?, &LIMITS)?,
            signed,
            token,
        })
    }

    /// The credential as it was presented.
    pub(super) fn digest(&self) -> Digest {
        Digest::of(self.token.as_bytes())
    }

    /// What the header says that it is.
    pub(super) fn media_type(&self) -> Result<Option<String>, CredentialError> {
        match self.header.root().get("typ") {
            None => Ok(None),
            Some(_) => text(self.header.root(), "typ").map(Some),
        }
    }

    /// Refuses what nobody may put into a header here.
    pub(super) fn check_header(&self) -> Result<(), CredentialError> {
        let header = self.header.root();
        if header.get("crit").is_some() {
            return Err(wrong("crit", "names extensions that are not supported"));
        }
        for member in KEYS_IN_HEADER {
            if header.get(member).is_some() {
                return Err(wrong(
                    member,
                    "brings a key; keys come from the issuer alone",
                ));
            }
        }
        Ok(())
    }

    /// Verifies the signature with a key of the issuer: by the name that `kid` gives, or
    /// the only one that there is.
    pub(super) fn verify(
        &self,
        anchor: &TrustAnchor,
        kid: Option<&str>,
        now: Timestamp,
    ) -> Result<(), CredentialError> {
        let algorithm = self.algorithm(&anchor.algorithms)?;
        if now >= anchor.keys_until {
            return Err(CredentialError::NoKeys(anchor.issuer.clone()));
        }
        self.verify_by(&anchor.keys, &anchor.issuer, algorithm, kid)
    }

    /// Verifies the signature with one of these keys.
    pub(super) fn verify_by(
        &self,
        keys: &KeySet,
        issuer: &str,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<(), CredentialError> {
        let key = keys.select(kid, algorithm).map_err(|no| match no {
            NoKey::Unknown => CredentialError::UnknownKey(issuer.to_owned()),
            NoKey::NotAName => wrong("kid", "is a path or an address, not the name of a key"),
            NoKey::Unusable(error) => CredentialError::Key(error),
            NoKey::OtherAlgorithm => wrong("alg", "is not one of the key that it names"),
            NoKey::Unnamed => missing("kid"),
        })?;
        match key.verifies(algorithm, self.signed.as_bytes(), &self.signature) {
            true => Ok(()),
            false => Err(CredentialError::BadSignature),
        }
    }

    /// One that the operator wrote down for this issuer.
    pub(super) fn algorithm(&self, known: &[Algorithm]) -> Result<Algorithm, CredentialError> {
        let name = text(self.header.root(), "alg")?;
        Algorithm::named(&name)
            .filter(|algorithm| known.contains(algorithm))
            .ok_or_else(|| wrong("alg", "is not one of its issuer"))
    }

    /// The name of the key, where the header has one.
    pub(super) fn key_id(&self) -> Result<Option<String>, CredentialError> {
        let header: Value<'_> = self.header.root();
        header.get("kid").map(|_| text(header, "kid")).transpose()
    }
}
