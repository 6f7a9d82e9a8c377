//! What stands in `params`: what MCP gives a method goes on, and nothing else.

use serde_json::json;

use crate::agent::{Agent, modern};
use crate::fake::{Reply, result};
use crate::scene::{Scene, Setting};

fn legacy(agent: &Agent, method: &str, params: &str) -> (Agent, String) {
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
    (agent.with("mcp-protocol-version", "2025-11-25"), body)
}

/// As in the modern era, with the extension for tasks.
fn with_tasks(agent: &Agent, method: &str, params: &str) -> (Agent, String) {
    let (agent, body) = modern(agent, method, params);
    let declared = body.replace(
        r#""io.modelcontextprotocol/clientCapabilities":{}"#,
        r#""io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}"#,
    );
    (agent, declared)
}

type Era = fn(&Agent, &str, &str) -> (Agent, String);
const LEGACY: Era = legacy;
const MODERN: Era = modern;
const TASKS: Era = with_tasks;

#[tokio::test]
async fn what_mcp_does_not_know_is_malformed_and_never_arrives() {
    let scene = Scene::start().await;
    let long = format!(
        r#"{{"name":"read","_meta":{{"x":"{}"}}}}"#,
        "x".repeat(40_000)
    );
    let long_state = long.replace(r#""_meta":{"x":"#, r#""requestState":"#);
    let long_state = long_state.replace("}}", "}");
    let long_cursor = format!(r#"{{"cursor":"{}"}}"#, "x".repeat(40_000));
    for (era, method, params) in [
        (LEGACY, "tools/call", r#"{"name":["read"]}"#),
        (LEGACY, "tools/call", r#"{"name":""}"#),
        (LEGACY, "tools/call", r#"{"name":"read","arguments":[]}"#),
        (LEGACY, "tools/call", r#"{"name":"read","arguments":"{}"}"#),
        (LEGACY, "tools/call", r#"{"name":"read","input":{}}"#),
        (LEGACY, "tools/call", r#"{"name":"read","uri":"a:b"}"#),
        (LEGACY, "tools/call", r#"{"name":"read","__proto__":{}}"#),
        (LEGACY, "tools/call", r#"{"name":"read","name ":"write"}"#),
        (LEGACY, "tools/call", r#"{"name":"read","task":true}"#),
        (
            LEGACY,
            "tools/call",
            r#"{"name":"read","task":{"input":{}}}"#,
        ),
        (
            LEGACY,
            "tools/call",
            r#"{"name":"read","inputResponses":{}}"#,
        ),
        (LEGACY, "tools/call", r#"{"name":"read","_meta":[]}"#),
        (LEGACY, "tools/call", &long),
        (MODERN, "tools/call", &long_state),
        (MODERN, "resources/list", &long_cursor),
        (
            LEGACY,
            "tools/call",
            r#"{"name":"read","_meta":{"progressToken":{}}}"#,
        ),
        (MODERN, "tools/call", r#"{"name":"read","task":"t"}"#),
        (MODERN, "tools/call", r#"{"name":"read","requestState":{}}"#),
        (
            MODERN,
            "tools/call",
            r#"{"name":"read","inputResponses":[]}"#,
        ),
        (LEGACY, "prompts/get", r#"{"name":7}"#),
        (LEGACY, "prompts/get", r#"{"name":"x","arguments":["y"]}"#),
        (LEGACY, "prompts/get", r#"{"name":"x","task":{}}"#),
        (LEGACY, "resources/read", "{}"),
        (LEGACY, "resources/read", r#"{"uri":["a:b"]}"#),
        (LEGACY, "resources/read", r#"{"uri":"a:b","uris":["c:d"]}"#),
        (LEGACY, "resources/subscribe", r#"{"uri":{"0":"a:b"}}"#),
        (LEGACY, "resources/subscribe", r#"{"uri":"a:b","name":"x"}"#),
        (LEGACY, "resources/unsubscribe", r#"{"uri":null}"#),
        (LEGACY, "completion/complete", r#"{"ref":"ref/prompt"}"#),
        (
            LEGACY,
            "completion/complete",
            r#"{"ref":{"type":"ref/tool","name":"x"}}"#,
        ),
        (
            LEGACY,
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"x","uri":"a:b"}}"#,
        ),
        (
            LEGACY,
            "completion/complete",
            r#"{"ref":{"type":"ref/resource","name":"x","uri":"a:b"}}"#,
        ),
        (
            LEGACY,
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"x","Name":"y"}}"#,
        ),
        (
            LEGACY,
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"x"},"argument":["a"]}"#,
        ),
        (
            LEGACY,
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"x"},"context":"a"}"#,
        ),
        (MODERN, "subscriptions/listen", "{}"),
        (MODERN, "subscriptions/listen", r#"{"notifications":null}"#),
        (MODERN, "subscriptions/listen", r#"{"notifications":true}"#),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":[{"resourceSubscriptions":["a:b"]}]}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"resourceSubscriptions":"a:b"}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"resourceSubscriptions":{"0":"a:b","length":1}}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"resourceSubscriptions":[["a:b"]]}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"resourceSubscriptions":null}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"resourcesubscriptions":["a:b"]}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"toolsListChanged":"yes"}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"taskIds":["t"]}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{},"resourceSubscriptions":["a:b"]}"#,
        ),
        (TASKS, "tasks/get", r#"{"taskId":1}"#),
        (TASKS, "tasks/get", r#"{"taskIds":["t"]}"#),
        (TASKS, "tasks/get", r#"{"taskId":"t","task":{"ttl":1}}"#),
        (
            TASKS,
            "tasks/update",
            r#"{"taskId":"t","inputResponses":[]}"#,
        ),
        (TASKS, "tasks/cancel", r#"{"taskId":["t"]}"#),
        (LEGACY, "tasks/get", r#"{"taskId":1}"#),
        (LEGACY, "tasks/result", "{}"),
        (LEGACY, "tasks/cancel", r#"{"taskId":"t","force":true}"#),
        (LEGACY, "tasks/list", r#"{"cursor":7}"#),
        (LEGACY, "tools/list", r#"{"cursor":7}"#),
        (LEGACY, "tools/list", r#"{"filter":"x"}"#),
        (LEGACY, "prompts/list", r#"{"cursor":{}}"#),
        (LEGACY, "resources/list", r#"{"uri":"a:b"}"#),
        (LEGACY, "resources/templates/list", r#"{"cursor":[]}"#),
        (
            LEGACY,
            "initialize",
            r#"{"protocolVersion":"2025-11-25","capabilities":[]}"#,
        ),
        (
            LEGACY,
            "initialize",
            r#"{"protocolVersion":"2025-11-25","clientInfo":"x"}"#,
        ),
        (
            LEGACY,
            "initialize",
            r#"{"protocolVersion":"2025-11-25","command":"x"}"#,
        ),
        (LEGACY, "ping", r#"{"host":"example.com"}"#),
        (LEGACY, "logging/setLevel", "{}"),
        (LEGACY, "logging/setLevel", r#"{"level":"everything"}"#),
        (LEGACY, "logging/setLevel", r#"{"level":["debug"]}"#),
        (
            LEGACY,
            "logging/setLevel",
            r#"{"level":"debug","file":"/etc/passwd"}"#,
        ),
        (MODERN, "server/discover", r#"{"path":"/"}"#),
    ] {
        let (agent, body) = era(&scene.agent(), method, params);
        let answer = agent.post(&body).await;
        let shown: String = params.chars().take(100).collect();
        let what = format!("{method} {shown}: {}", answer.body);
        assert_eq!(
            (answer.status, answer.code()),
            (400, Some(-32_602)),
            "{what}"
        );
        assert_eq!(answer.reason(), "malformed_request", "{what}");
        let recorded = scene.decisions().pop().unwrap();
        assert_eq!(recorded.decision.as_str(), "deny", "{what}");
    }
    for (method, params) in [
        ("notifications/initialized", r#"{"do":"x"}"#),
        ("notifications/cancelled", r#"{"requestId":{}}"#),
        ("notifications/progress", r#"{"progressToken":1}"#),
        (
            "notifications/progress",
            r#"{"progressToken":1,"progress":"1"}"#,
        ),
        (
            "notifications/roots/list_changed",
            r#"{"roots":["file:///"]}"#,
        ),
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
        let answer = scene.agent().post(&body).await;
        assert_eq!(
            (answer.status, answer.code()),
            (400, Some(-32_602)),
            "{method} {params}"
        );
    }
    assert_eq!(scene.fake.count(), 0, "the tool server saw it");
}

#[tokio::test]
async fn what_mcp_knows_goes_on() {
    let scene = Scene::start().await;
    for (era, method, params) in [
        (LEGACY, "tools/call", r#"{"name":"read"}"#),
        (LEGACY, "tools/call", r#"{"name":"read","arguments":null}"#),
        (
            LEGACY,
            "tools/call",
            r#"{"name":"read","arguments":{"input":1},"task":{"ttl":60000},"_meta":{"progressToken":"p","vendor/x":[1]}}"#,
        ),
        (
            MODERN,
            "tools/call",
            r#"{"name":"read","arguments":{},"requestState":"s"}"#,
        ),
        (
            TASKS,
            "tools/call",
            r#"{"name":"read","task":{"ttl":60000,"pollInterval":100}}"#,
        ),
        (
            LEGACY,
            "prompts/get",
            r#"{"name":"x","arguments":{"a":"b"}}"#,
        ),
        (MODERN, "prompts/get", r#"{"name":"x","requestState":"s"}"#),
        (
            MODERN,
            "resources/read",
            r#"{"uri":"a:b","inputResponses":{"a":{}}}"#,
        ),
        (LEGACY, "resources/subscribe", r#"{"uri":"a:b"}"#),
        (LEGACY, "resources/unsubscribe", r#"{"uri":"a:b"}"#),
        (
            LEGACY,
            "completion/complete",
            r#"{"ref":{"type":"ref/prompt","name":"x","title":"X"},"argument":{"name":"a","value":""},"context":{"arguments":{"b":"c"}}}"#,
        ),
        (
            MODERN,
            "completion/complete",
            r#"{"ref":{"type":"ref/resource","uri":"a:{b}"},"argument":{"name":"b","value":"c"}}"#,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"toolsListChanged":true,"resourceSubscriptions":["a:b","a:c"]}}"#,
        ),
        (MODERN, "subscriptions/listen", r#"{"notifications":{}}"#),
        (LEGACY, "tools/list", r#"{"cursor":"next"}"#),
        (LEGACY, "tools/list", r#"{"cursor":null}"#),
        (
            LEGACY,
            "initialize",
            r#"{"protocolVersion":"2025-11-25","capabilities":{"roots":{}},"clientInfo":{"name":"c","version":"1"}}"#,
        ),
        (LEGACY, "ping", "{}"),
        (LEGACY, "logging/setLevel", r#"{"level":"warning"}"#),
        (MODERN, "server/discover", "{}"),
    ] {
        let (agent, body) = era(&scene.agent(), method, params);
        let answer = agent.post(&body).await;
        assert_eq!(answer.status, 200, "{method} {params}: {}", answer.body);
        assert_eq!(scene.fake.last().body, body, "{method} {params}");
    }
}

#[tokio::test]
async fn unknown_members_go_on_only_where_the_operator_says_so() {
    let setting = Setting {
        server: "params = \"any\"".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    for (era, method, params, status) in [
        (LEGACY, "tools/call", r#"{"name":"read","input":{}}"#, 200),
        (
            MODERN,
            "tools/call",
            r#"{"name":"read","inputResponses":{"a":{}}}"#,
            200,
        ),
        (
            LEGACY,
            "tools/call",
            r#"{"name":"read","Arguments":{}}"#,
            400,
        ),
        (
            LEGACY,
            "tools/call",
            r#"{"name":"read","arguments":[]}"#,
            400,
        ),
        (
            MODERN,
            "subscriptions/listen",
            r#"{"notifications":{"taskIds":["t"]}}"#,
            400,
        ),
    ] {
        let (agent, body) = era(&scene.agent(), method, params);
        let answer = agent.post(&body).await;
        assert_eq!(answer.status, status, "{method} {params}: {}", answer.body);
    }
}

#[tokio::test]
async fn answers_beside_the_arguments_need_a_server_that_may_ask() {
    let params = r#"{"name":"read","arguments":{},"inputResponses":{"a":{"action":"accept"}}}"#;
    for (server, status) in [("", 400), ("client_requests = [\"elicitation\"]", 200)] {
        let setting = Setting {
            server: server.to_owned(),
            ..Setting::default()
        };
        let scene = Scene::of(setting).await;
        scene
            .fake
            .script(|seen| Reply::Json(200, result(&seen.json()["id"], &json!({}))));
        let (agent, body) = modern(&scene.agent(), "tools/call", params);
        let answer = agent.post(&body).await;
        assert_eq!(answer.status, status, "{server}: {}", answer.body);
        assert_eq!(scene.fake.count(), usize::from(status == 200), "{server}");
    }
}
