//! Proofs of possession: each counts once, at its time, for what it says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::proof::{
    Bounds, CALL_TYPE, Called, DPOP_TYPE, Moment, ProofError, Proved, Replays, Sent, call_claims,
    verify_call, verify_dpop,
};
use gatewright_policy::credential::{HolderKey, KeyedError, PublicKey, sha256, sign};
use gatewright_policy::json::{Document, JsonLimits};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_793_491_200_000);
const URL: &str = "https://gate.example/mcp/files";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn holder(seed: u8) -> HolderKey {
    HolderKey::of(&PublicKey::ed25519(key(seed).verifying_key()))
}

/// A gate that started a day ago.
fn moment(now: Timestamp) -> Moment {
    Moment {
        now,
        recorded_until: Some(Timestamp(NOW.0 - 86_400_000)),
    }
}

fn with(base: &Value, other: &Value) -> Value {
    let mut claims = base.clone();
    for (name, value) in other.as_object().unwrap() {
        let members = claims.as_object_mut().unwrap();
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    claims
}

fn dpop_claims() -> Value {
    json!({
        "htm": "POST", "htu": URL, "ath": sha256("token"),
        "iat": NOW.seconds(), "jti": "one",
    })
}

fn dpop(claims: &Value, signer: u8) -> Result<Proved, ProofError> {
    let sent = Sent {
        verb: "POST",
        url: URL,
        token: "token",
    };
    verify_dpop(
        &sign(DPOP_TYPE, claims, &key(signer)),
        &holder(1),
        &sent,
        &moment(NOW),
    )
}

#[test]
fn a_proof_of_a_request_is_for_that_request_and_no_other() {
    dpop(&dpop_claims(), 1).unwrap();
    dpop(
        &with(
            &dpop_claims(),
            &json!({ "htu": "HTTPS://Gate.Example:443/mcp/files?a#b" }),
        ),
        1,
    )
    .unwrap();
    for (what, other, expected) in [
        (
            "another method",
            json!({ "htm": "GET" }),
            ProofError::OtherVerb,
        ),
        (
            "a method in lower case",
            json!({ "htm": "post" }),
            ProofError::OtherVerb,
        ),
        (
            "another server",
            json!({ "htu": "https://gate.example/mcp/db" }),
            ProofError::OtherUrl,
        ),
        (
            "another gate",
            json!({ "htu": "https://other.example/mcp/files" }),
            ProofError::OtherUrl,
        ),
        (
            "in the clear",
            json!({ "htu": "http://gate.example/mcp/files" }),
            ProofError::OtherUrl,
        ),
        (
            "another credential",
            json!({ "ath": sha256("other") }),
            ProofError::OtherToken,
        ),
        (
            "no credential",
            json!({ "ath": null }),
            ProofError::Claim("ath"),
        ),
        (
            "no method",
            json!({ "htm": null }),
            ProofError::Claim("htm"),
        ),
        ("no URL", json!({ "htu": 7 }), ProofError::Claim("htu")),
        ("no id", json!({ "jti": "" }), ProofError::Claim("jti")),
        (
            "a long id",
            json!({ "jti": "x".repeat(257) }),
            ProofError::Claim("jti"),
        ),
        ("no time", json!({ "iat": null }), ProofError::Claim("iat")),
        (
            "a time that is none",
            json!({ "iat": "now" }),
            ProofError::Claim("iat"),
        ),
        (
            "too old",
            json!({ "iat": NOW.seconds() - 61 }),
            ProofError::TooOld,
        ),
        (
            "from the future",
            json!({ "iat": NOW.seconds() + 6 }),
            ProofError::FromTheFuture,
        ),
    ] {
        assert_eq!(
            dpop(&with(&dpop_claims(), &other), 1).err(),
            Some(expected),
            "{what}"
        );
    }
    assert_eq!(
        dpop(&dpop_claims(), 2).err(),
        Some(KeyedError::OtherKey.into())
    );
    let sent = Sent {
        verb: "POST",
        url: URL,
        token: "token",
    };
    let other = sign(CALL_TYPE, &dpop_claims(), &key(1));
    let error = verify_dpop(&other, &holder(1), &sent, &moment(NOW)).err();
    assert_eq!(error, Some(KeyedError::OtherType.into()));
    let long = sign(
        DPOP_TYPE,
        &with(&dpop_claims(), &json!({ "x": "x".repeat(4096) })),
        &key(1),
    );
    let error = verify_dpop(&long, &holder(1), &sent, &moment(NOW)).err();
    assert_eq!(error, Some(KeyedError::TooLong.into()));
}

/// What most libraries for DPoP make.
#[test]
fn a_key_on_p_256_proves_as_well_and_by_its_own_algorithm_only() {
    let random = SystemRandom::new();
    let by = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(by, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(by, pkcs8.as_ref(), &random).unwrap();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) });
    let text = jwk.to_string();
    let holder = HolderKey::of(&PublicKey::of_jwk(document(&text).root()).unwrap());
    let verified = |algorithm: &str| {
        let header = json!({ "typ": DPOP_TYPE, "alg": algorithm, "jwk": jwk });
        let signed = [header, dpop_claims()].map(|part| encode(part.to_string().as_bytes()));
        let signed = signed.join(".");
        let signature = pair.sign(&random, signed.as_bytes()).unwrap();
        let proof = format!("{signed}.{}", encode(signature.as_ref()));
        let sent = Sent {
            verb: "POST",
            url: URL,
            token: "token",
        };
        verify_dpop(&proof, &holder, &sent, &moment(NOW))
    };
    verified("ES256").unwrap();
    for algorithm in ["EdDSA", "ES384", "RS256", "HS256", "none", "es256"] {
        let error = verified(algorithm).err();
        assert_eq!(error, Some(KeyedError::Algorithm.into()), "{algorithm}");
    }
}

fn document(text: &str) -> Document {
    Document::parse(text, &JsonLimits::default()).unwrap()
}

fn called<'a>(params: &'a Document, name: &'a str) -> Called<'a> {
    Called {
        method: "tools/call",
        name,
        endpoint: URL,
        params: Some(params.root()),
    }
}

#[test]
fn a_proof_of_a_call_is_for_that_call_and_no_other() {
    let params = document(r#"{"name":"read","arguments":{"path":"/a","n":100}}"#);
    let claims = call_claims(&called(&params, "read"), NOW.seconds(), "one").unwrap();
    let verified = |claims: &Value, params: &Document, name: &str| {
        let proof = sign(CALL_TYPE, claims, &key(1));
        verify_call(&proof, &holder(1), &called(params, name), &moment(NOW))
    };
    verified(&claims, &params, "read").unwrap();
    // What means the same, with the proof in it, is the same call.
    let same = document(
        r#"{"_meta":{"gatewright/proof":"x"},"arguments":{"n":1e2,"path":"\u002fa"},"name":"read"}"#,
    );
    verified(&claims, &same, "read").unwrap();
    for (what, text, expected) in [
        (
            "other arguments",
            r#"{"name":"read","arguments":{"path":"/b","n":100}}"#,
            ProofError::OtherArguments,
        ),
        (
            "one more argument",
            r#"{"name":"read","arguments":{"path":"/a","n":100,"x":1}}"#,
            ProofError::OtherArguments,
        ),
        (
            "something beside them",
            r#"{"name":"read","arguments":{"path":"/a","n":100},"task":{}}"#,
            ProofError::OtherArguments,
        ),
        (
            "a number that is rounded",
            r#"{"name":"read","arguments":{"path":"/a","n":100.00000000000000000001}}"#,
            ProofError::Canonical(gatewright_policy::json::CanonicalError),
        ),
    ] {
        assert_eq!(
            verified(&claims, &document(text), "read").err(),
            Some(expected),
            "{what}"
        );
    }
    for (what, other, expected) in [
        (
            "another gate",
            json!({ "aud": "https://other.example/mcp/files" }),
            ProofError::OtherEndpoint,
        ),
        (
            "another server",
            json!({ "aud": "https://gate.example/mcp/db" }),
            ProofError::OtherEndpoint,
        ),
        (
            "another method",
            json!({ "method": "prompts/get" }),
            ProofError::OtherMethod,
        ),
        (
            "another tool",
            json!({ "tool": "write" }),
            ProofError::OtherTool,
        ),
        (
            "no tool",
            json!({ "tool": null }),
            ProofError::Claim("tool"),
        ),
        (
            "no digest",
            json!({ "params_hash": null }),
            ProofError::Claim("params_hash"),
        ),
        (
            "a claim too many",
            json!({ "x": 1 }),
            ProofError::Claim("a claim that is not known"),
        ),
        (
            "too old",
            json!({ "iat": NOW.seconds() - 61 }),
            ProofError::TooOld,
        ),
        (
            "from the future",
            json!({ "iat": NOW.seconds() + 6 }),
            ProofError::FromTheFuture,
        ),
    ] {
        assert_eq!(
            verified(&with(&claims, &other), &params, "read").err(),
            Some(expected),
            "{what}"
        );
    }
    let stolen = sign(CALL_TYPE, &claims, &key(2));
    let error = verify_call(&stolen, &holder(1), &called(&params, "read"), &moment(NOW)).err();
    assert_eq!(error, Some(KeyedError::OtherKey.into()));
}

/// What a method names and has no `params` has a digest too.
#[test]
fn a_message_without_params_is_proved_as_one_with_none() {
    let nothing = Called {
        method: "ping",
        name: "",
        endpoint: URL,
        params: None,
    };
    let empty = document(r#"{"_meta":{"gatewright/proof":"x"}}"#);
    let with_proof = Called {
        params: Some(empty.root()),
        ..nothing
    };
    let claims = |called: &Called<'_>| call_claims(called, 1, "a").unwrap();
    assert_eq!(claims(&nothing), claims(&with_proof));
}

/// Whatever was used before the start was recorded by then, and made no more than five
/// seconds later by its own clock.
#[test]
fn what_was_made_before_the_start_does_not_count() {
    let claims = |seconds: u64| with(&dpop_claims(), &json!({ "iat": seconds }));
    let after = |recorded_until, seconds| {
        let sent = Sent {
            verb: "POST",
            url: URL,
            token: "token",
        };
        let moment = Moment {
            now: NOW,
            recorded_until,
        };
        let proof = sign(DPOP_TYPE, &claims(seconds), &key(1));
        verify_dpop(&proof, &holder(1), &sent, &moment)
    };
    let restarted = Some(Timestamp(NOW.0 - 10_000));
    let second = NOW.seconds() - 10;
    for early in [second - 20, second, second + 5] {
        let error = after(restarted, early).err();
        assert_eq!(error, Some(ProofError::BeforeStart), "{early}");
    }
    after(restarted, second + 6).unwrap();
    after(None, NOW.seconds() - 60).unwrap();
    let latest = NOW.seconds() + 5;
    after(None, latest).unwrap();
    assert_eq!(
        after(None, latest + 1).err(),
        Some(ProofError::FromTheFuture)
    );
    let error = after(Some(NOW), latest).err();
    assert_eq!(
        error,
        Some(ProofError::BeforeStart),
        "the latest that may have been used"
    );
}

fn proved(id: &str, seconds: u64) -> Proved {
    let claims = with(&dpop_claims(), &json!({ "iat": seconds, "jti": id }));
    let sent = Sent {
        verb: "POST",
        url: URL,
        token: "token",
    };
    let at = moment(Timestamp::from_seconds(seconds));
    verify_dpop(&sign(DPOP_TYPE, &claims, &key(1)), &holder(1), &sent, &at).unwrap()
}

#[test]
fn a_proof_counts_once_as_long_as_it_counts_at_all() {
    let mut replays = Replays::default();
    let begin = NOW.seconds();
    replays.admit(&holder(1), &proved("a", begin), NOW).unwrap();
    for later in [0, 1, 30, 59, 60] {
        let now = Timestamp::from_seconds(begin + later);
        let error = replays.admit(&holder(1), &proved("a", begin), now).err();
        assert_eq!(error, Some(ProofError::Replayed), "after {later} seconds");
    }
    // The same id, signed anew, is the same id.
    let now = Timestamp::from_seconds(begin + 40);
    let error = replays
        .admit(&holder(1), &proved("a", begin + 40), now)
        .err();
    assert_eq!(error, Some(ProofError::Replayed));
    // The ids of a key are its own.
    replays.admit(&holder(2), &proved("a", begin), NOW).unwrap();
    assert_eq!(replays.len(), 2);
    let now = Timestamp::from_seconds(begin + 200);
    replays
        .admit(&holder(1), &proved("b", begin + 200), now)
        .unwrap();
    assert_eq!(replays.len(), 1, "what is too old is forgotten");
}

#[test]
fn what_there_is_no_room_for_is_refused_and_nothing_is_forgotten() {
    let mut replays = Replays::new(Bounds {
        of_key: 2,
        of_all: 3,
    });
    let begin = NOW.seconds();
    for id in ["a", "b"] {
        replays.admit(&holder(1), &proved(id, begin), NOW).unwrap();
    }
    let error = |replays: &mut Replays, seed: u8, id: &str| {
        replays.admit(&holder(seed), &proved(id, begin), NOW).err()
    };
    assert_eq!(
        error(&mut replays, 1, "c"),
        Some(ProofError::Full),
        "its share"
    );
    assert_eq!(error(&mut replays, 2, "c"), None, "that of another key");
    assert_eq!(
        error(&mut replays, 3, "c"),
        Some(ProofError::Full),
        "all of it"
    );
    assert_eq!(
        error(&mut replays, 1, "a"),
        Some(ProofError::Replayed),
        "still known"
    );
}
