//! People decide over the admin listener, and a held call goes ahead.

use std::time::{Duration, Instant};

use ed25519_dalek::SigningKey;
use gatewright_policy::approval::{Choice, Reading, STATEMENT_VERSION, Signed, Statement};
use gatewright_policy::credential::did_key;
use gatewright_policy::record::ApprovalUse;
use gatewright_policy::{Digest, Reason};
use serde_json::{Value, json};

use crate::agent::{Agent, Answer, call, modern};
use crate::fake::{Reply, echo};
use crate::guests;
use crate::scene::{ASK, Scene, Setting, eventually};

pub fn key(of: u8) -> SigningKey {
    SigningKey::from_bytes(&[of; 32])
}

/// A gate whose only policy asks people, and where `kim` may decide.
pub async fn asking(limits: &str) -> Scene {
    asking_at(limits, Setting::default()).await
}

pub async fn asking_at(limits: &str, setting: Setting) -> Scene {
    let approver = format!(
        "mask = [\"/card\"]\n[[approver]]\nname = \"kim\"\nkeys = [\"{}\"]\n\
         [[approver]]\nname = \"user:alice\"\nkeys = [\"{}\"]",
        did_key(&key(1).verifying_key()),
        did_key(&key(2).verifying_key()),
    );
    let approver: &'static str = approver.leak();
    Scene::of(Setting {
        limits: limits.to_owned(),
        bindings: vec![("judge", guests::judge("(i32.const 64)", ASK), approver)],
        ..setting
    })
    .await
}

fn proof(scene: &Scene, of: u8, target: &str, nonce: &str) -> String {
    let host = scene.admin.to_string();
    Reading::header(&key(of), (&host, target), scene.engine.now(), nonce)
}

async fn read(scene: &Scene, target: &str, nonce: &str) -> Answer {
    let proof = proof(scene, 1, target, nonce);
    let reader = scene.operator().with("authorization", &proof);
    reader.request("GET", target, "").await
}

/// The id of the call that a refusal says is pending.
fn pending(answer: &Answer) -> String {
    assert_eq!(answer.reason(), "approval_required");
    let json = answer.json();
    let text = json["result"]["content"][0]["text"].as_str().unwrap();
    let id = json["result"]["_meta"]["gatewright/decision"]
        .as_str()
        .unwrap();
    assert!(
        text.contains(&format!("held for approval {id}: call again")),
        "{text}"
    );
    id.to_owned()
}

pub async fn decide(scene: &Scene, id: &str, choice: Choice, nonce: &str) -> Answer {
    let shown = read(scene, &format!("/approvals/{id}"), nonce).await.json();
    let text = shown["approval"]["text"].as_str().unwrap();
    let statement = Statement {
        actions: serde_json::from_value(shown["approval"]["actions"].clone()).unwrap(),
        approver: "kim".to_owned(),
        at: scene.engine.now(),
        choice,
        held: id.to_owned(),
        reason: "it is fine".to_owned(),
        shown: Digest::of(text.as_bytes()),
        version: STATEMENT_VERSION,
    };
    let signed = serde_json::to_string(&Signed::by(statement, &key(1))).unwrap();
    let target = format!("/approvals/{id}");
    scene.operator().request("POST", &target, &signed).await
}

#[tokio::test]
async fn an_approved_call_goes_ahead_once_when_it_is_made_again() {
    let scene = asking("").await;
    let agent = scene.agent();
    let body = call("read", r#"{"to": "a\u202eb", "card": "4929"}"#);
    let id = pending(&agent.post(&body).await);
    assert_eq!(pending(&agent.post(&body).await), id, "it joins the first");
    let listed = read(&scene, "/approvals", "n1").await.json();
    assert_eq!(listed["you"]["name"], "kim");
    assert_eq!(listed["approvals"][0]["id"], json!(id));
    let text = listed["approvals"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("a\\u{202E}b") && text.contains("[masked]"),
        "{text}"
    );
    assert!(!text.contains("4929"), "{text}");
    let taken = decide(&scene, &id, Choice::Approve, "n2").await;
    assert_eq!(
        (taken.status, &taken.json()["stand"]),
        (200, &json!("granted"))
    );
    let other = call("read", r#"{"to": "a\u202eb", "card": "4928"}"#);
    assert_ne!(
        pending(&agent.post(&other).await),
        id,
        "one byte is another call"
    );
    // Under another id of the message: what is the same is what it does.
    let again = body.replace("\"id\":1", "\"id\":2");
    let answer = agent.post(&again).await;
    assert!(
        answer.json()["result"].get("isError").is_none(),
        "{}",
        answer.body
    );
    assert_eq!(scene.fake.count(), 1);
    // The answer was lost: the same call gets it again, and runs nothing.
    let third = body.replace("\"id\":1", "\"id\":\"third\"");
    let lost = answer.json();
    let answer = agent.post(&third).await.json();
    assert_eq!(answer["id"], "third");
    let mut result = answer["result"].clone();
    let meta = result.as_object_mut().unwrap().remove("_meta").unwrap();
    assert_eq!(result, lost["result"]);
    let made = scene.decisions().into_iter().find(|it| {
        let used = it.approval.as_ref();
        used.is_some_and(|used| used.what == ApprovalUse::Consumed)
    });
    assert_eq!(
        meta["gatewright/again"]["decision"],
        json!(made.unwrap().id)
    );
    assert_eq!(scene.fake.count(), 1, "it can be used once");
}

#[tokio::test]
async fn an_approved_call_that_failed_is_answered_alike_and_not_made_again() {
    let scene = asking("").await;
    let agent = scene.agent();
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no money"}}"#;
    let cases = [("error", error), ("unusable", "nonsense")];
    for (number, (what, reply)) in cases.into_iter().enumerate() {
        let body = call("read", &format!("{{\"n\":{number}}}"));
        let id = pending(&agent.post(&body).await);
        decide(&scene, &id, Choice::Approve, &format!("n{number}")).await;
        scene
            .fake
            .script(move |_| Reply::Json(200, reply.to_owned()));
        let first = agent.post(&body).await.json();
        assert!(first.get("error").is_some(), "{what}: {first}");
        scene.fake.script(|seen| Reply::Json(200, echo(seen)));
        let again = agent.post(&body).await.json();
        assert_eq!(again["error"], first["error"], "{what}");
        assert_eq!(scene.fake.count(), number + 1, "{what}");
    }
}

#[tokio::test]
async fn an_agent_that_changes_its_question_each_time_is_refused() {
    let scene = asking("questions_per_agent_max = 2").await;
    let agent = scene.agent();
    for number in 0..2 {
        let _id = pending(
            &agent
                .post(&call("read", &format!("{{\"n\":{number}}}")))
                .await,
        );
    }
    let answer = agent.post(&call("read", "{\"n\":2}")).await;
    assert_eq!(answer.reason(), "too_many_questions");
    let _joins = pending(&agent.post(&call("read", "{\"n\":0}")).await);
    let last = scene.decisions().into_iter().rev();
    let refused = last.filter(|it| it.reason == Some(Reason::TooManyQuestions));
    assert_eq!(refused.count(), 1, "it is in the record");
}

#[tokio::test]
async fn a_call_waits_for_people_and_goes_ahead_when_they_agree() {
    let scene = asking("approval_wait = \"20s\"").await;
    for (round, era) in ["legacy", "modern"].into_iter().enumerate() {
        let agent = scene.agent();
        let arguments = format!("{{\"n\": {round}}}");
        let (agent, body) = match era {
            "legacy" => (agent, call("read", &arguments)),
            _modern => {
                let params = format!(r#"{{"name":"read","arguments":{arguments}}}"#);
                modern(&agent, "tools/call", &params)
            }
        };
        let calling = tokio::spawn(async move { agent.post(&body).await });
        let held = eventually("the call is held", || {
            let mut decisions = scene.decisions();
            decisions.retain(|it| it.decision.as_str() == "hold");
            (decisions.len() > round).then(|| decisions.pop().unwrap().id)
        })
        .await;
        let waits = "gatewright_calls_waiting 1";
        let flies = "gatewright_calls_in_flight 0";
        loop {
            let metrics = scene.operator().request("GET", "/metrics", "").await.body;
            if metrics.lines().any(|line| line == waits) {
                assert!(
                    metrics.lines().any(|line| line == flies),
                    "it holds no seat"
                );
                break;
            }
        }
        decide(&scene, &held, Choice::Approve, era).await;
        let answer = calling.await.unwrap();
        assert!(
            answer.json()["result"].get("isError").is_none(),
            "{}",
            answer.body
        );
        assert_eq!(scene.fake.count(), round + 1);
    }
}

#[tokio::test]
async fn a_call_that_waits_in_vain_is_told_to_call_again() {
    let scene = asking("approval_wait = \"50ms\"").await;
    let began = Instant::now();
    let id = pending(&scene.agent().post(&call("read", "{}")).await);
    assert!(began.elapsed() >= Duration::from_millis(50));
    decide(&scene, &id, Choice::Reject, "n1").await;
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "approval_rejected");
}

#[tokio::test]
async fn a_gate_that_stops_lets_go_of_those_that_wait() {
    let mut scene = asking("approval_wait = \"20s\"").await;
    let agent = scene.agent();
    let calling = tokio::spawn(async move { agent.post(&call("read", "{}")).await });
    eventually("the call is held", || scene.decisions().pop()).await;
    scene.stop();
    let _id = pending(&calling.await.unwrap());
    scene.stopped().await;
}

#[tokio::test]
async fn only_those_who_may_decide_read_what_waits_and_each_proof_counts_once() {
    let scene = asking("").await;
    let id = pending(&scene.agent().post(&call("read", "{}")).await);
    let target = format!("/approvals/{id}");
    let get = async |proof: &str, target: &str| {
        let reader: Agent = scene.operator().with("authorization", proof);
        let answer = reader.request("GET", target, "").await;
        let why: Value = answer.json()["refused"].clone();
        (answer.status, why.as_str().unwrap_or_default().to_owned())
    };
    let host = scene.admin.to_string();
    let now = scene.engine.now();
    let at = |millis: u64, nonce| {
        let at = gatewright_policy::Timestamp(millis);
        Reading::header(&key(1), (&host, "/approvals"), at, nonce)
    };
    let good = proof(&scene, 1, "/approvals", "n1");
    let rows = [
        (String::from("Bearer abc"), "/approvals", "unknown-approver"),
        (
            proof(&scene, 9, "/approvals", "n2"),
            "/approvals",
            "unknown-approver",
        ),
        (
            proof(&scene, 1, "/approvals", "n3"),
            target.as_str(),
            "forged",
        ),
        (at(now.0 - 61_000, "n4"), "/approvals", "stale"),
        (at(now.0 + 120_000, "n5"), "/approvals", "out-of-order"),
    ];
    for (proof, target, why) in rows {
        assert_eq!(get(&proof, target).await, (401, why.to_owned()));
    }
    assert_eq!(get(&good, "/approvals").await, (200, String::new()));
    assert_eq!(
        get(&good, "/approvals").await,
        (401, "duplicate".to_owned())
    );
    let bare = scene.operator().request("GET", &target, "").await;
    assert_eq!(bare.status, 401);
    assert!(!bare.body.contains("read"), "{}", bare.body);
    // Nobody reads decisions into the gate that are none.
    for (body, status) in [("", 400), ("{}", 400), (&"x".repeat(70_000) as &str, 400)] {
        let answer = scene.operator().request("POST", &target, body).await;
        assert_eq!(answer.status, status);
    }
    let foreign = scene.operator().with("origin", "https://evil.example");
    assert_eq!(foreign.request("POST", &target, "{}").await.status, 403);
}
