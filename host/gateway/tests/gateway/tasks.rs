//! Tasks of 2025-11-25: a task belongs to the caller that made it, and is its tool.

use serde_json::json;

use crate::agent::{Agent, Answer, call};
use crate::fake::{Fake, Reply, Seen, event, result};
use crate::guests;
use crate::scene::{DENY, Scene, Setting};
use crate::sessions::opened;

/// A server whose tool works on a task, named after the tool.
fn tasks(seen: &Seen) -> Reply {
    let json = seen.json();
    let task = |id: &str| json!({ "taskId": id, "status": "working", "createdAt": "", "ttl": 1 });
    let answer = match json["method"].as_str().unwrap_or_default() {
        "initialize" => {
            let text = result(&json["id"], &json!({ "capabilities": { "tasks": {} } }));
            return Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text);
        }
        "tools/call" => {
            let name = json["params"]["name"].as_str().unwrap();
            json!({ "task": task(&format!("task-{name}")) })
        }
        "tasks/list" => json!({ "tasks": [task("task-a"), task("task-b"), task("task-c")] }),
        "tasks/result" => json!({ "content": [{ "type": "text", "text": "done" }] }),
        _get_or_cancel => task("task-a"),
    };
    Reply::Json(200, result(&json["id"], &answer))
}

fn asks(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#)
}

async fn makes(agent: &Agent, tool: &str) -> Answer {
    let arguments = r#"{},"task":{"ttl":60000}"#;
    agent.post(&call(tool, arguments)).await
}

#[tokio::test]
async fn a_task_is_its_callers_and_to_others_it_does_not_exist() {
    let scene = Scene::with(Fake::with(tasks).await, Setting::default()).await;
    let (owner, other) = (
        scene.agent(),
        scene.agent_named("did:example:other", &["files:*"]),
    );
    let made = makes(&owner, "a").await.json();
    assert_eq!(made["result"]["task"]["taskId"], "task-a");
    makes(&other, "b").await;
    for (method, is_there) in [
        ("tasks/get", "status"),
        ("tasks/result", "content"),
        ("tasks/cancel", "status"),
    ] {
        // As the official TypeScript client 1.x asks.
        let body = asks(method, r#"{"taskId":"task-a","task":{"ttl":60000}}"#);
        let answer = owner.post(&body).await.json();
        assert!(
            answer["result"].get(is_there).is_some(),
            "{method}: {answer}"
        );
        assert_eq!(scene.fake.last().json()["method"], method);
        let before = scene.fake.count();
        let refused = other.post(&body).await;
        assert_eq!(
            (refused.code(), refused.reason().as_str()),
            (Some(-32_602), "invalid_arguments")
        );
        assert_eq!(scene.fake.count(), before, "{method}");
    }
    for (agent, task) in [(&owner, "task-a"), (&other, "task-b")] {
        let listed = agent.post(&asks("tasks/list", "{}")).await.json();
        let listed = listed["result"]["tasks"].as_array().unwrap().clone();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0]["taskId"], task);
    }
    for (method, params) in [
        ("tasks/update", r#"{"taskId":"task-a"}"#),
        ("tasks/get", "{}"),
        ("tasks/list", r#"{"all":true}"#),
    ] {
        let refused = owner.post(&asks(method, params)).await;
        assert!(refused.json().get("error").is_some(), "{method}");
    }
}

#[tokio::test]
async fn what_is_done_with_a_task_is_judged_as_a_call_of_its_tool() {
    let scene = Scene::with(Fake::with(tasks).await, Setting::default()).await;
    makes(&scene.agent(), "a").await;
    let narrow = scene.agent_named("did:example:agent", &["files:b"]);
    let refused = narrow
        .post(&asks("tasks/result", r#"{"taskId":"task-a"}"#))
        .await;
    assert_eq!(refused.reason(), "insufficient_scope");
    let listed = narrow.post(&asks("tasks/list", "{}")).await.json();
    assert_eq!(listed["result"]["tasks"], json!([]));
    let denies = Setting {
        bindings: vec![("deny", guests::judge("(i32.const 64)", DENY), "")],
        ..Setting::default()
    };
    let scene = Scene::with(Fake::with(tasks).await, denies).await;
    let refused = makes(&scene.agent(), "a").await;
    assert_eq!(refused.json()["result"]["isError"], true);
    assert_eq!(scene.fake.count(), 0, "no work is done for nothing");
}

#[tokio::test]
async fn the_status_of_a_task_reaches_its_caller_only() {
    let scene = Scene::with(Fake::with(tasks).await, Setting::default()).await;
    let owner = opened(&scene, &scene.agent()).await;
    makes(&owner, "a").await;
    let status = |id: &str| {
        event(&format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/tasks/status","params":{{"taskId":"{id}","status":"completed"}}}}"#
        ))
    };
    let events = vec![status("task-b"), status("task-a")];
    scene.fake.script(move |_| Reply::Events(events.clone()));
    let heard = owner
        .with("accept", "text/event-stream")
        .request("GET", "/mcp/files", "")
        .await
        .events();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0]["params"]["taskId"], "task-a");
}
