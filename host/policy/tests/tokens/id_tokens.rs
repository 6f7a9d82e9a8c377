//! ID tokens: who signed in, and every other token with the reason of its refusal.

use gatewright_policy::Timestamp;
use gatewright_policy::credential::{
    Algorithm, ClaimPath, CredentialError, IdTokenRules, KeySet, KeyUse, SignedIn, verify_id_token,
};
use serde_json::{Value, json};

use crate::issuer::{ISSUER, NOW};
use crate::signer::{Key, key_set};

fn claims(other: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "248289761001", "aud": "console", "nonce": "n-0S6_WzA2Mj",
        "iat": NOW - 5, "exp": NOW + 300, "email": "kim@example.com",
        "realm": { "groups": ["oncall", "finance"] },
    });
    for (name, value) in other.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn verified(token: &str, key: &Key) -> Result<SignedIn, CredentialError> {
    let keys = key_set(&[key]).to_string();
    let keys = KeySet::parse(keys.as_bytes(), KeyUse::Signature).unwrap();
    let claim = |claim| ClaimPath::parse(claim).unwrap();
    let rules = IdTokenRules {
        issuer: ISSUER,
        client_id: "console",
        nonce: "n-0S6_WzA2Mj",
        algorithms: &[Algorithm::Rs256],
        name: &claim("email"),
        groups: &claim("/realm/groups"),
    };
    verify_id_token(token, &keys, &rules, Timestamp::from_seconds(NOW))
}

#[test]
fn an_id_token_says_who_signed_in() {
    let key = Key::rsa("one");
    for header in [
        json!({ "alg": "RS256", "typ": "JWT", "kid": "one" }),
        json!({ "alg": "RS256", "kid": "one" }),
        json!({ "alg": "RS256" }),
    ] {
        for other in [
            json!({}),
            json!({ "aud": ["console"], "azp": "console", "email_verified": true }),
            json!({ "at_hash": "x", "auth_time": NOW - 9000, "nbf": NOW }),
        ] {
            let signed_in = verified(&key.token(&header, &claims(other)), &key).unwrap();
            assert_eq!(signed_in.subject, "248289761001");
            assert_eq!(signed_in.name, "kim@example.com");
            assert_eq!(signed_in.groups, ["oncall", "finance"]);
        }
    }
    let none = claims(json!({ "realm": null }));
    let header = json!({ "alg": "RS256" });
    assert_eq!(
        verified(&key.token(&header, &none), &key).unwrap().groups,
        [""; 0]
    );
}

#[test]
fn every_other_token_is_refused_with_its_own_reason() {
    let key = Key::rsa("one");
    let long = "x".repeat(256);
    for (what, header, other, expected) in [
        (
            "no issuer",
            json!({}),
            json!({ "iss": null }),
            "`iss` is missing",
        ),
        (
            "another issuer",
            json!({}),
            json!({ "iss": format!("{ISSUER}/") }),
            "`iss` is not the issuer that was asked",
        ),
        (
            "no audience",
            json!({}),
            json!({ "aud": null }),
            "`aud` is missing",
        ),
        (
            "another client",
            json!({}),
            json!({ "aud": "gate" }),
            "for another audience",
        ),
        (
            "nobody",
            json!({}),
            json!({ "aud": [] }),
            "for another audience",
        ),
        (
            "others too",
            json!({}),
            json!({ "aud": ["console", "gate"] }),
            "for another audience",
        ),
        (
            "another party",
            json!({}),
            json!({ "azp": "gate" }),
            "`azp` is another client",
        ),
        (
            "no party",
            json!({}),
            json!({ "azp": 1 }),
            "`azp` is another client",
        ),
        (
            "no end",
            json!({}),
            json!({ "exp": null }),
            "`exp` is missing",
        ),
        ("over", json!({}), json!({ "exp": NOW }), "expired at"),
        (
            "no begin",
            json!({}),
            json!({ "iat": null }),
            "`iat` is missing",
        ),
        (
            "not yet",
            json!({}),
            json!({ "iat": NOW + 31 }),
            "not valid before",
        ),
        (
            "long ago",
            json!({}),
            json!({ "iat": NOW - 601 }),
            "`iat` is too long ago",
        ),
        (
            "ends first",
            json!({}),
            json!({ "nbf": NOW + 300 }),
            "`exp` is not after",
        ),
        (
            "no nonce",
            json!({}),
            json!({ "nonce": null }),
            "`nonce` is missing",
        ),
        (
            "another nonce",
            json!({}),
            json!({ "nonce": "n-0S6_WzA2Mk" }),
            "`nonce` is not of the sign-in",
        ),
        (
            "a logout token",
            json!({}),
            json!({ "events": {} }),
            "`events` is not of an ID token",
        ),
        (
            "no subject",
            json!({}),
            json!({ "sub": null }),
            "`sub` is missing",
        ),
        (
            "a long subject",
            json!({}),
            json!({ "sub": long }),
            "`sub` is not a text of at most 255",
        ),
        (
            "no name",
            json!({}),
            json!({ "email": null }),
            "it names no name",
        ),
        (
            "a name that nobody verified",
            json!({}),
            json!({ "email_verified": false }),
            "was not verified",
        ),
        (
            "groups that are none",
            json!({}),
            json!({ "realm": { "groups": {} } }),
            "is not a text",
        ),
        (
            "an access token",
            json!({ "typ": "at+jwt" }),
            json!({}),
            "`typ` is not the one of an ID token",
        ),
        (
            "a logout token by type",
            json!({ "typ": "logout+jwt" }),
            json!({}),
            "`typ` is not the one of an ID token",
        ),
        (
            "none",
            json!({ "alg": "none" }),
            json!({}),
            "`alg` is not one of its issuer",
        ),
        (
            "an HMAC",
            json!({ "alg": "HS256" }),
            json!({}),
            "`alg` is not one of its issuer",
        ),
        (
            "another padding",
            json!({ "alg": "PS256" }),
            json!({}),
            "`alg` is not one of its issuer",
        ),
        (
            "another key",
            json!({ "kid": "two" }),
            json!({}),
            "a key that issuer",
        ),
        (
            "a place of a key",
            json!({ "kid": "../one" }),
            json!({}),
            "`kid` is a path",
        ),
        (
            "a key of its own",
            json!({ "jwk": key.jwk() }),
            json!({}),
            "`jwk` brings a key",
        ),
        (
            "an extension",
            json!({ "crit": ["b64"] }),
            json!({}),
            "`crit` names extensions",
        ),
    ] {
        let mut whole = json!({ "alg": "RS256", "kid": "one" });
        for (name, value) in header.as_object().unwrap() {
            whole[name] = value.clone();
        }
        let error = verified(&key.token(&whole, &claims(other)), &key).unwrap_err();
        let error = error.to_string();
        assert!(error.contains(expected), "{what}: {error}");
    }
    let token = key.token(&json!({ "alg": "RS256" }), &claims(json!({})));
    let other = Key::rsa("one");
    assert!(verified(&token, &other).is_ok(), "the same key");
    let stranger = Key::p256("one");
    let forged = stranger.token(&json!({ "alg": "RS256", "kid": "one" }), &claims(json!({})));
    assert_eq!(
        verified(&forged, &key).unwrap_err(),
        CredentialError::BadSignature
    );
    let (signed, _) = token.rsplit_once('.').unwrap();
    let unsigned = verified(&format!("{signed}."), &key);
    assert_eq!(unsigned.unwrap_err(), CredentialError::BadSignature);
}
