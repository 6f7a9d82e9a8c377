//! Servers that were not there for a while, at the endpoint of all of them: the client is
//! told once they are, and does not have to ask.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::agent::{DEADLINE, Open, modern};
use crate::fake::{Reply, Seen, event};
use crate::joined::{Two, WAIT, post, quick};
use crate::joined_sessions::{begun_in, ready, said, stateful};
use crate::scene::eventually;

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

/// Reads on until the client is told that it knows the tools no longer. What keeps the
/// stream alive tells it nothing.
async fn tools_changed(stream: &mut Open) {
    let told = async {
        loop {
            let block = stream.block().await.expect("the stream goes on");
            if block.contains("notifications/tools/list_changed") {
                return;
            }
        }
    };
    let told = tokio::time::timeout(DEADLINE, told).await;
    told.expect("nobody tells that the server is there");
}

fn is_down(_seen: &Seen) -> Reply {
    Reply::Json(503, String::new())
}

fn names(list: &Value) -> Vec<&str> {
    let tools = list["result"]["tools"].as_array().unwrap().iter();
    tools.map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_server_that_was_down_when_the_session_began_is_told_of_by_itself() {
    let two = begun_in(quick()).await;
    two.mail.script(is_down);
    let agent = ready(&two).await;
    let mut stream = agent.open("GET", "/mcp", "").await;
    assert_eq!(stream.status, 200);
    let without = post(&agent, LIST).await.json();
    assert_eq!(names(&without), ["files__one"]);
    two.mail.script(stateful("two", json!({ "tools": {} })));
    tools_changed(&mut stream).await;
    let with = post(&agent, LIST).await.json();
    assert_eq!(names(&with), ["files__one", "mail__two"]);
    let before: Vec<_> = said(&two.mail.seen());
    assert!(
        before.contains(&"notifications/initialized".to_owned()),
        "{before:?}"
    );
}

/// It has a session, and never said anything.
#[tokio::test]
async fn a_server_whose_stream_opens_late_is_told_of() {
    let two = begun_in(quick()).await;
    let agent = ready(&two).await;
    two.mail.script(is_down);
    let mut stream = agent.open("GET", "/mcp", "").await;
    let (_silent, events) = mpsc::channel(1);
    let mut events = Some(events);
    let mut others = stateful("two", json!({ "tools": {} }));
    two.mail.script(move |seen| match seen.method.as_str() {
        "GET" => match events.take() {
            Some(events) => Reply::Live(events),
            None => Reply::Json(405, String::new()),
        },
        _other => others(seen),
    });
    tools_changed(&mut stream).await;
}

/// Many servers have no stream at all.
#[tokio::test]
async fn a_server_without_a_stream_that_a_list_lacked_is_told_of() {
    let two = begun_in(quick()).await;
    let agent = ready(&two).await;
    let mut stream = agent.open("GET", "/mcp", "").await;
    two.mail.script(is_down);
    let without = post(&agent, LIST).await.json();
    assert_eq!(names(&without), ["files__one"]);
    two.mail.script(stateful("two", json!({ "tools": {} })));
    tools_changed(&mut stream).await;
    let with = post(&agent, LIST).await.json();
    assert_eq!(names(&with), ["files__one", "mail__two"]);
}

/// Its stream ends with it, and nobody calls it: it gets a new session all the same.
#[tokio::test]
async fn a_server_that_forgot_its_session_gets_another_one() {
    let two = begun_in(quick()).await;
    let (events, live) = mpsc::channel(1);
    let mut live = Some(live);
    let mut others = stateful("two", json!({ "tools": {} }));
    two.mail.script(move |seen| match seen.method.as_str() {
        "GET" => Reply::Live(live.take().expect("one stream for this session")),
        _other => others(seen),
    });
    let agent = ready(&two).await;
    events.send(": hello\n\n".to_owned()).await.unwrap();
    let mut stream = agent.open("GET", "/mcp", "").await;
    two.mail.script(stateful("three", json!({ "tools": {} })));
    // The gate hears of it when the client asks; the client asks nothing more.
    let lost = post(&agent, LIST).await.json();
    assert_eq!(names(&lost), ["files__one"], "{lost}");
    drop(events);
    tools_changed(&mut stream).await;
    assert_eq!(two.mail.last().header("mcp-session-id"), Some("three"));
}

/// As behind a balancer that sends each request to another server: a new session is gone with
/// the next request. Nobody begins one at once for that, nor for another stream.
#[tokio::test]
async fn a_server_that_loses_each_session_is_asked_less_and_less() {
    let two = begun_in(quick()).await;
    let mut others = stateful("two", json!({ "tools": {} }));
    let mut count = 0;
    two.mail.script(move |seen| match seen.method.as_str() {
        "GET" => Reply::Json(404, String::new()),
        _other => match others(seen) {
            Reply::Full(status, _headers, text) => {
                count += 1;
                let session = format!("two-{count}");
                Reply::Full(status, vec![("mcp-session-id", session)], text)
            }
            _other => Reply::Json(202, String::new()),
        },
    });
    let agent = ready(&two).await;
    let since = Instant::now();
    let _one = agent.open("GET", "/mcp", "").await;
    let _other = agent.open("GET", "/mcp", "").await;
    // The first, two for each of the streams, and one that is not before the third wait.
    eventually("its session begins anew", || {
        let said = said(&two.mail.seen());
        let begun = said.iter().filter(|it| *it == "initialize").count();
        (begun >= 6).then_some(())
    })
    .await;
    assert!(since.elapsed() >= 7 * WAIT, "{:?}", since.elapsed());
}

/// Its stream goes on, and a list lacked it: what that would have said is missed.
#[tokio::test]
async fn a_server_that_a_list_lacked_is_told_of_once_its_stream_is_there_again() {
    let two = begun_in(quick()).await;
    let (first, events) = mpsc::channel(1);
    let mut streams = vec![events];
    let mut others = stateful("two", json!({ "tools": {} }));
    let (_second, events) = mpsc::channel(1);
    streams.insert(0, events);
    let mut is_broken = true;
    two.mail
        .script(move |seen| match seen.json()["method"].as_str() {
            Some("tools/list") if std::mem::take(&mut is_broken) => Reply::Json(503, String::new()),
            None if seen.method.as_str() == "GET" => match streams.pop() {
                Some(events) => Reply::Live(events),
                None => Reply::Json(405, String::new()),
            },
            _other => others(seen),
        });
    let agent = ready(&two).await;
    first.send(": hello\n\n".to_owned()).await.unwrap();
    let mut stream = agent.open("GET", "/mcp", "").await;
    let without = post(&agent, LIST).await.json();
    assert_eq!(names(&without), ["files__one"]);
    drop(first);
    tools_changed(&mut stream).await;
    let with = post(&agent, LIST).await.json();
    assert_eq!(names(&with), ["files__one", "mail__two"]);
}

#[tokio::test]
async fn a_subscription_begins_at_a_server_once_it_is_there() {
    let two = Two::of(quick()).await;
    let (files, stream) = mpsc::channel(1);
    let agreed = json!({
        "jsonrpc": "2.0",
        "method": "notifications/subscriptions/acknowledged",
        "params": {
            "_meta": { "io.modelcontextprotocol/subscriptionId": 1 },
            "notifications": { "toolsListChanged": true },
        },
    });
    files.send(event(&agreed.to_string())).await.unwrap();
    let mut stream = Some(stream);
    two.scene
        .fake
        .script(move |_seen| Reply::Live(stream.take().expect("it is asked once")));
    two.mail.script(is_down);
    let params = r#"{"notifications":{"toolsListChanged":true}}"#;
    let (agent, body) = modern(&two.agent(), "subscriptions/listen", params);
    let mut subscribed = agent.open("POST", "/mcp", &body).await;
    let first = subscribed.block().await.unwrap();
    assert!(first.contains("gatewright/left_out"), "{first}");
    let (mail, stream) = mpsc::channel(1);
    mail.send(event(&agreed.to_string())).await.unwrap();
    let mut stream = Some(stream);
    two.mail.script(move |_seen| match stream.take() {
        Some(stream) => Reply::Live(stream),
        None => Reply::Json(503, String::new()),
    });
    tools_changed(&mut subscribed).await;
}
