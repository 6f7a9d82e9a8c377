//! Credentials: nothing verifies but what the issuer signed, and nothing that it
//! signed gives more than its trust anchor.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{self, Claims, TrustAnchor, did_key};
use gatewright_policy::pattern::Scope;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const LIFETIME_MAX: Duration = Duration::from_secs(3600);

struct Issuer {
    key: SigningKey,
    anchors: Vec<TrustAnchor>,
    token: String,
}

static ISSUER: LazyLock<Issuer> = LazyLock::new(|| {
    // A key of the tests, and of nobody.
    let key = SigningKey::from_bytes(&[7; 32]);
    let scopes: Vec<Scope> = vec![Scope::parse("files:*").unwrap()];
    let token = credential::issue(
        &Claims {
            agent: "did:example:bot".to_owned(),
            principal: "user:alice".to_owned(),
            scopes: scopes.clone(),
            audience: Vec::new(),
            valid_from: NOW,
            valid_until: NOW.plus(LIFETIME_MAX),
            id: "urn:uuid:1".to_owned(),
            task: None,
            holder: None,
        },
        &key,
    );
    let anchors = vec![TrustAnchor {
        issuer: did_key(&key.verifying_key()),
        scopes,
        lifetime_max: LIFETIME_MAX,
        task_claim: None,
        session_kept: LIFETIME_MAX,
        status_lists: Vec::new(),
        status_grace: Duration::ZERO,
    }];
    Issuer {
        key,
        anchors,
        token,
    }
});

/// A credential that verifies, and its two parts on a line each.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let token = ISSUER.token.clone();
    let mut parts = token.split('.');
    let mut part = || URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
    let (header, payload) = (part(), part());
    vec![token.into_bytes(), [header, payload].join(&b'\n')]
}

pub(super) fn run(bytes: &[u8]) -> bool {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return forged(bytes);
    };
    signed(&bytes[..end], &bytes[end + 1..])
}

/// A token as it came.
fn forged(bytes: &[u8]) -> bool {
    let Ok(token) = std::str::from_utf8(bytes) else {
        return false;
    };
    let verified = credential::verify(token, &ISSUER.anchors, None, NOW).is_ok();
    if verified {
        assert!(credential::inspect(token).is_ok());
        assert_eq!(token, ISSUER.token, "only what was signed verifies");
    }
    verified
}

/// Whatever an issuer signs.
fn signed(header: &[u8], payload: &[u8]) -> bool {
    let part = |bytes| URL_SAFE_NO_PAD.encode(bytes);
    let input = format!("{}.{}", part(header), part(payload));
    let signature = ISSUER.key.sign(input.as_bytes()).to_bytes();
    let token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
    let Ok(grant) = credential::verify(&token, &ISSUER.anchors, None, NOW) else {
        return false;
    };
    assert!(grant.expires_at > NOW, "it has not ended");
    assert!(grant.expires_at.since(NOW) <= LIFETIME_MAX + credential::CLOCK_SKEW);
    assert_eq!(grant.subject.issuer, ISSUER.anchors[0].issuer);
    assert!(grant.subject.principal.is_some(), "it is for somebody");
    for scope in &grant.subject.scopes {
        let scope = Scope::parse(scope).unwrap();
        assert!(ISSUER.anchors[0].scopes[0].subsumes(&scope), "{scope}");
    }
    true
}
