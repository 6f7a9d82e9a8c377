//! Agents that sign in elsewhere: their tokens, and what they are told when they have
//! none that is good enough.

use gatewright_policy::Claim;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::agent::{Agent, Answer, call};
use crate::scene::{Scene, Setting};
use crate::signer::{Key, key_set};

const ISSUER: &str = "https://idp.example/realms/one";

/// A gate that trusts an authorization server whose keys are in a file.
pub(crate) struct Company {
    pub(crate) scene: Scene,
    key: Key,
    _keys: TempDir,
}

impl Company {
    pub(crate) async fn start(gate: &str, more: &str) -> Self {
        let keys = tempfile::tempdir().unwrap();
        let key = Key::rsa("one");
        let file = keys.path().join("keys.json");
        std::fs::write(&file, key_set(&[&key]).to_string()).unwrap();
        let issuer = format!(
            "[[issuer]]\nid = \"{ISSUER}\"\nscopes = [\"files:*\"]\njwks_file = {file:?}\n{more}\n"
        );
        let scene = Scene::of(Setting {
            gate: gate.to_owned(),
            server: issuer,
            ..Setting::default()
        })
        .await;
        Self {
            scene,
            key,
            _keys: keys,
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}/mcp/files", self.scene.address)
    }

    pub(crate) fn agent(&self, other: Value) -> Agent {
        let now = self.scene.engine.now().seconds();
        let mut claims = json!({
            "iss": ISSUER,
            "sub": "user:alice",
            "aud": self.endpoint(),
            "iat": now - 60,
            "exp": now + 600,
            "client_id": "assistant",
            "scope": "openid files:read",
        });
        for (name, value) in other.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = json!({ "alg": "RS256", "typ": "at+jwt", "kid": "one" });
        Agent {
            token: Some(self.key.token(&header, &claims)),
            ..self.scene.stranger()
        }
    }
}

fn challenge(answer: &Answer) -> String {
    answer
        .header("www-authenticate")
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn an_access_token_passes_and_the_record_says_who_asked() {
    let company = Company::start(
        "",
        "claims = { agent = \"client_id\", facts = { tenant = \"tid\", roles = \"groups\" } }",
    )
    .await;
    let agent = company.agent(json!({ "tid": "acme", "groups": ["a", "b"] }));
    for _ in 0..2 {
        let answer = agent.post(&call("read", "{}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(company.scene.fake.count(), 2);
    let decided = company.scene.decisions().remove(0);
    let caller = decided.caller.unwrap();
    assert_eq!(caller.agent, "assistant");
    assert_eq!(caller.issuer, ISSUER);
    assert_eq!(caller.principal.as_deref(), Some("user:alice"));
    assert_eq!(caller.scopes, ["files:read"]);
    let claim = |name: &str, values: &[&str]| Claim {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    assert_eq!(
        caller.claims,
        [claim("roles", &["a", "b"]), claim("tenant", &["acme"])]
    );
}

#[tokio::test]
async fn a_token_for_one_endpoint_opens_no_other_one_also_when_it_is_known() {
    let company = Company::start("", "").await;
    let agent = company.agent(json!({}));
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    let answer = agent
        .request("POST", "/mcp/other", &call("read", "{}"))
        .await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (401, "credential_invalid")
    );
    let elsewhere = company.agent(json!({ "aud": "https://other.example/mcp" }));
    let answer = elsewhere.post(&call("read", "{}")).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (401, "credential_invalid")
    );
    let by_name = Company::start("audience = \"gate-one\"", "audience = [\"api://gate\"]").await;
    for aud in ["gate-one", "api://gate"] {
        let agent = by_name.agent(json!({ "aud": aud }));
        assert_eq!(agent.post(&call("read", "{}")).await.status, 200, "{aud}");
    }
}

#[tokio::test]
async fn whoever_has_no_token_is_told_where_to_sign_in() {
    let company = Company::start("scopes_supported = [\"openid\", \"files:read\"]", "").await;
    let path = "/.well-known/oauth-protected-resource/mcp/files";
    let metadata = format!(
        "resource_metadata=\"http://{}{path}\"",
        company.scene.address
    );
    let stranger = company.scene.stranger();
    let answer = stranger.post(&call("read", "{}")).await;
    let told = challenge(&answer);
    assert_eq!(answer.status, 401);
    assert!(
        told.contains(&metadata) && told.contains("scope=\"openid files:read\""),
        "{told}"
    );
    let document = stranger.request("GET", path, "").await.json();
    assert_eq!(document["resource"], json!(company.endpoint()));
    assert_eq!(document["authorization_servers"], json!([ISSUER]));
    assert_eq!(
        document["scopes_supported"],
        json!(["openid", "files:read"])
    );
    // What has ended is signed in for again.
    let now = company.scene.engine.now().seconds();
    let answer = company
        .agent(json!({ "exp": now - 1, "iat": now - 60 }))
        .post(&call("read", "{}"))
        .await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (401, "credential_expired")
    );
    let told = challenge(&answer);
    assert!(
        told.contains("error=\"invalid_token\"") && told.contains(&metadata),
        "{told}"
    );
}

#[tokio::test]
async fn the_operator_may_name_another_place_to_sign_in() {
    let company = Company::start("authorization_servers = [\"https://login.example\"]", "").await;
    let path = "/.well-known/oauth-protected-resource/mcp/files";
    let document = company
        .scene
        .stranger()
        .request("GET", path, "")
        .await
        .json();
    assert_eq!(
        document["authorization_servers"],
        json!(["https://login.example"])
    );
}

#[tokio::test]
async fn who_lacks_a_scope_is_told_all_that_the_next_token_needs() {
    let company = Company::start("", "scope_map = { \"files.write\" = [\"files:write_*\"] }").await;
    let agent = company.agent(json!({}));
    let answer = agent.post(&call("write_file", "{}")).await;
    let told = challenge(&answer);
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(
        told.contains("error=\"insufficient_scope\"")
            && told.contains("scope=\"openid files:read files.write\"")
            && told.contains("resource_metadata="),
        "{told}"
    );
    let stepped_up = company.agent(json!({ "scope": "openid files:read files.write" }));
    for tool in ["write_file", "read"] {
        assert_eq!(
            stepped_up.post(&call(tool, "{}")).await.status,
            200,
            "{tool}"
        );
    }
    // Where roles decide, there is nothing to sign in for again.
    let by_role = "role_map = { \"readers\" = [\"files:read\"] }\n\
                   claims = { scopes = [], roles = \"groups\" }";
    let company = Company::start("", by_role).await;
    let agent = company.agent(json!({ "groups": ["readers"] }));
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    let answer = agent.post(&call("write_file", "{}")).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (200, "insufficient_scope")
    );
    assert_eq!(challenge(&answer), "");
}

/// Clients look for a sign-in at the gate itself where nobody tells them of another place.
#[tokio::test]
async fn a_client_that_signs_in_where_nobody_can_is_told_what_to_do_instead() {
    let scene = Scene::start().await;
    let stranger = scene.stranger();
    let registration = r#"{"client_name":"desktop","redirect_uris":["http://127.0.0.1:1/"]}"#;
    for (method, path, body) in [
        ("POST", "/register", registration),
        ("POST", "/token", "grant_type=refresh_token"),
        ("GET", "/authorize?client_id=desktop", ""),
    ] {
        let answer = stranger.request(method, path, body).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(answer.json()["error"], "access_denied", "{path}");
        let told = answer.json()["error_description"].clone();
        let told = told.as_str().unwrap();
        assert!(told.contains("`Authorization: Bearer"), "{told}");
        // The characters of RFC 6749.
        assert!(
            told.chars()
                .all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\')
        );
    }
    assert_eq!(scene.fake.count(), 0);
    // With a sign-in, it is where the metadata say.
    let company = Company::start("", "").await;
    let answer = company
        .scene
        .stranger()
        .request("POST", "/register", registration)
        .await;
    assert_eq!(answer.status, 404);
}
