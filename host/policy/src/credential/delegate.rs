//! What a holder signs: links of a chain, and proofs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde_json::{Value as Json, json};

use super::delegation::{LINK, LINK_TYPE, parts};
use super::sha256::sha256;
use crate::scope::{Scope, write_details};
use crate::timestamp::Timestamp;

/// What a link says.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// The agent that delegates: the last one of the chain so far.
    pub from: String,
    /// The agent that gets a part of its grant.
    pub to: String,
    /// The key of that agent.
    pub holder: VerifyingKey,
    /// What it may call.
    pub scopes: Vec<Scope>,
    /// The gates that it is for; empty for those of its parent.
    pub audience: Vec<String>,
    /// When it is made. Whole seconds.
    pub issued_at: Timestamp,
    /// Not valid at this time and after. Whole seconds.
    pub expires_at: Timestamp,
    /// Unique id of the link.
    pub id: String,
    /// How many links may follow the credential in all; none for as many as it allows.
    pub depth_max: Option<usize>,
}

/// A chain with one more link, signed by the key that the chain is bound to.
pub fn delegate(chain: &str, delegation: &Delegation, key: &SigningKey) -> String {
    let (first, links) = parts(chain);
    let (last, depth) = links.fold((first, 1), |(_, depth), link| (link, depth + 1));
    let mut claims = json!({
        "iss": delegation.from,
        "sub": delegation.to,
        "iat": delegation.issued_at.seconds(),
        "exp": delegation.expires_at.seconds(),
        "jti": delegation.id,
        "par_hash": sha256(last),
        "del_depth": depth,
        "cnf": { "jwk": jwk(&delegation.holder) },
        "authorization_details": write_details(&delegation.scopes),
    });
    if let Some(claims) = claims.as_object_mut() {
        if !delegation.audience.is_empty() {
            claims.insert("aud".into(), json!(delegation.audience));
        }
        if let Some(depth_max) = delegation.depth_max {
            claims.insert("del_max_depth".into(), json!(depth_max));
        }
    }
    format!("{chain}{LINK}{}", sign(LINK_TYPE, &claims, key))
}

/// A JWS of a holder, which brings its key.
pub fn sign(typ: &str, claims: &Json, key: &SigningKey) -> String {
    let header = json!({ "typ": typ, "alg": "EdDSA", "jwk": jwk(&key.verifying_key()) });
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string())
    );
    let signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// A key as a JWK (RFC 8037).
pub fn jwk(key: &VerifyingKey) -> Json {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(key.as_bytes()) })
}
