//! A client that only starts programs, connected to a gate over HTTP.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use gatewright_gateway::connect::{Connection, run};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines};
use tokio::task::JoinHandle;

use crate::agent::{DEADLINE, call};
use crate::fake::{Reply, echo, event, result};
use crate::scene::{Scene, Setting};

/// A client and what it is connected by.
struct Client {
    says: Option<DuplexStream>,
    hears: Lines<BufReader<DuplexStream>>,
    running: JoinHandle<()>,
}

impl Client {
    fn of(scene: &Scene, credential: PathBuf, renew: Option<PathBuf>) -> Self {
        let (says, input) = tokio::io::duplex(1 << 16);
        let (output, hears) = tokio::io::duplex(1 << 16);
        let connection = Connection {
            endpoint: format!("http://{}/mcp/files", scene.address),
            credential,
            renew,
        };
        let running = async {
            run(connection, (input, output), std::future::pending())
                .await
                .unwrap();
        };
        Self {
            says: Some(says),
            hears: BufReader::new(hears).lines(),
            running: tokio::spawn(running),
        }
    }

    async fn say(&mut self, line: &str) {
        let says = self.says.as_mut().unwrap();
        says.write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
    }

    async fn hear(&mut self) -> Value {
        let line = tokio::time::timeout(DEADLINE, self.hears.next_line());
        let line = line.await.expect("nothing is said").unwrap().unwrap();
        serde_json::from_str(&line).unwrap()
    }

    async fn ask(&mut self, line: &str) -> Value {
        self.say(line).await;
        self.hear().await
    }

    async fn goes(mut self) {
        drop(self.says.take());
        let ended = tokio::time::timeout(DEADLINE, self.running).await;
        ended.expect("it does not end").unwrap();
    }
}

/// A file with a credential for everything.
fn credential(scene: &Scene, agent: &str, life: Duration) -> PathBuf {
    let path = scene.folder.path().join("credential");
    fs::write(&path, scene.token(agent, &["files:*"], life) + "\n").unwrap();
    path
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn a_client_speaks_to_a_gate_and_its_session_ends_with_it() {
    let scene = Scene::start().await;
    scene.fake.script(|seen| {
        let message = seen.json();
        let id = &message["id"];
        match (seen.method.as_str(), message["method"].as_str()) {
            ("DELETE", _) => Reply::Json(200, String::new()),
            ("GET", _) => Reply::Json(405, String::new()),
            (_, Some("initialize")) => Reply::Full(
                200,
                vec![("mcp-session-id", "one".to_owned())],
                result(id, &json!({ "protocolVersion": "2025-11-25" })),
            ),
            (_, Some("tools/call")) => {
                let note = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": 1}});
                Reply::Events(vec![event(&note.to_string()), event(&echo(seen))])
            }
            _other => Reply::Json(202, String::new()),
        }
    });
    let path = credential(&scene, "did:example:agent", HOUR);
    let mut client = Client::of(&scene, path, None);
    let opened = client.ask(crate::sessions::INITIALIZE).await;
    assert_eq!(opened["result"]["protocolVersion"], "2025-11-25");
    client
        .say(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#)
        .await;
    let note = client.ask(&call("read", r#"{"a":1}"#)).await;
    assert_eq!(note["method"], "notifications/message");
    let answer = client.hear().await;
    assert_eq!(answer["result"]["echo"]["arguments"], json!({"a": 1}));
    client.goes().await;
    let seen = scene.fake.seen();
    let last = seen.last().unwrap();
    assert_eq!(
        (last.method.as_str(), last.header("mcp-session-id")),
        ("DELETE", Some("one"))
    );
    let called = seen
        .iter()
        .find(|seen| seen.json()["method"] == "tools/call");
    assert_eq!(
        called.unwrap().header("mcp-protocol-version"),
        Some("2025-11-25")
    );
}

#[tokio::test]
async fn a_modern_client_gets_the_headers_that_mirror_its_messages() {
    let scene = Scene::start().await;
    let path = credential(&scene, "did:example:agent", HOUR);
    let mut client = Client::of(&scene, path, None);
    let (_, body) = crate::agent::modern(
        &scene.agent(),
        "tools/call",
        r#"{"name":"read","arguments":{}}"#,
    );
    let answer = client.ask(&body).await;
    assert!(answer["result"].is_object(), "{answer}");
    assert_eq!(scene.fake.last().header("mcp-name"), Some("read"));
    client.goes().await;
}

#[tokio::test]
async fn a_refused_credential_is_named_to_the_client_and_read_again() {
    let scene = Scene::start().await;
    let path = scene.folder.path().join("credential");
    let mut client = Client::of(&scene, path.clone(), None);
    let missing = client.ask(&call("read", "{}")).await;
    let told = missing["error"]["message"].as_str().unwrap();
    assert!(told.contains("credential` cannot be read"), "{told}");
    assert_eq!(missing["id"], 1);
    for bad in ["", "two words\n", "a\nb\n"] {
        fs::write(&path, bad).unwrap();
        let answer = client.ask(&call("read", "{}")).await;
        let told = answer["error"]["message"].as_str().unwrap();
        assert!(told.contains("holds no credential"), "{told}");
    }
    fs::write(&path, "nonsense").unwrap();
    let refused = client.ask(&call("read", "{}")).await;
    let told = refused["error"]["message"].as_str().unwrap();
    assert!(
        told.contains("the gate refuses the credential in `"),
        "{told}"
    );
    assert!(!told.contains("nonsense"), "{told}");
    credential(&scene, "did:example:agent", HOUR);
    let answer = client.ask(&call("read", "{}")).await;
    assert!(answer["result"].is_object(), "{answer}");
    client.goes().await;
}

#[tokio::test]
async fn a_credential_is_renewed_before_it_ends() {
    let scene = Scene::start().await;
    let path = credential(&scene, "did:example:old", Duration::from_secs(60));
    let fresh = scene.folder.path().join("fresh");
    fs::write(&fresh, scene.token("did:example:new", &["files:*"], HOUR)).unwrap();
    let program = scene.folder.path().join("renew.sh");
    fs::write(
        &program,
        format!("#!/bin/sh\ncp {} \"$1\"\n", fresh.display()),
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let mut client = Client::of(&scene, path, Some(program));
    let answer = client.ask(&call("read", "{}")).await;
    assert!(answer["result"].is_object(), "{answer}");
    let decided = scene.decisions();
    assert_eq!(decided[0].caller.as_ref().unwrap().agent, "did:example:new");
    client.goes().await;
}

#[tokio::test]
async fn a_credential_goes_nowhere_in_the_clear() {
    let scene = Scene::of(Setting::default()).await;
    for endpoint in [
        "http://gate.example/mcp/files",
        "ftp://a/b",
        "files",
        "http://localhost.example/mcp/a",
    ] {
        let connection = Connection {
            endpoint: endpoint.to_owned(),
            credential: scene.folder.path().join("credential"),
            renew: None,
        };
        let ran = run(
            connection,
            (&b""[..], tokio::io::sink()),
            std::future::pending(),
        )
        .await;
        let error = ran.unwrap_err().to_string();
        assert!(error.contains("is no endpoint of a gate"), "{error}");
    }
}
