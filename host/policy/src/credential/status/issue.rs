//! Making a status list, for the web server of an issuer, of either kind.

use std::io::Write;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::{Value, json};

use super::reference::ListKind;
use super::unpack::LIST_BYTES_MAX;
use crate::credential::signer::Signer;
use crate::credential::{CONTEXT, MEDIA_TYPE};
use crate::timestamp::Timestamp;

/// Bits of each entry of a Token Status List: enough to suspend.
const BITS: u8 = 2;
const PER_BYTE: usize = 4;

/// A bitstring has at least so many entries, or each credential in it would stand out.
pub const BITSTRING_ENTRIES_MIN: usize = 131_072;

/// Most entries of a list that is made here.
pub const ENTRIES_MAX: usize = LIST_BYTES_MAX * PER_BYTE;

/// The entries of a list that is being made. All of them are valid at first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entries {
    pub(super) bytes: Vec<u8>,
    pub(super) kind: ListKind,
}

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

/// Why an entry cannot be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Beyond its end.
    #[error("the list has no such entry")]
    NoEntry,
    /// A bitstring has one purpose.
    #[error("a list of its kind cannot say this")]
    OtherPurpose,
}

impl Entries {
    /// So many entries of a Token Status List, and up to three more; at most
    /// [`ENTRIES_MAX`].
    pub fn new(count: usize) -> Self {
        Self::of(ListKind::Token, count)
    }

    /// The same of any kind. A bitstring has [`BITSTRING_ENTRIES_MIN`] at the least.
    pub fn of(kind: ListKind, count: usize) -> Self {
        let count = count.min(ENTRIES_MAX);
        let bytes = match kind {
            ListKind::Token => count.div_ceil(PER_BYTE),
            ListKind::Revocation | ListKind::Suspension => {
                let bytes = count.max(BITSTRING_ENTRIES_MIN).div_ceil(8);
                bytes.min(LIST_BYTES_MAX)
            }
        };
        Self {
            bytes: vec![0; bytes],
            kind,
        }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        match self.kind {
            ListKind::Token => self.bytes.len() * PER_BYTE,
            ListKind::Revocation | ListKind::Suspension => self.bytes.len() * 8,
        }
    }

    /// Which kind of list it is.
    pub const fn kind(&self) -> ListKind {
        self.kind
    }

    /// Changes one entry.
    pub fn set(&mut self, index: usize, entry: Entry) -> Result<(), EntryError> {
        let (per_byte, bits, value) = match (self.kind, entry) {
            (ListKind::Token, entry) => (PER_BYTE, BITS, entry as u8),
            (ListKind::Revocation | ListKind::Suspension, Entry::Valid) => (8, 1, 0),
            (ListKind::Revocation, Entry::Revoked) => (8, 1, 1),
            (ListKind::Suspension, Entry::Suspended) => (8, 1, 1),
            (ListKind::Revocation, Entry::Suspended) | (ListKind::Suspension, Entry::Revoked) => {
                return Err(EntryError::OtherPurpose);
            }
        };
        let byte = self.bytes.get_mut(index / per_byte);
        let byte = byte.ok_or(EntryError::NoEntry)?;
        let within = index % per_byte;
        let shift = match self.kind {
            ListKind::Token => within * usize::from(bits),
            // The first entry is the leftmost bit.
            ListKind::Revocation | ListKind::Suspension => 7 - within,
        };
        let mask = (1_u8 << bits) - 1;
        *byte = *byte & !(mask << shift) | value << shift;
        Ok(())
    }

    /// The list, signed: a `statuslist+jwt`, or a `vc+jwt`.
    pub fn sign(&self, claims: &ListClaims, signer: &Signer) -> std::io::Result<String> {
        Ok(match self.kind {
            ListKind::Token => {
                let packed = ZlibEncoder::new(Vec::new(), Compression::best());
                let list = URL_SAFE_NO_PAD.encode(self.packed(packed)?.finish()?);
                let claims = token(claims, &list, signer.issuer());
                signer.sign("statuslist+jwt", None, &claims)
            }
            ListKind::Revocation | ListKind::Suspension => {
                let packed = GzEncoder::new(Vec::new(), Compression::best());
                let list = URL_SAFE_NO_PAD.encode(self.packed(packed)?.finish()?);
                let claims = bitstring(claims, self.kind, &format!("u{list}"), signer.issuer());
                signer.sign(MEDIA_TYPE, Some("vc"), &claims)
            }
        })
    }

    fn packed<W: Write>(&self, mut packer: W) -> std::io::Result<W> {
        packer.write_all(&self.bytes)?;
        Ok(packer)
    }
}

fn token(claims: &ListClaims, list: &str, issuer: &str) -> Value {
    json!({
        "iss": issuer,
        "sub": claims.url,
        "iat": claims.issued.seconds(),
        "exp": claims.ends.seconds(),
        "ttl": claims.ttl.as_secs().max(1),
        "status_list": { "bits": BITS, "lst": list },
    })
}

fn bitstring(claims: &ListClaims, kind: ListKind, list: &str, issuer: &str) -> Value {
    let time = |time: Timestamp| Timestamp::from_seconds(time.seconds()).to_string();
    json!({
        "@context": [CONTEXT],
        "id": claims.url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": time(claims.issued),
        "validUntil": time(claims.ends),
        "credentialSubject": {
            "id": format!("{}#list", claims.url),
            "type": "BitstringStatusList",
            "statusPurpose": kind.purpose(),
            "encodedList": list,
            "ttl": claims.ttl.as_secs().max(1) * 1000,
        },
        "iss": issuer,
        "iat": claims.issued.seconds(),
        "exp": claims.ends.seconds(),
    })
}
