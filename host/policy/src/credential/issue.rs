//! Signing a credential.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde_json::json;

use super::delegate::jwk;
use super::{CONTEXT, MEDIA_TYPE, TASK_CLAIM, did_key};
use crate::scope::{Scope, write_details};
use crate::timestamp::Timestamp;

/// What a credential says.
#[derive(Clone, Debug)]
pub struct Claims {
    /// The agent: the credential's subject.
    pub agent: String,
    /// The person or organisation it acts for.
    pub principal: String,
    /// What it may call.
    pub scopes: Vec<Scope>,
    /// The gates it is for; empty means any gate that trusts the issuer.
    pub audience: Vec<String>,
    /// Not valid before. Whole seconds.
    pub valid_from: Timestamp,
    /// Not valid at this time and after. Whole seconds.
    pub valid_until: Timestamp,
    /// Unique id of the credential.
    pub id: String,
    /// What the agent works at, as the claim `txn`.
    pub task: Option<String>,
    /// The key that whoever shows it must have; none for a bearer.
    pub holder: Option<VerifyingKey>,
}

/// The credential as a compact JWS, signed by `key`, whose `did:key` is the
/// issuer.
pub fn issue(claims: &Claims, key: &SigningKey) -> String {
    issue_listed(claims, None, key)
}

/// The same for a credential that stands at a place of a Token Status List: its address
/// and the index.
pub fn issue_listed(claims: &Claims, listed: Option<(&str, u64)>, key: &SigningKey) -> String {
    let issuer = did_key(&key.verifying_key());
    let fragment = issuer.trim_start_matches("did:key:").to_owned();
    let header = json!({
        "alg": "EdDSA",
        "typ": MEDIA_TYPE,
        "cty": "vc",
        "kid": format!("{issuer}#{fragment}"),
    });
    let valid_from = Timestamp::from_seconds(claims.valid_from.seconds());
    let valid_until = Timestamp::from_seconds(claims.valid_until.seconds());
    let mut payload = json!({
        "@context": [CONTEXT],
        "type": ["VerifiableCredential"],
        "id": claims.id,
        "issuer": issuer,
        "validFrom": valid_from.to_string(),
        "validUntil": valid_until.to_string(),
        "credentialSubject": {
            "id": claims.agent,
            "principal": claims.principal,
            "authorization_details": write_details(&claims.scopes),
        },
        "iss": issuer,
        "sub": claims.agent,
        "jti": claims.id,
        "iat": valid_from.seconds(),
        "nbf": valid_from.seconds(),
        "exp": valid_until.seconds(),
    });
    if let Some(payload) = payload.as_object_mut() {
        if !claims.audience.is_empty() {
            payload.insert("aud".into(), json!(claims.audience));
        }
        if let Some(holder) = &claims.holder {
            payload.insert("cnf".into(), json!({ "jwk": jwk(holder) }));
        }
        if let Some((uri, index)) = listed {
            let list = json!({ "status_list": { "idx": index, "uri": uri } });
            payload.insert("status".into(), list);
        }
        if let Some(task) = &claims.task {
            payload.insert(TASK_CLAIM.into(), json!(task));
        }
    }
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(payload.to_string())
    );
    let signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}
