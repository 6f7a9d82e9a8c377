//! What a caller sees of a list.

use serde_json::{Value, json};

use crate::agent::modern;
use crate::fake::{Reply, event, result};
use crate::guests;
use crate::scene::{DENY, Scene, Setting};

fn tools(seen: &crate::fake::Seen) -> String {
    let tools = json!({ "tools": [{"name":"read","x":1.0},{"name":"write"},{"title":"nameless"},{"name":"read_all"}], "nextCursor": "c" });
    result(&seen.json()["id"], &tools)
}

fn names(list: &Value) -> Vec<String> {
    let tools = list["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

#[tokio::test]
async fn only_what_the_scopes_cover_is_listed() {
    let scene = Scene::start().await;
    scene.fake.script(|seen| Reply::Json(200, tools(seen)));
    let agent = scene.agent_named("did:example:agent", &["files:read*"]);
    let answer = agent.post(LIST).await;
    let list = answer.json();
    assert_eq!(names(&list), ["read", "read_all"]);
    assert_eq!(list["result"]["nextCursor"], "c");
    assert!(answer.body.contains("1.0"), "what stays is not rewritten");
    assert!(
        list["result"].get("cacheScope").is_none(),
        "legacy lists have none"
    );
    scene
        .fake
        .script(|seen| Reply::Events(vec![event(&tools(seen))]));
    let streamed = agent.post(LIST).await;
    assert_eq!(names(&streamed.events()[0]), ["read", "read_all"]);
}

#[tokio::test]
async fn what_a_judge_denies_is_not_listed() {
    let mut setting = Setting::default();
    setting.bindings.push((
        "deny",
        guests::judge("(i32.const 64)", DENY),
        "tools = [\"write\"]",
    ));
    let scene = Scene::of(setting).await;
    scene.fake.script(|seen| Reply::Json(200, tools(seen)));
    assert_eq!(
        names(&scene.agent().post(LIST).await.json()),
        ["read", "read_all"]
    );
}

#[tokio::test]
async fn modern_lists_are_private_to_the_caller() {
    let scene = Scene::start().await;
    for (method, entries, entry) in [
        ("tools/list", "tools", json!({"name":"a"})),
        ("prompts/list", "prompts", json!({"name":"a"})),
        ("resources/list", "resources", json!({"uri":"file:///a"})),
        (
            "resources/templates/list",
            "resourceTemplates",
            json!({"uriTemplate":"file:///{a}"}),
        ),
    ] {
        let list = json!({ "resultType": "complete", "cacheScope": "public", "ttlMs": 5, entries: [entry] });
        scene
            .fake
            .script(move |seen| Reply::Json(200, result(&seen.json()["id"], &list)));
        let (agent, body) = modern(&scene.agent(), method, "{}");
        let list = agent.post(&body).await.json();
        assert_eq!(list["result"]["cacheScope"], "private", "{method}");
        assert_eq!(
            list["result"][entries].as_array().unwrap().len(),
            1,
            "{method}"
        );
        let (stranger, body) = modern(
            &scene.agent_named("did:example:b", &["files:zzz"]),
            method,
            "{}",
        );
        let list = stranger.post(&body).await.json();
        assert_eq!(list["result"][entries], json!([]), "{method}");
    }
}
