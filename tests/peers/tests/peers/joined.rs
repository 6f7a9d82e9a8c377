//! Official clients at the endpoint of all servers: two servers in one entry of the client.

use gatewright_harness::{Binaries, Credential, Fixture, GateBuilder, Workspace};
use gatewright_peers::{Agent, Era, EverythingOverHttp, Report, Step};
use serde_json::json;

const BOTH: &[&str] = &["fixture:*", "other:*"];

fn token(workspace: &Workspace) -> String {
    let credential = Credential {
        scopes: BOTH,
        ..Credential::default()
    };
    workspace.issue(&credential).unwrap()
}

/// What the fixture does in either era.
fn steps(more: Vec<Step>) -> Vec<Step> {
    let mut steps = vec![
        Step::call("fixture__test_simple_text", json!({})),
        Step::call_with_progress("fixture__test_tool_with_progress", json!({})),
        Step::read("gatewright:fixture/test://static-text"),
        Step::call("test_simple_text", json!({})),
        Step::list(),
    ];
    steps.extend(more);
    steps
}

fn check(report: &Report, agent: Agent) {
    let [text, long, read, nobodys, list] = &report.steps[..5] else {
        panic!("{agent:?}: {:?}", report.steps)
    };
    assert_eq!(text["isError"], json!(false), "{agent:?}: {text}");
    let progress: Vec<f64> = serde_json::from_value(long["progress"].clone()).unwrap();
    assert_eq!(progress, [0.0, 50.0, 100.0], "{agent:?}: {long}");
    assert_eq!(read["contents"], json!(1), "{agent:?}: {read}");
    assert_eq!(nobodys["isError"], json!(true), "{agent:?}: {nobodys}");
    let tools = list["tools"].as_array().unwrap();
    let (has, lacks) = match report.connection.as_deref() {
        Ok("2025-11-25") => ("other__echo", "other__test_simple_text"),
        _newer => ("other__test_simple_text", "other__echo"),
    };
    for (name, expected) in [
        ("fixture__test_simple_text", true),
        (has, true),
        (lacks, false),
    ] {
        assert_eq!(
            tools.contains(&json!(name)),
            expected,
            "{agent:?}: {name} {list}"
        );
    }
}

#[test]
fn clients_use_two_stateless_servers_as_one() {
    let binaries = Binaries::locate();
    let (fixture, other) = (
        Fixture::start(&binaries).unwrap(),
        Fixture::start(&binaries).unwrap(),
    );
    let workspace = Workspace::create().unwrap();
    let gate = GateBuilder::new()
        .with_url("fixture", fixture.url())
        .with_url("other", other.url())
        .allowing_everything(&workspace)
        .unwrap()
        .start(&workspace)
        .unwrap();
    let url = format!("http://{}/mcp", gate.listen());
    for era in [Era::Modern, Era::Auto] {
        for agent in Agent::both(era) {
            let report = agent
                .run(&url, Some(&token(&workspace)), &steps(Vec::new()))
                .unwrap();
            let printed = gate.process().printed();
            let revision = report.connection.as_deref();
            assert_eq!(revision, Ok("2026-07-28"), "{agent:?}\n{printed}");
            check(&report, agent);
        }
    }
}

/// The second one knows no revision without sessions: the client goes back for both.
#[test]
fn clients_use_a_server_of_each_era_as_one() {
    let fixture = Fixture::start(&Binaries::locate()).unwrap();
    let everything = EverythingOverHttp::start().unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = GateBuilder::new()
        .with_url("fixture", fixture.url())
        .with_url("other", everything.url())
        .allowing_everything(&workspace)
        .unwrap()
        .start(&workspace)
        .unwrap();
    let url = format!("http://{}/mcp", gate.listen());
    for era in [Era::Legacy, Era::Auto] {
        for agent in Agent::both(era) {
            let more = vec![Step::call("other__echo", json!({ "message": "hi" }))];
            let report = agent
                .run(&url, Some(&token(&workspace)), &steps(more))
                .unwrap();
            let printed = gate.process().printed();
            let revision = report.connection.as_deref();
            assert_eq!(revision, Ok("2025-11-25"), "{agent:?}\n{printed}");
            check(&report, agent);
            assert_eq!(report.steps[5]["text"], json!("Echo: hi"), "{agent:?}");
        }
    }
}
