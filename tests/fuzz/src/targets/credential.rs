//! Credentials: nothing verifies but what the issuer signed, and nothing that it
//! signed gives more than its trust anchor.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use gatewright_policy::credential::{
    self, ClaimPath, ClaimRules, Claims, CredentialError, Envelope, Here, KeySet, PublicKey,
    TokenKind, TokenRules, TokenType, TrustAnchor, did_key,
};
use gatewright_policy::pattern::{Pattern, Scope};
use gatewright_policy::scope::read_shown;
use gatewright_policy::{Grant, Timestamp};
use serde_json::json;

const NOW: Timestamp = Timestamp(1_800_000_000_000);
const LIFETIME_MAX: Duration = Duration::from_secs(3600);

struct Issuer {
    key: SigningKey,
    anchors: Vec<TrustAnchor>,
    /// A credential, and an access token.
    tokens: [String; 2],
}

/// The same key as an authorization server.
const OAUTH: &str = "https://idp.example";

const ENDPOINT: &str = "https://gate.example/mcp/files";

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
            facts: Vec::new(),
        },
        &key,
    );
    let anchor = TrustAnchor {
        scopes,
        lifetime_max: LIFETIME_MAX,
        session_kept: LIFETIME_MAX,
        ..TrustAnchor::of_did(&did_key(&key.verifying_key())).unwrap()
    };
    let server = TrustAnchor {
        issuer: OAUTH.to_owned(),
        envelope: Envelope::Token(Arc::new(rules())),
        keys: Arc::new(KeySet::of(PublicKey::ed25519(key.verifying_key()))),
        ..anchor.clone()
    };
    let header = json!({ "alg": "EdDSA", "typ": "at+jwt" });
    let claims = json!({
        "iss": OAUTH, "sub": "user:alice", "aud": [ENDPOINT], "client_id": "bot",
        "iat": NOW.seconds(), "exp": NOW.seconds() + 600, "scope": "openid files:read",
        "groups": ["team-a"], "act": { "sub": "helper" },
        "authorization_details": [{ "type": "mcp_tools", "actions": ["files:*"] }],
    });
    let access = sign(
        &key,
        header.to_string().as_bytes(),
        claims.to_string().as_bytes(),
    );
    Issuer {
        key,
        anchors: vec![anchor, server],
        tokens: [token, access],
    }
});

fn rules() -> TokenRules {
    let paths = |names: &[&str]| {
        let paths = names.iter().map(|name| ClaimPath::parse(name).unwrap());
        paths.collect::<Vec<_>>()
    };
    let scopes = |text| vec![Scope::parse(text).unwrap()];
    TokenRules {
        kind: TokenKind::Oauth,
        types: vec![TokenType::of(Some("at+jwt")), TokenType::Absent],
        audiences: vec!["gate".to_owned()],
        claims: ClaimRules {
            agent: paths(&["client_id", "azp"]),
            principal: paths(&["email", "sub"]),
            scopes: paths(&["scope", "scp"]),
            roles: paths(&["groups", "/realm_access/roles"]),
            scope_map: vec![(Pattern::new("read"), scopes("files:read_*"))],
            role_map: vec![(Pattern::new("team-*"), scopes("*:*"))],
            facts: vec![("all".to_owned(), paths(&["groups"]).remove(0))],
        },
    }
}

fn sign(key: &SigningKey, header: &[u8], payload: &[u8]) -> String {
    let part = |bytes| URL_SAFE_NO_PAD.encode(bytes);
    let input = format!("{}.{}", part(header), part(payload));
    let signature = key.sign(input.as_bytes()).to_bytes();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn verify(token: &str) -> Result<Grant, CredentialError> {
    let here = Here {
        audience: None,
        resources: &[ENDPOINT.to_owned()],
    };
    credential::verify_here(token, &ISSUER.anchors, &here, NOW)
}

/// What verifies, and its two parts on a line each.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let seeds = ISSUER.tokens.iter().flat_map(|token| {
        let mut parts = token.split('.');
        let mut part = || URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
        let (header, payload) = (part(), part());
        [token.clone().into_bytes(), [header, payload].join(&b'\n')]
    });
    seeds.collect()
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
    let verified = verify(token).is_ok();
    if verified {
        assert!(credential::inspect(token).is_ok());
        let is_signed = ISSUER.tokens.iter().any(|signed| signed == token);
        assert!(is_signed, "only what was signed verifies");
    }
    verified
}

/// Whatever an issuer signs.
fn signed(header: &[u8], payload: &[u8]) -> bool {
    let Ok(grant) = verify(&sign(&ISSUER.key, header, payload)) else {
        return false;
    };
    assert!(grant.expires_at > NOW, "it has not ended");
    assert!(grant.expires_at.since(NOW) <= LIFETIME_MAX + credential::CLOCK_SKEW);
    let mut anchors = ISSUER.anchors.iter();
    assert!(anchors.any(|anchor| anchor.issuer == grant.subject.issuer));
    assert!(grant.is_for(&[ENDPOINT.to_owned()]), "it is for here");
    let is_bound = grant.holder.is_some();
    assert!(is_bound != grant.is_proved(), "nobody proved a key");
    assert!(grant.subject.principal.is_some(), "it is for somebody");
    for scope in &grant.subject.scopes {
        let scope = read_shown(scope).unwrap();
        assert!(ISSUER.anchors[0].scopes[0].subsumes(&scope), "{scope}");
    }
    true
}
