//! A gate that gets a token of its own at a real authorization server, for a tool server that
//! takes no other: another gate.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use gatewright_harness::{Credential, GateBuilder, Workspace};
use gatewright_peers::{Agent, AuthorizationServer, Era, EverythingOverHttp, Language, Step};
use serde_json::json;

const SECRET: &str = "a client secret with a % and a :";

/// From RFC 8410, 10.3: of the tests, and of nobody.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";

const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"one","x":"Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"}"#;

#[test]
fn a_gate_signs_in_at_a_real_authorization_server_for_a_tool_server() {
    check(
        ("CLIENT_SECRET", SECRET),
        "client-secret",
        SECRET,
        |file, _| format!("client_secret_file = {file:?}\n"),
    );
}

/// RFC 7523: a signature in place of a secret.
#[test]
fn a_gate_proves_a_key_to_a_real_authorization_server() {
    check(("CLIENT_JWK", JWK), "client.key", KEY, |file, issuer| {
        format!("client_key_file = {file:?}\nclient_key_id = \"one\"\nissuer = {issuer:?}\n")
    });
    // Without the name of the issuer it signs for the token endpoint.
    check(("CLIENT_JWK", JWK), "client.key", KEY, |file, _| {
        format!("client_key_file = {file:?}\n")
    });
}

fn check(told: (&str, &str), file: &str, text: &str, keys: impl Fn(&Path, &str) -> String) {
    let scope = "everything:echo";
    let lifetime = Duration::from_secs(4);
    let authority = AuthorizationServer::start_with(&[scope], lifetime, &[told]).unwrap();
    let server = EverythingOverHttp::start().unwrap();
    // The one behind takes tokens of the authorization server alone.
    let behind = Workspace::create().unwrap();
    let issuer = authority.issuer();
    let behind_gate = GateBuilder::new()
        .with_url("everything", server.url())
        .with(&format!(
            "[[issuer]]\nid = {issuer:?}\nscopes = [{scope:?}]\n"
        ))
        .allowing_everything(&behind)
        .unwrap()
        .start(&behind)
        .unwrap();
    let front = Workspace::create().unwrap();
    let secret = front.write(file, text).unwrap();
    std::fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    let endpoint = behind_gate.endpoint("everything");
    let gate = GateBuilder::new()
        .with_url("everything", &endpoint)
        .with(&format!(
            "[server.credential.oauth]\ntoken_url = \"{issuer}/token\"\nclient_id = \"gate\"\n\
             {}scopes = [{scope:?}]\nresource = {endpoint:?}\n",
            keys(&secret, issuer)
        ))
        .allowing_everything(&front)
        .unwrap()
        .start(&front)
        .unwrap();
    let token = front.issue(&Credential::default()).unwrap();
    let agent = Agent {
        language: Language::TypeScript,
        era: Era::Legacy,
        browses: false,
    };
    let steps = [
        Step::call("echo", json!({ "message": "hi" })),
        Step::call("get-sum", json!({ "a": 1, "b": 1 })),
    ];
    let url = gate.endpoint("everything");
    // Until one call was made with a token that was got since.
    let deadline = Instant::now() + Duration::from_secs(60);
    while authority.given().len() < 2 {
        assert!(Instant::now() < deadline, "no token is renewed");
        let report = agent.run(&url, Some(&token), &steps).unwrap();
        let told = format!(
            "{report:#?}\n{}\n{}\n{}",
            gate.process().printed(),
            behind_gate.process().printed(),
            authority.printed()
        );
        assert!(report.connection.is_ok(), "{told}");
        assert_eq!(report.steps[0]["text"], json!("Echo: hi"), "{told}");
        // The one behind says what the token of the gate covers, whatever the agent may do.
        assert!(report.steps[1].get("text").is_none() || report.steps[1]["isError"] == json!(true));
        let given = authority.given();
        assert!(
            given
                .iter()
                .all(|token| token["kind"] == json!("client_credentials"))
        );
        assert!(
            given
                .iter()
                .all(|token| token["resource"] == json!(endpoint))
        );
    }
    let (ledger, log) = (
        front.read("state/audit.jsonl").unwrap(),
        gate.process().printed(),
    );
    for text in [ledger, log] {
        assert!(
            !text.contains("eyJ") && !text.contains("a client secret") && !text.contains("MC4CAQ"),
            "{text}"
        );
    }
    // Who asked there was the gate.
    let ledger = behind.read("state/audit.jsonl").unwrap();
    assert!(ledger.contains(issuer) && !ledger.contains("did:example:agent"));
}
