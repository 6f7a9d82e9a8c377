//! Agents on the official clients whose credentials are bound to a key: with one line of
//! ours around them, they prove each call.

use gatewright_harness::{Binaries, Credential, Fixture, GateBuilder, Workspace};
use gatewright_peers::{Agent, Era, Step};
use serde_json::json;

#[test]
fn both_clients_prove_each_call_and_open_nothing_without() {
    let fixture = Fixture::start(&Binaries::locate()).unwrap();
    let workspace = Workspace::create().unwrap();
    let gate = GateBuilder::new()
        .with_url("fixture", fixture.url())
        .with("proof = \"call\"")
        .allowing_everything(&workspace)
        .unwrap()
        .start(&workspace)
        .unwrap();
    let (key, did) = workspace.key("agent.key").unwrap();
    let token = workspace
        .issue(&Credential {
            holder: Some(&did),
            ..Credential::default()
        })
        .unwrap();
    let url = gate.endpoint("fixture");
    for era in [Era::Modern, Era::Legacy] {
        for agent in Agent::both(era) {
            let steps = [
                Step::call("test_simple_text", json!({ "n": 1e2 })),
                Step::list(),
                Step::read("test://static-text"),
            ];
            let report = agent
                .run_holding(&url, Some(&token), Some(&key), &steps)
                .unwrap();
            assert!(
                report.connection.is_ok(),
                "{agent:?}: {:?}\n{}",
                report.connection,
                gate.process().printed()
            );
            let text = json!("This is a simple text response for testing.");
            assert_eq!(
                report.steps[0]["text"], text,
                "{agent:?}: {}",
                report.steps[0]
            );
            assert!(
                report.steps[1]["tools"].is_array(),
                "{agent:?}: {}",
                report.steps[1]
            );
            assert_eq!(
                report.steps[2]["contents"],
                json!(1),
                "{agent:?}: {}",
                report.steps[2]
            );

            let thief = agent.run(&url, Some(&token), &steps[..1]).unwrap();
            let opened =
                thief.connection.is_ok() && thief.steps.iter().any(|it| it.get("text").is_some());
            assert!(!opened, "{agent:?}: {thief:?}");
        }
    }
}
