//! Claims that do not hold.

use gatewright_policy::Timestamp;
use gatewright_policy::credential::TokenType;
use serde_json::{Value, json};

use crate::issuer::{ENDPOINT, ISSUER, NOW, anchor, claims, header, rules, shown};
use crate::refused::{RS256, refused, refused_by};
use crate::signer::Key;

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
