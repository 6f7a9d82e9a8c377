//! Stateless agents and a stateless server with a gate between them.

use gatewright_harness::{Binaries, Credential, Fixture, GateBuilder, Workspace};
use gatewright_peers::{Agent, Era, Step};
use serde_json::json;

#[test]
fn calls_progress_lists_and_refusals_work_without_a_session() {
    let fixture = Fixture::start(&Binaries::locate()).unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = GateBuilder::new()
        .with_url("fixture", fixture.url())
        .allowing_everything(&workspace)
        .unwrap()
        .start(&workspace)
        .unwrap();
    let scopes = &[
        "fixture:test_simple_*",
        "fixture:test_tool_with_*",
        "fixture:test:*",
    ];
    let token = workspace
        .issue(&Credential {
            scopes,
            ..Credential::default()
        })
        .unwrap();
    for agent in Agent::both(Era::Modern) {
        let steps = [
            Step::call("test_image_content", json!({})),
            Step::call("test_simple_text", json!({})),
            Step::call_with_progress("test_tool_with_progress", json!({})),
            Step::read("test://static-text"),
            Step::list(),
        ];
        let report = agent
            .run(&gate.endpoint("fixture"), Some(&token), &steps)
            .unwrap();
        assert_eq!(
            report.connection.as_deref(),
            Ok("2026-07-28"),
            "{agent:?}\n{}",
            gate.process().printed()
        );
        let [denied, text, long, read, list] = report.steps.as_slice() else {
            panic!("{agent:?}: {:?}", report.steps)
        };
        assert!(
            denied.get("error").is_some(),
            "outside the scope: {agent:?}: {denied}"
        );
        assert_eq!(
            text["text"],
            json!("This is a simple text response for testing."),
            "{agent:?}: {text}"
        );
        let progress: Vec<f64> = serde_json::from_value(long["progress"].clone()).unwrap();
        assert_eq!(progress, [0.0, 50.0, 100.0], "{agent:?}: {long}");
        assert_eq!(read["contents"], json!(1), "{agent:?}: {read}");
        let listed = [
            "test_simple_text",
            "test_tool_with_logging",
            "test_tool_with_progress",
            "test_tool_with_task",
        ];
        assert_eq!(list["tools"], json!(listed), "{agent:?}");
    }
}
