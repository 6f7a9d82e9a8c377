//! Credentials that their issuer takes back: lists are fetched beside the calls, and what
//! nobody can know is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use gatewright_policy::credential::{did_key, inspect};
use serde_json::{Value, json};

use crate::agent::{Agent, call};
use crate::fake::{Fake, Reply};
use crate::scene::{Scene, Setting, eventually, key};

/// `[0xb9, 0xa3]`, an example of the specification: entry 1 counts, entry 0 does not.
const LIST: &str = "eNrbuRgAAhcBXQ";

/// What the list server does.
const GOOD: usize = 0;
const FORGED: usize = 1;
const DOWN: usize = 2;
const ALL_VALID: usize = 3;

struct Lists {
    server: Fake,
    mode: Arc<AtomicUsize>,
}

fn signed(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(text.as_bytes()).to_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

impl Lists {
    /// A server of lists that are fresh for four seconds.
    async fn start(mode: usize) -> Self {
        let mode = Arc::new(AtomicUsize::new(mode));
        let server = Fake::start().await;
        let (address, shared) = (server.address, Arc::clone(&mode));
        server.script(move |seen| {
            if seen.path.ends_with("/hangs") {
                return Reply::Hang;
            }
            let mode = shared.load(Ordering::SeqCst);
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            let claims = json!({
                "sub": format!("http://{address}/lists/1"),
                "iat": now.unwrap().as_secs(),
                "ttl": 4,
                // `[0, 0]` packed.
                "status_list": { "bits": 1, "lst": if mode == ALL_VALID { "eNpjYAAAAAIAAQ" } else { LIST } },
            });
            let signer = match mode {
                FORGED => SigningKey::from_bytes(&[8; 32]),
                _ => key(),
            };
            let header = json!({ "alg": "EdDSA", "typ": "statuslist+jwt" });
            match mode {
                DOWN => Reply::Json(500, String::new()),
                _ => Reply::Json(200, signed(&header, &claims, &signer)),
            }
        });
        Self { server, mode }
    }

    fn set(&self, mode: usize) {
        self.mode.store(mode, Ordering::SeqCst);
    }

    async fn scene(&self, more: &str, server: &str) -> Scene {
        let issuer = format!(
            "status_lists = [\"http://{}/lists/\"]\n{more}\n",
            self.server.address
        );
        Scene::of(Setting {
            issuer,
            server: server.to_owned(),
            ..Setting::default()
        })
        .await
    }

    /// An agent whose credential stands at a place of a list.
    fn agent(&self, scene: &Scene, index: u64) -> Agent {
        let list = format!("http://{}/lists/1", self.server.address);
        listed(scene, &list, index)
    }
}

fn listed(scene: &Scene, list: &str, index: u64) -> Agent {
    let mut agent = scene.agent();
    let parts = inspect(agent.token.as_ref().unwrap()).unwrap();
    let header: Value = serde_json::from_str(parts.header.text()).unwrap();
    let mut claims: Value = serde_json::from_str(parts.payload.text()).unwrap();
    claims["status"] = json!({ "status_list": { "idx": index, "uri": list } });
    agent.token = Some(signed(&header, &claims, &key()));
    assert_eq!(claims["issuer"], did_key(&key().verifying_key()));
    agent
}

#[tokio::test]
async fn a_credential_that_its_issuer_took_back_is_refused_and_others_pass() {
    let lists = Lists::start(GOOD).await;
    let scene = lists.scene("", "").await;
    let revoked = lists.agent(&scene, 0).post(&call("read", "{}")).await;
    assert_eq!(
        (revoked.status, revoked.reason().as_str()),
        (401, "credential_revoked")
    );
    let agent = lists.agent(&scene, 1);
    let fetched = lists.server.count();
    for _ in 0..20 {
        assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    }
    assert!(lists.server.count() <= fetched + 3, "not once a call");
    let beyond = lists.agent(&scene, 99).post(&call("read", "{}")).await;
    assert_eq!(
        (beyond.status, beyond.reason().as_str()),
        (503, "status_invalid")
    );
}

#[tokio::test]
async fn a_list_that_does_not_come_holds_no_other_one_up() {
    let lists = Lists::start(GOOD).await;
    let scene = lists.scene("", "").await;
    let list = format!("http://{}/lists/hangs", lists.server.address);
    let waits = listed(&scene, &list, 1);
    let waits = tokio::spawn(async move { waits.post(&call("read", "{}")).await });
    eventually("the list is asked for", || {
        (lists.server.count() == 1).then_some(())
    })
    .await;
    let agent = lists.agent(&scene, 1);
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    assert_eq!(waits.await.unwrap().reason(), "status_unavailable");
}

#[tokio::test]
async fn what_the_issuer_takes_back_later_ends() {
    let lists = Lists::start(ALL_VALID).await;
    let scene = lists.scene("", "").await;
    let agent = lists.agent(&scene, 0);
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    scene.fake.script(|_| Reply::Hang);
    let waiting = lists.agent(&scene, 0);
    let waiting = tokio::spawn(async move { waiting.post(&call("slow", "{}")).await });
    eventually("the call is under way", || {
        (scene.fake.count() == 2).then_some(())
    })
    .await;
    lists.set(GOOD);
    let ended = waiting.await.unwrap();
    assert_eq!(ended.reason(), "credential_revoked");
    assert_eq!(
        agent.post(&call("read", "{}")).await.reason(),
        "credential_revoked"
    );
}

#[tokio::test]
async fn a_list_that_cannot_be_had_or_is_forged_counts_for_nothing() {
    for (mode, reason) in [(DOWN, "status_unavailable"), (FORGED, "status_invalid")] {
        let lists = Lists::start(mode).await;
        let scene = lists
            .scene(
                "status_grace = \"1h\"",
                "tools = { read = [\"read-only\"] }",
            )
            .await;
        let agent = lists.agent(&scene, 1);
        for tool in ["read", "write"] {
            let refused = agent.post(&call(tool, "{}")).await;
            assert_eq!(
                (refused.status, refused.reason().as_str()),
                (503, reason),
                "{tool}"
            );
        }
        assert!(scene.fake.seen().is_empty());
        // It is looked for again.
        lists.set(GOOD);
        let passes = async {
            while agent.post(&call("write", "{}")).await.status != 200 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(crate::agent::DEADLINE, passes)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_stale_list_counts_for_read_only_tools_within_the_grace_alone() {
    for (grace, read) in [("status_grace = \"1h\"", 200), ("", 503)] {
        let lists = Lists::start(GOOD).await;
        let scene = lists
            .scene(grace, "tools = { read = [\"read-only\"] }")
            .await;
        let agent = lists.agent(&scene, 1);
        for tool in ["read", "write"] {
            assert_eq!(agent.post(&call(tool, "{}")).await.status, 200);
        }
        lists.set(DOWN);
        let stale = async {
            while agent.post(&call("write", "{}")).await.status == 200 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(crate::agent::DEADLINE, stale)
            .await
            .unwrap();
        let refused = agent.post(&call("write", "{}")).await;
        assert_eq!(refused.reason(), "status_unavailable");
        assert_eq!(
            agent.post(&call("read", "{}")).await.status,
            read,
            "{grace}"
        );
        // What is known to be taken back is not let through by any grace.
        let revoked = lists.agent(&scene, 0).post(&call("read", "{}")).await;
        assert_eq!(revoked.reason(), "credential_revoked");
    }
}

#[tokio::test]
async fn a_list_that_is_not_one_of_the_issuers_is_never_fetched() {
    let lists = Lists::start(GOOD).await;
    let scene = lists.scene("", "").await;
    for list in [
        format!("http://{}/other/1", lists.server.address),
        format!("http://{}/lists", lists.server.address),
        "http://127.0.0.1:1/lists/1".to_owned(),
        format!("http://{}.evil.example/lists/1", lists.server.address),
    ] {
        let refused = listed(&scene, &list, 1).post(&call("read", "{}")).await;
        assert_eq!(
            (refused.status, refused.reason().as_str()),
            (401, "credential_invalid"),
            "{list}"
        );
    }
    assert_eq!(lists.server.count(), 0);
}
