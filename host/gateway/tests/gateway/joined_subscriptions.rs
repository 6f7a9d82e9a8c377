//! The endpoint of all servers in the era without sessions.

use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::agent::{Agent, modern};
use crate::fake::{Reply, Seen, event, result};
use crate::joined::{Two, post, quick};

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
    let two = Two::of(quick()).await;
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
