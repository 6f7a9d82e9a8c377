//! Keys and issuers that do not fit.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{
    Algorithm, Here, KEYS_MAX, KeyError, KeySet, KeySetError, KeyUse, verify_here,
};
use serde_json::{Value, json};

use crate::issuer::{ENDPOINT, ISSUER, NOW, anchor, claims, header, rules, shown};
use crate::refused::refused_by;
use crate::signer::{Key, key_set};

#[test]
fn keys_are_the_issuers_and_no_older_than_they_may_be() {
    let (one, two) = (Key::p256("one"), Key::p256("two"));
    let algorithms = [Algorithm::Es256];
    let token = one.token(&header("ES256", &one), &claims(json!({})));
    let mut trusted = anchor(&[&one], &algorithms, rules());
    shown(&token, &trusted).unwrap();
    trusted.keys_until = Timestamp::from_seconds(NOW);
    refused_by("old keys", &token, &trusted, "are not at hand");
    trusted.keys_until = Timestamp(u64::MAX);
    trusted.keys = std::sync::Arc::default();
    refused_by("no keys", &token, &trusted, "by a key that issuer");
    // The issuer changed its keys.
    let changed = anchor(&[&two], &algorithms, rules());
    refused_by("the key before", &token, &changed, "by a key that issuer");
    let stolen = one.token(&header("ES256", &two), &claims(json!({})));
    refused_by(
        "another's name",
        &stolen,
        &changed,
        "signature does not verify",
    );
    // Without a name there must be one key only.
    let unnamed = json!({ "alg": "ES256", "typ": "at+jwt" });
    let unnamed = two.token(&unnamed, &claims(json!({})));
    shown(&unnamed, &changed).unwrap();
    let both = anchor(&[&one, &two], &algorithms, rules());
    refused_by("no name among two", &unnamed, &both, "`kid` is missing");
}

#[test]
fn a_set_of_keys_is_bounded_strict_and_public() {
    let parse = |text: &Value| KeySet::parse(text.to_string().as_bytes(), KeyUse::Signature);
    let key = Key::p256("one");
    let many: Vec<_> = (0..1000)
        .map(|place| {
            let mut jwk = key.jwk();
            jwk["kid"] = json!(format!("key-{place}"));
            jwk
        })
        .collect();
    let few = many.get(..KEYS_MAX).unwrap().to_vec();
    assert_eq!(parse(&json!({ "keys": few })).unwrap().usable(), KEYS_MAX);
    let with = |other: Value| {
        let mut jwk = key.jwk();
        for (name, value) in other.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        json!({ "keys": [jwk] })
    };
    let short = json!({ "keys": [{
        "kty": "RSA", "kid": "one", "e": "AQAB",
        "n": URL_SAFE_NO_PAD.encode([0xff; 128]),
    }] });
    let secret = json!({ "keys": [{ "kty": "oct", "kid": "one", "k": "AAAA" }] });
    for (what, set, expected) in [
        (
            "a thousand keys",
            json!({ "keys": many }),
            KeySetError::TooMany,
        ),
        ("no set", json!([]), KeySetError::NoKeys),
        (
            "keys that are no list",
            json!({ "keys": {} }),
            KeySetError::NoKeys,
        ),
        (
            "no keys",
            json!({ "keys": [] }),
            KeySetError::NoneUsable(None),
        ),
        (
            "keys to encrypt with",
            with(json!({ "use": "enc" })),
            KeySetError::NoneUsable(None),
        ),
        (
            "keys to sign with",
            with(json!({ "key_ops": ["sign"] })),
            KeySetError::NoneUsable(None),
        ),
        (
            "another algorithm",
            with(json!({ "alg": "ECDH-ES" })),
            KeySetError::NoneUsable(None),
        ),
        (
            "a private key",
            with(json!({ "d": "AAAA" })),
            KeySetError::NoneUsable(Some(KeyError::Private)),
        ),
        (
            "1024 bits",
            short,
            KeySetError::NoneUsable(Some(KeyError::Short)),
        ),
        (
            "a secret",
            secret,
            KeySetError::NoneUsable(Some(KeyError::Shared)),
        ),
        (
            "a name that is no text",
            with(json!({ "kid": 1 })),
            KeySetError::BadName,
        ),
        (
            "a long name",
            with(json!({ "kid": "x".repeat(257) })),
            KeySetError::BadName,
        ),
        (
            "two of one name",
            key_set(&[&key, &Key::p256("one")]),
            KeySetError::TwoOfOneName,
        ),
    ] {
        assert_eq!(parse(&set), Err(expected), "{what}");
    }
    let huge = " ".repeat(1 << 20);
    assert!(matches!(
        KeySet::parse(huge.as_bytes(), KeyUse::Signature),
        Err(KeySetError::Json(_))
    ));
    // One that cannot be used says why to whoever names it.
    let mut set = key_set(&[&key, &Key::p384("three")]);
    set["keys"][1]["d"] = json!("AAAA");
    let mut trusted = anchor(&[&key], &Algorithm::ALL, rules());
    trusted.keys = std::sync::Arc::new(parse(&set).unwrap());
    let three = Key::p384("three");
    let token = three.token(&header("ES384", &three), &claims(json!({})));
    refused_by(
        "a published private key",
        &token,
        &trusted,
        "has a private part",
    );
}

/// A gate has issuers of both kinds: neither stands in for the other.
#[test]
fn an_envelope_is_that_of_its_issuer() {
    let key = Key::ed25519("one", 7);
    let did = gatewright_policy::credential::did_key(
        &ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key(),
    );
    let anchors = [
        anchor(&[&key], &[Algorithm::EdDsa], rules()),
        gatewright_policy::credential::TrustAnchor::of_did(&did).unwrap(),
    ];
    let verify = |token: &str| {
        let here = Here {
            audience: None,
            resources: &[ENDPOINT.to_owned()],
        };
        verify_here(token, &anchors, &here, Timestamp::from_seconds(NOW))
            .unwrap_err()
            .to_string()
    };
    let token = key.token(
        &json!({ "alg": "EdDSA", "typ": "at+jwt" }),
        &claims(json!({ "iss": did })),
    );
    assert!(
        verify(&token).contains("`typ` is not `vc+jwt`"),
        "{}",
        verify(&token)
    );
    let token = key.token(
        &json!({ "alg": "EdDSA", "typ": "vc+jwt" }),
        &claims(json!({ "issuer": ISSUER })),
    );
    assert!(
        verify(&token).contains("`typ` is not one of its issuer"),
        "{}",
        verify(&token)
    );
}
