//! A client that knows nothing but the URL of an endpoint signs in at a real
//! authorization server, calls, refreshes and steps up.

use std::process::Command;
use std::time::Duration;

use gatewright_harness::{GateBuilder, Process, Stream, Workspace};
use gatewright_peers::{AuthorizationServer, Desktop, EverythingOverHttp, Language};
use serde_json::json;

const POLICY: &str = r#"
[[binding]]
name = "tools"
policy = "tool-gate.wasm"
[[binding.settings.rules]]
tools = ["echo", "get-sum"]
effect = "allow"
"#;

#[test]
fn the_typescript_client_signs_in_refreshes_and_steps_up() {
    check(Language::TypeScript);
}

#[test]
fn the_python_client_signs_in_refreshes_and_steps_up() {
    check(Language::Python);
}

/// How long a client may take to see that it cannot.
const DEADLINE: Duration = Duration::from_secs(60);

/// Where nobody signs in, a client that tries to says what to do instead.
#[test]
fn mcp_remote_without_a_header_says_that_one_is_missing() {
    let server = EverythingOverHttp::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = GateBuilder::new()
        .with_url("everything", server.url())
        .allowing_everything(&workspace)
        .unwrap()
        .start(&workspace)
        .unwrap();
    let binaries = workspace.binaries();
    let mut command = Command::new(binaries.node().unwrap());
    command
        .arg(binaries.npm("mcp-remote/dist/proxy.js").unwrap())
        .arg(gate.endpoint("everything"))
        .args(["--transport", "http-only"])
        .env("MCP_REMOTE_CONFIG_DIR", workspace.path().join("mcp-remote"));
    let remote = Process::spawn(command).unwrap();
    let told = remote.wait_for_line(Stream::Err, "nobody signs in at this gate", DEADLINE);
    assert!(told.unwrap().contains("Authorization: Bearer"));
}

fn check(language: Language) {
    let scopes = ["everything:echo", "everything:get-sum"];
    let authorization = AuthorizationServer::start(&scopes, Duration::from_secs(4)).unwrap();
    let server = EverythingOverHttp::start().unwrap();
    let workspace = Workspace::create().unwrap();
    workspace.add_plugin("tool-gate").unwrap();
    let issuer = authorization.issuer();
    let gate = GateBuilder::new()
        .with_scopes(&["everything:echo"])
        .with_url("everything", server.url())
        .with(&format!(
            "[[issuer]]\nid = {issuer:?}\nscopes = {scopes:?}\n"
        ))
        .with(POLICY)
        .start(&workspace)
        .unwrap();
    let steps = [
        json!({ "call": "echo", "arguments": { "message": "hi" } }),
        json!({ "call": "get-sum", "arguments": { "a": 2, "b": 40 } }),
        json!({ "call": "echo", "arguments": { "message": "again" } }),
        json!({ "wait": true }),
        json!({ "call": "get-sum", "arguments": { "a": 1, "b": 1 } }),
        json!({ "call": "get-env" }),
    ];
    let url = gate.endpoint("everything");
    let report = Desktop(language).run(&url, &steps).unwrap();
    let told = format!(
        "{report:#?}\n{}\n{}",
        gate.process().printed(),
        authorization.printed()
    );
    let [
        connected,
        echo,
        stepped_up,
        again,
        _waited,
        refreshed,
        denied,
    ] = report.as_slice()
    else {
        panic!("{told}")
    };
    // Discovery, registration, PKCE, the resource indicator and a token: once.
    assert_eq!(connected["signIns"], json!(1), "{told}");
    assert_eq!(connected["scope"], json!("everything:echo"), "{told}");
    assert_eq!(echo["text"], json!("Echo: hi"), "{told}");
    assert_eq!(echo["signIns"], json!(1), "{told}");
    // A scope more, and those before with it.
    assert!(
        stepped_up["text"]
            .as_str()
            .unwrap_or_default()
            .contains("42"),
        "{told}"
    );
    assert_eq!(stepped_up["signIns"], json!(2), "{told}");
    let scope = stepped_up["scope"].as_str().unwrap_or_default();
    assert!(
        scopes
            .iter()
            .all(|one| scope.split(' ').any(|word| word == *one)),
        "{told}"
    );
    assert_eq!(again["text"], json!("Echo: again"), "{told}");
    // What has ended is refreshed, without the user.
    assert!(
        refreshed["text"].as_str().unwrap_or_default().contains('2'),
        "{told}"
    );
    assert_eq!(refreshed["renewed"], json!(true), "{told}");
    assert_eq!(refreshed["signIns"], json!(2), "{told}");
    // What nobody can sign in for is a refusal, and no way round in circles.
    assert_eq!(denied["isError"], json!(true), "{told}");
    let reason = &denied["meta"]["gatewright/reason"];
    assert_eq!(reason, &json!("insufficient_scope"), "{told}");
    assert_eq!(denied["signIns"], json!(2), "{told}");
    let given = authorization.given();
    assert!(
        given.iter().all(|token| token["resource"] == json!(url)),
        "{told}"
    );
    let kinds: Vec<_> = given.iter().map(|token| &token["kind"]).collect();
    assert!(
        kinds.contains(&&json!("authorization_code")) && kinds.contains(&&json!("refresh_token"))
    );
    // The record says who asked, and nothing of any token.
    let ledger = workspace.read("state/audit.jsonl").unwrap();
    assert!(ledger.contains("user:alice") && ledger.contains(issuer));
    assert!(!ledger.contains("eyJ"), "a token in the record");
    assert!(
        !gate.process().printed().contains("eyJ"),
        "a token in the log"
    );
}
