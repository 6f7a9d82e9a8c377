//! What is made of the claims of a good token.

use gatewright_policy::Claim;
use gatewright_policy::credential::{Algorithm, ClaimRules, TokenRules};
use gatewright_policy::pattern::Pattern;
use serde_json::{Value, json};

use crate::issuer::{ENDPOINT, anchor, claims, header, paths, rules, scopes, shown};
use crate::signer::Key;

fn granted(rules: TokenRules, other: Value) -> Result<gatewright_policy::Grant, String> {
    let key = Key::ed25519("one", 7);
    let trusted = anchor(&[&key], &[Algorithm::EdDsa], rules);
    let token = key.token(&header("EdDSA", &key), &claims(other));
    shown(&token, &trusted).map_err(|error| error.to_string())
}

fn with(claims: ClaimRules) -> TokenRules {
    let usual = rules();
    TokenRules {
        claims: ClaimRules {
            agent: usual.claims.agent.clone(),
            principal: usual.claims.principal.clone(),
            ..claims
        },
        ..usual
    }
}

#[test]
fn an_access_token_says_who_asks_for_whom_and_what() {
    let grant = granted(rules(), json!({})).unwrap();
    let subject = &grant.subject;
    assert_eq!(subject.id, "assistant");
    assert_eq!(subject.principal.as_deref(), Some("user:alice"));
    assert_eq!(
        subject.scopes,
        ["files:read_*"],
        "`openid` is no scope here"
    );
    assert!(subject.delegation.is_empty());
    assert_eq!(&*grant.endpoints, [ENDPOINT]);
    assert!(grant.is_for(&[ENDPOINT.to_owned()]));
    assert!(!grant.is_for(&["https://gate.example/mcp/db".to_owned()]));
    assert!(!grant.is_for(&[]));
}

#[test]
fn a_token_for_the_gate_is_for_each_of_its_endpoints() {
    for aud in [json!("gate-one"), json!(["other", "gate-two"])] {
        let grant = granted(rules(), json!({ "aud": aud })).unwrap();
        assert!(grant.endpoints.is_empty());
        assert!(grant.is_for(&["https://gate.example/mcp/db".to_owned()]));
    }
    let base = granted(rules(), json!({ "aud": "https://gate.example" })).unwrap();
    assert!(base.is_for(&["x".to_owned(), "https://gate.example".to_owned()]));
}

#[test]
fn scopes_are_what_the_map_says_and_no_wider_than_the_issuer_may_grant() {
    let map = || ClaimRules {
        scopes: paths(&["scope", "scp"]),
        scope_map: vec![
            (
                Pattern::new("files.read"),
                scopes(&["files:read_*", "files:list"]),
            ),
            (Pattern::new("files.*"), scopes(&["files:stat"])),
            (Pattern::new("everything"), scopes(&["*:*"])),
        ],
        ..ClaimRules::default()
    };
    for (what, other, expected) in [
        (
            "by a map",
            json!({ "scope": "files.read" }),
            &["files:read_*", "files:list", "files:stat"][..],
        ),
        (
            "by a pattern",
            json!({ "scope": "files.write" }),
            &["files:stat"],
        ),
        (
            "as it is",
            json!({ "scope": "files:write" }),
            &["files:write"],
        ),
        (
            "both claims",
            json!({ "scope": "files:a", "scp": ["files:b"] }),
            &["files:a", "files:b"],
        ),
        (
            "wider than may be",
            json!({ "scope": "*:* db:query files:ok" }),
            &["files:ok"],
        ),
        ("wider by a map", json!({ "scope": "everything" }), &[]),
        ("twice", json!({ "scope": "files:a files:a" }), &["files:a"]),
        ("none", json!({ "scope": null }), &[]),
        (
            "authorization details, ours and others'",
            json!({
                "scope": null,
                "authorization_details": [
                    { "type": "payment", "amount": 1 },
                    { "type": "mcp_tools", "actions": ["files:write", "db:query"] },
                ],
            }),
            &["files:write"],
        ),
    ] {
        let grant = granted(with(map()), other).unwrap();
        assert_eq!(grant.subject.scopes, expected, "{what}");
    }
}

#[test]
fn roles_give_what_the_map_says_and_bound_what_scopes_say() {
    let roles = || ClaimRules {
        scopes: paths(&["scope"]),
        roles: paths(&["groups", "/realm_access/roles"]),
        role_map: vec![
            (Pattern::new("reader"), scopes(&["files:read_*"])),
            (Pattern::new("team-*"), scopes(&["files:list"])),
        ],
        ..ClaimRules::default()
    };
    for (what, other, expected) in [
        (
            "by groups",
            json!({ "scope": null, "groups": ["reader", "other"] }),
            &["files:read_*"][..],
        ),
        (
            "by a nested claim",
            json!({ "scope": null, "realm_access": { "roles": ["team-a", "team-b"] } }),
            &["files:list"],
        ),
        (
            "by one text",
            json!({ "scope": null, "groups": "reader" }),
            &["files:read_*"],
        ),
        // Somebody may call a group as they like.
        (
            "a group called like a scope",
            json!({ "scope": null, "groups": ["files:*"] }),
            &[],
        ),
        ("no role", json!({ "scope": "files:read_file" }), &[]),
        (
            "scopes within the roles",
            json!({ "scope": "files:read_file files:write", "groups": ["reader"] }),
            &["files:read_file"],
        ),
    ] {
        let grant = granted(with(roles()), other).unwrap();
        assert_eq!(grant.subject.scopes, expected, "{what}");
    }
}

#[test]
fn policies_see_the_claims_that_the_operator_names_and_no_others() {
    let facts = || {
        let fact = |name: &str, path: &str| (name.to_owned(), paths(&[path]).remove(0));
        ClaimRules {
            facts: vec![
                fact("tenant", "tid"),
                fact("roles", "/realm_access/roles"),
                fact("level", "https://example.com/level"),
                fact("missing", "nowhere"),
            ],
            ..ClaimRules::default()
        }
    };
    let said = json!({
        "tid": "acme",
        "realm_access": { "roles": ["a", "b"] },
        "https://example.com/level": 3,
        "ssn": "secret",
    });
    let grant = granted(with(facts()), said).unwrap();
    let claim = |name: &str, values: &[&str]| Claim {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let expected = [
        claim("tenant", &["acme"]),
        claim("roles", &["a", "b"]),
        claim("level", &["3"]),
    ];
    assert_eq!(grant.subject.claims, expected);
    let many: Vec<_> = (0..257).map(|place| place.to_string()).collect();
    let refused = granted(with(facts()), json!({ "realm_access": { "roles": many } }));
    assert!(refused.unwrap_err().contains("more than 256"));
    let refused = granted(with(facts()), json!({ "tid": { "a": 1 } }));
    assert!(refused.unwrap_err().contains("claim `tid` is not a text"));
}

#[test]
fn an_exchanged_token_is_its_actors_and_its_principal_stays() {
    let act =
        json!({ "sub": "worker", "act": { "sub": "planner", "act": { "sub": "assistant" } } });
    let grant = granted(rules(), json!({ "act": act })).unwrap();
    assert_eq!(grant.subject.id, "worker");
    assert_eq!(grant.subject.delegation, ["assistant", "planner"]);
    let issuer = grant.subject.issuer.as_str();
    assert!(grant.subject.chain().all(|(_, by)| by == Some(issuer)));
    assert_eq!(grant.subject.principal.as_deref(), Some("user:alice"));
}

#[test]
fn an_address_that_nobody_verified_is_nobody() {
    for email in ["email", "/email"] {
        let by_email = || {
            let mut rules = rules();
            rules.claims.principal = paths(&[email, "sub"]);
            rules
        };
        let principal =
            |other| granted(by_email(), other).map(|grant| grant.subject.principal.clone());
        assert_eq!(principal(json!({})), Ok(Some("user:alice".to_owned())));
        let said = json!({ "email": "a@example.com", "email_verified": true });
        assert_eq!(principal(said), Ok(Some("a@example.com".to_owned())));
        for verified in [json!(false), json!("false"), json!(0)] {
            let said = json!({ "email": "a@example.com", "email_verified": verified });
            assert!(principal(said).unwrap_err().contains("was not verified"));
        }
    }
}

#[test]
fn who_lacks_a_scope_is_told_all_that_the_next_token_needs() {
    let map = || ClaimRules {
        scopes: paths(&["scope"]),
        scope_map: vec![
            (Pattern::new("files.*"), scopes(&["files:*"])),
            (Pattern::new("files.write"), scopes(&["files:write_*"])),
        ],
        ..ClaimRules::default()
    };
    let needed = |rules: TokenRules, scope: &str, missing: &[&str]| {
        let grant = granted(rules, json!({ "scope": scope })).unwrap();
        let missing: Vec<_> = missing.iter().map(|one| (*one).to_owned()).collect();
        grant.sign_in.as_ref().unwrap().needed(&missing)
    };
    let held = "openid files:read";
    assert_eq!(
        needed(with(map()), held, &["files:write_file"]),
        ["openid", "files:read", "files.write"]
    );
    assert_eq!(
        needed(rules(), held, &["files:list"]),
        ["openid", "files:read", "files:list"]
    );
    // Nobody can get these.
    assert!(needed(rules(), held, &["db:query"]).is_empty());
    assert!(needed(rules(), held, &["files:list", "db:query"]).is_empty());
    assert!(needed(rules(), held, &["files:\"quoted\""]).is_empty());
    let mut by_role = with(ClaimRules {
        roles: paths(&["scope"]),
        role_map: vec![(Pattern::new("*"), scopes(&["files:read"]))],
        ..ClaimRules::default()
    });
    by_role.claims.scopes.clear();
    assert!(needed(by_role, held, &["files:list"]).is_empty());
}
