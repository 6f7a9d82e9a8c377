//! Making a Token Status List, for the web server of an issuer.

use std::io::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::json;

use super::unpack::LIST_BYTES_MAX;
use crate::credential::did_key::did_key;
use crate::timestamp::Timestamp;

/// Bits of each entry: enough to suspend.
const BITS: u8 = 2;
const PER_BYTE: usize = 4;

/// Most entries of a list that is made here.
pub const ENTRIES_MAX: usize = LIST_BYTES_MAX * PER_BYTE;

/// The entries of a list that is being made. All of them are valid at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries(pub(super) Vec<u8>);

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The credential counts.
    Valid = 0,
    /// Never again.
    Revoked = 1,
    /// Not now.
    Suspended = 2,
}

/// What a list says besides its entries.
#[derive(Clone, Debug)]
pub struct ListClaims {
    /// Where it will be found.
    pub url: String,
    /// When it is made. Whole seconds.
    pub issued: Timestamp,
    /// For how long whoever fetched it need not look again. Whole seconds.
    pub ttl: Duration,
    /// At this time and after it does not count.
    pub ends: Timestamp,
}

/// There is no such entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list has no such entry")]
pub struct NoEntry;

impl Entries {
    /// So many entries, and up to three more; at most [`ENTRIES_MAX`].
    pub fn new(count: usize) -> Self {
        Self(vec![0; count.min(ENTRIES_MAX).div_ceil(PER_BYTE)])
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.0.len() * PER_BYTE
    }

    /// Changes one entry.
    pub fn set(&mut self, index: usize, entry: Entry) -> Result<(), NoEntry> {
        let byte = self.0.get_mut(index / PER_BYTE).ok_or(NoEntry)?;
        let shift = (index % PER_BYTE) * usize::from(BITS);
        *byte = *byte & !(0b11 << shift) | (entry as u8) << shift;
        Ok(())
    }

    /// The list as a `statuslist+jwt`, signed by a key whose `did:key` is the issuer.
    pub fn sign(&self, claims: &ListClaims, key: &SigningKey) -> std::io::Result<String> {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
        packed.write_all(&self.0)?;
        let packed = packed.finish()?;
        let issuer = did_key(&key.verifying_key());
        let fragment = issuer.trim_start_matches("did:key:");
        let header = json!({
            "alg": "EdDSA",
            "typ": "statuslist+jwt",
            "kid": format!("{issuer}#{fragment}"),
        });
        let payload = json!({
            "iss": issuer,
            "sub": claims.url,
            "iat": claims.issued.seconds(),
            "exp": claims.ends.seconds(),
            "ttl": claims.ttl.as_secs().max(1),
            "status_list": { "bits": BITS, "lst": URL_SAFE_NO_PAD.encode(packed) },
        });
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(payload.to_string())
        );
        let signature = key.sign(signed.as_bytes()).to_bytes();
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
