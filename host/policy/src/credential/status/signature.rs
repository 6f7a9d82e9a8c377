//! Who signed a list.

use ed25519_dalek::Signature;

use crate::credential::did_key::public_key;
use crate::json::Value;

/// Whether an issuer with a `did:key` signed these bytes with EdDSA.
pub fn is_signed(header: Value<'_>, issuer: &str, signed: &[u8], signature: &[u8]) -> bool {
    let algorithm = header.get("alg").and_then(|alg| alg.as_text());
    if algorithm.as_deref() != Some("EdDSA") {
        return false;
    }
    let (Ok(key), Ok(signature)) = (public_key(issuer), Signature::from_slice(signature)) else {
        return false;
    };
    key.verify_strict(signed, &signature).is_ok()
}
