//! JWT-SVIDs and tokens of Kubernetes service accounts.

use gatewright_policy::credential::{
    Algorithm, ClaimRules, TokenKind, TokenRules, TokenType, TrustAnchor,
};
use gatewright_policy::pattern::Pattern;
use serde_json::{Value, json};

use crate::issuer::{anchor, claims, paths, rules, scopes, shown, types};
use crate::signer::Key;

const DOMAIN: &str = "spiffe://example.org";
const CLUSTER: &str = "https://kubernetes.default.svc.cluster.local";

fn workload(key: &Key, kind: TokenKind, issuer: &str, role: &str) -> TrustAnchor {
    let mut kinds = types(&["JWT", "JOSE"]);
    kinds.push(TokenType::Absent);
    let rules = TokenRules {
        kind,
        types: kinds,
        claims: ClaimRules {
            agent: paths(&["sub"]),
            roles: paths(&["sub"]),
            role_map: vec![(Pattern::new(role), scopes(&["files:read_*"]))],
            ..ClaimRules::default()
        },
        ..rules()
    };
    TrustAnchor {
        issuer: issuer.to_owned(),
        ..anchor(&[key], &[Algorithm::Es256], rules)
    }
}

fn svid(other: Value) -> Value {
    let mut svid = json!({
        "iss": null, "iat": null, "jti": null, "client_id": null, "scope": null,
        "sub": "spiffe://example.org/agents/one",
        "aud": ["gate-one"],
    });
    for (name, value) in other.as_object().unwrap() {
        svid[name] = value.clone();
    }
    claims(svid)
}

#[test]
fn a_jwt_svid_is_the_agent_that_its_trust_domain_says() {
    let key = Key::p256("one");
    let trusted = workload(
        &key,
        TokenKind::Spiffe,
        DOMAIN,
        "spiffe://example.org/agents/*",
    );
    for header in [
        json!({ "alg": "ES256", "kid": "one", "typ": "JWT" }),
        json!({ "alg": "ES256", "kid": "one", "typ": "JOSE" }),
        json!({ "alg": "ES256", "kid": "one" }),
    ] {
        // What a workload's token says of its issuer counts for nothing.
        for iss in [json!(null), json!("https://spire.example.org")] {
            let token = key.token(&header, &svid(json!({ "iss": iss })));
            let grant = shown(&token, &trusted).unwrap();
            assert_eq!(grant.subject.id, "spiffe://example.org/agents/one");
            assert_eq!(grant.subject.issuer, DOMAIN);
            assert_eq!(grant.subject.principal, None);
            assert_eq!(grant.subject.scopes, ["files:read_*"]);
            assert!(grant.sign_in.is_none());
        }
    }
    let header = json!({ "alg": "ES256", "kid": "one" });
    let unmapped = svid(json!({ "sub": "spiffe://example.org/builds/one" }));
    let grant = shown(&key.token(&header, &unmapped), &trusted).unwrap();
    assert!(grant.scopes.is_empty(), "identity alone grants nothing");
    for (what, other, expected) in [
        (
            "another trust domain",
            json!({ "sub": "spiffe://example.com/agents/one" }),
            "`iss` is missing",
        ),
        (
            "a longer trust domain",
            json!({ "sub": "spiffe://example.org.evil/agents/one" }),
            "`iss` is missing",
        ),
        (
            "no workload",
            json!({ "sub": "spiffe://example.org" }),
            "`sub` is not the SPIFFE id",
        ),
        (
            "an empty path",
            json!({ "sub": "spiffe://example.org/" }),
            "`sub` is not the SPIFFE id",
        ),
        (
            "a path that climbs",
            json!({ "sub": "spiffe://example.org/a/../agents/one" }),
            "`sub` is not the SPIFFE id",
        ),
        (
            "a query",
            json!({ "sub": "spiffe://example.org/agents?one" }),
            "`sub` is not the SPIFFE id",
        ),
        ("no audience", json!({ "aud": null }), "`aud` is missing"),
        (
            "another audience",
            json!({ "aud": ["db"] }),
            "another audience",
        ),
        ("no end", json!({ "exp": null }), "`exp` is missing"),
        ("an ID token", json!({ "nonce": "x" }), "`nonce` shows"),
    ] {
        let token = key.token(&header, &svid(other));
        let error = shown(&token, &trusted).unwrap_err().to_string();
        assert!(error.contains(expected), "{what}: {error}");
    }
}

#[test]
fn a_service_account_is_an_agent_where_its_token_is_for_the_gate() {
    let key = Key::p256("one");
    let account = "system:serviceaccount:agents:*";
    let trusted = workload(&key, TokenKind::Kubernetes, CLUSTER, account);
    let header = json!({ "alg": "ES256", "kid": "one" });
    let of = |other: Value| {
        let mut said = json!({
            "iss": CLUSTER,
            "sub": "system:serviceaccount:agents:bot",
            "kubernetes.io": { "namespace": "agents", "serviceaccount": { "name": "bot" } },
        });
        for (name, value) in other.as_object().unwrap() {
            said[name] = value.clone();
        }
        key.token(&header, &svid(said))
    };
    let grant = shown(&of(json!({})), &trusted).unwrap();
    assert_eq!(grant.subject.id, "system:serviceaccount:agents:bot");
    assert_eq!(grant.subject.scopes, ["files:read_*"]);
    for (what, other, expected) in [
        (
            "for the cluster",
            json!({ "aud": [CLUSTER] }),
            "another audience",
        ),
        (
            "the old kind, without an end",
            json!({ "exp": null }),
            "`exp` is missing",
        ),
        (
            "a user",
            json!({ "sub": "system:admin" }),
            "`sub` is not a service account",
        ),
        (
            "half an account",
            json!({ "sub": "system:serviceaccount:agents:" }),
            "`sub` is not a service account",
        ),
        (
            "another cluster",
            json!({ "iss": "https://other.example" }),
            "is not trusted",
        ),
    ] {
        let error = shown(&of(other), &trusted).unwrap_err().to_string();
        assert!(error.contains(expected), "{what}: {error}");
    }
}
