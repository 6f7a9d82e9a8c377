//! Signing a credential.

use ed25519_dalek::{SigningKey, VerifyingKey};
use serde_json::{Value, json};

use super::delegate::jwk;
use super::signer::Signer;
use super::status::{ListKind, StatusRef};
use super::{CONTEXT, MEDIA_TYPE, TASK_CLAIM};
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
    /// What it says besides of its subject, by name. A name may be there several times.
    pub facts: Vec<(String, String)>,
}

/// Members of the subject that say what the credential is; nothing else may.
pub const SUBJECT_MEMBERS: [&str; 4] = ["id", "principal", "authorization_details", "cnf"];

/// The credential as a compact JWS, signed by `key`, whose `did:key` is the
/// issuer.
pub fn issue(claims: &Claims, key: &SigningKey) -> String {
    issue_by(claims, &[], &Signer::of_key(key))
}

/// The same by any issuer, for a credential that stands at places of status lists.
pub fn issue_by(claims: &Claims, listed: &[StatusRef], signer: &Signer) -> String {
    let issuer = signer.issuer();
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
    let subject = payload.get_mut("credentialSubject");
    if let Some(subject) = subject.and_then(Value::as_object_mut) {
        for (name, value) in &claims.facts {
            if SUBJECT_MEMBERS.contains(&name.as_str()) {
                continue;
            }
            let values = subject.entry(name.as_str()).or_insert_with(|| json!([]));
            if let Some(values) = values.as_array_mut() {
                values.push(json!(value));
            }
        }
    }
    if let Some(payload) = payload.as_object_mut() {
        if !claims.audience.is_empty() {
            payload.insert("aud".into(), json!(claims.audience));
        }
        if let Some(holder) = &claims.holder {
            payload.insert("cnf".into(), json!({ "jwk": jwk(holder) }));
        }
        let mut bitstrings = Vec::new();
        for place in listed {
            match place.kind {
                ListKind::Token => {
                    let list = json!({ "idx": place.index, "uri": &*place.list });
                    payload.insert("status".into(), json!({ "status_list": list }));
                }
                ListKind::Revocation | ListKind::Suspension => bitstrings.push(json!({
                    "id": format!("{}#{}", place.list, place.index),
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": place.kind.purpose(),
                    "statusListIndex": place.index.to_string(),
                    "statusListCredential": &*place.list,
                })),
            }
        }
        if !bitstrings.is_empty() {
            payload.insert("credentialStatus".into(), json!(bitstrings));
        }
        if let Some(task) = &claims.task {
            payload.insert(TASK_CLAIM.into(), json!(task));
        }
    }
    signer.sign(MEDIA_TYPE, Some("vc"), &payload)
}
