//! People are told elsewhere what waits for them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatewright_policy::approval::Choice;
use ring::hmac;
use serde_json::Value;

use crate::agent::call;
use crate::approvals::{asking_at, decide};
use crate::fake::{Fake, Reply, Seen};
use crate::scene::{Scene, Setting, eventually};

const SECRET: &str = "a long secret";

const EVERYTHING: &str = "\"proposed\", \"decided\", \"expired\"";

/// Milliseconds since 1970, when a test begins.
const BEGIN: u64 = 1_800_000_000_000;

struct Told {
    hook: Fake,
    works: Arc<AtomicBool>,
    clock: Arc<AtomicU64>,
    scene: Scene,
    _secrets: tempfile::TempDir,
}

/// A gate that asks people, and tells a server about it that works or not.
async fn telling(works: bool, events: &str) -> Told {
    let works = Arc::new(AtomicBool::new(works));
    let hook = Fake::with({
        let works = Arc::clone(&works);
        move |_| match works.load(Ordering::Relaxed) {
            true => Reply::Json(204, String::new()),
            false => Reply::Json(500, String::new()),
        }
    })
    .await;
    let secrets = tempfile::tempdir().unwrap();
    let secret = secrets.path().join("secret");
    std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
    let clock = Arc::new(AtomicU64::new(BEGIN));
    let setting = Setting {
        gate: "console_url = \"https://console.example\"".to_owned(),
        clock: Some(Arc::clone(&clock)),
        server: format!(
            "[[webhook]]\nname = \"ops\"\nurl = \"http://{}/hook\"\nsecret_file = \"{}\"\nevents = [{events}]",
            hook.address,
            secret.display()
        ),
        ..Setting::default()
    };
    Told {
        scene: asking_at("", setting).await,
        hook,
        works,
        clock,
        _secrets: secrets,
    }
}

impl Told {
    /// Waits for so many messages; the newest one.
    async fn heard(&self, count: usize) -> Seen {
        eventually("a message comes", || {
            let seen = self.hook.seen();
            seen.get(count - 1).cloned()
        })
        .await
    }

    async fn held(&self) -> String {
        self.scene
            .agent()
            .post(&call("read", r#"{"card":"4929"}"#))
            .await;
        let decisions = self.scene.decisions();
        decisions.last().unwrap().id.clone()
    }
}

/// The message, if it is signed as it should be.
fn verified(seen: &Seen) -> Value {
    let header = |name| seen.header(name).unwrap();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    let signature = header("webhook-signature").strip_prefix("v1,").unwrap();
    let signature = STANDARD.decode(signature).unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let text = format!("{id}.{at}.{}", seen.body);
    hmac::verify(&key, text.as_bytes(), &signature).unwrap();
    seen.json()
}

fn dead(folder: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(folder.join("state/webhooks.jsonl")).ok()?;
    serde_json::from_str(text.lines().last()?).ok()
}

#[tokio::test]
async fn people_are_told_what_waits_and_what_was_decided() {
    let told = telling(true, EVERYTHING).await;
    let id = told.held().await;
    let proposed = verified(&told.heard(1).await);
    assert_eq!(proposed["type"], "approval.proposed");
    let data = &proposed["data"];
    assert_eq!(data["id"], id.as_str());
    assert_eq!(data["agent"], "did:example:agent");
    assert_eq!(data["principal"], "user:alice");
    assert_eq!(data["names"][0], "read");
    assert_eq!(
        data["url"],
        format!("https://console.example/approvals/{id}")
    );
    assert!(!proposed.to_string().contains("4929"), "{proposed}");
    decide(&told.scene, &id, Choice::Approve, "n1").await;
    let decided = verified(&told.heard(2).await);
    assert_eq!(decided["type"], "approval.decided");
    assert_eq!(decided["data"]["decision"]["by"], "kim");
    assert_eq!(decided["data"]["decision"]["stand"], "granted");
    assert_eq!(told.scene.fake.count(), 0, "being told of it is no call");
}

#[tokio::test]
async fn people_are_told_that_nobody_decided_in_time() {
    let told = telling(true, EVERYTHING).await;
    let id = told.held().await;
    verified(&told.heard(1).await);
    told.clock
        .fetch_add(3_600_000 * 24 * 366, Ordering::Relaxed);
    let expired = verified(&told.heard(2).await);
    assert_eq!(expired["type"], "approval.expired");
    assert_eq!(expired["data"]["id"], id.as_str());
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_later_under_the_same_id() {
    let told = telling(false, EVERYTHING).await;
    told.held().await;
    let first = told.heard(1).await;
    told.works.store(true, Ordering::Relaxed);
    told.clock.fetch_add(5_000, Ordering::Relaxed);
    let second = told.heard(2).await;
    verified(&second);
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_ne!(
        first.header("webhook-timestamp"),
        second.header("webhook-timestamp")
    );
    assert_eq!(dead(told.scene.folder.path()), None);
}

#[tokio::test]
async fn what_nobody_takes_is_a_dead_letter_and_stops_no_call() {
    let told = telling(false, "\"proposed\"").await;
    let id = told.held().await;
    for attempt in 1..=7 {
        told.heard(attempt).await;
        // Until it is due again, whatever it waits for; not as long as people may decide.
        told.clock.fetch_add(1_000, Ordering::Relaxed);
        let again = [5_000, 30_000, 120_000, 600_000, 3_600_000, 21_600_000, 0];
        told.clock.fetch_add(again[attempt - 1], Ordering::Relaxed);
    }
    let letter = eventually("it is kept", || dead(told.scene.folder.path())).await;
    assert_eq!(letter["webhook"], "ops");
    assert!(letter["id"].as_str().unwrap().starts_with(&id));
    assert!(letter["problem"].as_str().unwrap().contains("500"));
}
