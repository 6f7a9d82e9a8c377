//! Lists at the endpoint of all servers are those of all together.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::fake::{Reply, Seen, echo, result};
use crate::joined::{BOTH, Two, beside, post};
use crate::scene::{Scene, Setting};

pub const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

pub fn listing(seen: &Seen, entries: &Value) -> Reply {
    Reply::Json(200, result(&seen.json()["id"], entries))
}

pub fn names(list: &Value) -> Vec<&str> {
    let tools = list["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn lists_are_those_of_all_servers_that_the_credential_reaches() {
    let two = Two::start().await;
    two.scene
        .fake
        .script(|seen| match seen.json()["params"]["cursor"].as_str() {
            None => listing(
                seen,
                &json!({ "tools": [{ "name": "read", "x": 1.0 }], "nextCursor": "n" }),
            ),
            Some(cursor) => listing(seen, &json!({ "tools": [{ "name": cursor }] })),
        });
    two.mail.script(|seen| {
        listing(
            seen,
            &json!({ "tools": [{ "name": "send" }, { "name": "read" }] }),
        )
    });
    let answer = post(&two.agent(), LIST).await;
    assert!(
        answer.body.contains(r#""x":1.0"#),
        "what stays is not rewritten"
    );
    let list = answer.json();
    assert_eq!(names(&list), ["files__read", "mail__send", "mail__read"]);
    let cursor = list["result"]["nextCursor"].as_str().unwrap();
    let next = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": { "cursor": cursor } });
    let before = two.mail.count();
    let next = post(&two.agent(), &next.to_string()).await.json();
    assert_eq!(names(&next), ["files__n"]);
    assert!(next["result"].get("nextCursor").is_none());
    assert_eq!(two.mail.count(), before, "its list was at its end");
    // What it does not reach is not asked.
    let narrow = two.scene.agent_named("did:example:narrow", &["mail:send"]);
    let before = two.scene.fake.count();
    assert_eq!(names(&post(&narrow, LIST).await.json()), ["mail__send"]);
    assert_eq!(two.scene.fake.count(), before);
    let other = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": { "cursor": cursor } });
    let stolen = post(&narrow, &other.to_string()).await;
    assert_eq!(stolen.reason(), "invalid_arguments");
    let decided: BTreeSet<_> = two
        .scene
        .decisions()
        .into_iter()
        .map(|it| it.server)
        .collect();
    assert!(decided.contains("files") && decided.contains("mail"));
}

#[tokio::test]
async fn a_cursor_that_is_too_long_ends_the_list_of_its_server_alone() {
    let two = Two::start().await;
    two.scene.fake.script(|seen| {
        let next = "n".repeat(5 << 10);
        listing(
            seen,
            &json!({ "tools": [{ "name": "read" }], "nextCursor": next }),
        )
    });
    two.mail.script(|seen| {
        listing(
            seen,
            &json!({ "tools": [{ "name": "send" }], "nextCursor": "n" }),
        )
    });
    let list = post(&two.agent(), LIST).await.json();
    assert_eq!(names(&list), ["files__read", "mail__send"]);
    let left = &list["result"]["_meta"]["gatewright/left_out"];
    assert_eq!(left[0]["server"], "files");
    assert_eq!(left[0]["reason"], "upstream_invalid");
    let cursor = list["result"]["nextCursor"].as_str().unwrap();
    let next = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": { "cursor": cursor } });
    let next = post(&two.agent(), &next.to_string()).await.json();
    assert_eq!(names(&next), ["mail__send"]);
}

#[tokio::test]
async fn resources_are_called_by_their_servers() {
    let two = Two::start().await;
    two.mail
        .script(|seen| match seen.json()["method"].as_str().unwrap() {
            "resources/list" => listing(
                seen,
                &json!({ "resources": [{ "uri": "m:1", "name": "m" }] }),
            ),
            "resources/templates/list" => listing(
                seen,
                &json!({ "resourceTemplates": [{ "uriTemplate": "m:{id}" }] }),
            ),
            "resources/read" => {
                let uri = seen.json()["params"]["uri"].clone();
                listing(
                    seen,
                    &json!({ "contents": [{ "uri": uri, "text": "m:1" }] }),
                )
            }
            "tools/call" => listing(
                seen,
                &json!({ "content": [{ "type": "resource_link", "uri": "m:1" }] }),
            ),
            _other => Reply::Json(200, echo(seen)),
        });
    let agent = two.scene.agent_named("did:example:agent", &["mail:*"]);
    let ask = async |method: &str, params: Value| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        post(&agent, &body.to_string()).await.json()["result"].clone()
    };
    let list = ask("resources/list", json!({})).await;
    assert_eq!(list["resources"][0]["uri"], "gatewright:mail/m:1");
    let templates = ask("resources/templates/list", json!({})).await;
    assert_eq!(
        templates["resourceTemplates"][0]["uriTemplate"],
        "gatewright:mail/m:{id}"
    );
    let read = ask("resources/read", json!({ "uri": "gatewright:mail/m:1" })).await;
    let contents = json!([{ "uri": "gatewright:mail/m:1", "text": "m:1" }]);
    assert_eq!(read["contents"], contents);
    assert_eq!(two.mail.last().json()["params"]["uri"], "m:1");
    let called = ask(
        "tools/call",
        json!({ "name": "mail__find", "arguments": {} }),
    )
    .await;
    assert_eq!(called["content"][0]["uri"], "gatewright:mail/m:1");
}

/// A URL where nobody listens.
async fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}/mcp", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_server_that_is_down_is_left_out_and_the_list_says_why() {
    let server = beside(&[("mail", &nowhere().await)]);
    let scene = Scene::of(Setting {
        server,
        ..Setting::default()
    })
    .await;
    scene
        .fake
        .script(|seen| listing(seen, &json!({ "tools": [{ "name": "read" }] })));
    let agent = scene.agent_named("did:example:agent", &BOTH);
    let list = post(&agent, LIST).await.json();
    assert_eq!(names(&list), ["files__read"]);
    let left = &list["result"]["_meta"]["gatewright/left_out"];
    assert_eq!(left[0]["server"], "mail");
    assert_eq!(left[0]["reason"], "upstream_unavailable");
    assert_eq!(left.as_array().unwrap().len(), 1);
    // Where nobody answers there is no empty list.
    let alone = scene.agent_named("did:example:alone", &["mail:*"]);
    let none = post(&alone, LIST).await;
    assert_eq!(none.reason(), "upstream_unavailable");
    // A server that has no such list has nothing to hide.
    scene.fake.script(|seen| {
        let error = json!({ "code": -32601, "message": "no" });
        let id = &seen.json()["id"];
        Reply::Json(
            200,
            json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string(),
        )
    });
    let files = scene.agent_named("did:example:files", &["files:*"]);
    let list = post(&files, LIST).await.json();
    assert_eq!(list["result"], json!({ "tools": [] }));
}
