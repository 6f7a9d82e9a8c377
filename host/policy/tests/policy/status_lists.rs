//! Status lists: the published examples, and what no gate may take for a list.

#[path = "../tokens/signer.rs"]
#[allow(dead_code, unreachable_pub, reason = "shared with other tests")]
mod signer;

use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::{
    LIST_TEXT_BYTES_MAX, ListKind, Standing, StatusError, StatusList, StatusRef, read,
};
use gatewright_policy::credential::{Algorithm, KeySet, KeyUse, TrustAnchor, did_key};
use gatewright_policy::json::{Document, JsonLimits};
use serde_json::{Value, json};
use signer::{Key, key_set};

const NOW_SECONDS: u64 = 1_793_491_200;
const NOW: Timestamp = Timestamp::from_seconds(NOW_SECONDS);
const LIST: &str = "https://example.com/statuslists/1";

/// The empty list of 131,072 entries that the W3C's specification shows.
const EMPTY: &str = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";

fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn issuer() -> String {
    did_key(&key().verifying_key())
}

fn place(index: u64, kind: ListKind) -> StatusRef {
    StatusRef {
        list: LIST.into(),
        index,
        kind,
    }
}

fn signed(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = key().sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header() -> Value {
    json!({ "alg": "EdDSA", "typ": "statuslist+jwt" })
}

fn token(bits: u64, lst: &str) -> Value {
    json!({
        "sub": LIST,
        "iat": NOW_SECONDS,
        "exp": NOW_SECONDS + 3600,
        "ttl": 60,
        "status_list": { "bits": bits, "lst": lst },
    })
}

fn bitstring(list: &str) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": LIST,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer(),
        "validFrom": "2026-10-01T00:00:00Z",
        "credentialSubject": {
            "id": format!("{LIST}#list"),
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": list,
        },
    })
}

fn zlib(bytes: &[u8]) -> String {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    URL_SAFE_NO_PAD.encode(packed.finish().unwrap())
}

fn gzip(bytes: &[u8]) -> String {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    format!("u{}", URL_SAFE_NO_PAD.encode(packed.finish().unwrap()))
}

fn verify(text: &str, kind: ListKind) -> Result<StatusList, StatusError> {
    let anchor = TrustAnchor::of_did(&issuer()).unwrap();
    StatusList::verify(text, &place(0, kind), &anchor, NOW)
}

fn verify_token(claims: &Value) -> Result<StatusList, StatusError> {
    verify(&signed(&header(), claims), ListKind::Token)
}

fn verify_bitstring(claims: &Value) -> Result<StatusList, StatusError> {
    let header = json!({ "alg": "EdDSA", "typ": "vc+jwt" });
    verify(&signed(&header, claims), ListKind::Revocation)
}

/// draft-ietf-oauth-status-list, the examples of section 4.
#[test]
fn the_examples_of_the_ietf_say_what_they_should() {
    let one = verify_token(&token(1, "eNrbuRgAAhcBXQ")).unwrap();
    let bits = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1];
    for (index, bit) in (0..).zip(bits) {
        let expected = [Standing::Valid, Standing::Revoked][bit];
        assert_eq!(
            one.standing(&place(index, ListKind::Token)),
            expected,
            "{index}"
        );
    }
    assert_eq!(one.standing(&place(16, ListKind::Token)), Standing::Unknown);
    let two = verify_token(&token(2, "eNo76fITAAPfAgc")).unwrap();
    let values = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3];
    for (index, value) in (0..).zip(values) {
        let expected = [
            Standing::Valid,
            Standing::Revoked,
            Standing::Suspended,
            // What an application means by it is not known here.
            Standing::Unknown,
        ][value];
        assert_eq!(
            two.standing(&place(index, ListKind::Token)),
            expected,
            "{index}"
        );
    }
    assert_eq!(two.fresh_until, Timestamp::from_seconds(NOW_SECONDS + 60));
}

#[test]
fn the_bitstring_of_the_w3c_says_what_it_should() {
    let list = verify_bitstring(&bitstring(EMPTY)).unwrap();
    for index in [0, 94_567, 131_071] {
        let place = place(index, ListKind::Revocation);
        assert_eq!(list.standing(&place), Standing::Valid, "{index}");
    }
    let beyond = place(131_072, ListKind::Revocation);
    assert_eq!(list.standing(&beyond), Standing::Unknown);
    // The first entry is the leftmost bit.
    let mut bytes = vec![0; 16_384];
    (bytes[0], bytes[1]) = (0b1000_0000, 0b0000_0001);
    let list = verify_bitstring(&bitstring(&gzip(&bytes))).unwrap();
    for (index, expected) in [
        (0, Standing::Revoked),
        (1, Standing::Valid),
        (7, Standing::Valid),
        (14, Standing::Valid),
        (15, Standing::Revoked),
    ] {
        let place = place(index, ListKind::Revocation);
        assert_eq!(list.standing(&place), expected, "{index}");
    }
    assert_eq!(
        list.standing(&place(0, ListKind::Suspension)),
        Standing::Unknown
    );
}

#[test]
fn what_is_no_token_status_list_is_refused() {
    let with = |pointer: &str, value: Value| {
        let mut claims = token(1, "eNrbuRgAAhcBXQ");
        match claims.pointer_mut(pointer) {
            Some(known) => *known = value,
            None => {
                claims[pointer.trim_start_matches('/')] = value;
            }
        }
        claims
    };
    let bomb = zlib(&vec![0; 64 << 20]);
    assert!(
        bomb.len() < LIST_TEXT_BYTES_MAX / 10,
        "small before it is unpacked"
    );
    let member = |error: StatusError| match error {
        StatusError::Member { member, .. } => member.to_owned(),
        other => format!("{other:?}")
            .split([' ', '('])
            .next()
            .unwrap()
            .to_owned(),
    };
    for (claims, expected) in [
        (
            with("/sub", json!("https://example.com/statuslists/2")),
            "AnotherList",
        ),
        (with("/sub", Value::Null), "sub"),
        (with("/iss", json!("did:key:z6Mkother")), "AnotherList"),
        (with("/iat", json!(NOW_SECONDS + 60)), "NotYetValid"),
        (with("/iat", json!("now")), "iat"),
        (with("/exp", json!(NOW_SECONDS)), "Ended"),
        (with("/ttl", json!(0)), "ttl"),
        (with("/ttl", json!(-1)), "ttl"),
        (with("/status_list/bits", json!(3)), "bits"),
        (with("/status_list/bits", json!("1")), "bits"),
        (with("/status_list/lst", json!("!")), "Packed"),
        (with("/status_list/lst", json!("eNrbuRgAAhcBXR")), "Packed"),
        (with("/status_list/lst", json!(bomb)), "TooLarge"),
        (with("/status_list", json!([])), "bits"),
    ] {
        let error = verify_token(&claims).unwrap_err();
        assert_eq!(member(error), expected, "{claims}");
    }
    let good = token(1, "eNrbuRgAAhcBXQ");
    for (header, expected) in [
        (
            json!({ "alg": "none", "typ": "statuslist+jwt" }),
            "BadSignature",
        ),
        (
            json!({ "alg": "HS256", "typ": "statuslist+jwt" }),
            "BadSignature",
        ),
        (json!({ "alg": "EdDSA", "typ": "JWT" }), "typ"),
        (json!({ "alg": "EdDSA", "typ": "vc+jwt" }), "typ"),
        (json!({ "alg": "EdDSA" }), "typ"),
        (
            json!({ "alg": "EdDSA", "typ": "statuslist+jwt", "crit": ["x"] }),
            "crit",
        ),
        (
            json!({ "alg": "EdDSA", "typ": "statuslist+jwt", "jwk": {} }),
            "jwk",
        ),
        (
            json!({ "alg": "EdDSA", "typ": "statuslist+jwt", "jku": "https://example.com" }),
            "jku",
        ),
        (
            json!({ "alg": "EdDSA", "typ": "statuslist+jwt", "kid": "did:key:z6Mkother" }),
            "BadSignature",
        ),
        (
            json!({ "alg": "EdDSA", "typ": "statuslist+jwt", "kid": 1 }),
            "BadSignature",
        ),
        (
            json!({ "alg": "ES256", "typ": "statuslist+jwt" }),
            "BadSignature",
        ),
    ] {
        let error = verify(&signed(&header, &good), ListKind::Token).unwrap_err();
        assert_eq!(member(error), expected, "{header}");
    }
    let text = signed(&header(), &good);
    let (start, _) = text.rsplit_once('.').unwrap();
    let forged = format!("{start}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
    for (text, expected) in [
        (forged.as_str(), "BadSignature"),
        ("", "NotCompactJws"),
        ("a.b.c", "NotCompactJws"),
        ("<html>", "NotCompactJws"),
        (
            &format!("{text}{}", "A".repeat(LIST_TEXT_BYTES_MAX)),
            "TooLong",
        ),
    ] {
        assert_eq!(member(verify(text, ListKind::Token).unwrap_err()), expected);
    }
    let other = SigningKey::from_bytes(&[8; 32]).verifying_key();
    let other = TrustAnchor::of_did(&did_key(&other)).unwrap();
    let other = StatusList::verify(&text, &place(0, ListKind::Token), &other, NOW);
    assert_eq!(other, Err(StatusError::BadSignature));
}

/// An issuer whose keys are pinned or fetched, and how its credentials may be signed.
fn issuer_of(id: &str, keys: &[&Key], algorithms: &[Algorithm]) -> TrustAnchor {
    let keys = KeySet::parse(key_set(keys).to_string().as_bytes(), KeyUse::Signature);
    TrustAnchor {
        issuer: id.to_owned(),
        keys: Arc::new(keys.unwrap()),
        algorithms: algorithms.to_vec(),
        ..TrustAnchor::of_did(&issuer()).unwrap()
    }
}

#[test]
fn a_list_of_any_issuer_is_signed_as_its_credentials_are() {
    let id = "https://idp.example";
    let mut claims = token(1, "eNrbuRgAAhcBXQ");
    claims["iss"] = json!(id);
    let of_w3c = {
        let mut claims = bitstring(EMPTY);
        claims["issuer"] = json!(id);
        claims
    };
    let verify = |key: &Key, kid: Value, alg: &str, anchor: &TrustAnchor| {
        let header = |typ: &str| match &kid {
            Value::Null => json!({ "alg": alg, "typ": typ }),
            kid => json!({ "alg": alg, "typ": typ, "kid": kid }),
        };
        let list = |typ, claims: &Value, kind| {
            let text = key.token(&header(typ), claims);
            StatusList::verify(&text, &place(0, kind), anchor, NOW).map(drop)
        };
        let token = list("statuslist+jwt", &claims, ListKind::Token);
        let of_w3c = list("vc+jwt", &of_w3c, ListKind::Revocation);
        assert_eq!(token, of_w3c);
        token
    };
    let bad = Err(StatusError::BadSignature);
    for (key, algorithms) in [
        (Key::rsa("one"), &["RS256", "PS256"][..]),
        (Key::p256("one"), &["ES256"]),
        (Key::p384("one"), &["ES384"]),
        (Key::ed25519("one", 1), &["EdDSA"]),
    ] {
        for alg in algorithms {
            let algorithm = Algorithm::named(alg).unwrap();
            let other = Key::ed25519("two", 2);
            let anchor = issuer_of(id, &[&key, &other], &[algorithm]);
            assert_eq!(verify(&key, json!("one"), alg, &anchor), Ok(()), "{alg}");
            let whole = json!(format!("{id}#one"));
            assert_eq!(verify(&key, whole, alg, &anchor), Ok(()), "{alg}");
            for kid in [json!("two"), json!("three"), json!("../one"), json!(1)] {
                assert_eq!(verify(&key, kid, alg, &anchor), bad, "{alg}");
            }
            // Another key that says it is this one.
            let thief = Key::p256("one");
            assert_eq!(verify(&thief, json!("one"), alg, &anchor), bad, "{alg}");
            // In a way that its credentials may not be signed in.
            let other_way = match algorithm {
                Algorithm::Es256 => Algorithm::EdDsa,
                _ => Algorithm::Es256,
            };
            let strict = issuer_of(id, &[&key], &[other_way]);
            assert_eq!(verify(&key, json!("one"), alg, &strict), bad, "{alg}");
            let old = TrustAnchor {
                keys_until: NOW,
                ..anchor.clone()
            };
            assert_eq!(verify(&key, json!("one"), alg, &old), bad, "{alg}");
            // With one key there is nothing to name.
            let only = issuer_of(id, &[&key], &[algorithm]);
            assert_eq!(verify(&key, Value::Null, alg, &only), Ok(()), "{alg}");
        }
    }
}

#[test]
fn a_list_of_a_did_jwk_is_signed_with_the_key_that_it_is() {
    let key = Key::p256("one");
    let mut jwk = key.jwk();
    jwk.as_object_mut().unwrap().remove("kid");
    let id = format!("did:jwk:{}", URL_SAFE_NO_PAD.encode(jwk.to_string()));
    let anchor = TrustAnchor::of_did(&id).unwrap();
    let mut claims = token(1, "eNrbuRgAAhcBXQ");
    claims["iss"] = json!(id);
    let verify = |kid: &str, expected: Result<(), StatusError>| {
        let header = json!({ "alg": "ES256", "typ": "statuslist+jwt", "kid": kid });
        let text = key.token(&header, &claims);
        let list = StatusList::verify(&text, &place(0, ListKind::Token), &anchor, NOW);
        assert_eq!(list.map(drop), expected, "{kid}");
    };
    verify(&format!("{id}#0"), Ok(()));
    verify(&id, Ok(()));
    verify(&format!("{id}#1"), Err(StatusError::BadSignature));
    verify("did:jwk:other#0", Err(StatusError::BadSignature));
}

#[test]
fn what_is_no_bitstring_is_refused() {
    let with = |pointer: &str, value: Value| {
        let mut claims = bitstring(EMPTY);
        match claims.pointer_mut(pointer) {
            Some(known) => *known = value,
            None => {
                claims[pointer.trim_start_matches('/')] = value;
            }
        }
        claims
    };
    let member = |error: StatusError| match error {
        StatusError::Member { member, .. } => member.to_owned(),
        other => format!("{other:?}")
            .split([' ', '('])
            .next()
            .unwrap()
            .to_owned(),
    };
    for (claims, expected) in [
        (with("/type", json!(["VerifiableCredential"])), "type"),
        (with("/issuer", json!("did:key:z6Mkother")), "AnotherList"),
        (with("/id", json!("https://example.com/2")), "AnotherList"),
        (
            with("/validFrom", json!("2027-01-01T00:00:00Z")),
            "NotYetValid",
        ),
        (with("/validFrom", json!("soon")), "validFrom"),
        (with("/validUntil", json!("2026-10-02T00:00:00Z")), "Ended"),
        (
            with("/credentialSubject/type", json!("Person")),
            "credentialSubject",
        ),
        (
            with("/credentialSubject/statusPurpose", json!("suspension")),
            "statusPurpose",
        ),
        (
            with("/credentialSubject/encodedList", json!(&EMPTY[1..])),
            "Packed",
        ),
        (
            with("/credentialSubject/encodedList", json!(gzip(&[0; 100]))),
            "TooShort",
        ),
        (
            with(
                "/credentialSubject/encodedList",
                json!(gzip(&vec![0; 64 << 20])),
            ),
            "TooLarge",
        ),
    ] {
        let error = verify_bitstring(&claims).unwrap_err();
        assert_eq!(member(error), expected, "{claims}");
    }
    let purposes = with(
        "/credentialSubject/statusPurpose",
        json!(["refresh", "revocation"]),
    );
    assert!(verify_bitstring(&purposes).is_ok());
}

#[test]
fn a_place_is_read_whole_or_not_at_all() {
    let entry = json!({
        "id": format!("{LIST}#94567"),
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": LIST,
    });
    let read = |claims: Value| {
        let document = Document::parse(claims.to_string(), &JsonLimits::default()).unwrap();
        read(document.root())
    };
    assert_eq!(read(json!({})), Ok(Vec::new()));
    let one = read(json!({ "credentialStatus": entry }));
    assert_eq!(one, Ok(vec![place(94_567, ListKind::Revocation)]));
    let suspension = {
        let mut entry = entry.clone();
        entry["statusPurpose"] = json!("suspension");
        entry
    };
    let both = read(json!({ "credentialStatus": [entry, suspension] }));
    assert_eq!(both.unwrap().len(), 2);
    let token = read(json!({ "status": { "status_list": { "idx": 3, "uri": LIST } } }));
    assert_eq!(token, Ok(vec![place(3, ListKind::Token)]));
    let with = |member: &str, value: Value| {
        let mut entry = entry.clone();
        entry[member] = value;
        json!({ "credentialStatus": entry })
    };
    for claims in [
        with("type", json!("StatusList2021Entry")),
        with("statusPurpose", json!("message")),
        with("statusListIndex", json!(94_567)),
        with("statusListIndex", json!("-1")),
        with("statusListIndex", json!("+1")),
        with("statusListCredential", json!("file:///etc/passwd")),
        with("statusListCredential", json!("https://a b")),
        with("statusSize", json!(2)),
        json!({ "credentialStatus": "x" }),
        json!({ "credentialStatus": vec![entry.clone(); 5] }),
        json!({ "status": { "assertion": {} } }),
        json!({ "status": { "status_list": { "idx": 3, "uri": LIST }, "other": {} } }),
        json!({ "status": { "status_list": { "idx": -3, "uri": LIST } } }),
        json!({ "status": { "status_list": { "idx": 3 } } }),
        json!({ "status": null }),
    ] {
        assert!(read(claims.clone()).is_err(), "{claims}");
    }
}
