//! The clients and the servers fit together without a gate: when these pass and
//! a test with a gate fails, it is the gate.

use gatewright_harness::{Binaries, Fixture};
use gatewright_peers::{Agent, Era, EverythingOverHttp, Step};
use serde_json::json;

#[test]
fn both_clients_reach_the_fixture_in_both_eras() {
    let fixture = Fixture::start(&Binaries::locate()).unwrap();
    for (era, revision) in [(Era::Legacy, "2025-11-25"), (Era::Modern, "2026-07-28")] {
        for agent in Agent::both(era) {
            let steps = [
                Step::list(),
                Step::call("test_simple_text", json!({})),
                Step::call_with_progress("test_tool_with_progress", json!({})),
                Step::read("test://static-text"),
            ];
            let report = agent.run(fixture.url(), None, &steps).unwrap();
            assert_eq!(report.connection.as_deref(), Ok(revision), "{agent:?}");
            let tools = report.steps[0]["tools"].as_array().unwrap();
            assert!(tools.contains(&json!("test_simple_text")), "{agent:?}");
            assert_eq!(
                report.steps[1]["isError"],
                json!(false),
                "{agent:?}: {}",
                report.steps[1]
            );
            let progress: Vec<f64> =
                serde_json::from_value(report.steps[2]["progress"].clone()).unwrap();
            assert_eq!(progress, [0.0, 50.0, 100.0], "{agent:?}");
            assert_eq!(report.steps[3]["contents"], json!(1), "{agent:?}");
        }
    }
}

#[test]
fn both_clients_fall_back_to_a_session_with_an_older_server() {
    let server = EverythingOverHttp::start().unwrap();
    for agent in Agent::both(Era::Auto) {
        let report = agent
            .run(
                server.url(),
                None,
                &[Step::call("echo", json!({ "message": "hi" }))],
            )
            .unwrap();
        assert_eq!(report.connection.as_deref(), Ok("2025-11-25"), "{agent:?}");
        assert_eq!(report.steps[0]["text"], json!("Echo: hi"), "{agent:?}");
    }
}
