//! Credentials that are signed well, and say what a gate must not accept.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use gatewright_policy::Grant;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{
    ClaimPath, CredentialError, Envelope, TrustAnchor, did_key, verify,
};
use gatewright_policy::pattern::Scope;
use serde_json::{Value, json};

/// 2026-11-01T00:00:00Z
const NOW_SECONDS: u64 = 1_793_491_200;

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// Claims that are accepted, with other ones merged in.
fn claims(other: Value) -> Value {
    let issuer = did_key(&key().verifying_key());
    let time = |seconds| Timestamp::from_seconds(seconds).to_string();
    let mut claims = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": time(NOW_SECONDS - 60),
        "validUntil": time(NOW_SECONDS + 60),
        "credentialSubject": {
            "id": "did:example:agent",
            "principal": "user:alice",
            "authorization_details": [{ "type": "mcp_tools", "actions": ["files:*"] }],
        },
    });
    merge(&mut claims, other);
    claims
}

fn merge(into: &mut Value, other: Value) {
    let Value::Object(other) = other else {
        *into = other;
        return;
    };
    for (name, value) in other {
        match into.get_mut(&name) {
            Some(known) if known.is_object() => merge(known, value),
            Some(known) => *known = value,
            None => {
                into.as_object_mut().unwrap().insert(name, value);
            }
        }
    }
}

/// How long a session outlives its credentials here.
const IDLE: Duration = Duration::from_secs(60);

fn verified(claims: &Value) -> Result<(), CredentialError> {
    granted(claims, None).map(|_grant| ())
}

fn granted(claims: &Value, task_claim: Option<&str>) -> Result<Grant, CredentialError> {
    granted_with(claims, task_claim, &[])
}

fn granted_with(
    claims: &Value,
    task_claim: Option<&str>,
    facts: &[(&str, &str)],
) -> Result<Grant, CredentialError> {
    let header = json!({ "alg": "EdDSA", "typ": "vc+jwt" });
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(claims));
    let signature = key().sign(signed.as_bytes()).to_bytes();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let anchor = TrustAnchor {
        scopes: vec![Scope::parse("*:*").unwrap()],
        lifetime_max: Duration::from_secs(3600),
        task_claim: task_claim.map(str::to_owned),
        session_kept: IDLE,
        envelope: Envelope::Credential {
            facts: facts
                .iter()
                .map(|(name, path)| ((*name).to_owned(), ClaimPath::parse(path).unwrap()))
                .collect(),
        },
        ..TrustAnchor::of_did(&did_key(&key().verifying_key())).unwrap()
    };
    let now = Timestamp::from_seconds(NOW_SECONDS);
    verify(&token, &[anchor], None, now)
}

fn at(seconds: u64) -> String {
    Timestamp::from_seconds(seconds).to_string()
}

/// Nothing else of a credential reaches a policy.
#[test]
fn policies_see_the_claims_that_the_operator_named() {
    let facts = [
        ("team", "/credentialSubject/team"),
        ("ring", "ring"),
        ("none", "/credentialSubject/none"),
    ];
    let said = |other: Value| {
        let mut claims = claims(json!({}));
        merge(&mut claims, other);
        let grant = granted_with(&claims, None, &facts)?;
        let seen = grant.subject.claims.iter();
        Ok::<_, CredentialError>(
            seen.map(|claim| (claim.name.clone(), claim.values.clone()))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(said(json!({})).unwrap(), []);
    let subject = json!({ "team": ["ops", "on-call"], "salary": 1 });
    let seen = said(json!({ "credentialSubject": subject, "ring": 2 })).unwrap();
    let expected = [
        (
            "team".to_owned(),
            vec!["ops".to_owned(), "on-call".to_owned()],
        ),
        ("ring".to_owned(), vec!["2".to_owned()]),
    ];
    assert_eq!(seen, expected);
    // Nobody is judged on a part of what it says.
    let refused = said(json!({ "ring": { "deep": true } })).unwrap_err();
    assert!(
        refused.to_string().contains("`ring` is not a text"),
        "{refused}"
    );
}

#[test]
fn what_a_bearer_cannot_show_or_time_cannot_be_is_refused() {
    let later = NOW_SECONDS + 20;
    for (what, other, member, problem) in [
        (
            "bound to a key",
            json!({ "cnf": { "jwk": { "kty": "OKP" } } }),
            "cnf",
            "which this gate cannot check",
        ),
        (
            "bound to a thumbprint",
            json!({ "cnf": { "jkt": "x" } }),
            "cnf",
            "which this gate cannot check",
        ),
        (
            "its subject bound to a key",
            json!({ "credentialSubject": { "cnf": {} } }),
            "cnf",
            "which this gate cannot check",
        ),
        (
            // Within the grace that the issuer's clock has.
            "reversed",
            json!({ "validFrom": at(later + 5), "validUntil": at(later) }),
            "validUntil",
            "is not after validFrom",
        ),
        (
            "of no length",
            json!({ "validFrom": at(later), "validUntil": at(later) }),
            "validUntil",
            "is not after validFrom",
        ),
        (
            "reversed in seconds",
            json!({ "validFrom": at(later + 5), "validUntil": at(later), "nbf": later + 5, "exp": later }),
            "validUntil",
            "is not after validFrom",
        ),
        (
            "issued at its end",
            json!({ "iat": NOW_SECONDS + 60 }),
            "iat",
            "is not before validUntil",
        ),
        (
            "issued at no time",
            json!({ "iat": "now" }),
            "iat",
            "is not a time",
        ),
    ] {
        let error = verified(&claims(other)).expect_err(what);
        let CredentialError::Member {
            member: named,
            problem: said,
        } = &error
        else {
            unreachable!("{what}: {error}");
        };
        assert_eq!(*named, member, "{what}");
        assert!(said.contains(problem), "{what}: {error}");
    }
}

#[test]
fn the_same_credential_without_these_is_good() {
    let seconds = json!({
        "iat": NOW_SECONDS - 60,
        "nbf": NOW_SECONDS - 60,
        "exp": NOW_SECONDS + 60,
    });
    for other in [json!({}), seconds] {
        verified(&claims(other)).unwrap();
    }
}

#[test]
fn another_credential_is_the_same_session_and_another_owner_or_task_another_one() {
    let of = |other: Value, task_claim| granted(&claims(other), task_claim).unwrap().session;
    let first = of(json!({}), None);
    for (other, is_same) in [
        (json!({ "jti": "urn:other", "id": "urn:other" }), true),
        (
            json!({ "validUntil": at(NOW_SECONDS + 30), "exp": NOW_SECONDS + 30 }),
            true,
        ),
        (json!({ "txn": "one" }), true),
        (
            json!({ "credentialSubject": { "principal": "user:bob" } }),
            false,
        ),
        (
            json!({ "sub": "did:example:other", "credentialSubject": { "id": "did:example:other" } }),
            false,
        ),
    ] {
        assert_eq!(of(other.clone(), None) == first, is_same, "{other}");
    }
    let task = |task: &str| of(json!({ "txn": task, "jti": task, "id": task }), Some("txn"));
    assert_eq!(task("one"), task("one"));
    assert_ne!(task("one"), task("two"));
    assert_ne!(task("one"), first);
    for other in [json!({}), json!({ "txn": 1 }), json!({ "txn": "" })] {
        let error = granted(&claims(other), Some("txn")).unwrap_err();
        assert_eq!(error, CredentialError::NoTask("txn".to_owned()));
    }
}

#[test]
fn a_session_outlives_its_credential() {
    let grant = granted(&claims(json!({})), None).unwrap();
    assert_eq!(grant.session_ends, grant.expires_at.plus(IDLE));
}
