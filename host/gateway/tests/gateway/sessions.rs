//! Legacy sessions belong to the caller that made them.

use std::time::Duration;

use crate::agent::{Agent, call};
use crate::fake::{Fake, Reply, Seen, echo, event, result};
use crate::scene::{Scene, Setting};

pub const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}"#;

/// A server that gives the session `one`, and knows it.
fn stateful(seen: &Seen) -> Reply {
    let json = seen.json();
    if json["method"] == "initialize" {
        let text = result(
            &json["id"],
            &serde_json::json!({ "protocolVersion": "2025-11-25" }),
        );
        return Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text);
    }
    match (seen.method.as_str(), seen.header("mcp-session-id")) {
        (_, None) => Reply::Json(400, String::new()),
        ("DELETE", Some("one")) => Reply::Json(200, String::new()),
        (_, Some("one")) if json["id"].is_null() || json.get("method").is_none() => {
            Reply::Json(202, String::new())
        }
        (_, Some("one")) => Reply::Json(200, echo(seen)),
        (_, Some(_)) => Reply::Json(404, String::new()),
    }
}

pub async fn opened(scene: &Scene, agent: &Agent) -> Agent {
    let answer = agent.post(INITIALIZE).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let session = answer.header("mcp-session-id").unwrap().to_owned();
    let agent = agent
        .with("mcp-session-id", &session)
        .with("mcp-protocol-version", "2025-11-25");
    let _ = scene;
    agent
}

/// Whose labels and history the calls have, as the ledger says.
#[tokio::test]
async fn another_credential_washes_no_label_off() {
    let scene = Scene::start().await;
    let with = |scopes: &[&str], seconds| Agent {
        token: Some(scene.token("did:example:agent", scopes, Duration::from_secs(seconds))),
        ..scene.agent()
    };
    for agent in [with(&["files:*"], 600), with(&["files:read"], 900)] {
        assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    }
    let other = scene.agent_named("did:example:other", &["files:*"]);
    assert_eq!(other.post(&call("read", "{}")).await.status, 200);
    let decisions = scene.decisions();
    let callers: Vec<_> = decisions
        .iter()
        .map(|decided| decided.caller.as_ref().unwrap())
        .collect();
    assert_ne!(callers[0].credential, callers[1].credential);
    assert_eq!(callers[0].session, callers[1].session);
    assert_ne!(callers[0].session, callers[2].session);
    assert!(
        callers
            .iter()
            .all(|it| it.session_ends > Some(it.expires_at))
    );
}

#[tokio::test]
async fn a_session_is_useless_to_everybody_else() {
    let scene = Scene::with(Fake::with(stateful).await, Setting::default()).await;
    let owner = opened(&scene, &scene.agent()).await;
    assert_eq!(owner.post(&call("read", "{}")).await.status, 200);
    assert_eq!(scene.fake.last().header("mcp-session-id"), Some("one"));
    assert_eq!(
        scene.fake.last().header("mcp-protocol-version"),
        Some("2025-11-25")
    );
    let before = scene.fake.count();
    let thief = scene
        .agent_named("did:example:thief", &["files:*"])
        .with("mcp-session-id", "one");
    let other = scene.agent().with("mcp-session-id", "two");
    for (what, agent) in [("thief", &thief), ("no such session", &other)] {
        let answer = agent.post(&call("read", "{}")).await;
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (404, "unknown_session"),
            "{what}"
        );
        for method in ["GET", "DELETE"] {
            let answer = agent.request(method, "/mcp/files", "").await;
            assert_eq!(
                (answer.status, answer.reason().as_str()),
                (404, "unknown_session"),
                "{what} {method}"
            );
        }
    }
    assert_eq!(
        scene.fake.count(),
        before,
        "nothing of it reached the tool server"
    );
    assert_eq!(
        owner.post(&call("read", "{}")).await.status,
        200,
        "the owner still has it"
    );
}

#[tokio::test]
async fn another_credential_of_the_same_caller_keeps_the_session() {
    let scene = Scene::with(Fake::with(stateful).await, Setting::default()).await;
    let mut owner = opened(&scene, &scene.agent()).await;
    let renewed = scene.token(
        "did:example:agent",
        &["files:read"],
        std::time::Duration::from_secs(30),
    );
    owner.token = Some(renewed);
    assert_eq!(owner.post(&call("read", "{}")).await.status, 200);
}

#[tokio::test]
async fn an_ended_session_is_gone() {
    let scene = Scene::with(Fake::with(stateful).await, Setting::default()).await;
    let owner = opened(&scene, &scene.agent()).await;
    assert_eq!(owner.request("DELETE", "/mcp/files", "").await.status, 200);
    assert_eq!(scene.fake.last().method, "DELETE");
    let answer = owner.post(&call("read", "{}")).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (404, "unknown_session")
    );
}

#[tokio::test]
async fn a_session_that_the_server_forgot_is_forgotten_here() {
    let scene = Scene::with(Fake::with(stateful).await, Setting::default()).await;
    let owner = opened(&scene, &scene.agent()).await;
    scene.fake.script(|_| Reply::Json(404, String::new()));
    let answer = owner.post(&call("read", "{}")).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (404, "unknown_session")
    );
    let before = scene.fake.count();
    assert_eq!(owner.post(&call("read", "{}")).await.status, 404);
    assert_eq!(scene.fake.count(), before);
}

#[tokio::test]
async fn without_a_session_nothing_is_ended_or_resumed() {
    let scene = Scene::start().await;
    let agent = scene.agent();
    let resuming = agent.with("last-event-id", "foreign");
    for (method, agent) in [("DELETE", &agent), ("GET", &resuming)] {
        let answer = agent.request(method, "/mcp/files", "").await;
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (400, "malformed_request"),
            "{method}"
        );
    }
    assert_eq!(scene.fake.count(), 0, "it reached the tool server");
    let stranger = scene.stranger().request("DELETE", "/mcp/files", "").await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn a_server_asks_only_what_it_may_and_is_answered_once() {
    let asks = |id: &str, method: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":"{id}","method":"{method}","params":{{}}}}"#)
    };
    let answer = |id: &str| format!(r#"{{"jsonrpc":"2.0","id":"{id}","result":{{"roots":[]}}}}"#);
    let setting = Setting {
        server: "client_requests = [\"roots\"]".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::with(Fake::with(stateful).await, setting).await;
    let owner = opened(&scene, &scene.agent()).await;
    let (roots, sampling) = (asks("r", "roots/list"), asks("s", "sampling/createMessage"));
    scene.fake.script(move |seen| {
        if seen.json()["method"] == "tools/call" {
            Reply::Events(vec![event(&roots), event(&sampling), event(&echo(seen))])
        } else {
            stateful(seen)
        }
    });
    let called = owner.post(&call("read", "{}")).await;
    let methods: Vec<_> = called
        .events()
        .iter()
        .map(|event| event["method"].clone())
        .collect();
    assert_eq!(
        methods,
        ["roots/list".into(), serde_json::Value::Null],
        "{}",
        called.body
    );
    let refused = scene.fake.last().json();
    assert_eq!(
        (refused["id"].as_str(), refused["error"]["code"].as_i64()),
        (Some("s"), Some(-31_403))
    );
    let thief = scene.agent_named("did:example:thief", &["files:*"]);
    for (what, agent, id, status) in [
        ("a question nobody asked", &owner, "x", 400),
        ("a question not passed on", &owner, "s", 400),
        ("without the session", &thief, "r", 400),
        ("the question", &owner, "r", 202),
        ("again", &owner, "r", 400),
    ] {
        assert_eq!(agent.post(&answer(id)).await.status, status, "{what}");
    }
    let answers = scene
        .fake
        .seen()
        .iter()
        .filter(|seen| seen.json()["result"]["roots"].is_array())
        .count();
    assert_eq!(answers, 1);
}
