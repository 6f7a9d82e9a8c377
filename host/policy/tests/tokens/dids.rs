//! `vc+jwt` of issuers whose key is not Ed25519, or is not their name.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{Algorithm, KeySet, KeyUse, TrustAnchor};
use serde_json::{Value, json};

use crate::issuer::{NOW, scopes, shown};
use crate::signer::{Key, key_set};

fn did_jwk(key: &Key) -> String {
    let mut jwk = key.jwk();
    jwk.as_object_mut().unwrap().remove("kid");
    format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(jwk.to_string()))
}

fn credential(key: &Key, issuer: &str, header: &Value) -> String {
    let time = |seconds| Timestamp::from_seconds(seconds).to_string();
    let claims = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": time(NOW - 60),
        "validUntil": time(NOW + 60),
        "credentialSubject": {
            "id": "did:example:agent",
            "principal": "user:alice",
            "authorization_details": [{ "type": "mcp_tools", "actions": ["files:*"] }],
        },
    });
    key.token(header, &claims)
}

fn trusted(anchor: TrustAnchor) -> TrustAnchor {
    TrustAnchor {
        scopes: scopes(&["files:*"]),
        lifetime_max: Duration::from_secs(3600),
        ..anchor
    }
}

#[test]
fn a_did_jwk_is_its_key() {
    let (key, other) = (Key::p256("x"), Key::p256("y"));
    let did = did_jwk(&key);
    let anchor = trusted(TrustAnchor::of_did(&did).unwrap());
    assert_eq!(anchor.algorithms, [Algorithm::Es256]);
    for kid in [json!(null), json!(did), json!(format!("{did}#0"))] {
        let mut header = json!({ "alg": "ES256", "typ": "vc+jwt" });
        if kid != Value::Null {
            header["kid"] = kid;
        }
        let grant = shown(&credential(&key, &did, &header), &anchor).unwrap();
        assert_eq!(grant.subject.issuer, did);
        let error = shown(&credential(&other, &did, &header), &anchor).unwrap_err();
        assert!(
            error.to_string().contains("signature does not verify"),
            "{error}"
        );
    }
    for (header, expected) in [
        (
            json!({ "alg": "EdDSA", "typ": "vc+jwt" }),
            "`alg` is not one of its issuer",
        ),
        (
            json!({ "alg": "ES256", "typ": "vc+jwt", "kid": format!("{did}#1") }),
            "`kid` is not a key",
        ),
        (
            json!({ "alg": "ES256", "typ": "vc+jwt", "jwk": key.jwk() }),
            "`jwk` brings a key",
        ),
    ] {
        let error = shown(&credential(&key, &did, &header), &anchor).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    for no_key in [
        "did:jwk:".to_owned(),
        "did:jwk:e30".to_owned(),
        "did:jwk:!".to_owned(),
        format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(" ".repeat(8 << 10))),
        "did:web:example.com".to_owned(),
    ] {
        assert!(TrustAnchor::of_did(&no_key).is_err(), "{no_key}");
    }
}

#[test]
fn the_keys_of_a_did_web_are_those_that_are_pinned() {
    let (one, two) = (Key::p256("one"), Key::ed25519("two", 7));
    let did = "did:web:issuer.example";
    let set = key_set(&[&one, &two]).to_string();
    let base = TrustAnchor::of_did(&did_jwk(&one)).unwrap();
    let anchor = trusted(TrustAnchor {
        issuer: did.to_owned(),
        algorithms: vec![Algorithm::Es256, Algorithm::EdDsa],
        keys: Arc::new(KeySet::parse(set.as_bytes(), KeyUse::Signature).unwrap()),
        ..base
    });
    for (key, algorithm) in [(&one, "ES256"), (&two, "EdDSA")] {
        for kid in [key.name.clone(), format!("{did}#{}", key.name)] {
            let header = json!({ "alg": algorithm, "typ": "vc+jwt", "kid": kid });
            shown(&credential(key, did, &header), &anchor).unwrap();
        }
    }
    let header = json!({ "alg": "ES256", "typ": "vc+jwt", "kid": "did:web:evil.example#one" });
    let error = shown(&credential(&one, did, &header), &anchor).unwrap_err();
    assert!(
        error.to_string().contains("by a key that issuer"),
        "{error}"
    );
}
