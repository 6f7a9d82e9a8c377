//! SHA-256 in base64url, as JOSE names things.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

/// The digest of a text: `ath` of RFC 9449, and the hash of a parent in a chain.
pub fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
