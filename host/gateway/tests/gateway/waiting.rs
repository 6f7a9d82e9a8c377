//! How a client waits for people, by what it declared.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gatewright_policy::approval::Choice;
use serde_json::{Value, json};

use crate::agent::{Agent, Answer, call, modern};
use crate::approvals::{asking_at, decide};
use crate::fake::{Reply, result};
use crate::scene::{Scene, Setting, eventually};
use crate::sessions::INITIALIZE;

const CONSOLE: &str = "console_url = \"https://console.example/\"";

fn with_console() -> Setting {
    Setting {
        gate: CONSOLE.to_owned(),
        ..Setting::default()
    }
}

/// A modern call of a client that can show URLs; `more` stands beside the arguments.
fn with_url(agent: &Agent, arguments: &str, more: &str) -> (Agent, String) {
    let params = format!(r#"{{"name":"read","arguments":{arguments}{more}}}"#);
    let (agent, body) = modern(agent, "tools/call", &params);
    let capability = r#"clientCapabilities":{"elicitation":{"url":{}}}"#;
    (agent, body.replace(r#"clientCapabilities":{}"#, capability))
}

async fn asked(agent: &Agent, arguments: &str, more: &str) -> Answer {
    let (agent, body) = with_url(agent, arguments, more);
    agent.post(&body).await
}

fn back_with(state: &str) -> String {
    format!(
        r#","requestState":"{state}","inputResponses":{{"gatewright-approval":{{"action":"accept"}}}}"#
    )
}

/// The id, the URL and the state of a question.
fn question(answer: &Answer) -> (String, String, String) {
    let result = answer.json()["result"].clone();
    assert_eq!(result["resultType"], "input_required", "{result}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let params = &result["inputRequests"]["gatewright-approval"]["params"];
    assert_eq!(params["mode"], "url");
    (
        text(&result["_meta"]["gatewright/decision"]),
        text(&params["url"]),
        text(&result["requestState"]),
    )
}

fn went_ahead(answer: &Answer) {
    let result = answer.json()["result"].clone();
    assert!(result.get("isError").is_none(), "{result}");
    assert!(result.get("echo").is_some(), "{result}");
}

async fn held(scene: &Scene) -> String {
    eventually("the call is held", || {
        let mut decisions = scene.decisions();
        decisions.retain(|it| it.decision.as_str() == "hold");
        decisions.pop().map(|it| it.id)
    })
    .await
}

#[tokio::test]
async fn a_call_that_waits_shows_signs_of_life_from_the_start() {
    let scene = asking_at("approval_wait = \"20s\"", Setting::default()).await;
    let meta = r#"{"name":"read","_meta":{"progressToken":"p"},"arguments""#;
    let progress = call("read", "{\"n\":1}").replace(r#"{"name":"read","arguments""#, meta);
    for (number, body) in [call("read", "{}"), progress].into_iter().enumerate() {
        let mut open = scene.agent().open("POST", "/mcp/files", &body).await;
        assert_eq!(open.headers["content-type"], "text/event-stream");
        let first = open.block().await.unwrap();
        match number {
            0 => assert_eq!(first, ":"),
            _with_token => {
                let message: Value =
                    serde_json::from_str(first.strip_prefix("data: ").unwrap()).unwrap();
                assert_eq!(message["method"], "notifications/progress");
                assert_eq!(message["params"]["progressToken"], "p");
            }
        }
        let id = held(&scene).await;
        decide(&scene, &id, Choice::Approve, &format!("n{number}")).await;
        let last = open.block().await.unwrap();
        let last: Value = serde_json::from_str(last.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(
            (&last["id"], last["result"].get("isError")),
            (&json!(1), None)
        );
        assert_eq!(open.block().await, None);
        assert_eq!(scene.fake.count(), number + 1);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_while_it_waits_gives_its_place_back() {
    let scene = asking_at("approval_wait = \"20s\"", Setting::default()).await;
    let mut open = scene
        .agent()
        .open("POST", "/mcp/files", &call("read", "{}"))
        .await;
    open.block().await.unwrap();
    drop(open);
    loop {
        let metrics = scene.operator().request("GET", "/metrics", "").await.body;
        if metrics.lines().any(|it| it == "gatewright_calls_waiting 0") {
            break;
        }
    }
    assert_eq!(scene.fake.count(), 0);
}

#[tokio::test]
async fn a_call_that_its_client_cancels_while_it_waits_is_never_made() {
    let scene = asking_at("approval_wait = \"20s\"", Setting::default()).await;
    scene.fake.script(|seen| {
        let text = result(&seen.json()["id"], &json!({ "echo": {} }));
        Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text)
    });
    assert_eq!(scene.agent().post(INITIALIZE).await.status, 200);
    let before = scene.fake.count();
    let agent = scene.agent().with("mcp-session-id", "one");
    let mut open = agent.open("POST", "/mcp/files", &call("read", "{}")).await;
    open.block().await.unwrap();
    let id = held(&scene).await;
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    let stranger = scene.agent_named("did:example:other", &["files:*"]);
    assert_eq!(stranger.post(cancel).await.status, 400);
    assert_eq!(agent.post(&cancel.replace('1', "2")).await.status, 400);
    assert_eq!(agent.post(cancel).await.status, 202);
    assert_eq!(open.block().await, None, "there is no answer any more");
    assert_eq!(agent.post(cancel).await.status, 400, "nothing waits");
    decide(&scene, &id, Choice::Approve, "n1").await;
    assert_eq!(
        scene.fake.count(),
        before,
        "the tool server heard of it, or of its end"
    );
    // Whoever calls again uses what people agreed to.
    went_ahead(&agent.post(&call("read", "{}")).await);
}

#[tokio::test]
async fn a_modern_client_is_sent_to_the_console_and_comes_back_once() {
    let scene = asking_at("approval_wait = \"50ms\"", with_console()).await;
    let agent = scene.agent();
    let answer = asked(&agent, "{}", "").await;
    let (id, url, state) = question(&answer);
    assert_eq!(url, format!("https://console.example/approvals/{id}"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    // Whoever followed the URL, and nobody decided: asked again, after a while.
    let (same, _, again) = question(&asked(&agent, "{}", &back_with(&state)).await);
    assert_eq!((&same, &again), (&id, &state));
    assert_eq!(
        scene.fake.count(),
        0,
        "a URL that is followed approves nothing"
    );
    decide(&scene, &id, Choice::Approve, "n1").await;
    went_ahead(&asked(&agent, "{}", &back_with(&state)).await);
    let sent = scene.fake.last().body;
    assert!(!sent.contains("requestState") && !sent.contains("inputResponses"));
    went_ahead(&asked(&agent, "{}", &back_with(&state)).await);
    assert_eq!(scene.fake.count(), 1, "it is made once, and answered again");
}

#[tokio::test]
async fn who_comes_back_while_nobody_decided_waits_for_them() {
    let scene = asking_at("approval_wait = \"20s\"", with_console()).await;
    let agent = scene.agent();
    let (id, _, state) = question(&asked(&agent, "{}", "").await);
    let (agent, body) = with_url(&agent, "{}", &back_with(&state));
    let mut open = agent.open("POST", "/mcp/files", &body).await;
    assert_eq!(open.block().await.unwrap(), ":");
    decide(&scene, &id, Choice::Approve, "n1").await;
    assert!(open.block().await.unwrap().contains("echo"));
    assert_eq!(scene.fake.count(), 1);
}

#[tokio::test]
async fn a_state_that_is_not_of_this_call_is_refused() {
    let clock = Arc::new(AtomicU64::new(1_800_000_000_000));
    let setting = Setting {
        clock: Some(Arc::clone(&clock)),
        ..with_console()
    };
    let scene = asking_at("", setting).await;
    let agent = scene.agent();
    let (id, _, state) = question(&asked(&agent, "{}", "").await);
    decide(&scene, &id, Choice::Approve, "n1").await;
    let refused = async |agent: &Agent, arguments: &str, more: &str, why: &str| {
        let answer = asked(agent, arguments, more).await;
        assert_eq!(answer.reason(), "invalid_arguments", "{why}");
        let text = answer.json()["result"]["content"][0]["text"].clone();
        assert!(text.as_str().unwrap().contains(why), "{text}: {why}");
    };
    let ours = back_with(&state);
    let other = scene.agent_named("did:example:other", &["files:*"]);
    let made = back_with("gatewright1.AAAA");
    let more = ours.replace("{\"gatewright", "{\"q\":{},\"gatewright");
    refused(&agent, "{}", &made, "not one that this gate gave").await;
    refused(&other, "{}", &ours, "given to another caller").await;
    refused(&agent, r#"{"n":1}"#, &ours, "given for another call").await;
    let malformed = asked(&agent, "{}", &more).await;
    assert_eq!(malformed.reason(), "malformed_request");
    assert!(malformed.body.contains("more than the gate asked"));
    // What a tool server gave is not the gate's, and people would not see it.
    refused(&agent, "{}", r#","requestState":"theirs""#, "do not see").await;
    clock.fetch_add(3_600_000 * 24 * 366, Ordering::Relaxed);
    let later = Agent {
        token: Some(scene.token(
            "did:example:agent",
            &["files:*"],
            std::time::Duration::from_secs(600),
        )),
        ..scene.agent()
    };
    refused(
        &later,
        "{}",
        &ours,
        "the time to decide on this call is over",
    )
    .await;
    assert_eq!(scene.fake.count(), 0);
    // Nothing of it used the approval up, and nothing was decided on it.
    assert!(
        scene
            .decisions()
            .iter()
            .all(|it| it.decision.as_str() != "allow")
    );
}

#[tokio::test]
async fn who_will_not_go_there_is_told_so_at_once() {
    let scene = asking_at("approval_wait = \"20s\"", with_console()).await;
    let agent = scene.agent();
    let (id, _, state) = question(&asked(&agent, "{}", "").await);
    for action in ["decline", "cancel"] {
        let more = back_with(&state).replace("accept", action);
        let answer = asked(&agent, "{}", &more).await;
        assert_eq!(answer.reason(), "approval_required");
        assert_eq!(
            answer.json()["result"]["_meta"]["gatewright/decision"],
            json!(id)
        );
    }
    assert_eq!(scene.fake.count(), 0);
}

#[tokio::test]
async fn a_legacy_client_is_sent_to_the_console_if_it_said_that_it_can() {
    let rows = [
        (r#"{"elicitation":{"url":{}}}"#, "2025-11-25", true),
        (r#"{"elicitation":{"url":{}}}"#, "2025-06-18", false),
        (r#"{"elicitation":{}}"#, "2025-11-25", false),
        (r#"{}"#, "2025-11-25", false),
    ];
    for (capabilities, version, is_sent) in rows {
        let scene = asking_at("approval_wait = \"50ms\"", with_console()).await;
        scene.fake.script(|seen| {
            let text = result(&seen.json()["id"], &json!({ "echo": {} }));
            Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text)
        });
        let initialize = INITIALIZE.replace(
            r#""capabilities":{}"#,
            &format!(r#""capabilities":{capabilities}"#),
        );
        assert_eq!(scene.agent().post(&initialize).await.status, 200);
        let agent = scene
            .agent()
            .with("mcp-session-id", "one")
            .with("mcp-protocol-version", version);
        let answer = agent.post(&call("read", "{}")).await;
        assert_eq!(answer.reason(), "approval_required");
        let id = held(&scene).await;
        let json = answer.json();
        let elicitation = &json["error"]["data"]["elicitations"][0];
        if !is_sent {
            assert_eq!(json["result"]["_meta"]["gatewright/decision"], json!(id));
            continue;
        }
        assert_eq!(answer.code(), Some(-32_042));
        assert_eq!(elicitation["mode"], "url");
        assert_eq!(elicitation["elicitationId"], json!(id));
        let url = format!("https://console.example/approvals/{id}");
        assert_eq!(elicitation["url"], json!(url));
        // The second time it waits first.
        let again = agent.post(&call("read", "{}")).await;
        assert_eq!(again.header("content-type"), Some("text/event-stream"));
        assert_eq!(again.code(), Some(-32_042));
        decide(&scene, &id, Choice::Approve, "n1").await;
        went_ahead(&agent.post(&call("read", "{}")).await);
    }
}
