//! What the browser says about a use of a passkey (`clientDataJSON`).

use serde::Deserialize;

use super::{PasskeyError, RelyingParty, decoded};

/// Longest, in bytes.
const BYTES_MAX: usize = 4096;

/// What a passkey is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Create,
    Get,
}

/// The members that count. Browsers add others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// The challenge that a browser says was answered. It proves nothing.
pub(super) fn challenge_of(json: &[u8]) -> Result<Vec<u8>, PasskeyError> {
    decoded(&read(json)?.challenge).ok_or(PasskeyError::Malformed)
}

/// Whether this use answers this challenge, on a page of the relying party itself.
pub(super) fn check(
    json: &[u8],
    wanted: Use,
    challenge: &[u8],
    party: &RelyingParty,
) -> Result<(), PasskeyError> {
    let data = read(json)?;
    let is_wanted = match wanted {
        Use::Create => data.r#type == "webauthn.create",
        Use::Get => data.r#type == "webauthn.get",
    };
    if !is_wanted || decoded(&data.challenge).as_deref() != Some(challenge) {
        return Err(PasskeyError::Challenge);
    }
    if data.origin != party.origin || data.cross_origin {
        return Err(PasskeyError::Origin);
    }
    Ok(())
}

fn read(json: &[u8]) -> Result<ClientData, PasskeyError> {
    if json.len() > BYTES_MAX {
        return Err(PasskeyError::Malformed);
    }
    serde_json::from_slice(json).map_err(|_| PasskeyError::Malformed)
}
