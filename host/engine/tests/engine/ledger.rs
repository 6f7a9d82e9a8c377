//! What the ledger keeps, and how.

use std::process::Command;

use gatewright_policy::record::Event;

use crate::gate::{ALLOW, Gate, binding, judge, permit};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_calls_share_one_sequence_without_gaps() {
    let gate =
        std::sync::Arc::new(Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await);
    let calls: Vec<_> = (0..64)
        .map(|number| {
            let gate = std::sync::Arc::clone(&gate);
            tokio::spawn(async move { drop(permit(gate.tool(&number.to_string(), "{}").await)) })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    let entries = gate.entries();
    for (place, entry) in entries.iter().enumerate() {
        assert_eq!(entry.sequence, place as u64);
    }
    assert_eq!(gate.decisions().len(), 64);
}

#[tokio::test]
async fn arguments_do_not_enter_the_ledger() {
    let gate = Gate::started(&binding("a", ""), &[("a.wasm", judge(ALLOW))]).await;
    drop(permit(
        gate.tool("1", r#"{"password":"correct horse"}"#).await,
    ));
    let text = std::fs::read_to_string(gate.ledger_path()).unwrap();
    assert!(!text.contains("correct horse"));
    let plain = gatewright_policy::Digest::of(br#"{"password":"correct horse"}"#).to_string();
    assert!(
        !text.contains(&plain),
        "a digest without salt can be guessed"
    );
}

/// Runs this very test in a child that is killed in the middle of its calls;
/// every decision that it reported must be in the ledger.
#[test]
fn a_killed_gate_loses_no_decision_that_it_acted_on() {
    use std::io::{BufRead, BufReader};
    const FOLDER: &str = "GATEWRIGHT_TEST_KILLED_IN";
    if let Ok(folder) = std::env::var(FOLDER) {
        return act_until_killed(&folder);
    }
    let gate = Gate::new(&binding("a", ""), &[("a.wasm", judge(ALLOW))]);
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "ledger::a_killed_gate_loses_no_decision_that_it_acted_on",
            "--nocapture",
        ])
        .env(FOLDER, gate.folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let acted: Vec<String> = lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("acted ").map(str::to_owned))
        .inspect(|id| {
            if id == "40" {
                child.kill().unwrap();
            }
        })
        .collect();
    child.wait().unwrap();
    assert!(acted.len() > 40, "{acted:?}");

    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut gate = gate;
    runtime.block_on(gate.start());
    let decided: Vec<String> = gate
        .decisions()
        .into_iter()
        .map(|decided| decided.id)
        .collect();
    for id in acted {
        assert!(
            decided.contains(&id),
            "{id} was acted on and is not recorded"
        );
    }
    let started = gate
        .entries()
        .into_iter()
        .filter(|entry| matches!(entry.event, Event::Started { .. }));
    assert_eq!(started.count(), 2);
}

fn act_until_killed(folder: &str) {
    use std::io::Write;
    let path = std::path::Path::new(folder).join("gatewright.toml");
    let loaded = gatewright_engine::config::Loaded::read(&path).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async {
        let gate = Gate {
            folder: tempfile::tempdir().unwrap(),
            engine: Some(gatewright_engine::Engine::start(&loaded).await.unwrap()),
        };
        for id in 0..1_000_000 {
            let permit = permit(gate.tool(&id.to_string(), "{}").await);
            println!("acted {}", permit.id());
            std::io::stdout().flush().unwrap();
        }
    });
}
