//! Tool servers that speak nothing but HTTP+SSE (2024-11-05), good and bad ones.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::agent::{call, modern};
use crate::fake::{Fake, Reply, Seen, event, result};
use crate::scene::{Scene, Setting, eventually};
use crate::sessions::{INITIALIZE, opened};

/// The streams that a server has open, in the order in which they were opened.
type Streams = Arc<Mutex<Vec<mpsc::Sender<String>>>>;

const ENDPOINT: &str = "event: endpoint\ndata: message?session=1\n\n";

/// What a server does with a message that is posted: what it says on the stream, and the
/// status of the POST.
type Does = fn(&Value) -> (Vec<String>, u16);

fn answers(message: &Value) -> (Vec<String>, u16) {
    let id = &message["id"];
    let said = match message["method"].as_str() {
        Some("initialize") => vec![result(id, &json!({ "protocolVersion": "2024-11-05" }))],
        Some("tools/call") => vec![
            r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}"#.to_owned(),
            result(id, &json!({ "content": [{ "type": "text", "text": "hi" }] })),
        ],
        _no_answer => Vec::new(),
    };
    (said.iter().map(|text| event(text)).collect(), 202)
}

/// A server that opens a stream which begins so, and does this with messages.
async fn server(begins: &'static str, does: Does) -> (Fake, Streams) {
    let streams = Streams::default();
    let of_server = Arc::clone(&streams);
    let fake = Fake::with(move |seen: &Seen| {
        let mut streams = of_server.lock().unwrap();
        match (seen.method.as_str(), seen.path.as_str()) {
            ("GET", "/mcp") => {
                let (sender, receiver) = mpsc::channel(64);
                sender.try_send(begins.to_owned()).unwrap();
                streams.push(sender);
                Reply::Live(receiver)
            }
            ("POST", "/message") => {
                let (said, status) = does(&seen.json());
                if let Some(stream) = streams.last() {
                    for event in said {
                        stream.try_send(event).unwrap();
                    }
                }
                Reply::Chunked(status)
            }
            (_, "/mcp") => Reply::Json(405, String::new()),
            _elsewhere => Reply::Json(404, String::new()),
        }
    })
    .await;
    (fake, streams)
}

/// The requests that reached the server.
fn reached(scene: &Scene) -> Vec<String> {
    let seen = scene.fake.seen();
    let told = |seen: &Seen| format!("{} {}", seen.method, seen.path);
    seen.iter().map(told).collect()
}

#[tokio::test]
async fn a_server_of_2024_serves_a_session_of_today() {
    let (fake, streams) = server(ENDPOINT, answers).await;
    let secret = Setting {
        server: "credential = { env = \"PATH\" }".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::with(fake, secret).await;
    let agent = opened(&scene, &scene.agent()).await;
    let begun = ["POST /mcp", "GET /mcp", "POST /message"];
    assert_eq!(reached(&scene), begun);
    // The gate's credential goes wherever the server is asked, and the agent's nowhere.
    let secret = std::env::var("PATH").unwrap();
    for seen in scene.fake.seen() {
        let shown = seen.header("authorization").unwrap().to_owned();
        assert_eq!(shown, format!("Bearer {secret}"));
    }
    let answer = agent.post(&call("read", r#"{"a":1}"#)).await;
    assert_eq!(answer.status, 200);
    let messages = answer.events();
    assert_eq!(messages[0]["method"], "notifications/message");
    assert_eq!(messages[1]["result"]["content"][0]["text"], "hi");
    assert_eq!(scene.fake.last().json()["params"]["arguments"]["a"], 1);
    // What belongs to no call comes on the stream of the session.
    let mut stream = agent.open("GET", "/mcp/files", "").await;
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    let sender = streams.lock().unwrap()[0].clone();
    sender.send(event(changed)).await.unwrap();
    loop {
        let block = stream.block().await.unwrap();
        if block.contains("list_changed") {
            break;
        }
    }
    drop(stream);
    assert_eq!(agent.request("DELETE", "/mcp/files", "").await.status, 200);
    // The server is told by the end of its stream.
    sender.closed().await;
    let answer = agent.post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "unknown_session");
}

#[tokio::test]
async fn a_call_that_is_denied_reaches_no_server() {
    let (fake, _streams) = server(ENDPOINT, answers).await;
    let denies = Setting {
        bindings: vec![
            (
                "allow",
                crate::guests::judge("(i32.const 64)", crate::scene::ALLOW),
                "",
            ),
            (
                "deny",
                crate::guests::judge("(i32.const 64)", crate::scene::DENY),
                "tools = [\"read\"]\nauthority = [\"deny\"]",
            ),
        ],
        ..Setting::default()
    };
    let scene = Scene::with(fake, denies).await;
    let agent = opened(&scene, &scene.agent()).await;
    let before = scene.fake.count();
    assert_eq!(agent.post(&call("read", "{}")).await.reason(), "forbidden");
    assert_eq!(scene.fake.count(), before);
}

#[tokio::test]
async fn a_client_of_2026_learns_that_the_server_is_older() {
    let (fake, _streams) = server(ENDPOINT, answers).await;
    let scene = Scene::with(fake, Setting::default()).await;
    let (agent, discover) = modern(&scene.agent(), "server/discover", "{}");
    let answer = agent.post(&discover).await;
    assert_eq!(
        (answer.status, answer.code()),
        (404, Some(-32_601)),
        "{}",
        answer.body
    );
    // And goes back.
    opened(&scene, &scene.agent()).await;
}

/// What the agent is told of an `initialize` at a bad server.
async fn refused(begins: &'static str, does: Does, limits: &str) -> (String, Scene) {
    let (fake, _streams) = server(begins, does).await;
    let setting = Setting {
        limits: limits.to_owned(),
        server: "timeout = \"2s\"".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::with(fake, setting).await;
    let answer = scene.agent().post(INITIALIZE).await;
    (answer.reason(), scene)
}

#[tokio::test]
async fn a_stream_that_is_bad_begins_no_session() {
    let good: Does = answers;
    let nothing: Does = |_| (Vec::new(), 202);
    let fails: Does = |_| (Vec::new(), 429);
    let garbage: Does = |_| (vec![event("{\"jsonrpc\":\"2.0\"")], 202);
    let huge = "event: endpoint\ndata: /message\n\n: \n\n";
    let long: Does = |message| {
        let text = "x".repeat(3000);
        (
            vec![event(&result(&message["id"], &json!({ "text": text })))],
            202,
        )
    };
    for (what, begins, does, reason) in [
        (
            "another origin",
            "event: endpoint\ndata: http://evil.example/message\n\n",
            good,
            "upstream_invalid",
        ),
        (
            "another port",
            "event: endpoint\ndata: http://127.0.0.1:1/message\n\n",
            good,
            "upstream_invalid",
        ),
        (
            "another host, without a scheme",
            "event: endpoint\ndata: //evil.example/message\n\n",
            good,
            "upstream_invalid",
        ),
        ("no endpoint", ": hello\n\n", good, "upstream_timeout"),
        ("a message first", "data: {}\n\n", good, "upstream_invalid"),
        ("no answer", ENDPOINT, nothing, "upstream_timeout"),
        ("a busy server", ENDPOINT, fails, "upstream_unavailable"),
        ("no message", ENDPOINT, garbage, "upstream_invalid"),
        ("a long message", huge, long, "result_too_large"),
    ] {
        let limits = "result_bytes_max = 2000";
        let (told, scene) = refused(begins, does, limits).await;
        assert_eq!(told, reason, "{what}");
        let posts = reached(&scene)
            .into_iter()
            .filter(|told| told == "POST /message");
        let is_bad_from_the_beginning = begins != ENDPOINT && begins != huge;
        assert_eq!(
            posts.count(),
            usize::from(!is_bad_from_the_beginning),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_stream_that_ends_ends_its_session_and_its_calls() {
    let silent: Does = |message| match message["method"].as_str() {
        Some("tools/call") => (Vec::new(), 202),
        _any_other => answers(message),
    };
    let (fake, streams) = server(ENDPOINT, silent).await;
    let scene = Scene::with(fake, Setting::default()).await;
    let agent = opened(&scene, &scene.agent()).await;
    let before = scene.fake.count();
    let body = call("read", "{}");
    let (answer, ()) = tokio::join!(agent.post(&body), async {
        let has_come = || (scene.fake.count() > before).then_some(());
        eventually("the call arrives", has_come).await;
        streams.lock().unwrap().clear();
    });
    assert_eq!(answer.reason(), "upstream_unavailable");
    let trouble = answer.json();
    assert!(trouble.to_string().contains("upstream_ended"), "{trouble}");
    // Its client begins another one.
    let over = agent.post(&call("read", "{}")).await;
    assert_eq!(
        (over.status, over.reason().as_str()),
        (404, "unknown_session")
    );
    opened(&scene, &scene.agent()).await;
}

#[tokio::test]
async fn a_server_that_forgot_its_stream_ends_the_session() {
    let forgets: Does = |message| match message["method"].as_str() {
        Some("tools/call") => (Vec::new(), 404),
        _any_other => answers(message),
    };
    let (fake, streams) = server(ENDPOINT, forgets).await;
    let scene = Scene::with(fake, Setting::default()).await;
    let agent = opened(&scene, &scene.agent()).await;
    let answer = agent.post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "upstream_unavailable");
    let sender = streams.lock().unwrap()[0].clone();
    sender.closed().await;
    let over = agent.post(&call("read", "{}")).await;
    assert_eq!(over.reason(), "unknown_session");
}

#[tokio::test]
async fn as_many_streams_as_sessions() {
    let (fake, streams) = server(ENDPOINT, answers).await;
    let setting = Setting {
        limits: "sessions_max = 4".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::with(fake, setting).await;
    for number in 0..12 {
        let name = format!("did:example:agent-{number}");
        let _answer = scene
            .agent_named(&name, &["files:*"])
            .post(INITIALIZE)
            .await;
        let open = streams.lock().unwrap();
        let open = open.iter().filter(|stream| !stream.is_closed()).count();
        // One more is open while the gate finds no room for it.
        assert!(open <= 5, "{open} streams");
    }
}

#[tokio::test]
async fn a_server_that_takes_no_messages_anywhere_is_named() {
    let fake = Fake::with(|_| Reply::Json(404, String::new())).await;
    let scene = Scene::with(fake, Setting::default()).await;
    let answer = scene.agent().post(INITIALIZE).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (404, "upstream_invalid")
    );
    assert_eq!(reached(&scene), ["POST /mcp", "GET /mcp"]);
}
