//! The secret that keys everything in a memory. It is a file of the gates; the database
//! has its fingerprint only.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use gatewright_disk::{Access, Files, Target, replace};
use gatewright_policy::record::RecordKeys;

use crate::error::StoreError;
use crate::place::{MemoryAt, Place};

/// The salt of the memory whose fingerprint this is; none: it has no salt yet, and the
/// one that is in the file becomes it, or a new one.
pub(crate) fn salt(place: &Place, fingerprint: &str) -> Result<[u8; 32], StoreError> {
    let path = &place.salt;
    let failed = |cause| StoreError::Io {
        path: path.clone(),
        cause,
    };
    let wrong = |problem| StoreError::Salt {
        path: path.clone(),
        place: place.name.clone(),
        problem,
    };
    let salt = match read(path).map_err(failed)? {
        Some(bytes) => <[u8; 32]>::try_from(bytes)
            .map_err(|_| wrong("does not hold the 32 bytes of the salt"))?,
        None if fingerprint.is_empty() => make(path).map_err(failed)?,
        None => return Err(wrong("is not there, and is the salt")),
    };
    if !fingerprint.is_empty() && fingerprint != fingerprint_of(&salt) {
        return Err(wrong("is not the salt"));
    }
    Ok(salt)
}

/// The secret that shows a gate on this memory that an operator asks.
pub fn operator(at: &MemoryAt) -> Result<String, StoreError> {
    record_keys(at).map(|keys| keys.operator())
}

/// The keys of the record in this memory.
pub fn record_keys(at: &MemoryAt) -> Result<RecordKeys, StoreError> {
    let place = Place::of(at)?;
    let salt = read(&place.salt).map_err(|cause| StoreError::Io {
        path: place.salt.clone(),
        cause,
    })?;
    let salt = salt.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let salt = salt.ok_or(StoreError::Salt {
        path: place.salt,
        place: place.name,
        problem: "does not hold the 32 bytes of the salt",
    })?;
    Ok(RecordKeys::new(&salt))
}

/// What tells one salt from another and gives nothing of it away.
pub(crate) fn fingerprint_of(salt: &[u8; 32]) -> String {
    let key = blake3::derive_key("gatewright 2026 record salt fingerprint", salt);
    blake3::Hash::from_bytes(key).to_hex().to_string()
}

/// At most one byte more than a salt has.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(33).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// It is whole on disk before anything is keyed with it.
fn make(path: &Path) -> io::Result<[u8; 32]> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(io::Error::other)?;
    replace(&Files, Target::new(path, Access::Owner), &salt)?;
    Ok(salt)
}
