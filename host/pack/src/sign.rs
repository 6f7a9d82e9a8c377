//! Signing a pack.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use gatewright_policy::credential::did_key;

use crate::dsse::{Envelope, EnvelopeError, EnvelopeSignature};
use crate::layout::{Layout, LayoutError};
use crate::manifest::{ManifestError, PackManifest};

/// Somebody who can sign with an Ed25519 key: a key in memory, a token
/// (PKCS #11), a key service.
pub trait Signer {
    /// The public half.
    fn public_key(&self) -> VerifyingKey;
    /// Signs a message. What went wrong is said in the signer's words.
    fn sign(&self, message: &[u8]) -> Result<Signature, String>;
}

/// Why a pack was not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The pack is not one.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// It has a signature that is not about it.
    #[error("{0}; hint: build the pack again, and sign it then")]
    Envelope(EnvelopeError),
    /// The signed layout is not one.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The signer does not sign.
    #[error("the key does not sign: {0}")]
    Signer(String),
}

impl From<EnvelopeError> for SignError {
    fn from(error: EnvelopeError) -> Self {
        Self::Envelope(error)
    }
}

/// The same pack with one more signature. Whoever signed before stays; a key
/// that signed before signs again.
pub fn sign(layout: &Layout, signer: &dyn Signer) -> Result<Layout, SignError> {
    let bytes = layout.pack_manifest();
    let manifest = PackManifest::parse(bytes)?;
    let mut whole = Envelope::unsigned(&manifest, bytes)?;
    for envelope in layout.envelopes() {
        let envelope = Envelope::parse(envelope)?;
        envelope.signed(&manifest, bytes)?;
        if envelope.payload != whole.payload {
            // Their statement says the same in another text: they signed that.
            return Err(EnvelopeError::OtherStatement("text").into());
        }
        whole.signatures.extend(envelope.signatures);
    }
    let key = did_key(&signer.public_key());
    let message = whole.signed(&manifest, bytes)?;
    let signature = signer.sign(&message).map_err(SignError::Signer)?;
    if signer
        .public_key()
        .verify_strict(&message, &signature)
        .is_err()
    {
        let problem = format!("its signature does not verify with {key}");
        return Err(SignError::Signer(problem));
    }
    whole.signatures.retain(|old| old.keyid != key);
    let signature = EnvelopeSignature::of(key, &signature.to_bytes());
    whole.signatures.push(signature);
    // What was written can be read.
    let envelope = whole.to_bytes()?;
    Envelope::parse(&envelope)?;
    Ok(layout.with_envelopes(vec![envelope])?)
}

/// The `did:key` that each signature names, as far as that key did sign this
/// pack. Says nothing about trust.
pub fn signed_by(layout: &Layout) -> Result<Vec<String>, SignError> {
    let bytes = layout.pack_manifest();
    let manifest = PackManifest::parse(bytes)?;
    let mut signers = Vec::new();
    for envelope in layout.envelopes() {
        let envelope = Envelope::parse(envelope)?;
        let message = envelope.signed(&manifest, bytes)?;
        for signature in &envelope.signatures {
            let key = gatewright_policy::credential::public_key(&signature.keyid).ok();
            let holds = key
                .zip(signature.signature())
                .is_some_and(|(key, signature)| key.verify_strict(&message, &signature).is_ok());
            if holds && !signers.contains(&signature.keyid) {
                signers.push(signature.keyid.clone());
            }
        }
    }
    Ok(signers)
}

impl Signer for SigningKey {
    fn public_key(&self) -> VerifyingKey {
        self.verifying_key()
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, String> {
        self.try_sign(message).map_err(|error| error.to_string())
    }
}
