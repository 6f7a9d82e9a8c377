//! The official clients wait for people in every way that they know, and go on.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gatewright_harness::{Binaries, Credential, Fixture, Gate, GateBuilder, Workspace};
use gatewright_peers::{Agent, Era, Step};
use serde_json::{Value, json};

/// How long an agent may take to make its call.
const DEADLINE: Duration = Duration::from_secs(60);

const TEXT: &str = "This is a simple text response for testing.";

/// A person is asked about every call.
const ASKING: &str = r#"
[limits]
approval_wait = "40s"

[[binding]]
name = "asks"
policy = "tool-gate.wasm"
authority = ["allow", "ask"]
settings = { rules = [{ tools = ["*"], effect = "ask", title = "Show a text?" }] }
"#;

/// A gate that asks people, of which `kim` is one; and the file of kim's key.
fn asking(workspace: &Workspace, fixture: &Fixture) -> (Gate, std::path::PathBuf) {
    workspace.add_plugin("tool-gate").unwrap();
    let (key, did) = workspace.key("kim.key").unwrap();
    let approver = format!("[[approver]]\nname = \"user:kim\"\nkeys = [{did:?}]\n");
    let gate = GateBuilder::new()
        .with_console_url("https://console.example")
        .with(ASKING)
        .with(&approver)
        .with_url("fixture", fixture.url())
        .start(workspace)
        .unwrap();
    (gate, key)
}

/// Approves the next call that waits; its id.
fn approve(workspace: &Workspace, gate: &Gate, key: &Path) -> String {
    let approvals = |arguments: &[&str]| {
        let mut command = Command::new(workspace.binaries().gatewright().unwrap());
        command.current_dir(workspace.path()).arg("approvals");
        command.args(arguments).arg("--key").arg(key);
        command.args(["--admin", &gate.admin().to_string()]);
        let output = command.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        (printed, String::from_utf8(output.stderr).unwrap())
    };
    let began = Instant::now();
    loop {
        let (waiting, told) = approvals(&["list"]);
        if let Some(id) = waiting.split(' ').next().filter(|id| id.len() > 8) {
            let (_, told) = approvals(&["approve", id, "--yes"]);
            assert!(!told.contains("error"), "{told}");
            return id.to_owned();
        }
        assert!(began.elapsed() < DEADLINE, "nobody is asked: {told}");
    }
}

/// What an agent reports of its steps while somebody approves what waits.
fn reported(agent: Agent, steps: Vec<Step>) -> (Vec<Value>, String) {
    let fixture = Fixture::start(&Binaries::locate()).unwrap();
    let workspace = Workspace::create().unwrap();
    let (gate, key) = asking(&workspace, &fixture);
    let token = workspace.issue(&Credential::default()).unwrap();
    let url = gate.endpoint("fixture");
    let running = std::thread::spawn(move || agent.run(&url, Some(&token), &steps).unwrap());
    let id = approve(&workspace, &gate, &key);
    let report = running.join().unwrap();
    assert!(report.connection.is_ok(), "{agent:?}: {report:?}");
    (report.steps, id)
}

#[test]
fn clients_that_show_no_urls_wait_on_the_line_and_hear_that_it_goes_on() {
    for era in [Era::Legacy, Era::Modern] {
        for agent in Agent::both(era) {
            let steps = vec![Step::call_with_progress("test_simple_text", json!({}))];
            let (steps, _) = reported(agent, steps);
            assert_eq!(steps[0]["text"], TEXT, "{agent:?}: {steps:?}");
            let progress: Vec<f64> = serde_json::from_value(steps[0]["progress"].clone()).unwrap();
            assert_eq!(progress.first(), Some(&-1.0), "{agent:?}");
        }
    }
}

#[test]
fn modern_clients_send_their_user_to_the_console_and_come_back_by_themselves() {
    for agent in Agent::both(Era::Modern) {
        let agent = Agent {
            browses: true,
            ..agent
        };
        let steps = vec![Step::call("test_simple_text", json!({}))];
        let (steps, id) = reported(agent, steps);
        assert_eq!(steps[0]["text"], TEXT, "{agent:?}: {steps:?}");
        let url = format!("https://console.example/approvals/{id}");
        assert_eq!(steps[0]["browsed"], json!([url]), "{agent:?}");
    }
}

#[test]
fn legacy_clients_are_told_the_url_and_wait_when_they_call_again() {
    for agent in Agent::both(Era::Legacy) {
        let agent = Agent {
            browses: true,
            ..agent
        };
        let call = || Step::call("test_simple_text", json!({}));
        let (steps, _) = reported(agent, vec![call(), call()]);
        assert_eq!(
            steps[0]["error"]["code"],
            json!(-32_042),
            "{agent:?}: {steps:?}"
        );
        assert_eq!(steps[1]["text"], TEXT, "{agent:?}: {steps:?}");
    }
}
