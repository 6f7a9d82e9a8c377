//! DIDs that are a key: `did:key` for Ed25519 public keys, and `did:jwk`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::VerifyingKey;

use crate::json::{Document, JsonLimits};

/// Multicodec prefix of an Ed25519 public key.
const ED25519: [u8; 2] = [0xed, 0x01];

const PREFIX: &str = "did:key:z";

const JWK_PREFIX: &str = "did:jwk:";

const JWK_LIMITS: JsonLimits = JsonLimits {
    bytes_max: 4 << 10,
    depth_max: 4,
    nodes_max: 64,
};

/// Text that is not an Ed25519 `did:key`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an Ed25519 did:key; expected `did:key:z6Mk...`")]
pub struct DidKeyError(String);

impl DidKeyError {
    pub(super) fn of(did: &str) -> Self {
        Self(did.to_owned())
    }
}

/// The DID of a key.
pub fn did_key(key: &VerifyingKey) -> String {
    let mut bytes = Vec::with_capacity(34);
    bytes.extend_from_slice(&ED25519);
    bytes.extend_from_slice(key.as_bytes());
    format!("{PREFIX}{}", bs58::encode(bytes).into_string())
}

/// The key of a DID. Keys of small order are refused.
pub fn public_key(did: &str) -> Result<VerifyingKey, DidKeyError> {
    let error = || DidKeyError(did.to_owned());
    // 34 bytes are at most 48 digits in base 58.
    let digits = did
        .strip_prefix(PREFIX)
        .filter(|digits| digits.len() <= 48)
        .ok_or_else(error)?;
    let bytes = bs58::decode(digits).into_vec().map_err(|_| error())?;
    let key = bytes.strip_prefix(&ED25519).ok_or_else(error)?;
    let key = <[u8; 32]>::try_from(key).map_err(|_| error())?;
    VerifyingKey::from_bytes(&key)
        .ok()
        .filter(|key| !key.is_weak())
        .ok_or_else(error)
}

/// The JWK of a `did:jwk`; nothing where there is none.
pub(super) fn jwk_of(did: &str) -> Option<Document> {
    let text = did.strip_prefix(JWK_PREFIX)?;
    // Four digits of base64 for three bytes.
    if text.len() / 4 * 3 > JWK_LIMITS.bytes_max {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Document::parse_bytes(&bytes, &JWK_LIMITS).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the did:key specification's Ed25519 test vectors.
    #[test]
    fn a_published_did_round_trips() {
        let did = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp";
        assert_eq!(did_key(&public_key(did).unwrap()), did);
    }

    #[test]
    fn other_dids_are_refused() {
        for did in [
            "",
            "did:key:",
            "did:web:example.com",
            "did:key:z6Mk",
            "did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169",
            "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooW0",
        ] {
            assert!(public_key(did).is_err(), "{did}");
        }
    }
}
