//! What one agent can take, and what is left for the others.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::agent::{Agent, call};
use crate::fake::{Fake, Reply, Seen, event, result};
use crate::scene::{Scene, Setting, eventually};
use crate::sessions::{INITIALIZE, opened};

async fn of(limits: &str) -> Scene {
    Scene::of(Setting {
        limits: limits.to_owned(),
        ..Setting::default()
    })
    .await
}

fn other(scene: &Scene) -> Agent {
    scene.agent_named("did:example:other", &["files:*"])
}

async fn metric(scene: &Scene, line: &str) -> bool {
    let metrics = scene.operator().request("GET", "/metrics", "").await.body;
    metrics.lines().any(|known| known == line)
}

#[tokio::test]
async fn an_agent_with_slow_calls_leaves_half_of_the_seats_to_others() {
    let scene = of("calls_in_flight_max = 64").await;
    scene
        .fake
        .script(|seen| match seen.json()["params"]["name"].as_str() {
            Some("slow") => Reply::Hang,
            _quick => Reply::Json(200, result(&seen.json()["id"], &json!({}))),
        });
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let agent = scene.agent();
        calls.spawn(async move { agent.post(&call("slow", "{}")).await.reason() });
    }
    for _ in 0..32 {
        assert_eq!(calls.join_next().await.unwrap().unwrap(), "overloaded");
    }
    eventually("its share is under way", || {
        (scene.fake.count() == 32).then_some(())
    })
    .await;
    assert_eq!(other(&scene).post(&call("quick", "{}")).await.status, 200);
    assert!(metric(&scene, "gatewright_calls_in_flight 32").await);
    assert!(metric(&scene, "gatewright_shares_taken_total{of=\"calls\"} 32").await);
    calls.shutdown().await;
    eventually("the seats are free again", || {
        (scene.completions().len() >= 33).then_some(())
    })
    .await;
    assert_eq!(scene.agent().post(&call("quick", "{}")).await.status, 200);
}

/// A server that gives every client a session of its own, and keeps streams open.
fn sessions() -> impl FnMut(&Seen) -> Reply + Send + 'static {
    let mut next = 0;
    let mut open = Vec::new();
    move |seen| match seen.method.as_str() {
        "POST" => {
            next += 1;
            let session = vec![("mcp-session-id", format!("s{next}"))];
            Reply::Full(200, session, result(&seen.json()["id"], &json!({})))
        }
        "GET" => {
            let (sender, receiver) = mpsc::channel(1);
            open.push(sender);
            Reply::Live(receiver)
        }
        _delete => Reply::Json(200, String::new()),
    }
}

#[tokio::test]
async fn an_agent_with_every_session_leaves_room_for_others() {
    let scene = Scene::with(Fake::with(sessions()).await, Setting::default()).await;
    let greedy = scene.agent();
    for _ in 0..256 {
        assert_eq!(greedy.post(INITIALIZE).await.status, 200);
    }
    assert!(metric(&scene, "gatewright_sessions_open 128").await);
    assert!(metric(&scene, "gatewright_sessions_given_way_total 128").await);
    let ended = scene.fake.seen().into_iter();
    let ended = ended.filter(|seen| seen.method == "DELETE").count();
    assert_eq!(ended, 128, "what gave way is ended at the server too");
    let other = opened(&scene, &other(&scene)).await;
    assert_eq!(other.post(&call("read", "{}")).await.status, 200);
}

#[tokio::test]
async fn the_longest_idle_session_gives_way_and_one_with_a_stream_stays() {
    let limits = "sessions_max = 3\nagent_share = \"100%\"".to_owned();
    let setting = Setting {
        limits,
        ..Setting::default()
    };
    let scene = Scene::with(Fake::with(sessions()).await, setting).await;
    let mut owned = Vec::new();
    for _ in 0..3 {
        owned.push(opened(&scene, &scene.agent()).await);
    }
    let streaming = owned[0].open("GET", "/mcp/files", "").await;
    assert_eq!(streaming.status, 200);
    let newcomer = opened(&scene, &other(&scene)).await;
    let gone = owned.remove(1).post(&call("read", "{}")).await;
    assert_eq!(
        (gone.status, gone.reason().as_str()),
        (404, "unknown_session")
    );
    for agent in owned.iter().chain([&newcomer]) {
        assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    }
    let mut streams = vec![streaming];
    for agent in owned.iter().skip(1).chain([&newcomer]) {
        streams.push(agent.open("GET", "/mcp/files", "").await);
    }
    assert!(streams.iter().all(|stream| stream.status == 200));
    let refused = scene.agent().post(INITIALIZE).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (503, "overloaded"),
        "each session has a stream"
    );
    assert!(metric(&scene, "gatewright_streams_open 3").await);
}

#[tokio::test]
async fn nobodys_session_ends_for_a_caller_that_is_refused() {
    let setting = Setting {
        limits: "sessions_max = 1".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::with(Fake::with(sessions()).await, setting).await;
    let owner = opened(&scene, &scene.agent()).await;
    let foreign = scene.agent_named("did:example:foreign", &["elsewhere:*"]);
    assert_eq!(
        foreign.post(INITIALIZE).await.reason(),
        "insufficient_scope"
    );
    assert_eq!(owner.post(&call("read", "{}")).await.status, 200);
}

/// Events without end, each too large for the buffers of a connection.
fn flood() -> mpsc::Receiver<String> {
    let (events, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let data = "x".repeat(256 << 10);
        let message = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": data}});
        while events.send(event(&message.to_string())).await.is_ok() {}
    });
    receiver
}

/// A connection whose client reads nothing of what it asked for.
const STUCK: &str = r#"gatewright_connections_ended_total{why="stuck"} 1"#;

#[tokio::test]
async fn a_stream_that_nobody_reads_loses_its_seat() {
    let scene = of("calls_in_flight_max = 1\nclient_timeout = \"300ms\"").await;
    scene
        .fake
        .script(|seen| match seen.json()["params"]["name"].as_str() {
            Some("flood") => Reply::Live(flood()),
            _quick => Reply::Json(200, result(&seen.json()["id"], &json!({}))),
        });
    let agent = scene.agent();
    let unread = agent.open("POST", "/mcp/files", &call("flood", "{}")).await;
    assert_eq!(unread.status, 200);
    let refused = other(&scene).post(&call("quick", "{}")).await;
    assert_eq!(refused.reason(), "overloaded");
    let completed = scene.completed(1).await;
    assert_eq!(completed[0].message, "abandoned");
    assert_eq!(other(&scene).post(&call("quick", "{}")).await.status, 200);
    // It is counted by whoever is first to let go of it, the stream or the connection, beside
    // the record of its end.
    let counting = async {
        while !metric(&scene, "gatewright_streams_unread_total 1").await
            && !metric(&scene, STUCK).await
        {}
    };
    let counted = tokio::time::timeout(Duration::from_secs(10), counting).await;
    assert!(counted.is_ok(), "it is not counted");
    drop(unread);
}

#[tokio::test]
async fn a_call_that_the_tool_server_answered_holds_no_seat() {
    let scene = of("calls_in_flight_max = 1\nclient_timeout = \"1h\"").await;
    scene.fake.script(|seen| {
        let id = &seen.json()["id"];
        let answer = result(id, &json!({ "text": "x".repeat(8 << 20) }));
        match seen.json()["params"]["name"].as_str() {
            Some("large") => Reply::Events(vec![event(&answer)]),
            _quick => Reply::Json(200, result(id, &json!({}))),
        }
    });
    let agent = scene.agent();
    let unread = agent.open("POST", "/mcp/files", &call("large", "{}")).await;
    scene.completed(1).await;
    let answering = async { while other(&scene).post(&call("quick", "{}")).await.status != 200 {} };
    let answered = tokio::time::timeout(Duration::from_secs(10), answering).await;
    assert!(answered.is_ok(), "the seat is held by an answer");
    drop(unread);
}

/// Servers of the older revisions may have no sessions, and streams all the same.
#[tokio::test]
async fn a_stream_without_a_session_counts_in_the_share_of_its_agent() {
    let setting = Setting {
        limits: "sessions_max = 2".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::with(Fake::with(sessions()).await, setting).await;
    let open = scene.agent().open("GET", "/mcp/files", "").await;
    assert_eq!(open.status, 200);
    let refused = scene.agent().request("GET", "/mcp/files", "").await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (503, "overloaded")
    );
    let others = other(&scene).open("GET", "/mcp/files", "").await;
    assert_eq!(others.status, 200);
    let ends = scene.agent().request("DELETE", "/mcp/files", "").await;
    assert_eq!(ends.reason(), "malformed_request");
    assert_eq!(scene.fake.count(), 2, "nothing else went there");
}
