//! A gate in front of a server whose tools a test decides on.

use std::sync::{Arc, Mutex};

use gatewright_engine::tools::{AskedPin, AskedTool, Stand};
use gatewright_policy::Digest;
use gatewright_policy::agent::What;
use gatewright_policy::credential::did_key;
use gatewright_policy::record::Event;
use serde_json::{Value, json};

use crate::agent::{Answer, call};
use crate::fake::{Fake, Reply, Seen, echo, result};
use crate::guests;
use crate::scene::{ALLOW, Scene, Setting, key};

pub(crate) const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

/// What the tool server lists: pages of tools.
pub(crate) type Pages = Arc<Mutex<Vec<Value>>>;

pub(crate) fn tool(name: &str, description: &str) -> Value {
    json!({
        "name": name,
        "description": description,
        "inputSchema": { "type": "object", "properties": { "path": { "type": "string" } } },
    })
}

pub(crate) fn page(pages: &Pages, seen: &Seen) -> String {
    let message = seen.json();
    let cursor = message.pointer("/params/cursor").and_then(Value::as_str);
    let at: usize = cursor.map_or(0, |cursor| cursor.parse().unwrap());
    let pages = pages.lock().unwrap();
    let mut list = json!({ "tools": pages[at] });
    if at + 1 < pages.len() {
        list["nextCursor"] = json!((at + 1).to_string());
    }
    result(&message["id"], &list)
}

/// A gate in front of a server with these tools.
pub(crate) async fn scene(server: &str, tools: Value) -> (Scene, Pages) {
    with(server, "", tools).await
}

pub(crate) async fn with(server: &str, binding: &'static str, tools: Value) -> (Scene, Pages) {
    let pages: Pages = Arc::new(Mutex::new(vec![tools]));
    let known = Arc::clone(&pages);
    let fake = Fake::with(move |seen| match seen.json()["method"].as_str() {
        Some("tools/list") => Reply::Json(200, page(&known, seen)),
        _ => Reply::Json(200, echo(seen)),
    });
    let setting = Setting {
        server: server.to_owned(),
        bindings: vec![("allow", guests::judge("(i32.const 64)", ALLOW), binding)],
        ..Setting::default()
    };
    (Scene::with(fake.await, setting).await, pages)
}

pub(crate) const FIRST_SIGHT: &str = "definitions = \"first-sight\"";

pub(crate) const OPERATOR: &str = "definitions = \"operator\"";

/// Somebody who may be asked.
pub(crate) fn approver() -> &'static str {
    let key = did_key(&key().verifying_key());
    format!("[[approver]]\nname = \"kim\"\nkeys = [\"{key}\"]").leak()
}

pub(crate) async fn listed(scene: &Scene) -> Vec<(String, String)> {
    let list = scene.agent().post(LIST).await.json();
    let tools = list["result"]["tools"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    tools
        .iter()
        .map(|tool| (text(&tool["name"]), text(&tool["description"])))
        .collect()
}

pub(crate) fn names(listed: &[(String, String)]) -> Vec<&str> {
    listed.iter().map(|(name, _)| name.as_str()).collect()
}

/// Calls that reached the tool server.
pub(crate) fn calls(scene: &Scene) -> usize {
    let seen = scene.fake.seen();
    let calls = seen.iter().filter(|it| it.json()["method"] == "tools/call");
    calls.count()
}

pub(crate) fn is_fine(answer: &Answer) -> bool {
    answer.json()["result"].get("isError").is_none() && answer.json().get("error").is_none()
}

pub(crate) async fn read(scene: &Scene) -> Answer {
    scene.agent().post(&call("read", r#"{"path":"a"}"#)).await
}

pub(crate) fn stand(scene: &Scene, name: &str) -> Stand {
    let listed = scene.engine.list_tools(Some("files"));
    let tools = listed[0].tools.iter();
    let found: Vec<_> = tools.filter(|tool| tool.name == name).collect();
    found[0].stand
}

pub(crate) async fn pin(scene: &Scene, name: &str, digest: Digest) {
    let asked = AskedPin {
        by: "ann".to_owned(),
        why: "a test".to_owned(),
        server: "files".to_owned(),
        tools: vec![AskedTool {
            name: name.to_owned(),
            digest,
        }],
    };
    assert_eq!(scene.engine.pin_tools(asked).await.unwrap(), 1);
}

pub(crate) fn claimed(scene: &Scene, name: &str) -> Digest {
    let shown = scene.engine.show_tool("files", name).unwrap();
    shown.tool.claimed.unwrap()
}

/// The tool server says that its tools changed.
pub(crate) fn says_changed(scene: &Scene) {
    let snapshot = scene.engine.snapshot();
    let server = snapshot.server("files").unwrap();
    scene.engine.agents().tools().changed(server);
}

pub(crate) fn pins(scene: &Scene) -> Vec<What> {
    let entries = scene.entries().into_iter();
    let changes = entries.filter_map(|entry| match entry.event {
        Event::Tools(change) => Some(change.what),
        _ => None,
    });
    changes.collect()
}
