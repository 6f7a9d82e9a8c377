//! Tokens that two independent libraries and the gate are asked about: what the gate takes,
//! they take, and what they refuse, it refuses. Where it refuses more, the table says so.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_peers::Library;
use gatewright_policy::credential::Algorithm;
use ring::hmac;
use serde_json::{Value, json};

use crate::issuer::{ENDPOINT, ISSUER, NOW, anchor, claims, header, rules, shown};
use crate::signer::{Key, key_set};

/// What becomes of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// Everybody takes it.
    Taken,
    /// Everybody refuses it.
    Refused,
    /// The gate refuses it, and at least one of the libraries does not look.
    RefusedHere,
}

use Expected::{Refused, RefusedHere, Taken};

fn text(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// A token that is no JWS of any key.
fn with_signature(header: &Value, signature: &[u8]) -> String {
    let signed = format!("{}.{}", text(header), text(&claims(json!({}))));
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// HMAC over what everybody can read: the public key.
fn hmac_of_public_key(key: &Key) -> String {
    let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": key.name });
    let signed = format!("{}.{}", text(&header), text(&claims(json!({}))));
    let secret = hmac::Key::new(hmac::HMAC_SHA256, key.jwk().to_string().as_bytes());
    let tag = hmac::sign(&secret, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag.as_ref()))
}

/// Tokens of a key with an algorithm: what it is, the token, and what becomes of it.
fn cases(key: &Key, alg: &str) -> Vec<(&'static str, String, Expected)> {
    let good = header(alg, key);
    let said = |more: Value| {
        let mut header = good.clone();
        for (name, value) in more.as_object().unwrap() {
            header[name] = value.clone();
        }
        key.token(&header, &claims(json!({})))
    };
    let claimed = |other: Value| key.token(&good, &claims(other));
    let thief = Key::ed25519(&key.name, 99);
    let thief = thief.token(&header("EdDSA", key), &claims(json!({})));
    let whole = claimed(json!({}));
    let (start, signature) = whole.rsplit_once('.').unwrap();
    let mut flipped = URL_SAFE_NO_PAD.decode(signature).unwrap();
    flipped[10] ^= 1;
    let cut = &signature[..signature.len() - 4];
    let twice = {
        let claims = claims(json!({})).to_string();
        let doubled = claims.replacen('{', "{\"scope\":\"files:*\",", 1);
        key.token_of(&good.to_string(), &doubled)
    };
    let without_alg = json!({ "typ": "at+jwt", "kid": key.name });
    vec![
        ("a good one", whole.clone(), Taken),
        (
            "two audiences",
            claimed(json!({ "aud": [ENDPOINT, "other"] })),
            Taken,
        ),
        ("almost ended", claimed(json!({ "exp": NOW + 1 })), Taken),
        (
            "a clock ahead by little",
            claimed(json!({ "nbf": NOW + 20 })),
            Taken,
        ),
        ("no algorithm", with_signature(&without_alg, b"x"), Refused),
        ("none", said(json!({ "alg": "none" })), Refused),
        (
            "none and no signature",
            with_signature(
                &json!({ "alg": "none", "typ": "at+jwt", "kid": key.name }),
                b"",
            ),
            Refused,
        ),
        ("None", said(json!({ "alg": "None" })), Refused),
        (
            "an HMAC over the public key",
            hmac_of_public_key(key),
            Refused,
        ),
        (
            "an algorithm of another kind of key",
            said(json!({ "alg": "ES512" })),
            Refused,
        ),
        ("another key of the same name", thief, Refused),
        (
            "unknown crit",
            said(json!({ "crit": ["x"], "x": 1 })),
            Refused,
        ),
        (
            "a kid that is a path",
            said(json!({ "kid": "../../one" })),
            Refused,
        ),
        (
            "a kid that is a URL",
            said(json!({ "kid": "https://evil.example/one" })),
            Refused,
        ),
        ("a kid of nobody", said(json!({ "kid": "three" })), Refused),
        (
            "jku",
            said(json!({ "jku": "https://evil.example/keys" })),
            RefusedHere,
        ),
        (
            "x5u",
            said(json!({ "x5u": "https://evil.example/chain" })),
            RefusedHere,
        ),
        (
            "an embedded key",
            said(json!({ "jwk": key.jwk() })),
            RefusedHere,
        ),
        ("a wrong typ", said(json!({ "typ": "vc+jwt" })), Refused),
        (
            "the typ of an ID token",
            said(json!({ "typ": "JWT" })),
            Refused,
        ),
        ("a claim twice", twice, RefusedHere),
        ("ended", claimed(json!({ "exp": NOW - 60 })), Refused),
        ("no end", claimed(json!({ "exp": null })), Refused),
        ("not yet", claimed(json!({ "nbf": NOW + 60 })), Refused),
        (
            "another issuer",
            claimed(json!({ "iss": "https://evil.example" })),
            Refused,
        ),
        (
            "another audience",
            claimed(json!({ "aud": "https://other.example" })),
            Refused,
        ),
        ("no audience", claimed(json!({ "aud": null })), Refused),
        (
            "a signature with a bit changed",
            format!("{start}.{}", URL_SAFE_NO_PAD.encode(&flipped)),
            Refused,
        ),
        ("a signature cut short", format!("{start}.{cut}"), Refused),
        ("no signature", format!("{start}."), Refused),
        ("padding", format!("{whole}="), RefusedHere),
        ("two parts", start.to_owned(), Refused),
        ("four parts", format!("{whole}.{signature}"), Refused),
        ("nothing", String::new(), Refused),
    ]
}

#[test]
fn independent_libraries_agree_about_every_token() {
    let mut stricter = std::collections::BTreeSet::new();
    for (key, alg) in [
        (Key::rsa("one"), "RS256"),
        (Key::rsa("one"), "PS256"),
        (Key::p256("one"), "ES256"),
        (Key::p384("one"), "ES384"),
        (Key::ed25519("one", 7), "EdDSA"),
    ] {
        let other = Key::ed25519("two", 2);
        let keys = [&key, &other];
        let anchor = anchor(&keys, &[Algorithm::named(alg).unwrap()], rules());
        let cases = cases(&key, alg);
        let tokens: Vec<_> = cases.iter().map(|(_, token, _)| token).collect();
        let asked = json!({
            "keys": key_set(&keys),
            "issuer": ISSUER,
            "audience": ENDPOINT,
            "algorithms": [alg],
            "typ": "at+jwt",
            "now": NOW,
            "tokens": tokens,
        });
        let [jose, python] = Library::ALL.map(|library| library.verify(&asked).unwrap());
        assert_eq!((jose.len(), python.len()), (cases.len(), cases.len()));
        for (((what, token, expected), jose), python) in cases.iter().zip(&jose).zip(&python) {
            let here = shown(token, &anchor);
            let taken = [jose, python].map(|verdict| verdict.get("claims").is_some());
            let told = format!("{alg}, {what}: {here:?}, {jose}, {python}");
            assert_eq!(here.is_ok(), *expected == Taken, "{told}");
            match expected {
                Taken => assert_eq!(taken, [true, true], "{told}"),
                Refused => assert_eq!(taken, [false, false], "{told}"),
                RefusedHere => {
                    if taken.contains(&true) {
                        stricter.insert(*what);
                    }
                }
            }
        }
    }
    // The table is not softer than it says.
    let named = ["a claim twice", "an embedded key", "jku", "padding", "x5u"];
    assert!(
        stricter.iter().all(|what| named.contains(what)),
        "{stricter:?}"
    );
    assert!(stricter.contains("jku"), "{stricter:?}");
}
