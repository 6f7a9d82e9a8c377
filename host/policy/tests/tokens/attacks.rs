//! What is not a good token, each with its own reason.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{
    Algorithm, CredentialError, Here, KEYS_MAX, KeyError, KeySet, KeySetError, KeyUse, TokenType,
    verify_here,
};
use serde_json::{Value, json};

use crate::issuer::{ENDPOINT, ISSUER, NOW, anchor, claims, header, rules, shown};
use crate::signer::{Key, key_set};

const RS256: &[Algorithm] = &[Algorithm::Rs256];

#[track_caller]
fn refused(what: &str, token: &str, expected: &str) {
    let key = Key::rsa("one");
    refused_by(what, token, &anchor(&[&key], RS256, rules()), expected);
}

#[track_caller]
fn refused_by(
    what: &str,
    token: &str,
    anchor: &gatewright_policy::credential::TrustAnchor,
    expected: &str,
) {
    match shown(token, anchor) {
        Ok(_) => panic!("{what}: accepted"),
        Err(error) => {
            let said = error.to_string();
            assert!(said.contains(expected), "{what}: {said}");
            // Nothing of the token reaches a record but what the operator wrote.
            let unquoted = error.unquoted();
            for secret in ["user:alice", "s3cret", token] {
                assert!(!unquoted.contains(secret), "{what}: {unquoted}");
            }
        }
    }
}

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

#[test]
fn claims_that_do_not_hold_here_and_now_are_refused() {
    let key = Key::rsa("one");
    for (what, other, expected) in [
        (
            "another issuer",
            json!({ "iss": "https://evil.example" }),
            "is not trusted",
        ),
        (
            "almost the issuer",
            json!({ "iss": format!("{ISSUER}/") }),
            "is not trusted",
        ),
        ("no issuer", json!({ "iss": null }), "`iss` is missing"),
        ("ended", json!({ "exp": NOW }), "expired"),
        ("no end", json!({ "exp": null }), "`exp` is missing"),
        (
            "an end that is text",
            json!({ "exp": "2099" }),
            "`exp` is not a time",
        ),
        (
            "an end with a fraction",
            json!({ "exp": 1.5 }),
            "`exp` is not a time",
        ),
        (
            "an end before 1970",
            json!({ "exp": -1 }),
            "`exp` is not a time",
        ),
        (
            "an end beyond all clocks",
            json!({ "exp": i64::MAX }),
            "`exp` is not a time",
        ),
        ("not yet", json!({ "nbf": NOW + 31 }), "not valid before"),
        (
            "issued later",
            json!({ "iat": NOW + 31 }),
            "not valid before",
        ),
        (
            "issued at no time",
            json!({ "iat": null }),
            "`iat` is missing",
        ),
        (
            "an end before its beginning",
            json!({ "nbf": NOW + 20, "exp": NOW + 20 }),
            "is not after",
        ),
        (
            "a long life",
            json!({ "iat": NOW - 60, "exp": NOW + 3541 }),
            "valid for longer",
        ),
        (
            "a long life that began long ago",
            json!({ "iat": NOW - 3600, "nbf": NOW - 1, "exp": NOW + 60 }),
            "valid for longer",
        ),
        ("no audience", json!({ "aud": null }), "`aud` is missing"),
        (
            "an empty audience",
            json!({ "aud": [] }),
            "`aud` is not a text",
        ),
        (
            "an audience that is no text",
            json!({ "aud": [ENDPOINT, 1] }),
            "`aud` is not a text",
        ),
        (
            "many audiences",
            json!({ "aud": vec!["x"; 33] }),
            "more than 32",
        ),
        (
            "another audience",
            json!({ "aud": "https://other.example/mcp" }),
            "another audience",
        ),
        (
            "another endpoint of this gate",
            json!({ "aud": "https://gate.example/mcp/db" }),
            "another resource of this gate",
        ),
        (
            "no agent",
            json!({ "client_id": null }),
            "it names no agent",
        ),
        (
            "an agent that is no text",
            json!({ "client_id": ["a"] }),
            "claim `client_id` is not a text",
        ),
        (
            "an empty agent",
            json!({ "client_id": "" }),
            "claim `client_id` is not a text",
        ),
        ("nobody", json!({ "sub": null }), "`sub` is missing"),
        (
            "an escape sequence",
            json!({ "sub": "\u{1b}[2J" }),
            "claim `sub` is not a text",
        ),
        (
            "a long name",
            json!({ "sub": "x".repeat(1025) }),
            "claim `sub` is not a text",
        ),
        (
            "many scopes",
            json!({ "scope": "a ".repeat(257) }),
            "more than 256",
        ),
        (
            "a scope that is no text",
            json!({ "scope": [{}] }),
            "claim `scope` is not a text",
        ),
        (
            "a detail that narrows",
            json!({ "authorization_details": [{ "type": "mcp_tools", "actions": ["files:*"], "locations": ["x"] }] }),
            "not known here",
        ),
        (
            "details that are no list",
            json!({ "authorization_details": { "type": "mcp_tools" } }),
            "is not a list",
        ),
        (
            "an actor that is nobody",
            json!({ "act": {} }),
            "`act` has no `sub`",
        ),
        (
            "bound to two keys",
            json!({ "cnf": { "jwk": key.jwk(), "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" } }),
            "which this gate cannot check",
        ),
        (
            "bound to a certificate",
            json!({ "cnf": { "x5t#S256": "x" } }),
            "which this gate cannot check",
        ),
        (
            "bound to nothing",
            json!({ "cnf": {} }),
            "which this gate cannot check",
        ),
        (
            "bound, and null",
            json!({ "cnf": [] }),
            "which this gate cannot check",
        ),
    ] {
        let token = key.token(&header("RS256", &key), &claims(other));
        refused(what, &token, expected);
    }
    // The clock of an issuer may be ahead by half a minute.
    for other in [json!({ "nbf": NOW + 30 }), json!({ "iat": NOW + 30 })] {
        let token = key.token(&header("RS256", &key), &claims(other));
        let grant = shown(&token, &anchor(&[&key], RS256, rules())).unwrap();
        assert!(grant.is_valid_at(Timestamp::from_seconds(NOW)));
    }
}

#[test]
fn chains_of_actors_have_an_end() {
    let key = Key::rsa("one");
    let chain = |length: usize| {
        (0..length).fold(Value::Null, |inner, place| {
            let mut actor = json!({ "sub": format!("agent-{place}") });
            if inner != Value::Null {
                actor["act"] = inner;
            }
            actor
        })
    };
    let token = key.token(&header("RS256", &key), &claims(json!({ "act": chain(10) })));
    refused("ten actors", &token, "more than eight agents");
    let token = key.token(&header("RS256", &key), &claims(json!({ "act": chain(9) })));
    let grant = shown(&token, &anchor(&[&key], RS256, rules())).unwrap();
    assert_eq!(grant.subject.id, "agent-8");
    assert_eq!(grant.subject.delegation.len(), 8);
    assert_eq!(grant.subject.delegation[0], "agent-0");
}

/// Where plain tokens are accepted, what was made for a client is still none.
#[test]
fn an_id_token_is_no_access_token() {
    let key = Key::rsa("one");
    let mut plain = rules();
    plain.types = vec![TokenType::of(Some("JWT")), TokenType::Absent];
    let trusted = anchor(&[&key], RS256, plain);
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": "one" });
    for (what, other, expected) in [
        ("a nonce", json!({ "nonce": "s3cret" }), "`nonce` shows"),
        (
            "the hash of a token",
            json!({ "at_hash": "s3cret" }),
            "`at_hash` shows",
        ),
        (
            "the hash of a code",
            json!({ "c_hash": "s3cret" }),
            "`c_hash` shows",
        ),
        ("a logout token", json!({ "events": {} }), "`events` shows"),
        ("Cognito", json!({ "token_use": "id" }), "`token_use` shows"),
        ("Keycloak", json!({ "typ": "ID" }), "`typ` shows"),
        (
            "Keycloak's refresh token",
            json!({ "typ": "Refresh" }),
            "`typ` shows",
        ),
        (
            "a type that is no text",
            json!({ "typ": [] }),
            "`typ` shows",
        ),
        (
            "for the client",
            json!({ "aud": ["assistant", ENDPOINT] }),
            "`aud` shows",
        ),
        (
            "for the client, by its other name",
            json!({ "client_id": null, "azp": "assistant", "aud": ["assistant", ENDPOINT] }),
            "`aud` shows",
        ),
    ] {
        let token = key.token(&header, &claims(other));
        refused_by(what, &token, &trusted, expected);
    }
    for other in [
        json!({}),
        json!({ "typ": "Bearer" }),
        json!({ "token_use": "access" }),
        json!({ "iat": null }),
    ] {
        let token = key.token(&header, &claims(other));
        shown(&token, &trusted).unwrap();
    }
}

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
