//! Status lists: nothing counts but what the issuer signed for this address, nothing is
//! unpacked without end, and every place in a list has an answer.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use gatewright_policy::Timestamp;
use gatewright_policy::credential::status::{
    Entries, Entry, ListClaims, ListKind, Standing, StatusList, StatusRef,
};
use gatewright_policy::credential::{Signer, TrustAnchor, did_key};

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const URL: &str = "https://id.example.org/lists/1";
const KINDS: [ListKind; 3] = [ListKind::Token, ListKind::Revocation, ListKind::Suspension];

/// The empty list that the W3C's specification shows.
const BITSTRING: &str = r#"{"type":["VerifiableCredential","BitstringStatusListCredential"],"issuer":"ISSUER","id":"https://id.example.org/lists/1","credentialSubject":{"type":"BitstringStatusList","statusPurpose":"revocation","encodedList":"uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"}}"#;

// A key of the tests, and of nobody.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::from_bytes(&[7; 32]));
static ISSUER: LazyLock<String> = LazyLock::new(|| did_key(&KEY.verifying_key()));
static ANCHOR: LazyLock<TrustAnchor> = LazyLock::new(|| TrustAnchor::of_did(&ISSUER).unwrap());

static LIST: LazyLock<String> = LazyLock::new(|| {
    let mut entries = Entries::new(64);
    entries.set(3, Entry::Revoked).unwrap();
    let claims = ListClaims {
        url: URL.to_owned(),
        issued: NOW,
        ttl: Duration::from_secs(60),
        ends: NOW.plus(Duration::from_secs(600)),
    };
    entries.sign(&claims, &Signer::of_key(&KEY)).unwrap()
});

/// A list that counts, and the parts of one of either form on a line each.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let mut parts = LIST.split('.');
    let mut part = || URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
    let (header, payload) = (part(), part());
    let bitstring = BITSTRING.replace("ISSUER", &ISSUER);
    let of_w3c = [r#"{"alg":"EdDSA","typ":"vc+jwt"}"#, &bitstring].join("\n");
    vec![
        LIST.clone().into_bytes(),
        [header, payload].join(&b'\n'),
        of_w3c.into_bytes(),
    ]
}

pub(super) fn run(bytes: &[u8]) -> bool {
    match bytes.iter().position(|byte| *byte == b'\n') {
        Some(end) => signed(&bytes[..end], &bytes[end + 1..]),
        None => std::str::from_utf8(bytes).is_ok_and(forged),
    }
}

/// A text as it came.
fn forged(text: &str) -> bool {
    let counts = KINDS.iter().any(|kind| verified(text, *kind).is_some());
    if counts {
        assert_eq!(text.trim_ascii(), *LIST, "only what was signed counts");
    }
    counts
}

/// Whatever an issuer signs.
fn signed(header: &[u8], payload: &[u8]) -> bool {
    let part = |bytes| URL_SAFE_NO_PAD.encode(bytes);
    let input = format!("{}.{}", part(header), part(payload));
    let signature = KEY.sign(input.as_bytes()).to_bytes();
    let text = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
    let counts = KINDS.map(|kind| verified(&text, kind).is_some());
    counts.contains(&true)
}

fn verified(text: &str, kind: ListKind) -> Option<StatusList> {
    let place = |index| StatusRef {
        list: URL.into(),
        index,
        kind,
    };
    let list = StatusList::verify(text, &place(0), &ANCHOR, NOW).ok()?;
    let is_fresh = list.fresh_until > NOW;
    assert!(is_fresh || list.ends.is_none(), "one with an end is fresh");
    assert!(list.ends.is_none_or(|ends| ends > NOW), "it has not ended");
    for index in [0, 1, 7, 8, 1 << 20, u64::MAX / 8, u64::MAX] {
        let standing = list.standing(&place(index));
        assert!(index < 1 << 32 || standing == Standing::Unknown);
    }
    Some(list)
}
