//! The hashes of the tree, as RFC 6962 (2.1) makes them from SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The hash of an entry, or of two subtrees.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

/// Text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not 32 bytes in base64")]
pub struct HashError;

// === impl Hash ===

impl Hash {
    /// Of an entry.
    pub fn of_entry(entry: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([0]);
        hasher.update(entry);
        Self(hasher.finalize().into())
    }

    /// Of two subtrees.
    pub fn of_pair(left: Self, right: Self) -> Self {
        let mut hasher = Sha256::new();
        hasher.update([1]);
        hasher.update(left.0);
        hasher.update(right.0);
        Self(hasher.finalize().into())
    }

    /// The root of a tree without entries.
    pub fn of_nothing() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// Of a subtree that is complete: of a power of two of neighbours.
    pub fn of_row(row: &[Self]) -> Self {
        match row {
            [] => Self::of_nothing(),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(more.len() / 2);
                Self::of_pair(Self::of_row(left), Self::of_row(right))
            }
        }
    }

    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As checkpoints and proofs write it.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }

    /// What [`Hash::to_base64`] wrote.
    pub fn from_base64(text: &str) -> Result<Self, HashError> {
        let bytes = STANDARD.decode(text).map_err(|_| HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_base64())
    }
}
