//! The console in a real browser: headless Chromium, with a virtual authenticator.

use std::time::Duration;

use gatewright_harness::{Binaries, Credential, Fixture, GateBuilder, Process, Stream, Workspace};
use serde_json::{Value, json};

/// How long a browser may take for all of it.
const DEADLINE: Duration = Duration::from_secs(180);

/// A person is asked about one tool.
const ASKING: &str = r#"
[[binding]]
name = "asks"
policy = "tool-gate.wasm"
authority = ["allow", "ask"]
settings = { rules = [{ tools = ["test_simple_text"], effect = "ask", title = "Show a text?" }, { tools = ["*"], effect = "allow" }] }
"#;

#[test]
fn a_person_makes_an_account_signs_in_watches_and_approves_a_call() {
    let binaries = Binaries::locate();
    let fixture = Fixture::start(&binaries).unwrap();
    let workspace = Workspace::create().unwrap();
    workspace.add_plugin("tool-gate").unwrap();
    let gate = GateBuilder::new()
        .with("[console]\nlisten = \"127.0.0.1:0\"\n")
        .with(ASKING)
        .with_url("fixture", fixture.url())
        .start(&workspace)
        .unwrap();
    let opened = gate
        .process()
        .wait_for_line(Stream::Out, "console", DEADLINE);
    let opened: Value = serde_json::from_str(&opened.unwrap()).unwrap();
    let told = gate
        .process()
        .wait_for_line(Stream::Err, "with the code", DEADLINE);
    let told = told.unwrap();
    let (_, code) = told.split_once("with the code ").unwrap();
    let mut browser = binaries
        .node_script(&binaries.client("console.mjs").unwrap())
        .unwrap();
    browser
        .env("CONSOLE", opened["console"].as_str().unwrap())
        .env("CODE", code.split(',').next().unwrap())
        .env("GATE", gate.endpoint("fixture"))
        .env("TOKEN", workspace.issue(&Credential::default()).unwrap())
        .env("CALL", json!({ "call": "test_simple_text" }).to_string());
    let mut browser = Process::spawn(browser).unwrap();
    browser.wait(DEADLINE).unwrap();
    let lines = browser.lines(Stream::Out);
    let seen: Value = serde_json::from_str(&lines.join("")).unwrap();
    assert_eq!(seen["failed"], Value::Null, "{seen:#}");
    let steps = json!([
        ["first", "Make the first account"],
        ["enrolled", "Approvals"],
        ["signed out", "Sign in"],
        ["signed in", "Approvals"],
        ["decisions", "Decisions"],
        ["approvals", "Approvals"],
    ]);
    assert_eq!(seen["steps"], steps);
    assert!(
        seen["refused"].as_str().unwrap().contains("not good"),
        "{seen:#}"
    );
    assert_eq!(
        seen["complaints"],
        json!([]),
        "the browser has nothing to object to"
    );
    assert_eq!(seen["live"], json!([1, 2]), "what is recorded comes in");
    assert_eq!(seen["wide"], json!([]), "no page is wider than its window");
    assert_eq!(seen["withoutScript"], json!(2));
    let history = json!(["Went ahead", "Approved", "Asked"]);
    assert_eq!(seen["history"], history, "what became of it");
    assert_eq!(seen["turned"], json!(["suspended", "active"]));
    assert!(seen["asked"].as_str().unwrap().contains("test_simple_text"));
    assert_eq!(
        seen["called"][1]["isError"],
        json!(false),
        "{:#}",
        seen["called"]
    );
    let command = seen["command"].as_str().unwrap();
    assert!(
        command.starts_with("gatewright log --format json --id 0"),
        "{command}"
    );
}
