//! What the authenticator says (`authenticatorData`).

use ring::digest::{SHA256, digest};

use super::{PasskeyError, PublicKey, RelyingParty};

/// Longest credential id (WebAuthn, 4).
const CREDENTIAL_ID_BYTES_MAX: usize = 1023;

/// A person was there.
const PRESENT: u8 = 1;

/// It was checked who.
const VERIFIED: u8 = 1 << 2;

/// It may be copied to other devices of the person.
const MAY_BE_COPIED: u8 = 1 << 3;

/// It was.
const COPIED: u8 = 1 << 4;

/// A new credential follows.
const ATTESTED: u8 = 1 << 6;

/// Extensions follow.
const EXTENDED: u8 = 1 << 7;

/// The model of the authenticator: nobody asks.
const MODEL_BYTES: usize = 16;

/// The data of one use.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AuthenticatorData {
    pub(super) counter: u32,
    /// Only of a registration.
    pub(super) credential: Option<Credential>,
}

impl AuthenticatorData {
    /// Reads it, if somebody was verified for this relying party.
    pub(super) fn read(bytes: &[u8], party: &RelyingParty) -> Result<Self, PasskeyError> {
        let malformed = PasskeyError::Malformed;
        let (site, rest) = bytes.split_first_chunk::<32>().ok_or(malformed)?;
        let (flags, rest) = rest.split_first().ok_or(malformed)?;
        let (counter, rest) = rest.split_first_chunk().ok_or(malformed)?;
        if digest(&SHA256, party.id.as_bytes()).as_ref() != site {
            return Err(PasskeyError::RelyingParty);
        }
        if flags & PRESENT == 0 || flags & VERIFIED == 0 {
            return Err(PasskeyError::NotVerified);
        }
        if flags & COPIED != 0 && flags & MAY_BE_COPIED == 0 {
            return Err(malformed);
        }
        let (credential, rest) = match flags & ATTESTED {
            0 => (None, rest),
            _ => {
                let (credential, rest) = credential(rest)?;
                (Some(credential), rest)
            }
        };
        // Nobody asked for extensions; what is there is signed, and says nothing.
        if rest.is_empty() == (flags & EXTENDED != 0) {
            return Err(malformed);
        }
        Ok(Self {
            counter: u32::from_be_bytes(*counter),
            credential,
        })
    }
}

/// Id and key of a new passkey.
type Credential = (Vec<u8>, PublicKey);

fn credential(bytes: &[u8]) -> Result<(Credential, &[u8]), PasskeyError> {
    let malformed = PasskeyError::Malformed;
    let (_model, rest) = bytes.split_at_checked(MODEL_BYTES).ok_or(malformed)?;
    let (length, rest) = rest.split_first_chunk().ok_or(malformed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > CREDENTIAL_ID_BYTES_MAX {
        return Err(malformed);
    }
    let (id, rest) = rest.split_at_checked(length).ok_or(malformed)?;
    let (key, rest) = PublicKey::read(rest)?;
    Ok(((id.to_vec(), key), rest))
}
