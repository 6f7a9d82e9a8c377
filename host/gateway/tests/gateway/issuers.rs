//! Keys that are fetched: found by discovery, changed, down, slow, huge, and too old.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::agent::{Agent, call};
use crate::fake::{Fake, Reply, Seen};
use crate::scene::{Scene, Setting, eventually};
use crate::signer::{Key, key_set};

/// 2026-11-01T00:00:00Z
const NOW: u64 = 1_793_491_200;

struct Company {
    scene: Scene,
    idp: Fake,
    clock: Arc<AtomicU64>,
}

impl Company {
    /// A gate whose issuer is found by OpenID discovery.
    async fn start(keys: &[&Key]) -> Self {
        let idp = Fake::start().await;
        let issuer = format!("http://{}/one", idp.address);
        serve(&idp, key_set(keys).to_string());
        let clock = Arc::new(AtomicU64::new(NOW * 1000));
        let scene = Scene::of(Setting {
            server: format!(
                "[[issuer]]\nid = \"{issuer}\"\nscopes = [\"files:*\"]\nalgorithms = [\"ES256\"]\n\
                 lifetime_max = \"7d\"\nkeys_refresh = \"10m\"\nkeys_kept = \"1h\"\n"
            ),
            clock: Some(Arc::clone(&clock)),
            ..Setting::default()
        })
        .await;
        Self { scene, idp, clock }
    }

    fn agent(&self, key: &Key) -> Agent {
        let claims = json!({
            "iss": format!("http://{}/one", self.idp.address),
            "sub": "user:alice",
            "aud": format!("http://{}/mcp/files", self.scene.address),
            "iat": NOW,
            "exp": NOW + 86_400,
            "client_id": "assistant",
            "scope": "files:read",
        });
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": key.name });
        Agent {
            token: Some(key.token(&header, &claims)),
            ..self.scene.stranger()
        }
    }

    async fn status_of(&self, key: &Key) -> u16 {
        self.agent(key).post(&call("read", "{}")).await.status
    }

    fn step(&self, seconds: u64) {
        self.clock.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    fn keys(&self) -> Value {
        let status = serde_json::to_value(self.scene.engine.status()).unwrap();
        status["issuer_keys"][0].clone()
    }

    async fn state_is(&self, state: &str) -> Value {
        eventually(state, || {
            let keys = self.keys();
            (keys["state"] == json!(state)).then_some(keys)
        })
        .await
    }

    /// How often the keys were asked for.
    fn looks(&self) -> usize {
        let seen = self.idp.seen();
        seen.iter().filter(|seen| seen.path == "/keys").count()
    }
}

/// Metadata where OpenID has them, and these keys.
fn serve(idp: &Fake, keys: String) {
    let address = idp.address;
    idp.script(move |seen: &Seen| match seen.path.as_str() {
        "/one/.well-known/openid-configuration" => Reply::Json(
            200,
            json!({
                "issuer": format!("http://{address}/one"),
                "jwks_uri": format!("http://{address}/keys"),
            })
            .to_string(),
        ),
        "/keys" => Reply::Json(200, keys.clone()),
        _other => Reply::Json(404, String::new()),
    });
}

#[tokio::test]
async fn keys_are_found_by_discovery_and_the_first_call_waits_for_them() {
    let one = Key::p256("one");
    let company = Company::start(&[&one]).await;
    assert_eq!(company.status_of(&one).await, 200);
    let keys = company.state_is("good").await;
    assert_eq!(keys["keys"], json!(1));
    assert_eq!(company.looks(), 1);
    let metrics = company
        .scene
        .operator()
        .request("GET", "/metrics", "")
        .await
        .body;
    let expected = format!(
        "gatewright_issuer_keys{{issuer=\"{}\"}} 1",
        keys["issuer"].as_str().unwrap()
    );
    assert!(metrics.contains(&expected), "{metrics}");
}

#[tokio::test]
async fn an_issuer_that_changes_its_keys_is_asked_once_and_the_old_ones_are_over() {
    let (one, two, nobody) = (Key::p256("one"), Key::p256("two"), Key::p256("nobody"));
    let company = Company::start(&[&one]).await;
    assert_eq!(company.status_of(&one).await, 200);
    serve(&company.idp, key_set(&[&two]).to_string());
    // It looked just now, and a grant that is remembered is good.
    assert_eq!(company.status_of(&two).await, 401);
    assert_eq!(company.status_of(&one).await, 200);
    assert_eq!(company.looks(), 1);
    company.step(30);
    assert_eq!(
        company.status_of(&two).await,
        200,
        "the call waits for the new keys"
    );
    assert_eq!(company.looks(), 2);
    assert_eq!(
        company.status_of(&one).await,
        401,
        "what was remembered is forgotten"
    );
    for _ in 0..20 {
        assert_eq!(company.status_of(&nobody).await, 401);
    }
    assert_eq!(company.looks(), 2, "nobody makes the gate ask more often");
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_again_stay_for_their_time_and_not_longer() {
    let one = Key::p256("one");
    let company = Company::start(&[&one]).await;
    assert_eq!(company.status_of(&one).await, 200);
    let thousand: Vec<_> = (0..1000)
        .map(|place| {
            let mut jwk = one.jwk();
            jwk["kid"] = json!(place.to_string());
            jwk
        })
        .collect();
    let redirect = || {
        let to = vec![("location", "http://127.0.0.1:1/".to_owned())];
        Reply::Full(302, to, String::new())
    };
    let mut passed = 0;
    type Answer = Box<dyn Fn() -> Reply + Send>;
    let cases: Vec<(&str, Answer)> = vec![
        (
            "HTTP status 500",
            Box::new(|| Reply::Json(500, "down".to_owned())),
        ),
        (
            "is longer than",
            Box::new(|| Reply::Json(200, " ".repeat(300 << 10))),
        ),
        (
            "more than 100 keys",
            Box::new(move || Reply::Json(200, json!({ "keys": thousand }).to_string())),
        ),
        (
            "not unambiguous JSON",
            Box::new(|| Reply::Json(200, "<html>".to_owned())),
        ),
        (
            "no key that can be used",
            Box::new(|| Reply::Json(200, "{\"keys\":[]}".to_owned())),
        ),
        ("HTTP status 302", Box::new(redirect)),
    ];
    for (expected, answer) in cases {
        let address = company.idp.address;
        company.idp.script(move |seen| match seen.path.as_str() {
            "/keys" => answer(),
            "/one/.well-known/openid-configuration" => {
                let metadata = json!({
                    "issuer": format!("http://{address}/one"),
                    "jwks_uri": format!("http://{address}/keys"),
                });
                Reply::Json(200, metadata.to_string())
            }
            _other => Reply::Json(404, String::new()),
        });
        company.step(600 - passed);
        passed = 585;
        eventually(expected, || {
            let error = company.keys()["error"].as_str().map(str::to_owned);
            error.filter(|error| error.contains(expected))
        })
        .await;
        assert_eq!(
            company.keys()["state"],
            json!("not-refreshed"),
            "{expected}"
        );
        assert_eq!(company.status_of(&one).await, 200, "{expected}");
    }
    company.step(3600);
    assert_eq!(company.state_is("too-old").await["keys"], json!(1));
    let answer = company.agent(&one).post(&call("read", "{}")).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (401, "credential_invalid")
    );
    serve(&company.idp, key_set(&[&one]).to_string());
    company.step(60);
    company.state_is("good").await;
    assert_eq!(company.status_of(&one).await, 200);
}

#[tokio::test]
async fn a_slow_issuer_keeps_no_call_waiting() {
    let one = Key::p256("one");
    let company = Company::start(&[&one]).await;
    company.state_is("good").await;
    company.idp.script(|_| Reply::Hang);
    company.step(600);
    eventually("it is asked", || {
        let seen = company.idp.seen();
        let asked = seen
            .iter()
            .filter(|seen| seen.path.starts_with("/.well-known"));
        (asked.count() > 1).then_some(())
    })
    .await;
    assert_eq!(company.status_of(&one).await, 200);
    let other = company.scene.agent();
    assert_eq!(other.post(&call("read", "{}")).await.status, 200);
}
