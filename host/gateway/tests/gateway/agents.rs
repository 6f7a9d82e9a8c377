//! Agents that are stopped in the middle of what they do.

use std::time::{Duration, Instant};

use gatewright_engine::agents::Asked;
use gatewright_policy::agent::{CHANGED_MAX, Change};
use gatewright_policy::record::Event;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::agent::{Agent, Answer, call};
use crate::fake::{Reply, echo, event, result};
use crate::scene::{Scene, Setting, eventually, key};

const BOT: &str = "did:example:agent";

/// The promise: everything of an agent has ended so soon after it was stopped.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(1);

fn issuer() -> String {
    gatewright_policy::credential::did_key(&key().verifying_key())
}

fn secret(scene: &Scene) -> String {
    let ledger = scene.folder.path().join("state/audit.jsonl");
    gatewright_engine::ledger::operator(&ledger)
        .unwrap()
        .unwrap()
}

/// What an operator asks, and the answer of the gate.
pub(crate) async fn ask(scene: &Scene, what: Value) -> Answer {
    let asked = json!({ "by": "ann", "why": "a test", "what": what }).to_string();
    let secret = format!("Bearer {}", secret(scene));
    let operator = scene.operator().with("authorization", &secret);
    operator.request("POST", "/agents", &asked).await
}

pub(crate) async fn turn(scene: &Scene, turn: &str, agent: &str) {
    let what = json!({ "turn": { "turn": turn, "agent": agent } });
    let answer = ask(scene, what).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"changed":1}"#)
    );
}

fn changes(scene: &Scene) -> Vec<Change> {
    let entries = scene.entries().into_iter();
    let changes = entries.filter_map(|entry| match entry.event {
        Event::Agents(change) => Some(change),
        _ => None,
    });
    changes.collect()
}

#[tokio::test]
async fn a_suspended_agent_is_refused_from_the_next_call_on() {
    let scene = Scene::start().await;
    let (bot, other) = (
        scene.agent(),
        scene.agent_named("did:example:other", &["files:*"]),
    );
    assert_eq!(bot.post(&call("read", "{}")).await.status, 200);
    turn(&scene, "suspend", BOT).await;
    let refused = bot.post(&call("read", "{}")).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (403, "agent_suspended")
    );
    assert!(
        refused.header("www-authenticate").is_none(),
        "a new credential does not help"
    );
    // Whatever credential it shows.
    let renewed = scene.agent_named(BOT, &["files:read"]);
    assert_eq!(
        renewed.post(&call("read", "{}")).await.reason(),
        "agent_suspended"
    );
    assert_eq!(other.post(&call("read", "{}")).await.status, 200);
    assert_eq!(
        scene.fake.seen().len(),
        2,
        "nothing of it reached the tool server"
    );
    turn(&scene, "resume", BOT).await;
    assert_eq!(bot.post(&call("read", "{}")).await.status, 200);
    // Who did it and why stands in the record, and so do the refusals, with who asked.
    let changes = changes(&scene);
    assert_eq!(changes.len(), 2);
    assert_eq!(
        (changes[0].by.as_str(), changes[0].why.as_str()),
        ("ann", "a test")
    );
    let decisions = scene.decisions();
    let refused = decisions
        .iter()
        .filter(|it| it.reason.is_some_and(|it| it.code() == "agent_suspended"));
    let callers: Vec<_> = refused
        .map(|it| it.caller.as_ref().unwrap().agent.clone())
        .collect();
    assert_eq!(callers, [BOT, BOT]);
}

#[tokio::test]
async fn every_stop_has_a_reason_of_its_own_on_the_wire() {
    let rows = [
        (
            json!({ "turn": { "turn": "suspend", "issuer": issuer() } }),
            403,
            "agent_suspended",
        ),
        (
            json!({ "turn": { "turn": "decommission", "agent": BOT, "issuer": issuer() } }),
            403,
            "agent_decommissioned",
        ),
        (
            json!({ "revoke": { "token": "jti" } }),
            401,
            "credential_revoked",
        ),
        (
            json!({ "import": [{ "id": BOT, "issuer": issuer(), "servers": ["mail"] }] }),
            403,
            "server_refused",
        ),
    ];
    for (what, status, reason) in rows {
        let scene = Scene::start().await;
        let bot = scene.agent();
        let what = match what.pointer("/revoke/token") {
            None => what,
            // By the id that the credential has.
            Some(_) => {
                let claims = gatewright_policy::credential::inspect(bot.token.as_ref().unwrap());
                let claims: Value = serde_json::from_str(claims.unwrap().payload.text()).unwrap();
                json!({ "revoke": { "token": claims["jti"] } })
            }
        };
        assert_eq!(ask(&scene, what).await.status, 200, "{reason}");
        let refused = bot.post(&call("read", "{}")).await;
        assert_eq!(
            (refused.status, refused.reason().as_str()),
            (status, reason)
        );
        let challenge = refused.header("www-authenticate");
        assert_eq!(
            challenge.is_some(),
            status == 401,
            "{reason}: another credential helps"
        );
        assert!(scene.fake.seen().is_empty());
    }
}

#[tokio::test]
async fn an_owner_is_stopped_with_all_its_agents() {
    let scene = Scene::start().await;
    let agents = json!([
        { "id": BOT, "issuer": issuer(), "owner": "billing" },
        { "id": "did:example:other", "issuer": issuer(), "owner": "sales" },
    ]);
    assert_eq!(
        ask(&scene, json!({ "import": agents })).await.json()["changed"],
        2
    );
    let what = json!({ "turn": { "turn": "suspend", "owner": "billing" } });
    assert_eq!(ask(&scene, what).await.status, 200);
    assert_eq!(
        scene.agent().post(&call("read", "{}")).await.reason(),
        "agent_suspended"
    );
    let other = scene.agent_named("did:example:other", &["files:*"]);
    assert_eq!(other.post(&call("read", "{}")).await.status, 200);
}

#[tokio::test]
async fn where_the_operator_wants_it_only_registered_agents_pass_and_others_are_listed() {
    let setting = Setting {
        gate: "[agents]\n".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    let bot = scene.agent();
    let refused = bot.post(&call("read", "{}")).await;
    assert_eq!(
        (refused.status, refused.reason().as_str()),
        (403, "agent_unknown")
    );
    let listed = scene.operator().request("GET", "/agents", "").await.json();
    assert_eq!(listed["count"], 1);
    let agent = &listed["agents"][0];
    assert_eq!(agent["id"], BOT);
    assert_eq!(
        (&agent["registered"], &agent["orphan"]),
        (&json!(false), &json!(true))
    );
    let import = json!({ "import": [{ "id": BOT, "issuer": issuer(), "owner": "billing" }] });
    assert_eq!(ask(&scene, import).await.status, 200);
    assert_eq!(bot.post(&call("read", "{}")).await.status, 200);
    let listed = scene
        .operator()
        .request("GET", "/agents?owner=billing", "")
        .await
        .json();
    let agent = &listed["agents"][0];
    assert_eq!(
        (&agent["registered"], &agent["orphan"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        (&agent["allowed"], &agent["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(agent["granted"], json!(["files:*"]));
    assert_eq!(agent["used"][0]["name"], "read");
    assert_eq!(agent["never_used"], json!([]));
}

#[tokio::test]
async fn grants_that_are_never_used_are_shown() {
    let scene = Scene::start().await;
    let bot = scene.agent_named(BOT, &["files:read*", "files:write*"]);
    assert_eq!(bot.post(&call("read_text", "{}")).await.status, 200);
    let listed = scene
        .operator()
        .request("GET", "/agents?id=did:example:agent", "")
        .await
        .json();
    assert_eq!(listed["agents"][0]["never_used"], json!(["files:write*"]));
}

/// The stream of a call, that of a session, and a call that waits for its answer.
#[tokio::test]
async fn open_streams_and_calls_of_a_suspended_agent_end_within_a_second() {
    let scene = Scene::start().await;
    let bot = scene.agent();
    let note = r#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}"#;
    let mut keep = Vec::new();
    let mut receivers = Vec::new();
    for _ in 0..2 {
        let (events, receiver) = mpsc::channel(1);
        events.send(event(note)).await.unwrap();
        keep.push(events);
        receivers.push(receiver);
    }
    scene
        .fake
        .script(move |seen| match seen.body.contains("slow") {
            true => Reply::Hang,
            false => Reply::Live(receivers.pop().unwrap()),
        });
    let mut called = bot.open("POST", "/mcp/files", &call("read", "{}")).await;
    assert_eq!(called.block().await.unwrap(), format!("data: {note}"));
    let mut listened = bot.open("GET", "/mcp/files", "").await;
    assert_eq!(listened.block().await.unwrap(), format!("data: {note}"));
    let waiting = Agent {
        gate: bot.gate,
        token: bot.token.clone(),
        headers: Vec::new(),
    };
    let waiting = tokio::spawn(async move { waiting.post(&call("slow", "{}")).await });
    eventually("the call reaches the tool server", || {
        (scene.fake.seen().len() == 3).then_some(())
    })
    .await;

    let stopped = Instant::now();
    turn(&scene, "suspend", BOT).await;
    let last = called.block().await.unwrap();
    let last: Value = serde_json::from_str(last.strip_prefix("data: ").unwrap()).unwrap();
    let reason = |json: &Value| json["error"]["data"]["reason"].clone();
    assert_eq!(reason(&last), "agent_suspended");
    assert_eq!(called.block().await, None);
    assert_eq!(listened.block().await, None);
    let answered = waiting.await.unwrap();
    assert_eq!(answered.reason(), "agent_suspended");
    assert!(stopped.elapsed() < AT_ONCE, "{:?}", stopped.elapsed());
    let completed = scene.completed(3).await;
    let reasons: Vec<_> = completed
        .iter()
        .filter_map(|it| it.reason)
        .map(|it| it.code())
        .collect();
    assert_eq!(reasons, ["agent_suspended", "agent_suspended"]);
}

#[tokio::test]
async fn a_revoked_credential_ends_its_streams_and_not_those_of_the_next() {
    let scene = Scene::start().await;
    let with = |seconds| Agent {
        token: Some(scene.token(BOT, &["files:*"], Duration::from_secs(seconds))),
        ..scene.agent()
    };
    let (one, next) = (with(600), with(700));
    let mut receivers = Vec::new();
    let mut keep = Vec::new();
    for _ in 0..2 {
        let (events, receiver) = mpsc::channel(2);
        events
            .send(event(
                r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
            ))
            .await
            .unwrap();
        keep.push(events);
        receivers.insert(0, receiver);
    }
    scene
        .fake
        .script(move |_| Reply::Live(receivers.pop().unwrap()));
    let mut first = one.open("GET", "/mcp/files", "").await;
    first.block().await.unwrap();
    let mut second = next.open("GET", "/mcp/files", "").await;
    second.block().await.unwrap();
    let digest = gatewright_policy::Digest::of(one.token.as_ref().unwrap().as_bytes());
    let what = json!({ "revoke": { "token": digest.to_string() } });
    assert_eq!(ask(&scene, what).await.status, 200);
    assert_eq!(first.block().await, None);
    let more = event(r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#);
    keep[1].send(more).await.unwrap();
    assert!(second.block().await.is_some());
}

#[tokio::test]
async fn the_mcp_sessions_of_a_suspended_agent_end() {
    let scene = Scene::start().await;
    scene
        .fake
        .script(|seen| match seen.json()["method"] == "initialize" {
            true => {
                let text = result(&seen.json()["id"], &json!({}));
                Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text)
            }
            false if seen.method == "DELETE" => Reply::Json(200, String::new()),
            false => Reply::Json(200, echo(seen)),
        });
    let bot = super::sessions::opened(&scene, &scene.agent()).await;
    assert_eq!(bot.post(&call("read", "{}")).await.status, 200);
    turn(&scene, "suspend", BOT).await;
    eventually("the tool server is told", || {
        (scene.fake.last().method == "DELETE").then_some(())
    })
    .await;
    turn(&scene, "resume", BOT).await;
    assert_eq!(
        bot.post(&call("read", "{}")).await.reason(),
        "unknown_session"
    );
    let again = super::sessions::opened(&scene, &scene.agent()).await;
    assert_eq!(again.post(&call("read", "{}")).await.status, 200);
}

#[tokio::test]
async fn only_an_operator_changes_something_and_no_web_page_does() {
    let scene = Scene::start().await;
    let what = json!({ "by": "eve", "why": "free", "what": { "turn": { "turn": "suspend", "issuer": "x" } } });
    let what = what.to_string();
    let operator = scene
        .operator()
        .with("authorization", &format!("Bearer {}", secret(&scene)));
    let rows = [
        ("without the secret", scene.operator()),
        (
            "with another one",
            operator.with("authorization", &format!("Bearer {}", "0".repeat(64))),
        ),
        (
            "from a page",
            operator.with("origin", "https://evil.example"),
        ),
        (
            "from a page of this very address",
            operator.with("origin", &format!("http://{}", scene.admin)),
        ),
        ("from a browser", operator.with("sec-fetch-site", "none")),
        ("as a form", operator.with("content-type", "text/plain")),
        ("to another host", operator.with("host", "evil.example")),
    ];
    for (name, asked) in rows {
        assert_eq!(
            asked.request("POST", "/agents", &what).await.status,
            403,
            "{name}"
        );
    }
    for (name, body, status) in [
        ("no JSON", "{", 400),
        (
            "an unknown member",
            r#"{"by":"a","why":"b","what":{"import":[]},"more":1}"#,
            400,
        ),
        (
            "nobody",
            r#"{"by":"a","why":"b","what":{"turn":{"turn":"suspend"}}}"#,
            409,
        ),
        (
            "who was never seen",
            r#"{"by":"a","why":"b","what":{"turn":{"turn":"suspend","agent":"x"}}}"#,
            409,
        ),
        (
            "no reason",
            r#"{"by":"a","why":"","what":{"revoke":{"token":"x"}}}"#,
            409,
        ),
    ] {
        assert_eq!(
            operator.request("POST", "/agents", body).await.status,
            status,
            "{name}"
        );
    }
    assert_eq!(
        operator
            .request("POST", "/agents", &" ".repeat(2 << 20))
            .await
            .status,
        400
    );
    assert_eq!(operator.request("PUT", "/agents", &what).await.status, 405);
    assert!(changes(&scene).is_empty());
    assert_eq!(operator.request("POST", "/agents", &what).await.status, 200);
    let revoked = operator.request("GET", "/revocations", "").await.json();
    assert_eq!(revoked, json!({ "revoked": [] }));
}

/// The kill switch among 100,000: effective at the next call, also while others call.
#[tokio::test(flavor = "multi_thread")]
async fn one_of_100_000_agents_is_stopped_at_its_next_call() {
    let setting = Setting {
        gate: "[agents]\n".to_owned(),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    let agents: Vec<Value> = (0..100_000)
        .map(|number| json!({ "id": format!("did:example:{number}"), "issuer": issuer(), "owner": format!("team-{}", number % 100) }))
        .collect();
    let began = Instant::now();
    for some in agents.chunks(CHANGED_MAX) {
        let asked: Asked = serde_json::from_value(
            json!({ "by": "ann", "why": "all", "what": { "import": some } }),
        )
        .unwrap();
        scene.engine.ask_about_agents(asked).await.unwrap();
    }
    println!("100,000 agents registered in {:?}", began.elapsed());
    let bot = scene.agent_named("did:example:77777", &["files:*"]);
    let other = scene.agent_named("did:example:1", &["files:*"]);
    for agent in [&bot, &other] {
        assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    }
    let began = Instant::now();
    turn(&scene, "suspend", "did:example:77777").await;
    println!("one of them suspended in {:?}", began.elapsed());
    assert_eq!(
        bot.post(&call("read", "{}")).await.reason(),
        "agent_suspended"
    );
    assert_eq!(other.post(&call("read", "{}")).await.status, 200);
    // What each call pays for it.
    let snapshot = scene.engine.snapshot();
    let grant = snapshot
        .identify(other.token.as_ref().unwrap(), &[], scene.engine.now())
        .unwrap();
    let server = std::sync::Arc::from("files");
    let began = Instant::now();
    const TIMES: u32 = 100_000;
    for _ in 0..TIMES {
        assert!(scene.engine.admits(&grant, &server).is_ok());
    }
    println!("a look-up takes {:?}", began.elapsed() / TIMES);
}

#[tokio::test]
async fn what_a_stopped_agent_goes_on_asking_does_not_fill_the_ledger() {
    let scene = Scene::start().await;
    let bot = scene.agent();
    assert_eq!(bot.post(&call("read", "{}")).await.status, 200);
    turn(&scene, "suspend", BOT).await;
    const TIMES: usize = 300;
    for _ in 0..TIMES {
        assert_eq!(bot.post(&call("read", "{}")).await.status, 403);
    }
    let decisions = scene.decisions().len();
    assert!(decisions < TIMES / 2 + 100, "{decisions}");
    // And each counts.
    let listed = scene.operator().request("GET", "/agents", "").await.json();
    assert_eq!(listed["agents"][0]["refused"], TIMES);
    let page = scene.operator().request("GET", "/metrics", "").await.body;
    let counted = format!("reason=\"agent_suspended\",server=\"\"}} {TIMES}");
    assert!(page.contains(&counted), "{page}");
}
