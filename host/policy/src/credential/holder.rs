//! The key of the holder of a credential (RFC 7800, RFC 9449): whoever shows the
//! credential must prove that it has this key.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::CredentialError;
use super::jwk::PublicKey;
use crate::json::Value;

/// A key, as its thumbprint (RFC 7638, SHA-256, base64url).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HolderKey(Arc<str>);

impl HolderKey {
    /// The thumbprint of a key.
    pub fn of(key: &PublicKey) -> Self {
        Self(Arc::from(key.thumbprint()))
    }

    /// The thumbprint.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HolderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What `cnf` of an object binds it to. A binding that cannot be read is an error: it
/// must not count as none.
pub(super) fn holder(object: Value<'_>) -> Result<Option<HolderKey>, CredentialError> {
    let Some(confirmation) = object.get("cnf") else {
        return Ok(None);
    };
    let mut members = confirmation.members();
    // Of two bindings, both must be proved; here is one kind of proof.
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err(cannot_be_checked());
    };
    let thumbprint = match &*name {
        "jkt" => value.as_text().map(std::borrow::Cow::into_owned),
        "jwk" => PublicKey::of_jwk(value).ok().map(|key| key.thumbprint()),
        _other => None,
    };
    thumbprint
        .filter(|text| {
            URL_SAFE_NO_PAD
                .decode(text)
                .is_ok_and(|digest| digest.len() == 32)
        })
        .map(|text| Some(HolderKey(Arc::from(text))))
        .ok_or_else(cannot_be_checked)
}

/// A bearer proves no key.
pub(super) const fn cannot_be_checked() -> CredentialError {
    CredentialError::Member {
        member: "cnf",
        problem: "binds it to a key of its holder, which this gate cannot check",
    }
}
