//! Whoever has no credential learns little and costs little.

use gatewright_policy::record::Event;

use crate::agent::{Agent, DEADLINE, call};
use crate::raw::{
    self, MESSAGE_BYTES, PREFACE_BEGUN, crowd, head, metric, metric_is, request, sent, unfinished,
    until_end, whole,
};
use crate::scene::{Scene, Setting};

#[tokio::test]
async fn silent_connections_do_not_keep_agents_out() {
    let crowd = crowd();
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("the beginning of HTTP/2", PREFACE_BEGUN),
        ("the beginning of a head", b"POST /mcp/files HTTP/1.1\r\n"),
    ] {
        let scene = Scene::of(Setting {
            limits: format!("connections_max = {}", crowd - crowd / 14),
            ..Setting::default()
        })
        .await;
        let agent = scene.agent();
        let mut silent = Vec::new();
        for _ in 0..crowd {
            silent.push(sent(scene.address, bytes).await);
        }
        for _ in 0..3 {
            let answer = agent.post(&call("read", "{}")).await;
            assert_eq!(answer.status, 200, "{what}: {answer:?}");
        }
        let open = metric(&scene, "gatewright_connections_open").await;
        assert!(open <= crowd.div_ceil(2) as u64, "{what}: {open} are open");
        let made_room = r#"gatewright_connections_ended_total{why="made_room"}"#;
        assert!(metric(&scene, made_room).await > 0, "{what}");
    }
}

#[tokio::test]
async fn unfinished_bodies_are_refused_unread() {
    let scene = Scene::start().await;
    let mut answers = tokio::task::JoinSet::new();
    let mut connections = Vec::new();
    for _ in 0..4 {
        let (sender, connection) = raw::http2(&scene, None).await;
        for _ in 0..128 {
            let mut sender = sender.clone();
            let request = request(&scene, None, unfinished(MESSAGE_BYTES));
            answers.spawn(async move {
                sender.ready().await.unwrap();
                sender.send_request(request).await.unwrap().status()
            });
        }
        // Without a sender the client would end the connection itself.
        connections.push((sender, connection));
    }
    let answered = async {
        while let Some(status) = answers.join_next().await {
            assert_eq!(status.unwrap(), 401);
        }
    };
    tokio::time::timeout(DEADLINE, answered)
        .await
        .expect("the gate waits for the bodies");
    assert_eq!(metric(&scene, "gatewright_body_bytes").await, 0);
    assert!(connections.iter().all(|(_, open)| !open.is_finished()));
    scene.engine.stop().await;
    let summed = scene.entries().into_iter().map(|entry| match entry.event {
        Event::Refused(many) => many.count,
        _ => 0,
    });
    let own = scene.decisions().len() as u64;
    assert_eq!(own + summed.sum::<u64>(), 4 * 128);
}

#[tokio::test]
async fn a_refusal_arrives_though_nobody_reads_the_body() {
    let scene = Scene::start().await;
    for (what, length, ends) in [
        ("a small body", 1000, false),
        ("a large one", MESSAGE_BYTES, true),
    ] {
        let mut stream = sent(scene.address, head(&scene, None, length).as_bytes()).await;
        let (mut reads, mut writes) = stream.split();
        let body = vec![b' '; length];
        let writing = async {
            // The gate may have enough of it before the end.
            let _ = tokio::io::AsyncWriteExt::write_all(&mut writes, &body).await;
        };
        let mut answer = vec![0; 4096];
        let reading = tokio::io::AsyncReadExt::read(&mut reads, &mut answer);
        let both = async { tokio::join!(writing, reading) };
        let ((), read) = tokio::time::timeout(DEADLINE, both).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read.unwrap()]).into_owned();
        assert!(answer.starts_with("HTTP/1.1 401"), "{what}: {answer}");
        let closes = answer.to_lowercase().contains("connection: close");
        assert_eq!(closes, ends, "{what}: {answer}");
        if ends {
            until_end(&mut stream).await;
        } else {
            let next = head(&scene, None, 0);
            tokio::io::AsyncWriteExt::write_all(&mut stream, next.as_bytes())
                .await
                .unwrap();
            let mut answer = vec![0; 4096];
            let reading = tokio::io::AsyncReadExt::read(&mut stream, &mut answer);
            let read = tokio::time::timeout(DEADLINE, reading).await.unwrap();
            assert!(answer[..read.unwrap()].starts_with(b"HTTP/1.1 401"));
        }
    }
}

#[tokio::test]
async fn a_client_that_asks_first_is_spared_its_body() {
    let scene = Scene::start().await;
    let head = head(&scene, None, MESSAGE_BYTES)
        .replace("Accept: */*\r\n", "Accept: */*\r\nExpect: 100-continue\r\n");
    let mut stream = sent(scene.address, head.as_bytes()).await;
    let answer = until_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}

#[tokio::test]
async fn which_servers_there_are_is_for_those_with_a_credential() {
    let scene = Scene::start().await;
    let stranger = scene.stranger();
    let garbage = Agent {
        token: Some("garbage".to_owned()),
        ..scene.stranger()
    };
    for agent in [&stranger, &garbage] {
        for method in ["POST", "GET", "DELETE"] {
            let mut told = Vec::new();
            for name in ["files", "other"] {
                let path = format!("/mcp/{name}");
                let answer = agent.request(method, &path, "").await;
                let challenge = answer.header("www-authenticate").unwrap();
                let challenge = challenge.replace(name, "<name>");
                let code = answer.code();
                told.push((answer.status, answer.reason(), code, challenge));
            }
            assert_eq!(told[0].0, 401, "{method}");
            assert_eq!(told[0], told[1], "{method}");
        }
    }
    let mut told = Vec::new();
    for name in ["files", "other"] {
        let path = format!("/.well-known/oauth-protected-resource/mcp/{name}");
        let answer = stranger.request("GET", &path, "").await;
        told.push((answer.status, answer.body.replace(name, "<name>")));
    }
    assert_eq!(told[0].0, 200);
    assert_eq!(told[0], told[1]);
    let never = "/.well-known/oauth-protected-resource/mcp/no%20name";
    assert_eq!(stranger.request("GET", never, "").await.status, 404);
    let answer = scene
        .agent()
        .request("POST", "/mcp/other", &call("read", "{}"))
        .await;
    assert_eq!(answer.reason(), "insufficient_scope");
}

#[tokio::test]
async fn a_credential_is_verified_again_when_its_issuers_change() {
    use tokio::io::AsyncWriteExt as _;
    let scene = Scene::start().await;
    let body = call("read", "{}");
    let token = scene.agent().token.unwrap();
    let head = head(&scene, Some(&token), body.len());
    let head = head.replace("Accept: */*\r\n", "Accept: */*\r\nConnection: close\r\n");
    let mut stream = sent(scene.address, head.as_bytes()).await;
    // The headers have been read once a byte of the body is held.
    stream.write_all(&body.as_bytes()[..1]).await.unwrap();
    metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == 1).await;
    let path = scene.folder.path().join("gatewright.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
    let config = config.replace(
        &gatewright_policy::credential::did_key(&crate::scene::key().verifying_key()),
        &gatewright_policy::credential::did_key(&other.verifying_key()),
    );
    std::fs::write(&path, config).unwrap();
    let loaded = gatewright_engine::config::Loaded::read(&path).unwrap();
    scene.engine.activate(&loaded).await.unwrap();
    stream.write_all(&body.as_bytes()[1..]).await.unwrap();
    let answer = until_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(scene.fake.count(), 0);
}

#[tokio::test]
async fn an_unfinished_body_of_a_stranger_takes_no_seat() {
    let scene = Scene::of(Setting {
        limits: "calls_in_flight_max = 1".to_owned(),
        ..Setting::default()
    })
    .await;
    let (mut sender, _connection) = raw::http2(&scene, None).await;
    let stranger = request(&scene, None, unfinished(1000));
    assert_eq!(sender.send_request(stranger).await.unwrap().status(), 401);
    let token = scene.agent().token.unwrap();
    let agent = request(&scene, Some(&token), whole(&call("read", "{}")));
    assert_eq!(sender.send_request(agent).await.unwrap().status(), 200);
}
