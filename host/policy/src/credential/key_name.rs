//! How a header names the key of an issuer.

use super::error::CredentialError;
use super::members::wrong;

/// The name of the key among those of an issuer. Where the issuer is a key, a `kid` names
/// it, and there is nothing to choose.
pub(super) fn key_name(kid: &str, issuer: &str) -> Result<Option<String>, CredentialError> {
    let fragment = kid
        .strip_prefix(issuer)
        .and_then(|rest| rest.strip_prefix('#'));
    let own = match issuer.strip_prefix("did:key:") {
        Some(own) => own,
        None if issuer.starts_with("did:jwk:") => "0",
        // Pinned keys may be named by the whole URL or by its fragment.
        None => return Ok(Some(fragment.map_or(kid, |fragment| fragment).to_owned())),
    };
    if kid == issuer || fragment == Some(own) {
        return Ok(None);
    }
    Err(wrong("kid", "is not a key of the issuer"))
}
