//! Sessions at the endpoint of all servers: one for the client, and one at each server
//! behind it.

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::agent::{Agent, call};
use crate::fake::{Reply, Seen, event, result};
use crate::joined::{BOTH, Two, post};
use crate::scene::{Setting, eventually};
use crate::sessions::INITIALIZE;

/// A server that gives a session of its own, and knows it.
pub fn stateful(session: &'static str, capabilities: Value) -> impl FnMut(&Seen) -> Reply + Send {
    move |seen| {
        let json = seen.json();
        if json["method"] == "initialize" {
            let begun = json!({
                "protocolVersion": "2025-06-18",
                "capabilities": capabilities,
                "serverInfo": { "name": session, "version": "1" },
                "instructions": format!("{session} is kind"),
            });
            let text = result(&json["id"], &begun);
            return Reply::Full(200, vec![("mcp-session-id", session.to_owned())], text);
        }
        if seen.header("mcp-session-id") != Some(session) {
            return Reply::Json(404, String::new());
        }
        match (seen.method.as_str(), json["method"].as_str()) {
            ("DELETE", _) => Reply::Json(200, String::new()),
            ("GET", _) => Reply::Json(405, String::new()),
            (_, Some("tools/list")) => {
                let tools = json!({ "tools": [{ "name": session }] });
                Reply::Json(200, result(&json["id"], &tools))
            }
            (_, None) => Reply::Json(202, String::new()),
            (_, Some(_)) if json["id"].is_null() => Reply::Json(202, String::new()),
            (_, Some(_)) => Reply::Json(200, crate::fake::echo(seen)),
        }
    }
}

pub async fn begun() -> Two {
    begun_in(Setting::default()).await
}

pub async fn begun_in(setting: Setting) -> Two {
    let two = Two::of(setting).await;
    two.scene
        .fake
        .script(stateful("one", json!({ "tools": {}, "logging": {} })));
    two.mail.script(stateful(
        "two",
        json!({ "tools": { "listChanged": true }, "prompts": {} }),
    ));
    two
}

pub async fn opened(two: &Two) -> (Agent, Value) {
    let agent = two.agent();
    let answer = post(&agent, INITIALIZE).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let session = answer.header("mcp-session-id").unwrap().to_owned();
    let agent = agent
        .with("mcp-session-id", &session)
        .with("mcp-protocol-version", "2025-06-18");
    (agent, answer.json()["result"].clone())
}

/// A session whose client said that it is ready.
pub async fn ready(two: &Two) -> Agent {
    let (agent, _) = opened(two).await;
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(post(&agent, ready).await.status, 202);
    agent
}

pub fn said(seen: &[Seen]) -> Vec<String> {
    let said = seen.iter().map(|seen| match seen.method.as_str() {
        "POST" => seen.json()["method"]
            .as_str()
            .unwrap_or("answer")
            .to_owned(),
        other => other.to_owned(),
    });
    said.collect()
}

#[tokio::test]
async fn one_session_stands_for_one_at_each_server() {
    let two = begun().await;
    let (agent, result) = opened(&two).await;
    assert_eq!(result["protocolVersion"], "2025-06-18");
    assert_eq!(
        result["capabilities"],
        json!({ "tools": { "listChanged": true }, "logging": {}, "prompts": {} })
    );
    let instructions = result["instructions"].as_str().unwrap();
    assert!(instructions.contains("one is kind") && instructions.contains("two is kind"));
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(post(&agent, ready).await.status, 202);
    assert_eq!(post(&agent, &call("mail__x", "{}")).await.status, 200);
    assert_eq!(two.mail.last().header("mcp-session-id"), Some("two"));
    let prompts = r#"{"jsonrpc":"2.0","id":4,"method":"prompts/list"}"#;
    post(&agent, prompts).await;
    let level = r#"{"jsonrpc":"2.0","id":5,"method":"logging/setLevel","params":{"level":"info"}}"#;
    assert_eq!(post(&agent, level).await.json()["result"], json!({}));
    let ping = r#"{"jsonrpc":"2.0","id":6,"method":"ping"}"#;
    assert_eq!(post(&agent, ping).await.json()["result"], json!({}));
    // Another agent has no such session.
    let thief = two.scene.agent_named("did:example:thief", &BOTH);
    let session = agent.headers[0].1.clone();
    let thief = thief.with("mcp-session-id", &session);
    let stolen = post(&thief, &call("mail__x", "{}")).await;
    assert_eq!(
        (stolen.status, stolen.reason().as_str()),
        (404, "unknown_session")
    );
    let ended = agent.request("DELETE", "/mcp", "").await;
    assert_eq!(ended.status, 200);
    let after = post(&agent, &call("mail__x", "{}")).await;
    assert_eq!(
        (after.status, after.reason().as_str()),
        (404, "unknown_session")
    );
    assert_eq!(
        said(&two.scene.fake.seen()),
        [
            "initialize",
            "notifications/initialized",
            "logging/setLevel",
            "DELETE"
        ]
    );
    assert_eq!(
        said(&two.mail.seen()),
        [
            "initialize",
            "notifications/initialized",
            "tools/call",
            "prompts/list",
            "DELETE"
        ]
    );
}

/// A server may forget a session; the others do not, and neither does the client's end.
#[tokio::test]
async fn a_session_that_is_over_at_one_server_begins_there_again() {
    let two = begun().await;
    let (agent, _) = opened(&two).await;
    two.mail.script(stateful("three", json!({ "tools": {} })));
    let lost = post(&agent, &call("mail__x", "{}")).await;
    assert_eq!(
        (lost.status, lost.reason().as_str()),
        (200, "unknown_session")
    );
    let again = post(&agent, &call("mail__x", "{}")).await;
    assert_eq!(
        again.json()["result"]["echo"]["name"],
        "x",
        "{}",
        again.body
    );
    assert_eq!(two.mail.last().header("mcp-session-id"), Some("three"));
    let files = post(&agent, &call("files__x", "{}")).await;
    assert_eq!(files.status, 200);
    assert_eq!(two.scene.fake.last().header("mcp-session-id"), Some("one"));
}

#[tokio::test]
async fn a_server_that_does_not_begin_is_named_and_tried_again() {
    let two = begun().await;
    two.mail.script(|_seen| Reply::Json(503, String::new()));
    let (agent, result) = opened(&two).await;
    let left = &result["_meta"]["gatewright/left_out"];
    assert_eq!(left[0]["server"], "mail");
    assert!(
        result["instructions"]
            .as_str()
            .unwrap()
            .contains("`mail` is left out")
    );
    two.mail.script(stateful("two", json!({ "tools": {} })));
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let list = post(&agent, list).await.json();
    let names: Vec<_> = list["result"]["tools"].as_array().unwrap().iter().collect();
    assert_eq!(
        names,
        [
            &json!({ "name": "files__one" }),
            &json!({ "name": "mail__two" })
        ]
    );
    // Where none begins, there is no session.
    for fake in [&two.scene.fake, &two.mail] {
        fake.script(|_seen| Reply::Json(503, String::new()));
    }
    let none = post(&two.agent(), INITIALIZE).await;
    assert_eq!(none.reason(), "upstream_unavailable");
    assert!(none.header("mcp-session-id").is_none());
}

#[tokio::test]
async fn servers_ask_by_ids_of_their_own_and_are_answered_apart() {
    // The key stands in the last table, which is that of `mail`.
    let two = Two::of(Setting {
        server: "client_requests = [\"roots\"]\n".to_owned(),
        ..Setting::default()
    })
    .await;
    two.scene
        .fake
        .script(stateful("one", json!({ "tools": {} })));
    let (events, stream) = mpsc::channel(8);
    let mut stream = Some(stream);
    let mut others = stateful("two", json!({ "tools": {} }));
    two.mail
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("tools/call") => Reply::Live(stream.take().unwrap()),
            _other => others(seen),
        });
    let (agent, _) = opened(&two).await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail__x","arguments":{},"_meta":{"progressToken":"p"}}}"#;
    let mut called = {
        let question = r#"{"jsonrpc":"2.0","id":1,"method":"roots/list","params":{"_meta":{"progressToken":2}}}"#;
        events.send(event(question)).await.unwrap();
        agent.open("POST", "/mcp", body).await
    };
    let asked = called.block().await.unwrap();
    let asked: Value = serde_json::from_str(asked.split_once("data: ").unwrap().1).unwrap();
    assert_eq!(asked["id"], "mail:1");
    assert_eq!(asked["params"]["_meta"]["progressToken"], "mail:2");
    let wrong = r#"{"jsonrpc":"2.0","id":"files:1","result":{"roots":[]}}"#;
    assert_eq!(post(&agent, wrong).await.status, 400);
    let right = r#"{"jsonrpc":"2.0","id":"mail:1","result":{"roots":[]}}"#;
    assert_eq!(post(&agent, right).await.status, 202);
    assert_eq!(two.mail.last().json()["id"], 1);
    assert_eq!(post(&agent, right).await.status, 400, "once");
    let progress = r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}"#;
    events.send(event(progress)).await.unwrap();
    let block = called.block().await.unwrap();
    assert!(block.contains(r#""progressToken":"p""#), "{block}");
    // The client gives up: the server that works on it hears so, and no other one.
    let before = two.scene.fake.count();
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    assert_eq!(post(&agent, cancel).await.status, 202);
    assert_eq!(two.mail.last().json()["method"], "notifications/cancelled");
    assert_eq!(two.scene.fake.count(), before);
    let unknown = cancel.replace(":1}", ":9}");
    assert_eq!(post(&agent, &unknown).await.status, 400);
}

/// Nobody waits for the slowest server where there is nothing to wait for.
#[tokio::test]
async fn what_is_said_to_all_servers_waits_for_none_of_them() {
    let two = begun().await;
    let logging = json!({ "tools": {}, "logging": {} });
    two.mail.script(stateful("two", logging.clone()));
    let (agent, _) = opened(&two).await;
    let (go, held) = oneshot::channel();
    let (heard, mut level_heard) = mpsc::unbounded_channel();
    let mut held = Some(held);
    let mut others = stateful("two", logging);
    two.mail
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("notifications/initialized") => Reply::Later(held.take().unwrap()),
            Some("logging/setLevel") => {
                heard.send(seen.json()["params"]["level"].clone()).unwrap();
                Reply::Hang
            }
            _other => others(seen),
        });
    let begun = std::time::Instant::now();
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(post(&agent, ready).await.status, 202);
    for level in ["info", "debug"] {
        let level = format!(
            r#"{{"jsonrpc":"2.0","id":5,"method":"logging/setLevel","params":{{"level":"{level}"}}}}"#
        );
        assert_eq!(post(&agent, &level).await.json()["result"], json!({}));
    }
    // The server may take a minute.
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    assert!(said(&two.scene.fake.seen()).contains(&"logging/setLevel".to_owned()));
    // It hears one thing after the other, and the newest level alone.
    assert!(!said(&two.mail.seen()).contains(&"logging/setLevel".to_owned()));
    go.send(String::new()).unwrap();
    assert_eq!(level_heard.recv().await.unwrap(), "debug");
    assert!(level_heard.try_recv().is_err());
}

/// A server that is slow to hear that the client is ready is asked nothing before.
#[tokio::test]
async fn a_server_hears_that_the_client_is_ready_before_its_first_call() {
    let two = begun().await;
    let (agent, _) = opened(&two).await;
    let (go, held) = oneshot::channel();
    let mut held = Some(held);
    let mut others = stateful("two", json!({ "tools": {} }));
    two.mail
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("notifications/initialized") => Reply::Later(held.take().unwrap()),
            _other => others(seen),
        });
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(post(&agent, ready).await.status, 202);
    let (first, files) = (call("mail__x", "{}"), call("files__x", "{}"));
    let mut asked = Box::pin(post(&agent, &first));
    let others_go_on = async {
        for _ in 0..3 {
            assert_eq!(post(&agent, &files).await.status, 200);
        }
    };
    tokio::select! {
        biased;
        early = &mut asked => panic!("it was asked before it was told: {}", early.body),
        () = others_go_on => {}
    }
    let before = ["initialize", "notifications/initialized"];
    assert_eq!(said(&two.mail.seen()), before);
    go.send(String::new()).unwrap();
    assert_eq!(asked.await.status, 200);
    let after = ["initialize", "notifications/initialized", "tools/call"];
    assert_eq!(said(&two.mail.seen()), after);
}

/// Nor is its stream asked for before, also where the client asks for that at the same time.
#[tokio::test]
async fn a_server_hears_that_the_client_is_ready_before_its_stream_is_asked_for() {
    let two = begun().await;
    let (agent, _) = opened(&two).await;
    let (go, held) = oneshot::channel();
    let mut held = Some(held);
    let mut others = stateful("two", json!({ "tools": {} }));
    two.mail
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("notifications/initialized") => Reply::Later(held.take().unwrap()),
            _other => others(seen),
        });
    let mut stream = Box::pin(agent.open("GET", "/mcp", ""));
    let files = call("files__x", "{}");
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let says_so = async {
        assert_eq!(post(&agent, &files).await.status, 200);
        assert_eq!(post(&agent, ready).await.status, 202);
        // The other one was told, and is listened to: nobody waits for the slowest.
        let others = &two.scene.fake;
        eventually("the other one is asked", || {
            said(&others.seen())
                .contains(&"GET".to_owned())
                .then_some(())
        })
        .await;
    };
    tokio::select! {
        biased;
        _early = &mut stream => panic!("it was opened before all were told"),
        () = says_so => {}
    }
    let before = ["initialize", "notifications/initialized"];
    assert_eq!(said(&two.mail.seen()), before);
    let files = said(&two.scene.fake.seen());
    assert_eq!(
        files,
        [
            "initialize",
            "tools/call",
            "notifications/initialized",
            "GET"
        ]
    );
    go.send(String::new()).unwrap();
    assert_eq!(stream.await.status, 200);
    let after = ["initialize", "notifications/initialized", "GET"];
    assert_eq!(said(&two.mail.seen()), after);
}
