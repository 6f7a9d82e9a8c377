//! A gate that gets a token of its own at a real authorization server, for a tool server that
//! takes no other: another gate.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use std::time::{Duration, Instant};

use gatewright_harness::{Credential, GateBuilder, Workspace};
use gatewright_peers::{Agent, AuthorizationServer, Era, EverythingOverHttp, Language, Step};
use serde_json::json;

const SECRET: &str = "a client secret with a % and a :";

#[test]
fn a_gate_signs_in_at_a_real_authorization_server_for_a_tool_server() {
    let scope = "everything:echo";
    let lifetime = Duration::from_secs(4);
    let authority = AuthorizationServer::start_with(&[scope], lifetime, Some(SECRET)).unwrap();
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
    let secret = front.write("client-secret", SECRET).unwrap();
    let endpoint = behind_gate.endpoint("everything");
    let gate = GateBuilder::new()
        .with_url("everything", &endpoint)
        .with(&format!(
            "[server.credential.oauth]\ntoken_url = \"{issuer}/token\"\nclient_id = \"gate\"\n\
             client_secret_file = {secret:?}\nscopes = [{scope:?}]\nresource = {endpoint:?}\n"
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
            !text.contains("eyJ") && !text.contains("a client secret"),
            "{text}"
        );
    }
    // Who asked there was the gate.
    let ledger = behind.read("state/audit.jsonl").unwrap();
    assert!(ledger.contains(issuer) && !ledger.contains("did:example:agent"));
}
