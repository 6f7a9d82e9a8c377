//! What people signed: each signature is held against the statement that it is over, with
//! the key that it names. Whose key that is, the record cannot tell.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};

use super::entry::Signed;

/// Begins what an approver signs.
const DOMAIN: &[u8] = b"gatewright approval 1\n";

/// Stands before an Ed25519 key in a did:key, before it is encoded.
const ED25519_PUB: [u8; 2] = [0xed, 0x01];

/// How a signature stands to its statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// It is good.
    Good,
    /// It is not.
    Forged,
    /// It is one of a passkey, whose key the record does not have.
    Passkey,
}

pub(super) fn proof(signed: &Signed<'_>) -> Proof {
    if signed.signature.method != "ed25519" {
        return Proof::Passkey;
    }
    match is_good(signed) {
        Some(()) => Proof::Good,
        None => Proof::Forged,
    }
}

fn is_good(signed: &Signed<'_>) -> Option<()> {
    let key = signed.signature.key.as_deref()?;
    let key = bs58::decode(key.strip_prefix("did:key:z")?)
        .into_vec()
        .ok()?;
    let key = key.strip_prefix(&ED25519_PUB)?;
    let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    let signature = STANDARD.decode(&*signed.signature.signature).ok()?;
    let signature = Signature::from_slice(&signature).ok()?;
    // Its members stand in their canonical order, as the approver signed them.
    let statement = serde_json::to_vec(&signed.statement).ok()?;
    let text = [DOMAIN, &statement].concat();
    key.verify_strict(&text, &signature).ok()
}
