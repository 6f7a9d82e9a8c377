//! What is not a good token, each with its own reason: algorithms, headers, form.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_policy::credential::{Algorithm, CredentialError};
use serde_json::{Value, json};

use crate::issuer::{anchor, claims, header, rules, shown};
use crate::refused::{refused, refused_by};
use crate::signer::Key;

#[test]
fn each_algorithm_verifies_with_its_own_kind_of_key_and_with_no_other() {
    let keys = [
        ("RS256", Algorithm::Rs256, Key::rsa("rsa")),
        ("PS256", Algorithm::Ps256, Key::rsa("rsa")),
        ("ES256", Algorithm::Es256, Key::p256("p256")),
        ("ES384", Algorithm::Es384, Key::p384("p384")),
        ("EdDSA", Algorithm::EdDsa, Key::ed25519("ed", 7)),
    ];
    for (name, algorithm, key) in &keys {
        let token = key.token(&header(name, key), &claims(json!({})));
        let trusted = anchor(&[key], &Algorithm::ALL, rules());
        let grant = shown(&token, &trusted).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(grant.subject.id, "assistant");
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes[9] ^= 1;
        let changed = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&bytes));
        assert_eq!(
            shown(&changed, &trusted).unwrap_err(),
            CredentialError::BadSignature,
            "{name}"
        );
        for (other, _, _) in &keys {
            if other == name {
                continue;
            }
            // Signed as it is, and said to be signed otherwise.
            let confused = key.token(&header(other, key), &claims(json!({})));
            let is_rsa = ["RS256", "PS256"].contains(name) && ["RS256", "PS256"].contains(other);
            if !is_rsa {
                refused_by(other, &confused, &trusted, "`alg` is not one of the key");
            }
        }
        let others = Algorithm::ALL.into_iter().filter(|one| one != algorithm);
        let others: Vec<_> = others.collect();
        refused_by(
            name,
            &token,
            &anchor(&[key], &others, rules()),
            "`alg` is not one of its issuer",
        );
    }
}

#[test]
fn a_header_says_nothing_that_its_maker_may_not_say() {
    let key = Key::rsa("one");
    let jwk = key.jwk();
    for (what, other, expected) in [
        (
            "none",
            json!({ "alg": "none" }),
            "`alg` is not one of its issuer",
        ),
        (
            "None",
            json!({ "alg": "nOnE" }),
            "`alg` is not one of its issuer",
        ),
        (
            "an HMAC",
            json!({ "alg": "HS256" }),
            "`alg` is not one of its issuer",
        ),
        (
            "weak RSA",
            json!({ "alg": "RS1" }),
            "`alg` is not one of its issuer",
        ),
        ("a list", json!({ "alg": ["RS256"] }), "`alg` is not text"),
        ("no algorithm", json!({ "alg": null }), "`alg` is not text"),
        (
            "an extension",
            json!({ "crit": ["b64"], "b64": false }),
            "`crit` names extensions",
        ),
        (
            "an empty crit",
            json!({ "crit": [] }),
            "`crit` names extensions",
        ),
        ("a key", json!({ "jwk": jwk }), "`jwk` brings a key"),
        (
            "the address of keys",
            json!({ "jku": "https://evil.example/k" }),
            "`jku` brings a key",
        ),
        (
            "a certificate",
            json!({ "x5c": ["AAAA"] }),
            "`x5c` brings a key",
        ),
        (
            "the address of one",
            json!({ "x5u": "https://evil.example/c" }),
            "`x5u` brings a key",
        ),
        (
            "another type",
            json!({ "typ": "JWT" }),
            "`typ` is not one of its issuer",
        ),
        (
            "a proof",
            json!({ "typ": "dpop+jwt" }),
            "`typ` is not one of its issuer",
        ),
        (
            "an ID token",
            json!({ "typ": "id_token+jwt" }),
            "`typ` is not one of its issuer",
        ),
        (
            "a type that is no text",
            json!({ "typ": 1 }),
            "`typ` is not text",
        ),
        (
            "a key of nobody",
            json!({ "kid": "two" }),
            "by a key that issuer",
        ),
        (
            "a path",
            json!({ "kid": "../../../etc/passwd" }),
            "`kid` is a path or an address",
        ),
        (
            "a path from the root",
            json!({ "kid": "/dev/null" }),
            "`kid` is a path or an address",
        ),
        (
            "an address",
            json!({ "kid": "https://evil.example/k" }),
            "`kid` is a path or an address",
        ),
        (
            "a long name",
            json!({ "kid": "k".repeat(300) }),
            "`kid` is a path or an address",
        ),
        (
            "a control character",
            json!({ "kid": "o\u{0}ne" }),
            "`kid` is a path or an address",
        ),
        ("a number", json!({ "kid": 1 }), "`kid` is not text"),
    ] {
        let mut header = header("RS256", &key);
        for (name, value) in other.as_object().unwrap() {
            header[name] = value.clone();
        }
        refused(what, &key.token(&header, &claims(json!({}))), expected);
    }
    let mut no_type = header("RS256", &key);
    no_type.as_object_mut().unwrap().remove("typ");
    let token = key.token(&no_type, &claims(json!({})));
    refused("no type", &token, "`typ` is not one of its issuer");
}

/// The public key as text is the secret of a naive verifier.
#[test]
fn an_hmac_over_the_public_key_is_nothing() {
    let key = Key::rsa("one");
    let header = json!({ "alg": "HS256", "typ": "at+jwt", "kid": "one" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims(json!({}))));
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.jwk().to_string().as_bytes());
    let tag = ring::hmac::sign(&secret, signed.as_bytes());
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
    refused("HS256", &token, "`alg` is not one of its issuer");
    let header = json!({ "alg": "none", "typ": "at+jwt" });
    let unsigned = format!("{}.{}.", part(&header), part(&claims(json!({}))));
    refused("unsigned", &unsigned, "`alg` is not one of its issuer");
}

#[test]
fn what_is_no_strict_jws_is_refused() {
    let key = Key::rsa("one");
    let good = key.token(&header("RS256", &key), &claims(json!({})));
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let twice = claims(json!({}))
        .to_string()
        .replacen('{', "{\"sub\":\"user:root\",", 1);
    let twice = key.token_of(&header("RS256", &key).to_string(), &twice);
    let alg = header("RS256", &key)
        .to_string()
        .replacen('{', "{\"alg\":\"none\",", 1);
    let alg = key.token_of(&alg, &claims(json!({})).to_string());
    // The last digit of 256 bytes has four bits that mean nothing.
    let last = signature.chars().last().unwrap();
    let other = char::from(u8::try_from(u32::from(last) + 1).unwrap());
    for (what, token, expected) in [
        ("a claim twice", twice, "not unambiguous JSON"),
        ("a header member twice", alg, "not unambiguous JSON"),
        ("padding", format!("{good}=="), "not a compact JWS"),
        (
            "bits that mean nothing",
            format!("{signed}.{}{other}", &signature[..signature.len() - 1]),
            "not a compact JWS",
        ),
        (
            "another alphabet",
            format!("{signed}.+/{}", &signature[2..]),
            "not a compact JWS",
        ),
        ("four parts", format!("{good}.x"), "not a compact JWS"),
        ("two parts", signed.to_owned(), "not a compact JWS"),
        ("white space", format!("{good}\n"), "not a compact JWS"),
        (
            "no claims",
            key.token_of(&header("RS256", &key).to_string(), "[]"),
            "`iss` is missing",
        ),
        (
            "too long",
            key.token(
                &header("RS256", &key),
                &claims(json!({ "x": "y".repeat(17_000) })),
            ),
            "longer than",
        ),
        (
            "too deep",
            key.token_of(&header("RS256", &key).to_string(), &"[".repeat(100)),
            "not unambiguous JSON",
        ),
    ] {
        refused(what, &token, expected);
    }
}
