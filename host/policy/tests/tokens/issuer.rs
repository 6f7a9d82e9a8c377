//! An issuer of access tokens, as a gate may trust it.

use std::sync::Arc;
use std::time::Duration;

use gatewright_policy::credential::{
    Algorithm, ClaimPath, ClaimRules, CredentialError, Envelope, Here, KeySet, KeyUse, TokenKind,
    TokenRules, TokenType, TrustAnchor, verify_here,
};
use gatewright_policy::pattern::Scope;
use gatewright_policy::{Grant, Timestamp};
use serde_json::{Value, json};

use crate::signer::{Key, key_set};

/// 2026-11-01T00:00:00Z
pub const NOW: u64 = 1_793_491_200;

pub const ISSUER: &str = "https://idp.example/realms/one";

pub const ENDPOINT: &str = "https://gate.example/mcp/files";

pub fn scopes(list: &[&str]) -> Vec<Scope> {
    list.iter().map(|one| Scope::parse(one).unwrap()).collect()
}

pub fn paths(list: &[&str]) -> Vec<ClaimPath> {
    list.iter()
        .map(|one| ClaimPath::parse(one).unwrap())
        .collect()
}

pub fn types(list: &[&str]) -> Vec<TokenType> {
    list.iter().map(|one| TokenType::of(Some(one))).collect()
}

pub fn rules() -> TokenRules {
    TokenRules {
        kind: TokenKind::Oauth,
        types: types(&["at+jwt"]),
        audiences: vec!["gate-one".to_owned()],
        claims: ClaimRules {
            agent: paths(&["client_id", "azp"]),
            principal: paths(&["sub"]),
            scopes: paths(&["scope", "scp"]),
            ..ClaimRules::default()
        },
    }
}

/// How far it is trusted, with these keys.
pub fn anchor(keys: &[&Key], algorithms: &[Algorithm], rules: TokenRules) -> TrustAnchor {
    let key_use = match rules.kind {
        TokenKind::Spiffe => KeyUse::JwtSvid,
        TokenKind::Oauth | TokenKind::Kubernetes => KeyUse::Signature,
    };
    let mut set = key_set(keys);
    for key in set["keys"].as_array_mut().unwrap() {
        if key_use == KeyUse::JwtSvid {
            key["use"] = json!("jwt-svid");
        }
    }
    TrustAnchor {
        issuer: ISSUER.to_owned(),
        scopes: scopes(&["files:*"]),
        lifetime_max: Duration::from_secs(3600),
        task_claim: None,
        session_kept: Duration::from_secs(60),
        status_lists: Vec::new(),
        status_grace: Duration::ZERO,
        envelope: Envelope::Token(Arc::new(rules)),
        algorithms: algorithms.to_vec(),
        keys: Arc::new(KeySet::parse(set.to_string().as_bytes(), key_use).unwrap()),
        keys_until: Timestamp(u64::MAX),
    }
}

/// Claims that are accepted, with these in place of some, or `null` for none.
pub fn claims(other: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "sub": "user:alice",
        "aud": ENDPOINT,
        "exp": NOW + 600,
        "iat": NOW - 60,
        "jti": "one",
        "client_id": "assistant",
        "scope": "openid files:read_*",
    });
    for (name, value) in other.as_object().unwrap() {
        match value {
            Value::Null => {
                claims.as_object_mut().unwrap().remove(name);
            }
            value => claims[name] = value.clone(),
        }
    }
    claims
}

pub fn header(algorithm: &str, key: &Key) -> Value {
    json!({ "alg": algorithm, "typ": "at+jwt", "kid": key.name })
}

pub fn shown(token: &str, anchor: &TrustAnchor) -> Result<Grant, CredentialError> {
    let here = Here {
        audience: Some("gate-two"),
        resources: &[ENDPOINT.to_owned(), "https://gate.example".to_owned()],
    };
    verify_here(
        token,
        std::slice::from_ref(anchor),
        &here,
        Timestamp::from_seconds(NOW),
    )
}
