//! How a run ends, and what it leaves behind.

use std::future::pending;

use gatewright_gateway::wrap::{WrapError, run};
use serde_json::json;
use tokio::io::{empty, sink};

use crate::desktop::{Desktop, engine, exists, folder};

#[tokio::test]
async fn the_end_of_the_input_finishes_the_calls_and_ends_the_server() {
    let mut desktop = Desktop::initialized().await;
    desktop.call("1", "pid").await;
    let (_, process) = desktop.text().await;
    assert!(exists(&process));
    for id in ["2", "3", "4"] {
        desktop.call(id, "read").await;
    }
    desktop.input = None;
    let mut answered = Vec::new();
    while let Some(message) = desktop.next().await {
        answered.extend(message["id"].as_i64());
    }
    answered.sort_unstable();
    assert_eq!(answered, [2, 3, 4]);
    desktop.ended().await.unwrap();
    assert!(!exists(&process));
}

/// The one agent of a desktop client is stopped like any other.
#[tokio::test]
async fn a_suspended_desktop_agent_loses_its_calls_and_its_tool_server() {
    let mut desktop = Desktop::initialized().await;
    desktop.call("1", "pid").await;
    let (_, process) = desktop.text().await;
    desktop.call("2", "wait").await;
    let suspend = json!({
        "by": "ann",
        "why": "a test",
        "what": { "turn": { "turn": "suspend", "agent": "desktop" } },
    });
    let asked = serde_json::from_value(suspend).unwrap();
    desktop.engine.ask_about_agents(asked).await.unwrap();
    let answer = desktop.answer().await;
    assert_eq!(answer["id"], 2);
    assert_eq!(answer["error"]["data"]["reason"], "agent_suspended");
    let ended = async {
        while exists(&process) {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let deadline = std::time::Duration::from_secs(1);
    tokio::time::timeout(deadline, ended).await.unwrap();
    desktop.call("3", "read").await;
    let answer = desktop.answer().await;
    assert_eq!(answer["id"], 3);
    assert_eq!(answer["error"]["data"]["reason"], "agent_suspended");
}

#[tokio::test]
async fn a_shutdown_ends_the_server() {
    let mut desktop = Desktop::initialized().await;
    desktop.call("1", "pid").await;
    let (_, process) = desktop.text().await;
    desktop.shut_down();
    while desktop.next().await.is_some() {}
    desktop.ended().await.unwrap();
    assert!(!exists(&process));
}

#[tokio::test]
async fn the_death_of_the_server_fails_its_calls_and_ends_the_run() {
    let mut desktop = Desktop::initialized().await;
    desktop.call("1", "die").await;
    let failed = desktop.answer().await;
    assert_eq!(failed["id"], 1);
    assert!(failed.get("error").is_some(), "{failed}");
    while desktop.next().await.is_some() {}
    assert!(matches!(desktop.ended().await, Err(WrapError::ServerEnded)));
}

#[tokio::test]
async fn the_server_of_the_modern_era_is_started_again() {
    let mut desktop = Desktop::start().await;
    for id in ["1", "2"] {
        desktop.call_modern(id, "read").await;
        assert_eq!(
            desktop.text().await,
            (json!(id.parse::<i64>().unwrap()), "read".to_owned())
        );
        desktop.call_modern(id, "die").await;
        let failed = desktop.answer().await;
        assert!(failed.get("error").is_some(), "{failed}");
    }
    desktop.input = None;
    desktop.ended().await.unwrap();
}

#[tokio::test]
async fn a_client_that_reads_no_more_ends_the_run() {
    let folder = folder("[local]\nagent = \"desktop\"");
    let (input, gate_input) = tokio::io::duplex(1 << 10);
    let (gate_output, output) = tokio::io::duplex(1 << 10);
    drop(output);
    let run = run(
        engine(&folder).await,
        "tools",
        gate_input,
        gate_output,
        pending(),
    );
    let talk = async {
        let mut input = input;
        // The gate may be gone before the last line: that is the point.
        let _ = tokio::io::AsyncWriteExt::write_all(&mut input, b"hello\nhello\n").await;
        pending::<()>().await;
    };
    let ended = tokio::select! { ended = run => ended, () = talk => unreachable!() };
    assert!(matches!(ended, Err(WrapError::Output(_))), "{ended:?}");
}

#[tokio::test]
async fn there_is_no_anonymous_agent_and_no_unknown_server() {
    let without = folder("");
    let ended = run(engine(&without).await, "tools", empty(), sink(), pending()).await;
    assert!(matches!(ended, Err(WrapError::NoLocalAgent)), "{ended:?}");
    let with = folder("[local]\nagent = \"desktop\"");
    let ended = run(engine(&with).await, "other", empty(), sink(), pending()).await;
    assert!(matches!(ended, Err(WrapError::UnknownServer(name)) if name == "other"));
}
