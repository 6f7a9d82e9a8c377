//! Payloads: what is kept beside the record and can be read with its keys only.
//!
//! AES-256-GCM. The nonce is made of the text and of what the seal is bound to, so that
//! the same nonce means the same text, and nobody needs randomness.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

use super::keys::RecordKeys;

/// Length of the nonce, in bytes, which stands first.
const NONCE_BYTES: usize = 12;

/// A payload that was not sealed with these keys, or that was changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is kept beside the record cannot be read with the salt that is there")]
pub struct PayloadError;

impl RecordKeys {
    /// Seals a text, bound to what stands beside it in clear.
    pub fn seal_payload(&self, bound: &[u8], text: &[u8]) -> Vec<u8> {
        let mut hasher = blake3::Hasher::new_keyed(&self.payload_nonces);
        // The length first: no other division of the same bytes gives the same nonce.
        hasher.update(&bound.len().to_le_bytes());
        hasher.update(bound).update(text);
        let mut sealed = vec![0; NONCE_BYTES];
        hasher.finalize_xof().fill(&mut sealed);
        let payload = Payload {
            msg: text,
            aad: bound,
        };
        let cipher = Aes256Gcm::new(&self.payloads.into());
        #[expect(
            clippy::expect_used,
            reason = "AES-GCM takes 64 GiB, and no message is so long"
        )]
        let veiled = nonce(&sealed)
            .and_then(|nonce| cipher.encrypt(&nonce, payload).ok())
            .expect("a text that AES-GCM takes");
        sealed.extend(veiled);
        sealed
    }

    /// The text that was sealed, if nothing was changed.
    pub fn open_payload(&self, bound: &[u8], sealed: &[u8]) -> Result<Vec<u8>, PayloadError> {
        let (first, veiled) = sealed.split_at_checked(NONCE_BYTES).ok_or(PayloadError)?;
        let payload = Payload {
            msg: veiled,
            aad: bound,
        };
        let cipher = Aes256Gcm::new(&self.payloads.into());
        let opened = nonce(first).and_then(|nonce| cipher.decrypt(&nonce, payload).ok());
        opened.ok_or(PayloadError)
    }
}

fn nonce(bytes: &[u8]) -> Option<Nonce<aes_gcm::aead::consts::U12>> {
    let bytes: [u8; NONCE_BYTES] = bytes.try_into().ok()?;
    Some(bytes.into())
}
