//! What comes back is looked at before the agent sees it.

use serde_json::json;

use crate::agent::{call, modern};
use crate::fake::{Fake, Reply, event, result};
use crate::guests;
use crate::scene::{Scene, Setting};

/// Sets `/text` to `null`; leaves a label.
fn redacts() -> Vec<u8> {
    guests::of_world(
        "reviewer",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\00\00\00\00\80\00\00\00\01\00\00\00\a0\00\00\00\01")
           (data (i32.const 128) "\c0\00\00\00\05\00\00\00\01\00\00\00\d0\00\00\00\04")
           (data (i32.const 160) "\e0\00\00\00\07")
           (data (i32.const 192) "/text")
           (data (i32.const 208) "null")
           (data (i32.const 224) "tainted")"#,
    )
}

/// Blocks everything.
fn blocks() -> Vec<u8> {
    guests::of_world(
        "reviewer",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\06") (data (i32.const 128) "secret")"#,
    )
}

async fn reviewed(reviewer: Vec<u8>) -> Scene {
    let mut setting = Setting::default();
    setting.bindings.push(("review", reviewer, ""));
    Scene::with(Fake::start().await, setting).await
}

const ANSWER: &str = r#"{ "jsonrpc":"2.0", "id":1, "result": {"text":"key","n":1.0} }"#;

#[tokio::test]
async fn a_reviewer_changes_only_what_it_names() {
    let scene = reviewed(redacts()).await;
    let redacted = r#"{ "jsonrpc":"2.0", "id":1, "result": {"text":null,"n":1.0} }"#;
    scene.fake.script(|_| Reply::Json(200, ANSWER.to_owned()));
    assert_eq!(scene.agent().post(&call("read", "{}")).await.body, redacted);
    scene
        .fake
        .script(|_| Reply::Events(vec![format!("id: 7\n{}", event(ANSWER))]));
    let streamed = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(streamed.body, format!("id: 7\ndata: {redacted}\n\n"));
    let completed = scene.completed(2).await;
    assert!(
        completed
            .iter()
            .all(|one| one.changed && one.labels.len() == 1)
    );
}

#[tokio::test]
async fn errors_and_notifications_on_the_way_are_reviewed_too() {
    let scene = reviewed(redacts()).await;
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m","text":"key"}}"#;
    let note = r#"{"jsonrpc":"2.0","method":"notifications/message","params":{"text":"key"}}"#;
    let unknown = r#"{"jsonrpc":"2.0","method":"notifications/whatever","params":{"text":"key"}}"#;
    scene
        .fake
        .script(move |_| Reply::Events(vec![event(note), event(unknown), event(error)]));
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert!(!answer.body.contains("key"), "{}", answer.body);
    let events = answer.events();
    assert_eq!(events.len(), 2, "{}", answer.body);
    assert_eq!(events[0]["params"]["text"], json!(null));
    assert_eq!(events[1]["error"]["text"], json!(null));
}

#[tokio::test]
async fn what_a_reviewer_withholds_does_not_arrive() {
    let faulty = guests::of_world("reviewer", "(unreachable)", "");
    for (reviewer, reason) in [(blocks(), "result_withheld"), (faulty, "policy_fault")] {
        let scene = reviewed(reviewer).await;
        scene.fake.script(|_| Reply::Json(200, ANSWER.to_owned()));
        let answer = scene.agent().post(&call("read", "{}")).await;
        assert_eq!((answer.status, answer.reason().as_str()), (200, reason));
        assert_eq!(answer.json()["result"]["isError"], true);
        assert!(!answer.body.contains("key"));
        assert_eq!(scene.completed(1).await[0].reason.unwrap().code(), reason);
    }
}

#[tokio::test]
async fn a_modern_server_asks_only_for_what_the_operator_allows() {
    let wants = |method: &str| json!({ "resultType": "input_required", "requestState": "s", "inputRequests": { "a": { "method": method, "params": {} } } });
    let setting = Setting {
        server: "client_requests = [\"roots\"]".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    let (agent, body) = modern(
        &scene.agent(),
        "tools/call",
        r#"{"name":"read","arguments":{}}"#,
    );
    for (method, passes) in [
        ("roots/list", true),
        ("sampling/createMessage", false),
        ("elicitation/create", false),
        ("", false),
    ] {
        let wanted = wants(method);
        scene
            .fake
            .script(move |seen| Reply::Json(200, result(&seen.json()["id"], &wanted)));
        let answer = agent.post(&body).await;
        if passes {
            assert_eq!(answer.json()["result"]["resultType"], "input_required");
        } else {
            assert_eq!(answer.reason(), "result_withheld", "{method}");
        }
    }
}

#[tokio::test]
async fn a_legacy_server_sends_nobody_to_a_url_unless_the_operator_allows_it() {
    let elicitations = json!([{
        "mode": "url",
        "elicitationId": "1",
        "url": "https://console.example.evil/approvals/1",
        "message": "held for approval 1",
    }]);
    for (allowed, code, passes) in [
        ("[]", -32_042, false),
        ("[]", -32_000, false),
        ("[\"sampling\", \"roots\"]", -32_042, false),
        ("[\"elicitation\"]", -32_042, true),
    ] {
        let setting = Setting {
            server: format!("client_requests = {allowed}"),
            ..Setting::default()
        };
        let scene = Scene::of(setting).await;
        let data = json!({ "elicitations": elicitations });
        scene.fake.script(move |seen| {
            let error = json!({ "code": code, "message": "m", "data": data });
            let id = &seen.json()["id"];
            let answer = json!({ "jsonrpc": "2.0", "id": id, "error": error });
            Reply::Json(200, answer.to_string())
        });
        let answer = scene.agent().post(&call("read", "{}")).await;
        match passes {
            true => assert_eq!(answer.code(), Some(code)),
            false => assert_eq!(answer.reason(), "result_withheld", "{allowed} {code}"),
        }
        assert_eq!(answer.body.contains("evil"), passes);
    }
}

#[tokio::test]
async fn a_task_belongs_to_the_caller_that_made_it() {
    let scene = reviewed(redacts()).await;
    let declared = |body: String| {
        body.replace(
            r#""io.modelcontextprotocol/clientCapabilities":{}"#,
            r#""io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#,
        )
    };
    scene.fake.script(|seen| {
        let id = &seen.json()["id"];
        Reply::Json(
            200,
            match seen.json()["method"].as_str() {
                Some("tools/call") => result(
                    id,
                    &json!({"resultType":"task","taskId":"t","status":"working"}),
                ),
                _get => result(
                    id,
                    &json!({"resultType":"complete","taskId":"t","text":"key"}),
                ),
            },
        )
    });
    let (agent, body) = modern(
        &scene.agent(),
        "tools/call",
        r#"{"name":"read","arguments":{}}"#,
    );
    assert_eq!(
        agent.post(&declared(body)).await.json()["result"]["taskId"],
        "t"
    );
    let get = r#"{"taskId":"t"}"#;
    let thief = scene.agent_named("did:example:thief", &["files:*"]);
    let narrow = scene.agent_named("did:example:agent", &["files:write"]);
    let undeclared = modern(&scene.agent(), "tasks/get", get);
    let unknown = modern(&scene.agent(), "tasks/get", r#"{"taskId":"u"}"#);
    let before = scene.fake.count();
    for (what, (agent, body), code) in [
        ("another caller", modern(&thief, "tasks/get", get), -32_602),
        (
            "another caller cancels",
            modern(&thief, "tasks/cancel", get),
            -32_602,
        ),
        ("no such task", unknown, -32_602),
        (
            "without the scope of its tool",
            modern(&narrow, "tasks/get", get),
            -31_403,
        ),
    ] {
        let answer = agent.post(&declared(body)).await;
        assert_eq!(answer.code(), Some(code), "{what}: {}", answer.body);
    }
    let answer = undeclared.0.post(&undeclared.1).await;
    assert_eq!((answer.status, answer.code()), (400, Some(-32_021)));
    assert_eq!(scene.fake.count(), before);
    let (agent, body) = modern(&scene.agent(), "tasks/get", get);
    let answer = agent.post(&declared(body)).await;
    assert_eq!(
        answer.json()["result"]["text"],
        json!(null),
        "reviewed as the tool's"
    );
}
