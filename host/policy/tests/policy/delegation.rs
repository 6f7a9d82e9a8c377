//! Chains of delegations: what they give, and why they give nothing.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use gatewright_policy::credential::{
    Claims, CredentialError, Delegation, DelegationError, KeyedError, LINK_TYPE, LINKS_MAX,
    TrustAnchor, delegate, did_key, issue, jwk, sha256, sign, verify,
};
use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::scope::{Scope, read_details};
use gatewright_policy::{Grant, Timestamp};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp(1_793_491_200_000);

/// The key of the issuer is 7, those of agents are what they are called.
fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

fn scopes(text: &Value) -> Vec<Scope> {
    let document = Document::parse(text.to_string(), &JsonLimits::default()).unwrap();
    read_details(document.root()).unwrap()
}

/// A credential of agent 1, for ten minutes.
fn root(holder: Option<u8>) -> String {
    issue(
        &Claims {
            agent: "agent:1".to_owned(),
            principal: "user:alice".to_owned(),
            scopes: vec![
                Scope::parse("files:*").unwrap(),
                Scope::parse("db:query").unwrap(),
            ],
            audience: Vec::new(),
            valid_from: Timestamp(NOW.0 - 60_000),
            valid_until: after(600),
            id: "urn:root".to_owned(),
            task: None,
            holder: holder.map(|seed| key(seed).verifying_key()),
            facts: Vec::new(),
        },
        &key(7),
    )
}

fn verified(chain: &str) -> Result<Grant, CredentialError> {
    verified_at(chain, NOW)
}

fn verified_at(chain: &str, now: Timestamp) -> Result<Grant, CredentialError> {
    let anchor = TrustAnchor {
        issuer: did_key(&key(7).verifying_key()),
        scopes: vec![Scope::parse("*:*").unwrap()],
        lifetime_max: Duration::from_secs(3600),
        task_claim: None,
        session_kept: Duration::from_secs(60),
        ..TrustAnchor::of_did(&did_key(&key(7).verifying_key())).unwrap()
    };
    verify(chain, &[anchor], Some("gate"), now)
}

fn refusal(chain: &str) -> CredentialError {
    verified(chain).unwrap_err()
}

/// The first agent, and below it those that have their grant from it.
fn name(seed: u8) -> String {
    (2..=seed).fold("agent:1".to_owned(), |name, next| format!("{name}/{next}"))
}

/// A chain with a link from one agent to the next.
fn linked(chain: &str, from: u8, to: u8) -> String {
    delegate(
        chain,
        &Delegation {
            from: name(from),
            to: name(to),
            holder: key(to).verifying_key(),
            scopes: vec![Scope::parse("files:read_*").unwrap()],
            audience: Vec::new(),
            issued_at: NOW,
            expires_at: after(300),
            id: format!("urn:link:{to}"),
            depth_max: None,
        },
        &key(from),
    )
}

/// The claims of a good first link, with others in place of them; `null` takes one out.
fn claims(root: &str, other: &Value) -> Value {
    let mut claims = json!({
        "iss": "agent:1",
        "sub": "agent:1/2",
        "iat": NOW.seconds(),
        "exp": after(300).seconds(),
        "jti": "urn:link:2",
        "par_hash": sha256(root),
        "del_depth": 1,
        "cnf": { "jwk": jwk(&key(2).verifying_key()) },
        "authorization_details": [{ "type": "mcp_tools", "actions": ["files:read_*"] }],
    });
    for (name, value) in other.as_object().unwrap() {
        let members = claims.as_object_mut().unwrap();
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    claims
}

#[test]
fn a_chain_gives_the_leaf_a_part_and_names_everybody_before_it() {
    let root = root(Some(1));
    let chain = linked(&linked(&root, 1, 2), 2, 3);
    let grant = verified(&chain).unwrap();
    assert_eq!(grant.subject.id, "agent:1/2/3");
    assert_eq!(grant.subject.delegation, ["agent:1", "agent:1/2"]);
    let chain: Vec<_> = grant.subject.chain().collect();
    let issuer = grant.subject.issuer.as_str();
    assert_eq!(
        chain,
        [("agent:1", Some(issuer)), ("agent:1/2", Some("agent:1"))]
    );
    assert_eq!(grant.subject.principal.as_deref(), Some("user:alice"));
    assert_eq!(grant.subject.scopes, ["files:read_*"]);
    assert_eq!(grant.expires_at, after(300));
    assert!(grant.covers("files", "read_file") && !grant.covers("files", "write_file"));
    assert!(!grant.covers("db", "query"));
    assert!(
        !grant.is_proved(),
        "the key of the leaf is still to be proved"
    );
    let parents = &grant.tokens.parents;
    for name in ["urn:root", "urn:link:2"] {
        assert!(
            parents.iter().any(|known| known == name),
            "{name}: {parents:?}"
        );
    }
    // By its last link, and by what the record calls the whole of it.
    for name in ["urn:link:3".to_owned(), grant.credential.to_string()] {
        assert!(grant.tokens.own.contains(&name), "{name}");
    }
    let holders = [1, 2].map(|seed| verified_holder(&root, seed));
    assert!(
        holders.iter().all(|holder| parents.contains(holder)),
        "{parents:?}"
    );
    // What the first agent left behind, its delegates have left behind.
    assert_eq!(grant.session, verified(&root).unwrap().session);
}

fn verified_holder(root: &str, seed: u8) -> String {
    let grant = match seed {
        1 => verified(root),
        other => verified(&linked(root, 1, other)),
    };
    grant.unwrap().holder.unwrap().to_string()
}

#[test]
fn each_bad_link_is_refused_for_its_own_reason() {
    let root = root(Some(1));
    let details = |actions: &str| json!([{ "type": "mcp_tools", "actions": [actions] }]);
    let bounded = json!([{
        "type": "mcp_tools", "actions": ["files:read"],
        "arguments": { "/path": { "type": "regex", "pattern": ".*" } },
    }]);
    use DelegationError as Error;
    for (what, other, expected) in [
        ("a gap", json!({ "del_depth": 2 }), Error::Gap),
        ("no depth", json!({ "del_depth": null }), Error::Gap),
        (
            "a depth that is no number",
            json!({ "del_depth": "1" }),
            Error::Claim("del_depth"),
        ),
        (
            "the hash of another",
            json!({ "par_hash": sha256("other") }),
            Error::OtherParent,
        ),
        (
            "no hash",
            json!({ "par_hash": null }),
            Error::Claim("par_hash"),
        ),
        (
            "another agent",
            json!({ "iss": "agent:9" }),
            Error::OtherAgent,
        ),
        (
            "the name of another",
            json!({ "sub": "agent:9" }),
            Error::ForeignName,
        ),
        (
            "a name that begins alike",
            json!({ "sub": "agent:12" }),
            Error::ForeignName,
        ),
        (
            "no name below",
            json!({ "sub": "agent:1/" }),
            Error::ForeignName,
        ),
        (
            "the key of another",
            json!({ "sub": did_key(&key(9).verifying_key()) }),
            Error::ForeignName,
        ),
        (
            "another principal",
            json!({ "principal": "user:mallory" }),
            Error::OtherPrincipal,
        ),
        (
            "a longer life",
            json!({ "exp": after(601).seconds() }),
            Error::LivesLonger,
        ),
        (
            "a life without end",
            json!({ "exp": null }),
            Error::Claim("exp"),
        ),
        (
            "an end before its begin",
            json!({ "exp": NOW.seconds() }),
            Error::Claim("exp"),
        ),
        (
            "an end that is no time",
            json!({ "exp": 1e9 }),
            Error::Claim("exp"),
        ),
        ("no id", json!({ "jti": null }), Error::Claim("jti")),
        ("no agent", json!({ "sub": "" }), Error::Claim("sub")),
        ("no key", json!({ "cnf": null }), Error::UnboundLink),
        (
            "a wider scope",
            json!({ "authorization_details": details("files*:read") }),
            Error::Widened(Scope::parse("files*:read").unwrap()),
        ),
        (
            "a scope of something else",
            json!({ "authorization_details": details("mail:send") }),
            Error::Widened(Scope::parse("mail:send").unwrap()),
        ),
        (
            "no scope",
            json!({ "authorization_details": null }),
            Error::Claim("authorization_details"),
        ),
        (
            "a claim that may narrow",
            json!({ "scope": "less" }),
            Error::UnknownClaim,
        ),
    ] {
        let link = sign(LINK_TYPE, &claims(&root, &other), &key(1));
        let error = refusal(&format!("{root}~{link}"));
        assert_eq!(error, CredentialError::Delegation(expected), "{what}");
    }
    let unknown = claims(&root, &json!({ "authorization_details": bounded }));
    let error = refusal(&format!("{root}~{}", sign(LINK_TYPE, &unknown, &key(1))));
    assert!(
        matches!(error, CredentialError::Delegation(Error::Details(_))),
        "{error:?}"
    );
    let unreadable = claims(&root, &json!({ "cnf": { "x5t": "a" } }));
    let error = refusal(&format!("{root}~{}", sign(LINK_TYPE, &unreadable, &key(1))));
    assert!(
        matches!(error, CredentialError::Member { member: "cnf", .. }),
        "{error:?}"
    );
    for good in [
        json!({ "principal": "user:alice" }),
        json!({ "sub": "agent:1" }),
        json!({ "sub": did_key(&key(2).verifying_key()) }),
    ] {
        let link = sign(LINK_TYPE, &claims(&root, &good), &key(1));
        verified(&format!("{root}~{link}")).unwrap();
    }
}

#[test]
fn a_link_of_somebody_else_or_of_another_kind_is_refused() {
    let root = root(Some(1));
    let claims = claims(&root, &json!({}));
    let header = |header: Value| {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = key(1).sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    let own = jwk(&key(1).verifying_key());
    let base = json!({ "typ": LINK_TYPE, "alg": "EdDSA", "jwk": own });
    let with = |name: &str, value: Value| {
        let mut base = base.clone();
        base[name] = value;
        header(base)
    };
    let good = sign(LINK_TYPE, &claims, &key(1));
    let mut flipped = good.clone().into_bytes();
    let last = flipped.len() - 10;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    for (what, link, expected) in [
        (
            "another signer",
            sign(LINK_TYPE, &claims, &key(9)),
            KeyedError::OtherKey,
        ),
        (
            "the key of another",
            with("jwk", jwk(&key(9).verifying_key())),
            KeyedError::OtherKey,
        ),
        (
            "a flipped signature",
            String::from_utf8(flipped).unwrap(),
            KeyedError::BadSignature,
        ),
        (
            "another type",
            with("typ", json!("dpop+jwt")),
            KeyedError::OtherType,
        ),
        (
            "no algorithm",
            with("alg", json!("none")),
            KeyedError::Algorithm,
        ),
        (
            "a shared secret",
            with("alg", json!("HS256")),
            KeyedError::Algorithm,
        ),
        (
            "the algorithm of another key",
            with("alg", json!("ES256")),
            KeyedError::Algorithm,
        ),
        ("RSA", with("alg", json!("RS256")), KeyedError::Algorithm),
        (
            "what must be understood",
            with("crit", json!(["b64"])),
            KeyedError::Header,
        ),
        (
            "the address of a key",
            with("jku", json!("https://x")),
            KeyedError::Header,
        ),
        ("a certificate", with("x5c", json!([])), KeyedError::Header),
        ("nothing", String::new(), KeyedError::NotCompactJws),
        (
            "half of it",
            good.rsplit_once('.').unwrap().0.to_owned(),
            KeyedError::NotCompactJws,
        ),
        ("padding", format!("{good}="), KeyedError::NotCompactJws),
    ] {
        let error = refusal(&format!("{root}~{link}"));
        let expected = CredentialError::Delegation(DelegationError::Signature(expected));
        assert_eq!(error, expected, "{what}");
    }
    verified(&format!("{root}~{good}")).unwrap();
}

#[test]
fn a_chain_with_a_link_left_out_or_moved_gives_nothing() {
    let root = root(Some(1));
    let chain = linked(&linked(&linked(&root, 1, 2), 2, 3), 3, 4);
    verified(&chain).unwrap();
    let parts: Vec<_> = chain.split('~').collect();
    for (what, order) in [
        ("without the first link", vec![0, 2, 3]),
        ("without the second", vec![0, 1, 3]),
        ("turned around", vec![0, 2, 1, 3]),
        ("one link twice", vec![0, 1, 1, 2]),
        ("without its root", vec![1, 2, 3]),
    ] {
        let order: Vec<_> = order.iter().map(|at: &usize| parts[*at]).collect();
        verified(&order.join("~")).expect_err(what);
    }
    // The same agents, keys and scopes under another credential are another chain.
    let other = issue(
        &Claims {
            agent: "agent:1".to_owned(),
            principal: "user:bob".to_owned(),
            scopes: scopes(&json!([{ "type": "mcp_tools", "actions": ["*:*"] }])),
            audience: Vec::new(),
            valid_from: NOW,
            valid_until: after(600),
            id: "urn:other".to_owned(),
            task: None,
            holder: Some(key(1).verifying_key()),
            facts: Vec::new(),
        },
        &key(7),
    );
    let moved = [&[&*other], &parts[1..]].concat().join("~");
    assert_eq!(
        refusal(&moved),
        CredentialError::Delegation(DelegationError::OtherParent)
    );
    for text in [format!("{root}~"), format!("~{root}"), format!("{root}~~")] {
        verified(&text).expect_err(&text);
    }
}

#[test]
fn a_credential_that_is_bound_to_no_key_cannot_be_delegated() {
    let bearer = root(None);
    assert!(verified(&bearer).unwrap().is_proved());
    let error = refusal(&linked(&bearer, 1, 2));
    assert_eq!(
        error,
        CredentialError::Delegation(DelegationError::NotBound)
    );
}

#[test]
fn a_chain_is_only_so_long_and_may_be_shorter_if_somebody_says_so() {
    let mut chain = root(Some(1));
    for from in 1..=u8::try_from(LINKS_MAX).unwrap() {
        chain = linked(&chain, from, from + 1);
        verified(&chain).unwrap();
    }
    let error = refusal(&linked(&chain, 9, 10));
    assert_eq!(error, CredentialError::Delegation(DelegationError::TooDeep));

    let root = root(Some(1));
    let last = claims(&root, &json!({ "del_max_depth": 1 }));
    let chain = format!("{root}~{}", sign(LINK_TYPE, &last, &key(1)));
    verified(&chain).unwrap();
    let error = refusal(&linked(&chain, 2, 3));
    assert_eq!(error, CredentialError::Delegation(DelegationError::TooDeep));
    let long = format!("{chain}~{}", "a".repeat(20_000));
    assert_eq!(refusal(&long), CredentialError::TooLong);
}

#[test]
fn a_link_counts_in_its_time_and_at_its_gates() {
    let root = root(Some(1));
    let chain = |other: Value| {
        format!(
            "{root}~{}",
            sign(LINK_TYPE, &claims(&root, &other), &key(1))
        )
    };
    let good = chain(json!({}));
    verified_at(&good, Timestamp(after(300).0 - 1)).unwrap();
    let error = verified_at(&good, after(300)).unwrap_err();
    assert_eq!(error, CredentialError::Expired(after(300)));
    let later = chain(json!({ "nbf": after(31).seconds() }));
    assert_eq!(refusal(&later), CredentialError::NotYetValid(after(31)));
    verified(&chain(json!({ "nbf": after(30).seconds() }))).unwrap();
    for (audience, accepted) in [
        (json!("gate"), true),
        (json!(["x", "gate"]), true),
        (json!("x"), false),
        (json!([]), false),
        (json!(7), false),
        (json!({}), false),
    ] {
        let result = verified(&chain(json!({ "aud": audience })));
        assert_eq!(result.is_ok(), accepted, "{audience}");
        assert!(accepted || result.err() == Some(CredentialError::WrongAudience));
    }
}

#[test]
fn no_word_of_a_chain_is_in_what_a_record_may_have() {
    let root = root(Some(1));
    let details = json!([{ "type": "mcp_tools", "actions": ["secret:secret"] }]);
    let wide = claims(&root, &json!({ "authorization_details": details }));
    let error = refusal(&format!("{root}~{}", sign(LINK_TYPE, &wide, &key(1))));
    assert!(error.to_string().contains("secret:secret"));
    assert!(!error.unquoted().contains("secret"), "{}", error.unquoted());
}
