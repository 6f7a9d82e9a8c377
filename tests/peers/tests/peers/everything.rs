//! The server with a bit of everything, behind a gate, over stdio and over HTTP.

use gatewright_harness::{Credential, Gate, GateBuilder, Workspace};
use gatewright_peers::{
    Agent, Era, EverythingOverHttp, PythonOverSse, Step, everything_over_stdio,
};
use serde_json::json;

/// `get-env` hands out the environment of the server: nobody may call it.
const POLICY: &str = r#"
[[binding]]
name = "tools"
policy = "tool-gate.wasm"
[[binding.settings.rules]]
tools = ["echo", "get-sum", "trigger-long-running-operation"]
effect = "allow"
"#;

fn gate(workspace: &Workspace, builder: GateBuilder) -> Gate {
    workspace.add_plugin("tool-gate").unwrap();
    builder.with(POLICY).start(workspace).unwrap()
}

/// What both transports must do alike.
fn check(workspace: &Workspace, gate: &Gate, agent: Agent) {
    let token = workspace.issue(&Credential::default()).unwrap();
    let steps = [
        Step::call("get-env", json!({})),
        Step::call("echo", json!({ "message": "h\u{e9}llo \u{1f600}" })),
        Step::call("get-sum", json!({ "a": 2, "b": 40 })),
        Step::call_with_progress(
            "trigger-long-running-operation",
            json!({ "duration": 0.3, "steps": 3 }),
        ),
        Step::list(),
    ];
    let report = agent
        .run(&gate.endpoint("everything"), Some(&token), &steps)
        .unwrap();
    let printed = gate.process().printed();
    assert_eq!(
        report.connection.as_deref(),
        Ok("2025-11-25"),
        "{agent:?}\n{printed}"
    );
    let [denied, echo, sum, long, list] = report.steps.as_slice() else {
        panic!("{agent:?}: {:?}", report.steps)
    };
    assert_eq!(denied["isError"], json!(true), "{agent:?}: {denied}");
    assert_eq!(
        denied["meta"]["gatewright/reason"],
        json!("forbidden"),
        "{agent:?}: {denied}"
    );
    assert!(
        !denied["text"].as_str().unwrap().contains("PATH"),
        "{agent:?}: {denied}"
    );
    assert_eq!(
        echo["text"],
        json!("Echo: h\u{e9}llo \u{1f600}"),
        "{agent:?}: {echo}"
    );
    assert!(
        sum["text"].as_str().unwrap_or_default().contains("42"),
        "{agent:?}: {sum}"
    );
    let progress: Vec<f64> = serde_json::from_value(long["progress"].clone()).unwrap();
    assert_eq!(progress, [1.0, 2.0, 3.0], "{agent:?}: {long}");
    let tools = list["tools"].as_array().unwrap();
    assert!(tools.contains(&json!("echo")), "{agent:?}: {list}");
    assert!(!tools.contains(&json!("get-env")), "{agent:?}: {list}");
}

#[test]
fn calls_progress_and_refusals_work_over_http() {
    let server = EverythingOverHttp::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = gate(
        &workspace,
        GateBuilder::new().with_url("everything", server.url()),
    );
    for era in [Era::Legacy, Era::Auto] {
        for agent in Agent::both(era) {
            check(&workspace, &gate, agent);
        }
    }
}

#[test]
fn calls_progress_and_refusals_work_over_http_sse() {
    let server = EverythingOverHttp::start_over_sse().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = gate(
        &workspace,
        GateBuilder::new().with_url("everything", server.url()),
    );
    for era in [Era::Legacy, Era::Auto] {
        for agent in Agent::both(era) {
            check(&workspace, &gate, agent);
        }
    }
}

#[test]
fn a_server_over_http_sse_of_the_python_sdk_is_served() {
    let server = PythonOverSse::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = GateBuilder::new()
        .with_url("old", server.url())
        .allowing_everything(&workspace)
        .unwrap()
        .start(&workspace)
        .unwrap();
    let token = workspace.issue(&Credential::default()).unwrap();
    let steps = [
        Step::call("echo", json!({ "message": "hi" })),
        Step::call_with_progress("count", json!({ "steps": 3 })),
        Step::list(),
    ];
    for era in [Era::Legacy, Era::Auto] {
        for agent in Agent::both(era) {
            let report = agent
                .run(&gate.endpoint("old"), Some(&token), &steps)
                .unwrap();
            let told = format!("{agent:?}: {report:#?}\n{}", gate.process().printed());
            assert!(report.connection.is_ok(), "{told}");
            assert_eq!(report.steps[0]["text"], json!("Echo: hi"), "{told}");
            let progress: Vec<f64> =
                serde_json::from_value(report.steps[1]["progress"].clone()).unwrap();
            assert_eq!(progress, [1.0, 2.0, 3.0], "{told}");
            assert_eq!(report.steps[2]["tools"], json!(["count", "echo"]), "{told}");
        }
    }
}

#[test]
fn calls_progress_and_refusals_work_over_stdio() {
    let workspace = Workspace::create().unwrap();
    let command = everything_over_stdio(&workspace.path().join("notes.jsonl")).unwrap();
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    let gate = gate(
        &workspace,
        GateBuilder::new().with_command("everything", &command),
    );
    for era in [Era::Legacy, Era::Auto] {
        for agent in Agent::both(era) {
            check(&workspace, &gate, agent);
        }
    }
    let notes = workspace.read("notes.jsonl").unwrap();
    assert!(notes.contains("get-sum"), "the tap is in place");
    assert!(
        !notes.contains("get-env"),
        "the refused call did not reach the server"
    );
}
