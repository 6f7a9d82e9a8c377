//! What the gate shows to tool servers: from a program, from an authorization server for
//! itself, and from one for whoever calls. It fails closed, asks once for many, and shows
//! nothing of it to anybody else.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatewright_policy::credential::did_key;
use serde_json::json;
use tempfile::TempDir;

use crate::agent::call;
use crate::fake::{Fake, Reply, Seen, echo};
use crate::scene::{Scene, Setting, key};

const CLIENT_SECRET: &str = "client-correct-horse";

/// What a form says.
fn field(seen: &Seen, name: &str) -> Option<String> {
    seen.body.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| value.replace("%3A", ":").replace("%2F", "/"))
    })
}

/// An authorization server that gives `token-1`, `token-2` and so on, for so many seconds.
async fn authority(seconds: u64) -> Fake {
    let given = AtomicUsize::new(0);
    Fake::with(move |seen| {
        let number = given.fetch_add(1, Ordering::SeqCst) + 1;
        let mut answer = json!({
            "access_token": format!("token-{number}"),
            "token_type": "Bearer",
            "expires_in": seconds,
        });
        if field(seen, "subject_token").is_some() {
            answer["issued_token_type"] = json!("urn:ietf:params:oauth:token-type:access_token");
        }
        Reply::Json(200, answer.to_string())
    })
    .await
}

/// A gate that is a client of an authorization server, and the file with its secret.
struct Client(Scene, TempDir);

impl Deref for Client {
    type Target = Scene;

    fn deref(&self) -> &Scene {
        &self.0
    }
}

/// A gate that gets what it shows from an authorization server.
async fn scene(authority: &Fake, more: &str) -> Client {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("client-secret");
    std::fs::write(&secret, format!("{CLIENT_SECRET}\n")).unwrap();
    let server = format!(
        "[server.credential.oauth]\ntoken_url = \"http://{}/token\"\nclient_id = \"gate\"\n\
         client_secret_file = {secret:?}\n{more}\n",
        authority.address
    );
    let setting = Setting {
        server,
        ..Setting::default()
    };
    Client(Scene::of(setting).await, folder)
}

/// For callers with credentials of the issuer of the tests.
fn exchanging(more: &str) -> String {
    let issuer = did_key(&key().verifying_key());
    format!("grant = \"token-exchange\"\nsubject_issuers = [\"{issuer}\"]\n{more}")
}

fn shown(scene: &Scene) -> Vec<String> {
    let seen = scene.fake.seen();
    let header = |seen: &Seen| seen.header("authorization").unwrap_or_default().to_owned();
    seen.iter().map(header).collect()
}

/// Neither in the record nor in what an agent or an operator is told.
async fn tells_nothing(scene: &Scene, answers: &[String]) {
    let ledger = scene.folder.path().join("state/audit.jsonl");
    let mut texts = vec![std::fs::read_to_string(ledger).unwrap()];
    for path in ["/metrics", "/status"] {
        texts.push(scene.operator().request("GET", path, "").await.body);
    }
    for text in texts.iter().chain(answers) {
        for secret in [CLIENT_SECRET, "token-", "s3cret", "eyJ"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[tokio::test]
async fn a_program_prints_the_credential_and_is_run_once_for_many() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("runs");
    let script = folder.path().join("script");
    let printed = r#"{"token":"s3cret","expires_in":600}"#;
    let text = format!("echo run >> {runs:?}; sleep 0.2; echo '{printed}'");
    std::fs::write(&script, text).unwrap();
    let command = format!("command = [\"sh\", {script:?}]");
    let setting = Setting {
        server: format!("credential = {{ {command}, scheme = \"Token\", header = \"x-key\" }}"),
        ..Setting::default()
    };
    let scene = Arc::new(Scene::of(setting).await);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let agent = scene.agent();
        calls.spawn(async move { agent.post(&call("read", "{}")).await.status });
    }
    assert!(calls.join_all().await.iter().all(|status| *status == 200));
    assert_eq!(scene.fake.last().header("x-key"), Some("Token s3cret"));
    assert_eq!(std::fs::read_to_string(&runs).unwrap(), "run\n");
    tells_nothing(&scene, &[]).await;
}

#[tokio::test]
async fn a_program_that_fails_lets_nothing_through() {
    for script in ["echo s3cret; exit 1", "true", "printf 'a\\\\nb'"] {
        let setting = Setting {
            server: format!("credential = {{ command = [\"sh\", \"-c\", \"{script}\"] }}"),
            ..Setting::default()
        };
        let scene = Scene::of(setting).await;
        let answer = scene.agent().post(&call("read", "{}")).await;
        assert_eq!(answer.reason(), "upstream_unavailable", "{script}");
        assert_eq!(scene.fake.count(), 0, "{script}");
        tells_nothing(&scene, &[answer.body]).await;
    }
}

#[tokio::test]
async fn the_gate_gets_a_token_of_its_own_once_and_shows_it_to_the_tool_server_alone() {
    let authority = authority(600).await;
    let more = "scopes = [\"tickets.read\"]\nresource = \"https://tickets.example/mcp\"";
    let scene = Arc::new(scene(&authority, more).await);
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..8 {
        let agent = scene.agent_named(&format!("did:example:{number}"), &["files:*"]);
        calls.spawn(async move { agent.post(&call("read", "{}")).await });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(
        shown(&scene)
            .iter()
            .all(|header| header == "Bearer token-1")
    );
    assert_eq!(authority.count(), 1);
    let asked = authority.last();
    assert_eq!(asked.path, "/token");
    for (name, expected) in [
        ("grant_type", "client_credentials"),
        ("scope", "tickets.read"),
        ("resource", "https://tickets.example/mcp"),
    ] {
        assert_eq!(field(&asked, name).as_deref(), Some(expected));
    }
    assert_eq!(field(&asked, "client_secret"), None);
    assert!(asked.header("authorization").unwrap().starts_with("Basic "));
    let bodies: Vec<_> = answers.into_iter().map(|answer| answer.body).collect();
    tells_nothing(&scene, &bodies).await;
}

#[tokio::test]
async fn a_token_that_the_tool_server_refuses_is_renewed_once() {
    let authority = authority(600).await;
    let scene = scene(&authority, "client_auth = \"post\"").await;
    let agent = scene.agent();
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    // The tool server wants nothing of the first token any more.
    scene
        .fake
        .script(|seen| match seen.header("authorization") {
            Some("Bearer token-1") => Reply::Json(401, String::new()),
            Some(_) | None => Reply::Json(200, echo(seen)),
        });
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    assert_eq!(
        shown(&scene),
        ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    );
    assert_eq!(authority.count(), 2);
    let secret = field(&authority.last(), "client_secret");
    assert_eq!(secret.as_deref(), Some(CLIENT_SECRET));
    // One that refuses everything does not make the gate ask without end.
    scene.fake.script(|_| Reply::Json(401, String::new()));
    for _ in 0..3 {
        let answer = agent.post(&call("read", "{}")).await;
        assert_eq!(answer.reason(), "upstream_unavailable");
        assert_eq!(answer.header("www-authenticate"), None);
        tells_nothing(&scene, &[answer.body]).await;
    }
    assert_eq!(authority.count(), 2);
    assert_eq!(
        scene.fake.count(),
        6,
        "nothing is sent twice with one token"
    );
}

#[tokio::test]
async fn a_file_that_changed_unseen_is_read_again_when_the_tool_server_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "first").unwrap();
    let stamp = std::fs::metadata(&file).unwrap().modified().unwrap();
    let setting = Setting {
        server: format!("credential = {{ file = {file:?} }}"),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    let agent = scene.agent();
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    scene
        .fake
        .script(|seen| match seen.header("authorization") {
            Some("Bearer other") => Reply::Json(200, echo(seen)),
            Some(_) | None => Reply::Json(401, String::new()),
        });
    // As long, and as old as the first one.
    std::fs::write(&file, "other").unwrap();
    let opened = std::fs::File::options().write(true).open(&file).unwrap();
    opened.set_modified(stamp).unwrap();
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    assert_eq!(
        shown(&scene),
        ["Bearer first", "Bearer first", "Bearer other"]
    );
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends_while_no_call_waits() {
    let authority = authority(2).await;
    let scene = scene(&authority, "").await;
    let agent = scene.agent();
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    // Whoever asks for a second token waits for ever.
    authority.script(|_| Reply::Hang);
    let replaced = async {
        while authority.count() < 2 {
            assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::agent::DEADLINE, replaced)
        .await
        .unwrap();
    assert!(
        shown(&scene)
            .iter()
            .all(|header| header == "Bearer token-1")
    );
}

#[tokio::test]
async fn an_authority_that_fails_lets_nothing_through_and_is_not_asked_without_end() {
    for (what, status, body) in [
        (
            "refuses",
            401,
            r#"{"error":"invalid_client","error_description":"s3cret"}"#,
        ),
        ("is broken", 500, "s3cret"),
        ("gives no token", 200, "{}"),
        ("gives a page", 200, "<html>s3cret</html>"),
        ("sends on", 302, ""),
    ] {
        let authority = Fake::with(move |_| Reply::Json(status, body.to_owned())).await;
        let scene = scene(&authority, "").await;
        let agent = scene.agent();
        for _ in 0..10 {
            let answer = agent.post(&call("read", "{}")).await;
            assert_eq!(answer.reason(), "upstream_unavailable", "{what}");
            tells_nothing(&scene, &[answer.body]).await;
        }
        assert_eq!(scene.fake.count(), 0, "{what}");
        assert!(authority.count() <= 3, "{what}: {}", authority.count());
    }
}

#[tokio::test]
async fn each_caller_has_a_token_of_its_own_that_is_got_once() {
    let authority = authority(600).await;
    let scene = scene(&authority, &exchanging("subject_token = \"jwt\"")).await;
    let one = scene.agent_named("did:example:one", &["files:*"]);
    let other = scene.agent_named("did:example:other", &["files:*"]);
    // The same agent, less of it.
    let narrow = scene.agent_named("did:example:one", &["files:read"]);
    for agent in [&one, &other, &narrow, &one, &other, &narrow] {
        assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    }
    let tokens = ["Bearer token-1", "Bearer token-2", "Bearer token-3"];
    assert_eq!(shown(&scene), [tokens, tokens].concat());
    let asked = authority.seen();
    assert_eq!(asked.len(), 3);
    for (asked, agent) in asked.iter().zip([&one, &other, &narrow]) {
        assert_eq!(field(asked, "subject_token"), agent.token);
        let kind = field(asked, "subject_token_type");
        assert_eq!(
            kind.as_deref(),
            Some("urn:ietf:params:oauth:token-type:jwt")
        );
        let grant = field(asked, "grant_type");
        let expected = "urn:ietf:params:oauth:grant-type:token-exchange";
        assert_eq!(grant.as_deref(), Some(expected));
    }
    // What an agent showed goes to the authorization server and not to the tool server.
    let seen = scene.fake.seen();
    let token = one.token.as_deref().unwrap();
    assert!(seen.iter().all(|seen| !seen.body.contains(token)));
    tells_nothing(&scene, &[]).await;
}

#[tokio::test]
async fn nothing_is_exchanged_for_a_caller_that_is_refused_or_not_known() {
    let authority = authority(600).await;
    let scene = scene(&authority, &exchanging("")).await;
    let narrow = scene.agent_named("did:example:one", &["files:read"]);
    assert_eq!(
        narrow.post(&call("write", "{}")).await.reason(),
        "insufficient_scope"
    );
    assert_eq!(scene.stranger().post(&call("read", "{}")).await.status, 401);
    assert_eq!(authority.count(), 0);
    // One that the authorization server does not know stays outside, and keeps nobody else there.
    authority.script(|seen: &Seen| {
        let known = field(seen, "subject_token").is_some_and(|token| token.len() % 2 == 0);
        let answer = json!({
            "access_token": "token-x", "token_type": "Bearer", "expires_in": 600,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        });
        match known {
            true => Reply::Json(200, answer.to_string()),
            false => Reply::Json(400, r#"{"error":"invalid_grant"}"#.to_owned()),
        }
    });
    let (mut passed, mut refused) = (0, 0);
    for name in ["a", "ab", "abc", "abcd", "abcde", "abcdef"] {
        let agent = scene.agent_named(&format!("did:example:{name}"), &["files:*"]);
        let is_known = agent.token.as_ref().unwrap().len() % 2 == 0;
        let answer = agent.post(&call("read", "{}")).await;
        match is_known {
            true => assert_eq!(answer.status, 200),
            false => assert_eq!(answer.reason(), "upstream_unavailable"),
        }
        passed += usize::from(is_known);
        refused += usize::from(!is_known);
    }
    assert!(passed > 0 && refused > 0, "{passed} {refused}");
}

/// Whoever sees a credential could use it at the gate.
#[tokio::test]
async fn nobody_is_shown_credentials_of_issuers_that_are_not_named() {
    let authority = authority(600).await;
    let more = "grant = \"token-exchange\"\nsubject_issuers = [\"https://idp.example\"]";
    let scene = scene(&authority, more).await;
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "upstream_unavailable");
    assert_eq!((authority.count(), scene.fake.count()), (0, 0));
}

/// A token that was got for a credential is not used after that credential has ended.
#[tokio::test]
async fn a_token_does_not_outlive_what_it_was_got_for() {
    let authority = authority(3600).await;
    let scene = scene(&authority, &exchanging("")).await;
    let mut agent = scene.agent();
    agent.token = Some(scene.token("did:example:brief", &["files:*"], Duration::from_secs(3)));
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    // It is got anew while the credential still counts: what is left is a fifth.
    let renewed = async {
        while authority.count() < 2 {
            agent.post(&call("read", "{}")).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::agent::DEADLINE, renewed)
        .await
        .unwrap();
}
