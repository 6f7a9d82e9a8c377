//! Passkeys (WebAuthn level 2): registered without attestation, and asked for signatures
//! over a challenge that the console chooses. Only what the console needs is taken:
//! ES256, EdDSA and RS256 keys, a person who was verified, pages of this origin.

mod assertion;
mod authenticator;
pub(crate) mod base64url;
mod client;
mod error;
mod key;
mod known;
mod party;
mod registration;

pub use assertion::Assertion;
pub(crate) use base64url::{decoded, encoded};
pub use error::PasskeyError;
pub use key::PublicKey;
pub use known::Passkey;
pub use party::RelyingParty;
pub(crate) use registration::Registration;

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) use super::assertion::tests::Device;
    pub(crate) use super::registration::tests::register;
}
