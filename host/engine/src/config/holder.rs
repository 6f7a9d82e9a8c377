//! `local.holder`: the key of an agent, as a DID.

use gatewright_policy::credential::{DidKeyError, HolderKey, PublicKey, public_key};
use serde::Deserialize;

/// The key of an agent, written as an Ed25519 `did:key`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HolderDid(pub HolderKey);

impl TryFrom<String> for HolderDid {
    type Error = DidKeyError;

    fn try_from(did: String) -> Result<Self, DidKeyError> {
        public_key(&did).map(|key| Self(HolderKey::of(&PublicKey::ed25519(key))))
    }
}
