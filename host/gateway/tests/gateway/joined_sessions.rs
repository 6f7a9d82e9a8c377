//! Sessions at the endpoint of all servers: one for the client, and one at each server
//! behind it.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::agent::{Agent, call, modern};
use crate::fake::{Reply, Seen, event, result};
use crate::joined::{BOTH, Two, post};
use crate::scene::Setting;
use crate::sessions::INITIALIZE;

/// A server that gives a session of its own, and knows it.
fn stateful(session: &'static str, capabilities: Value) -> impl FnMut(&Seen) -> Reply + Send {
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

async fn begun() -> Two {
    let two = Two::start().await;
    two.scene
        .fake
        .script(stateful("one", json!({ "tools": {}, "logging": {} })));
    two.mail.script(stateful(
        "two",
        json!({ "tools": { "listChanged": true }, "prompts": {} }),
    ));
    two
}

async fn opened(two: &Two) -> (Agent, Value) {
    let agent = two.agent();
    let answer = post(&agent, INITIALIZE).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let session = answer.header("mcp-session-id").unwrap().to_owned();
    let agent = agent
        .with("mcp-session-id", &session)
        .with("mcp-protocol-version", "2025-06-18");
    (agent, answer.json()["result"].clone())
}

fn said(seen: &[Seen]) -> Vec<String> {
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

/// Streams that a test writes to, as they are asked for.
fn live(two: &Two) -> [mpsc::Sender<String>; 2] {
    let fakes = [(&two.scene.fake, "one"), (&two.mail, "two")];
    fakes.map(|(fake, session)| {
        let (events, stream) = mpsc::channel(8);
        let stream = Arc::new(Mutex::new(Some(stream)));
        let mut others = stateful(session, json!({ "tools": {}, "resources": {} }));
        fake.script(move |seen| match seen.method.as_str() {
            "GET" => match stream.lock().unwrap().take() {
                Some(stream) => Reply::Live(stream),
                None => Reply::Json(405, String::new()),
            },
            _other => others(seen),
        });
        events
    })
}

#[tokio::test]
async fn what_all_servers_say_comes_on_one_stream() {
    let two = Two::start().await;
    let [files, mail] = live(&two);
    let (agent, _) = opened(&two).await;
    for events in [&files, &mail] {
        events.send(": hello\n\n".to_owned()).await.unwrap();
    }
    let mut stream = agent.open("GET", "/mcp", "").await;
    assert_eq!(stream.status, 200);
    let next = async |stream: &mut crate::agent::Open| loop {
        let block = stream.block().await?;
        if block.contains("data: ") {
            return Some(block);
        }
    };
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    files
        .send(format!("id: 7\n{}", event(changed)))
        .await
        .unwrap();
    assert_eq!(
        next(&mut stream).await.unwrap(),
        format!("id: *files/7\ndata: {changed}")
    );
    let updated =
        r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"m:1"}}"#;
    mail.send(event(updated)).await.unwrap();
    let block = next(&mut stream).await.unwrap();
    assert!(block.contains(r#""uri":"gatewright:mail/m:1""#), "{block}");
    // One that ends ends nothing of the others.
    drop(mail);
    files.send(event(changed)).await.unwrap();
    assert_eq!(next(&mut stream).await.unwrap(), format!("data: {changed}"));
    drop(stream);
    let agent = agent.with("last-event-id", "*files/7");
    let again = agent.open("GET", "/mcp", "").await;
    assert_eq!(again.status, 200);
    let seen = two.scene.fake.last();
    assert_eq!(
        (seen.method.as_str(), seen.header("last-event-id")),
        ("GET", Some("7"))
    );
    let nonsense = agent
        .with("last-event-id", "7")
        .request("GET", "/mcp", "")
        .await;
    assert_eq!(nonsense.status, 400);
}

/// What a server says while its stream is away is missed: the client looks again.
#[tokio::test]
async fn a_stream_that_ended_is_there_again_once_its_session_is() {
    let two = Two::start().await;
    let [files, mail] = live(&two);
    let (agent, _) = opened(&two).await;
    for events in [&files, &mail] {
        events.send(": hello\n\n".to_owned()).await.unwrap();
    }
    let mut stream = agent.open("GET", "/mcp", "").await;
    let told_until = async |stream: &mut crate::agent::Open, word: &str| {
        let mut told = String::new();
        while !told.contains(word) {
            told += &stream.block().await.expect("the stream of all ended");
        }
        told
    };
    let updated =
        r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"m:1"}}"#;
    mail.send(event(updated)).await.unwrap();
    told_until(&mut stream, "m:1").await;
    let (again, events) = mpsc::channel(8);
    let mut events = Some(events);
    let mut others = stateful("three", json!({ "tools": {}, "resources": {} }));
    two.mail.script(move |seen| match seen.method.as_str() {
        "GET" if seen.header("mcp-session-id") == Some("three") => {
            Reply::Live(events.take().expect("one stream for a session"))
        }
        _other => others(seen),
    });
    drop(mail);
    let lost = post(&agent, &call("mail__x", "{}")).await;
    assert_eq!(lost.reason(), "unknown_session");
    let found = post(&agent, &call("mail__x", "{}")).await;
    assert_eq!(found.status, 200, "{}", found.body);
    let updated = updated.replace("m:1", "m:2");
    again.send(event(&updated)).await.unwrap();
    let told = told_until(&mut stream, "m:2").await;
    assert!(told.contains("notifications/tools/list_changed"), "{told}");
}

fn agreeing(seen: &Seen, more: &[Value]) -> Reply {
    let json = seen.json();
    let meta = json!({ "io.modelcontextprotocol/subscriptionId": json["id"] });
    let agreed = json!({
        "jsonrpc": "2.0",
        "method": "notifications/subscriptions/acknowledged",
        "params": { "_meta": meta, "notifications": json["params"]["notifications"] },
    });
    let mut events = vec![event(&agreed.to_string())];
    events.extend(more.iter().map(|it| event(&it.to_string())));
    Reply::Events(events)
}

#[tokio::test]
async fn a_subscription_is_one_at_each_server_or_none() {
    let two = Two::start().await;
    let updated = json!({ "jsonrpc": "2.0", "method": "notifications/resources/updated", "params": { "uri": "m:1" } });
    two.scene.fake.script(|seen| agreeing(seen, &[]));
    two.mail
        .script(move |seen| agreeing(seen, std::slice::from_ref(&updated)));
    let listen = |agent: &Agent, uris: &str| {
        let params = format!(r#"{{"notifications":{{"resourceSubscriptions":[{uris}]}}}}"#);
        modern(agent, "subscriptions/listen", &params)
    };
    let (agent, body) = listen(
        &two.agent(),
        r#""gatewright:mail/m:1","gatewright:mail/m:2""#,
    );
    let events = post(&agent, &body).await.events();
    assert_eq!(
        events[0]["params"]["notifications"],
        json!({ "resourceSubscriptions": ["gatewright:mail/m:1", "gatewright:mail/m:2"] })
    );
    assert_eq!(events[1]["params"]["uri"], "gatewright:mail/m:1");
    let uris = &two.mail.last().json()["params"]["notifications"]["resourceSubscriptions"];
    assert_eq!(uris, &json!(["m:1", "m:2"]));
    assert_eq!(
        two.scene.fake.count(),
        0,
        "nothing of it is for that server"
    );
    // What one of them may not have, none of them gets.
    let narrow = two
        .scene
        .agent_named("did:example:narrow", &["mail:*", "files:f*"]);
    let (agent, body) = listen(&narrow, r#""gatewright:mail/m:1","gatewright:files/x:1""#);
    assert_eq!(post(&agent, &body).await.reason(), "insufficient_scope");
    assert_eq!(two.scene.fake.count(), 0);
    let (agent, body) = listen(&narrow, r#""m:1""#);
    assert_eq!(post(&agent, &body).await.reason(), "invalid_arguments");
    // Lists are those of all servers.
    let params = r#"{"notifications":{"toolsListChanged":true}}"#;
    let (agent, body) = modern(&two.agent(), "subscriptions/listen", params);
    let events = post(&agent, &body).await.events();
    assert_eq!(
        events[0]["params"]["notifications"],
        json!({ "toolsListChanged": true })
    );
    assert_eq!(two.scene.fake.count(), 1);
}

#[tokio::test]
async fn a_subscription_that_ends_at_one_server_goes_on_at_the_others() {
    let two = Two::start().await;
    let (files, stream) = mpsc::channel(8);
    let mut stream = Some(stream);
    two.scene
        .fake
        .script(move |_seen| Reply::Live(stream.take().expect("it is asked once")));
    let over = json!({ "jsonrpc": "2.0", "id": 1, "result": { "resultType": "complete" } });
    two.mail
        .script(move |seen| agreeing(seen, std::slice::from_ref(&over)));
    let says = |method: &str| {
        let meta = json!({ "io.modelcontextprotocol/subscriptionId": 1 });
        let params = json!({ "_meta": meta, "notifications": { "toolsListChanged": true } });
        event(&json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string())
    };
    let agreed = says("notifications/subscriptions/acknowledged");
    files.send(agreed).await.unwrap();
    let params = r#"{"notifications":{"toolsListChanged":true}}"#;
    let (agent, body) = modern(&two.agent(), "subscriptions/listen", params);
    let mut stream = agent.open("POST", "/mcp", &body).await;
    files
        .send(says("notifications/tools/list_changed"))
        .await
        .unwrap();
    let mut told = String::new();
    // The second time it may have changed at the server that is asked again.
    while told.matches("tools/list_changed").count() < 2 {
        told += &stream.block().await.expect("the other one goes on");
    }
    assert!(two.mail.count() >= 2);
    assert_eq!(two.scene.fake.count(), 1);
    assert!(!told.contains("\"result\""), "{told}");
    // Where none goes on, the client subscribes again.
    two.mail.script(|_seen| Reply::Json(503, String::new()));
    drop(files);
    while stream.block().await.is_some() {}
}

#[tokio::test]
async fn what_all_servers_are_is_said_in_one_answer_or_the_client_goes_back() {
    let two = Two::start().await;
    let discovered = |name: &'static str, versions: &'static [&'static str]| {
        move |seen: &Seen| {
            let says = json!({
                "resultType": "complete",
                "supportedVersions": versions,
                "capabilities": { name: {} },
                "serverInfo": { "name": name, "version": "1" },
            });
            Reply::Json(200, result(&seen.json()["id"], &says))
        }
    };
    two.scene
        .fake
        .script(discovered("tools", &["2026-07-28", "2025-11-25"]));
    two.mail.script(discovered("prompts", &["2026-07-28"]));
    let (agent, body) = modern(&two.agent(), "server/discover", "{}");
    let both = post(&agent, &body).await.json();
    assert_eq!(both["result"]["supportedVersions"], json!(["2026-07-28"]));
    assert_eq!(
        both["result"]["capabilities"],
        json!({ "tools": {}, "prompts": {} })
    );
    two.mail.script(|seen| {
        let error = json!({ "code": -32601, "message": "no such method" });
        let id = &seen.json()["id"];
        Reply::Json(
            404,
            json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string(),
        )
    });
    let old = post(&agent, &body).await;
    assert_eq!(
        (old.status, old.code()),
        (404, Some(-32601)),
        "{}",
        old.body
    );
    // One that is broken takes nobody with it, and is named.
    two.mail.script(|seen| {
        let error = json!({ "code": -32603, "message": "oops" });
        let id = &seen.json()["id"];
        let answer = json!({ "jsonrpc": "2.0", "id": id, "error": error });
        Reply::Json(200, answer.to_string())
    });
    let one = post(&agent, &body).await.json();
    assert_eq!(
        one["result"]["capabilities"],
        json!({ "tools": {} }),
        "{one}"
    );
    let left = &one["result"]["_meta"]["gatewright/left_out"];
    assert_eq!(left[0]["server"], "mail", "{one}");
    assert_eq!(left[0]["code"], -32603, "{one}");
    // Where all are, so is the answer.
    two.scene.fake.script(|seen| {
        let error = json!({ "code": -32603, "message": "oops" });
        let answer = json!({ "jsonrpc": "2.0", "id": seen.json()["id"], "error": error });
        Reply::Json(200, answer.to_string())
    });
    assert_eq!(post(&agent, &body).await.code(), Some(-32603));
}

/// A server says how far its own calls are, and those of nobody else.
#[tokio::test]
async fn progress_is_told_by_the_server_whose_call_it_is() {
    let two = Two::start().await;
    let [files, mail] = live(&two);
    let (agent, _) = opened(&two).await;
    for events in [&files, &mail] {
        events.send(": hello\n\n".to_owned()).await.unwrap();
    }
    let mut stream = agent.open("GET", "/mcp", "").await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__x","arguments":{},"_meta":{"progressToken":7}}}"#;
    assert_eq!(post(&agent, body).await.status, 200);
    let progress = |server: &str, token: &str| {
        event(&format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":{token},"progress":1,"message":"{server}"}}}}"#
        ))
    };
    for token in ["7", "\"7\"", "\"files:7\"", "8"] {
        mail.send(progress("mail", token)).await.unwrap();
    }
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    mail.send(event(changed)).await.unwrap();
    let mut told = String::new();
    while !told.contains("list_changed") {
        told += &stream.block().await.unwrap();
    }
    assert!(!told.contains("notifications/progress"), "{told}");
    // A task goes on after its call was answered.
    files.send(progress("files", "7")).await.unwrap();
    while !told.contains("notifications/progress") {
        told += &stream.block().await.unwrap();
    }
    assert!(
        told.contains(r#""progressToken":7"#) && !told.contains("mail"),
        "{told}"
    );
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

/// A server whose stream does not open at once is listened to once it does.
#[tokio::test]
async fn a_stream_that_opens_late_is_there_all_the_same() {
    let two = Two::start().await;
    let [files, _mail] = live(&two);
    let (agent, _) = opened(&two).await;
    files.send(": hello\n\n".to_owned()).await.unwrap();
    let mut fails = true;
    let (late, stream) = mpsc::channel(8);
    let mut stream = Some(stream);
    let mut others = stateful("two", json!({ "tools": {} }));
    two.mail.script(move |seen| match seen.method.as_str() {
        "GET" if std::mem::take(&mut fails) => Reply::Json(503, String::new()),
        "GET" => Reply::Live(stream.take().unwrap()),
        _other => others(seen),
    });
    let mut stream = agent.open("GET", "/mcp", "").await;
    let changed = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
    late.send(event(changed)).await.unwrap();
    let mut told = String::new();
    while !told.contains("list_changed") {
        told += &stream.block().await.unwrap();
    }
}

#[tokio::test]
async fn what_a_server_says_beside_its_list_goes_on() {
    let two = begun().await;
    let (agent, _) = opened(&two).await;
    let mut others = stateful("one", json!({ "tools": {} }));
    let log = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}"#;
    two.scene
        .fake
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("tools/list") => {
                let tools = json!({ "tools": [{ "name": "late" }] });
                let list = result(&seen.json()["id"], &tools);
                Reply::Events(vec![event(log), event(&list)])
            }
            _other => others(seen),
        });
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let events = post(&agent, list).await.events();
    assert_eq!(events[0], log_of(log));
    let tools = json!([{ "name": "files__late" }, { "name": "mail__two" }]);
    assert_eq!(events[1]["result"]["tools"], tools);
    assert_eq!(events.len(), 2);
}

fn log_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_server_that_is_there_later_is_told_of_on_the_stream() {
    let two = begun().await;
    two.mail.script(|_seen| Reply::Json(503, String::new()));
    let (agent, _) = opened(&two).await;
    let mut stream = agent.open("GET", "/mcp", "").await;
    two.mail.script(stateful("two", json!({ "tools": {} })));
    assert_eq!(post(&agent, &call("mail__x", "{}")).await.status, 200);
    let block = stream.block().await.unwrap();
    assert!(
        block.contains("notifications/tools/list_changed"),
        "{block}"
    );
    // Its session ends, and with it the stream.
    assert_eq!(agent.request("DELETE", "/mcp", "").await.status, 200);
    assert_eq!(stream.block().await, None);
}

#[tokio::test]
async fn whoever_comes_back_for_an_answer_comes_back_to_its_server() {
    let two = begun().await;
    let (agent, _) = opened(&two).await;
    let back = agent.with("last-event-id", "mail/9");
    back.request("GET", "/mcp", "").await;
    let seen = two.mail.last();
    assert_eq!(
        (seen.method.as_str(), seen.header("last-event-id")),
        ("GET", Some("9"))
    );
    assert_eq!(seen.header("mcp-session-id"), Some("two"));
    assert!(!said(&two.scene.fake.seen()).contains(&"GET".to_owned()));
}
