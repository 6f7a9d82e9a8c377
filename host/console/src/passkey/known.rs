//! A passkey, as an account keeps it.

use gatewright_policy::Timestamp;
use serde::{Deserialize, Serialize};

use super::base64url;
use super::key::{self, PublicKey};

/// A passkey of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passkey {
    /// Its id.
    #[serde(with = "base64url")]
    pub id: Vec<u8>,
    /// Its public key (COSE).
    #[serde(with = "key::cose")]
    pub key: PublicKey,
    /// How often it signed, as it says; 0 where it does not count.
    pub counter: u32,
    /// When it was added.
    pub added_at: Timestamp,
}
