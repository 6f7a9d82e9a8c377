//! Unpacking what somebody packed, up to a bound.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

use super::error::StatusError;

/// Largest list, in bytes: as bits, one for each of 33 million credentials.
pub(super) const LIST_BYTES_MAX: usize = 4 << 20;

/// ZLIB (RFC 1950), as Token Status Lists have it.
pub(super) fn zlib(packed: &[u8]) -> Result<Vec<u8>, StatusError> {
    bounded(ZlibDecoder::new(packed))
}

/// GZIP (RFC 1952), as Bitstring Status Lists have it.
pub(super) fn gzip(packed: &[u8]) -> Result<Vec<u8>, StatusError> {
    bounded(GzDecoder::new(packed))
}

fn bounded(reader: impl Read) -> Result<Vec<u8>, StatusError> {
    let mut bytes = Vec::new();
    let mut reader = reader.take(LIST_BYTES_MAX as u64 + 1);
    let read = reader.read_to_end(&mut bytes);
    read.map_err(|_| StatusError::Packed)?;
    match bytes.len() > LIST_BYTES_MAX {
        true => Err(StatusError::TooLarge {
            bytes_max: LIST_BYTES_MAX,
        }),
        false => Ok(bytes),
    }
}
