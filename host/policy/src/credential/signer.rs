//! Whoever issues credentials and status lists: a key, and how others find it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::did_key::did_key;

/// A key of an issuer.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    issuer: String,
    key_id: String,
}

impl Signer {
    /// An issuer that is its key: its `did:key`.
    pub fn of_key(key: &SigningKey) -> Self {
        let issuer = did_key(&key.verifying_key());
        let fragment = issuer.trim_start_matches("did:key:");
        Self {
            key_id: format!("{issuer}#{fragment}"),
            key: key.clone(),
            issuer,
        }
    }

    /// A key among those of an issuer. Keys of a DID are named by a DID URL, those of
    /// another issuer as in its JWK Set.
    pub fn named(issuer: &str, name: &str, key: &SigningKey) -> Self {
        Self {
            key_id: match issuer.starts_with("did:") {
                true => format!("{issuer}#{name}"),
                false => name.to_owned(),
            },
            key: key.clone(),
            issuer: issuer.to_owned(),
        }
    }

    /// Who issues.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A compact JWS of a type.
    pub(super) fn sign(&self, typ: &str, content: Option<&str>, claims: &Value) -> String {
        let mut header = json!({ "alg": "EdDSA", "typ": typ, "kid": self.key_id });
        if let (Some(header), Some(content)) = (header.as_object_mut(), content) {
            header.insert("cty".into(), json!(content));
        }
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = self.key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Signer");
        shown.field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
