//! A stop outlives the gate that it was said at, and the file of agents is watched.

use std::time::Duration;

use gatewright_engine::Engine;
use gatewright_engine::agents::{Asked, Selection};
use gatewright_engine::reload::Reloader;
use gatewright_policy::{Grant, Reason};
use serde_json::json;

use crate::gate::{ALLOW, Gate, permit};
use crate::guests;

fn grant(id: &str) -> Grant {
    Grant::local(id, None, Vec::new(), "s".into())
}

async fn ask(engine: &Engine, what: serde_json::Value) -> usize {
    let asked = json!({ "by": "ann", "why": "a test", "what": what });
    let asked: Asked = serde_json::from_value(asked).unwrap();
    engine.ask_about_agents(asked).await.unwrap()
}

fn reason(engine: &Engine, id: &str) -> Option<Reason> {
    let admitted = engine.admits(&grant(id), &"files".into());
    admitted.err().map(|stopped| stopped.reason)
}

async fn started(config: &str) -> Gate {
    let allow = guests::judge("(i32.const 64)", ALLOW);
    let binding = "[[binding]]\nname = \"allow\"\npolicy = \"allow.wasm\"\n";
    Gate::started(&format!("{binding}{config}"), &[("allow.wasm", allow)]).await
}

#[tokio::test]
async fn a_stop_survives_restarts_and_rotations() {
    let mut gate = started("").await;
    let engine = gate.engine.clone().unwrap();
    let suspend = json!({ "turn": { "turn": "suspend", "agent": "bot", "issuer": "local" } });
    assert_eq!(ask(&engine, suspend).await, 1);
    assert_eq!(
        ask(
            &engine,
            json!({ "revoke": { "token": grant("other").credential.to_string() } })
        )
        .await,
        1
    );
    let owner = json!({ "turn": { "turn": "suspend", "owner": "team" } });
    assert_eq!(ask(&engine, owner).await, 1);
    drop(engine);
    for rotates in [false, true, true, false] {
        if rotates {
            let engine = gate.engine.as_ref().unwrap();
            assert!(engine.rotate().await.unwrap().is_some());
        }
        gate.stop();
        gate.start().await;
        let engine = gate.engine.as_ref().unwrap();
        assert_eq!(reason(engine, "bot"), Some(Reason::AgentSuspended));
        assert_eq!(reason(engine, "other"), Some(Reason::CredentialRevoked));
        assert_eq!(reason(engine, "third"), None);
        let registry = engine.agents().registry();
        assert!(registry.owner("team").is_some());
    }
}

#[tokio::test]
async fn a_file_of_agents_is_imported_and_watched() {
    let folder = "file = \"agents/agents.toml\"";
    let mut gate = Gate::new("", &[]);
    std::fs::create_dir(gate.folder.path().join("agents")).unwrap();
    let agents = gate.folder.path().join("agents/agents.toml");
    let write = |text: &str| {
        let new = agents.with_extension("new");
        std::fs::write(&new, text).unwrap();
        std::fs::rename(new, &agents).unwrap();
    };
    let agent =
        |id: &str, more: &str| format!("[[agent]]\nid = \"{id}\"\nissuer = \"local\"\n{more}\n");
    write(
        &[
            agent("one", "owner = \"team\""),
            agent("two", "state = \"suspended\""),
        ]
        .concat(),
    );
    gate.configure(&format!("[agents]\n{folder}"));
    gate.start().await;
    let engine = gate.engine.clone().unwrap();
    let config = gate.folder.path().join("gatewright.toml");
    let reloader = Reloader::start(engine.clone(), config).unwrap();
    assert_eq!(reason(&engine, "one"), None);
    assert_eq!(reason(&engine, "two"), Some(Reason::AgentSuspended));
    assert_eq!(reason(&engine, "three"), Some(Reason::AgentUnknown));
    let owner = |id| engine.owned(grant(id)).subject.owner.clone();
    assert_eq!(
        (owner("one").as_deref(), owner("two")),
        (Some("team"), None)
    );

    // A delegate may be called as the agent of somebody else.
    let mut delegate = grant("one");
    let subject = std::sync::Arc::make_mut(&mut delegate.subject);
    subject.delegation = vec!["two".to_owned()];
    assert_eq!(engine.owned(delegate.clone()).subject.owner, None);
    let subject = std::sync::Arc::make_mut(&mut delegate.subject);
    (subject.id, subject.delegation) = ("helper".to_owned(), vec!["one".to_owned()]);
    let owner_of_one = engine.owned(delegate).subject.owner.clone();
    assert_eq!(owner_of_one.as_deref(), Some("team"));

    // What is in it no more is stopped; what it stopped goes on.
    let mut changes = engine.agents().changes();
    write(&[agent("two", ""), agent("three", "")].concat());
    let changed = async {
        while reason(&engine, "three").is_some() || reason(&engine, "one").is_none() {
            changes.changed().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(20), changed)
        .await
        .unwrap();
    assert_eq!(reason(&engine, "one"), Some(Reason::AgentSuspended));
    assert_eq!(reason(&engine, "two"), None);

    // What is wrong with it changes nothing, and the status says so.
    write("[[agent]]\nid = \"four\"\n");
    let failed = async {
        while engine.status().reload_error.is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let deadline = Duration::from_secs(20);
    tokio::time::timeout(deadline, failed).await.unwrap();
    let error = engine.status().reload_error.unwrap().error;
    assert!(error.contains("missing field `issuer`"), "{error}");
    assert_eq!(reason(&engine, "two"), None);
    drop(reloader);
}

#[tokio::test]
async fn what_an_agent_used_is_known_after_a_restart() {
    let mut gate = started("").await;
    let permit = permit(gate.tool("1", "{}").await);
    drop(permit);
    for _ in 0..2 {
        let engine = gate.engine.as_ref().unwrap();
        let selection = Selection {
            limit: 10,
            ..Selection::default()
        };
        let listed = engine.list_agents(&selection);
        assert_eq!(listed.count, 1);
        let agent = &listed.agents[0];
        assert_eq!((agent.allowed, agent.used[0].name.as_str()), (1, "read"));
        assert!(agent.orphan && !agent.registered);
        gate.stop();
        gate.start().await;
    }
}
