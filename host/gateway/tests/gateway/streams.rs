//! Streams: passed on as they come, resumed where they broke, cancelled by who
//! may.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::agent::{Agent, call};
use crate::fake::{Fake, Reply, echo, event, result};
use crate::guests;
use crate::scene::{Scene, Setting, eventually};

const NOTE: &str = r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#;
const RESULT: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#;

/// A server that gives a session and then does what the test says.
async fn in_session(scene: &Scene) -> Agent {
    scene.fake.script(|seen| {
        let text = result(&seen.json()["id"], &serde_json::json!({}));
        Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text)
    });
    super::sessions::opened(scene, &scene.agent()).await
}

#[tokio::test]
async fn events_arrive_while_the_stream_goes_on() {
    let scene = Scene::start().await;
    let (events, receiver) = mpsc::channel(1);
    let mut receiver = Some(receiver);
    scene
        .fake
        .script(move |_| Reply::Live(receiver.take().unwrap()));
    let agent = scene.agent();
    events
        .send("id: 1\nretry: 500\ndata: \n\n".to_owned())
        .await
        .unwrap();
    let mut open = agent.open("POST", "/mcp/files", &call("read", "{}")).await;
    assert_eq!(open.headers["content-type"], "text/event-stream");
    assert_eq!(open.headers["x-accel-buffering"], "no");
    assert_eq!(open.block().await.unwrap(), "id: 1\nretry: 500\ndata: ");
    events.send(event(NOTE)).await.unwrap();
    assert_eq!(open.block().await.unwrap(), format!("data: {NOTE}"));
    events.send(": comment\n\n".to_owned()).await.unwrap();
    assert_eq!(open.block().await.unwrap(), ":");
    events.send(event(RESULT)).await.unwrap();
    assert_eq!(open.block().await.unwrap(), format!("data: {RESULT}"));
    assert_eq!(open.block().await, None, "the response ends the stream");
    assert_eq!(scene.completed(1).await.len(), 1);
}

#[tokio::test]
async fn an_agent_that_goes_away_abandons_its_call() {
    let scene = Scene::start().await;
    let (events, receiver) = mpsc::channel(1);
    let mut receiver = Some(receiver);
    scene
        .fake
        .script(move |_| Reply::Live(receiver.take().unwrap()));
    events.send(event(NOTE)).await.unwrap();
    let mut open = scene
        .agent()
        .open("POST", "/mcp/files", &call("read", "{}"))
        .await;
    open.block().await.unwrap();
    drop(open);
    let completed = scene.completed(1).await;
    assert_eq!(completed[0].message, "abandoned");
    tokio::time::timeout(crate::agent::DEADLINE, events.closed())
        .await
        .expect("the tool server is not told");
}

#[tokio::test]
async fn a_broken_stream_is_resumed_and_its_answer_reviewed() {
    let redacts = guests::of_world(
        "reviewer",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\00\00\00\00\80\00\00\00\01")
           (data (i32.const 128) "\c0\00\00\00\05\00\00\00\01\00\00\00\d0\00\00\00\04")
           (data (i32.const 192) "/text") (data (i32.const 208) "null")"#,
    );
    let mut setting = Setting::default();
    setting.bindings.push(("review", redacts, ""));
    let scene = Scene::with(Fake::start().await, setting).await;
    let agent = in_session(&scene).await;
    scene.fake.script(|seen| match seen.method.as_str() {
        "POST" => Reply::Events(vec!["id: 7\nretry: 10\ndata: \n\n".to_owned()]),
        _get => Reply::Events(vec![
            r#"data: {"jsonrpc":"2.0","id":99,"result":{"text":"key"}}"#.to_owned() + "\n\n",
            "id: 8\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"text\":\"key\"}}\n\n"
                .to_owned(),
        ]),
    });
    let broken = agent.post(&call("read", "{}")).await;
    assert_eq!(broken.body, "id: 7\nretry: 10\ndata: \n\n");
    // Of the same agent, and it covers less than the call was made with.
    let narrow = scene.agent_named("did:example:agent", &["files:other"]);
    let narrow = narrow
        .with("mcp-session-id", "one")
        .with("last-event-id", "7");
    let nothing = narrow.request("GET", "/mcp/files", "").await;
    assert_eq!(nothing.status, 200, "{}", nothing.body);
    assert!(!nothing.body.contains("result"), "{}", nothing.body);
    let resumed = agent
        .with("last-event-id", "7")
        .request("GET", "/mcp/files", "")
        .await;
    assert_eq!(scene.fake.last().header("last-event-id"), Some("7"));
    assert_eq!(
        resumed.body, "id: 8\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"text\":null}}\n\n",
        "only the answer to the broken call, reviewed"
    );
}

#[tokio::test]
async fn calls_that_wait_to_be_resumed_take_only_so_much_memory() {
    let scene = Scene::start().await;
    let agent = in_session(&scene).await;
    let broken = || Reply::Events(vec!["id: 7\ndata: \n\n".to_owned()]);
    scene.fake.script(move |_| broken());
    let large = format!(r#"{{"path":"{}"}}"#, "x".repeat(200 << 10));
    let first = call("read", &large);
    let second = first.replacen(r#""id":1"#, r#""id":2"#, 1);
    assert_ne!(first, second);
    for message in [first, second] {
        assert_eq!(agent.post(&message).await.body, "id: 7\ndata: \n\n");
    }
    let abandoned = eventually("one of two is given up", || {
        let mut ended = scene.completions();
        ended.retain(|ended| ended.message == "abandoned");
        (!ended.is_empty()).then_some(ended.len())
    });
    assert_eq!(abandoned.await, 1);
}

#[tokio::test]
async fn the_stream_of_a_session_ends_with_its_credential() {
    let scene = Scene::start().await;
    let mut agent = in_session(&scene).await;
    agent.token = Some(scene.token(
        "did:example:agent",
        &["files:*"],
        Duration::from_millis(1500),
    ));
    let (events, receiver) = mpsc::channel(1);
    let mut receiver = Some(receiver);
    scene
        .fake
        .script(move |_| Reply::Live(receiver.take().unwrap()));
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    events.send(event(changed)).await.unwrap();
    let mut open = agent.open("GET", "/mcp/files", "").await;
    assert_eq!(open.status, 200);
    assert_eq!(open.block().await.unwrap(), format!("data: {changed}"));
    // A client whose clock says that its token is still good renews it before it asks again.
    assert_eq!(open.block().await.unwrap(), "retry: 3000");
    assert_eq!(
        open.block().await,
        None,
        "the tool server keeps it open, the credential does not"
    );
}

#[tokio::test]
async fn a_streaming_call_ends_with_its_credential() {
    let scene = Scene::start().await;
    scene.fake.script(|_| Reply::Live(lively()));
    let mut agent = scene.agent();
    agent.token = Some(scene.token(
        "did:example:agent",
        &["files:*"],
        Duration::from_millis(1500),
    ));
    let answer = agent.post(&call("read", "{}")).await;
    let last = answer.events().pop().unwrap();
    assert_eq!(last["error"]["data"]["reason"], "credential_expired");
    let completed = scene.completed(1).await;
    assert_eq!(completed[0].reason.unwrap().code(), "credential_expired");
}

#[tokio::test]
async fn a_lively_stream_does_not_keep_a_call_for_ever() {
    let setting = Setting {
        limits: "call_time_max = \"300ms\"".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    scene.fake.script(|_| Reply::Live(lively()));
    let answer = scene.agent().post(&call("read", "{}")).await;
    let last = answer.events().pop().unwrap();
    assert_eq!(last["error"]["data"]["reason"], "upstream_timeout");
}

/// Events, one after the other, for as long as somebody takes them.
fn lively() -> mpsc::Receiver<String> {
    let (events, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        while events.send(event(NOTE)).await.is_ok() {
            beat.tick().await;
        }
    });
    receiver
}

#[tokio::test]
async fn without_a_session_nobody_cancels_the_call_of_another() {
    let scene = Scene::start().await;
    let one = scene.agent();
    let other = scene.agent_named("did:example:other", &["files:*"]);
    scene
        .fake
        .script(|seen| match seen.json()["method"].as_str() {
            Some("tools/call") => Reply::Hang,
            _notification => Reply::Json(202, String::new()),
        });
    let same = call("read", "{}");
    let (calling, called) = (
        one.send("POST", "/mcp/files", &same),
        other.send("POST", "/mcp/files", &same),
    );
    let cancelling = async {
        eventually("both calls are under way", || {
            (scene.fake.count() == 2).then_some(())
        })
        .await;
        for notification in [
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
            r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#,
        ] {
            assert_eq!(one.post(notification).await.status, 202);
        }
        let metrics = scene.operator().request("GET", "/metrics", "").await.body;
        assert!(
            metrics.contains("gatewright_notifications_dropped_total 2"),
            "{metrics}"
        );
    };
    tokio::select! {
        _ = calling => panic!("the call ended"),
        _ = called => panic!("the call of the other ended"),
        () = cancelling => {}
    }
    assert_eq!(scene.fake.count(), 2, "the tool server heard of it");
}

#[tokio::test]
async fn only_the_caller_cancels_its_calls() {
    let scene = Scene::start().await;
    let agent = in_session(&scene).await;
    let (events, receiver) = mpsc::channel(1);
    let mut receiver = Some(receiver);
    scene
        .fake
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("tools/call") => Reply::Live(receiver.take().unwrap()),
            _notification => Reply::Json(202, String::new()),
        });
    events.send(event(NOTE)).await.unwrap();
    let mut open = agent.open("POST", "/mcp/files", &call("read", "{}")).await;
    open.block().await.unwrap();
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let before = scene.fake.count();
    let stranger = scene.agent_named("did:example:other", &["files:*"]);
    assert_eq!(stranger.post(cancel).await.status, 400);
    assert_eq!(agent.post(&cancel.replace('1', "2")).await.status, 400);
    assert_eq!(scene.fake.count(), before);
    assert_eq!(agent.post(cancel).await.status, 202);
    assert_eq!(scene.fake.last().body, cancel);
    events.send(event(RESULT)).await.unwrap();
    open.block().await.unwrap();
    eventually("the call is over", || {
        let metrics = scene.completions();
        (metrics.len() >= 3).then_some(())
    })
    .await;
    assert_eq!(
        agent.post(cancel).await.status,
        400,
        "nothing is under way any more"
    );
}

#[tokio::test]
async fn modern_callers_have_no_streams_of_their_own() {
    let scene = Scene::start().await;
    let agent = scene.agent().with("mcp-protocol-version", "2026-07-28");
    for method in ["GET", "DELETE"] {
        let answer = agent.request(method, "/mcp/files", "").await;
        assert_eq!(
            (answer.status, answer.header("allow")),
            (405, Some("POST")),
            "{method}"
        );
    }
    assert_eq!(scene.fake.count(), 0);
    scene.fake.script(|seen| Reply::Json(200, echo(seen)));
}
