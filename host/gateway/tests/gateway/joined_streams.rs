//! What servers say at the endpoint of all of them outside of an answer, on one stream.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::agent::{Agent, call};
use crate::agents::{AT_ONCE, turn};
use crate::fake::{Reply, event, result};
use crate::joined::{Two, post, quick};
use crate::joined_sessions::{begun, opened, ready, said, stateful};

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
    // It never says that it is ready, and hears all the same.
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
    let agent = ready(&two).await;
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

/// Also where no server has a stream that could end.
#[tokio::test]
async fn the_stream_of_a_suspended_agent_ends_within_a_second() {
    let two = begun().await;
    let agent = ready(&two).await;
    let mut stream = agent.open("GET", "/mcp", "").await;
    assert_eq!(stream.status, 200);
    let suspended = Instant::now();
    turn(&two.scene, "suspend", "did:example:agent").await;
    while stream.block().await.is_some() {}
    assert!(suspended.elapsed() < AT_ONCE, "{:?}", suspended.elapsed());
}

/// And the client is told to ask again once it can have renewed its credential.
#[tokio::test]
async fn the_stream_ends_with_its_credential() {
    let two = begun().await;
    let mut agent = ready(&two).await;
    let scopes = ["files:*", "mail:*"];
    let lasts = Duration::from_millis(1500);
    agent.token = Some(two.scene.token("did:example:agent", &scopes, lasts));
    let mut stream = agent.open("GET", "/mcp", "").await;
    assert_eq!(stream.status, 200);
    let mut last = None;
    while let Some(block) = stream.block().await {
        last = Some(block);
    }
    assert_eq!(last.as_deref(), Some("retry: 3000"));
}

/// A server says how far its own calls are, and those of nobody else.
#[tokio::test]
async fn progress_is_told_by_the_server_whose_call_it_is() {
    let two = Two::start().await;
    let [files, mail] = live(&two);
    let agent = ready(&two).await;
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

/// A server whose stream does not open at once is listened to once it does.
#[tokio::test]
async fn a_stream_that_opens_late_is_there_all_the_same() {
    let two = Two::of(quick()).await;
    let [files, _mail] = live(&two);
    let agent = ready(&two).await;
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
    let updated =
        r#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"m:1"}}"#;
    late.send(event(updated)).await.unwrap();
    let mut told = String::new();
    while !told.contains("gatewright:mail/m:1") {
        told += &stream.block().await.unwrap();
    }
}

#[tokio::test]
async fn what_a_server_says_beside_its_list_goes_on() {
    let two = begun().await;
    let agent = ready(&two).await;
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
    let agent = ready(&two).await;
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
    let agent = ready(&two).await;
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

/// Another credential of its caller began the session, and reaches more.
#[tokio::test]
async fn a_stream_asks_no_server_that_its_credential_does_not_reach() {
    let two = begun().await;
    let agent = ready(&two).await;
    let narrow = Agent {
        gate: agent.gate,
        token: two.scene.agent().token,
        headers: agent.headers.clone(),
    };
    let before = two.scene.decisions().len();
    let stream = narrow.open("GET", "/mcp", "").await;
    assert_eq!(stream.status, 200);
    assert!(said(&two.scene.fake.seen()).contains(&"GET".to_owned()));
    let decisions = two.scene.decisions();
    let refused = decisions[before..].iter().find_map(|it| it.reason);
    assert_eq!(refused, None);
}
