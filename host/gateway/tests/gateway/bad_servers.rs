//! What a tool server does wrong, and what the agent gets: a clear error, in
//! time, and a gate that lives on.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::agent::call;
use crate::fake::{Fake, Reply, event};
use crate::scene::{Scene, Setting};

fn quick() -> Setting {
    Setting {
        limits: "result_bytes_max = 1000".to_owned(),
        server: "timeout = \"300ms\"".to_owned(),
        ..Setting::default()
    }
}

const RESULT: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#;

#[tokio::test]
async fn unusable_answers_become_clear_errors() {
    let scene = Scene::with(Fake::start().await, quick()).await;
    let agent = scene.agent();
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"text":"{}"}}}}"#,
        "x".repeat(1000)
    );
    let html = || vec![("content-type", "text/html".to_owned())];
    let mut count = 0;
    for (what, reply, reason) in [
        (
            "garbage",
            Reply::Json(200, "garbage".to_owned()),
            "upstream_invalid",
        ),
        (
            "duplicate members",
            Reply::Json(
                200,
                r#"{"jsonrpc":"2.0","id":1,"result":{},"result":{}}"#.to_owned(),
            ),
            "upstream_invalid",
        ),
        (
            "another id",
            Reply::Json(200, RESULT.replace("\"id\":1", "\"id\":2")),
            "upstream_invalid",
        ),
        (
            "a request",
            Reply::Json(
                200,
                r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#.to_owned(),
            ),
            "upstream_invalid",
        ),
        (
            "a batch",
            Reply::Json(200, format!("[{RESULT}]")),
            "upstream_invalid",
        ),
        (
            "nothing",
            Reply::Json(200, String::new()),
            "upstream_invalid",
        ),
        (
            "accepted, no answer",
            Reply::Json(202, String::new()),
            "upstream_invalid",
        ),
        (
            "a page",
            Reply::Full(200, html(), "<p>".to_owned()),
            "upstream_invalid",
        ),
        (
            "too long",
            Reply::Json(200, long.clone()),
            "result_too_large",
        ),
        (
            "an error page",
            Reply::Full(500, html(), "<p>".to_owned()),
            "upstream_unavailable",
        ),
        (
            "its own 401",
            Reply::Json(401, "{}".to_owned()),
            "upstream_unavailable",
        ),
        (
            "a redirect",
            Reply::Full(
                307,
                vec![("location", "http://evil.example/".to_owned())],
                String::new(),
            ),
            "upstream_unavailable",
        ),
        ("hangs", Reply::Hang, "upstream_timeout"),
        (
            "stream: garbage",
            Reply::Events(vec![event("garbage")]),
            "upstream_invalid",
        ),
        (
            "stream: another id",
            Reply::Events(vec![event(&RESULT.replace("\"id\":1", "\"id\":2"))]),
            "upstream_invalid",
        ),
        (
            "stream: ends",
            Reply::Events(vec![": hello\n\n".to_owned()]),
            "upstream_unavailable",
        ),
        (
            "stream: too long",
            Reply::Events(vec![event(&long)]),
            "result_too_large",
        ),
        (
            "stream: endless line",
            Reply::Events(vec!["data: ".to_owned(), "x".repeat(2000)]),
            "result_too_large",
        ),
    ] {
        let mut reply = Some(reply);
        scene
            .fake
            .script(move |_| reply.take().expect("asked twice"));
        let answer = agent.post(&call("read", "{}")).await;
        let is_stream = answer.header("content-type") == Some("text/event-stream");
        let message = if is_stream {
            answer.events().pop().unwrap()
        } else {
            answer.json()
        };
        let told = message
            .pointer("/error/data/reason")
            .or_else(|| message.pointer("/result/_meta/gatewright~1reason"));
        assert_eq!(
            told.and_then(|told| told.as_str()),
            Some(reason),
            "{what}: {}",
            answer.body
        );
        assert_eq!(
            (answer.status, message["id"].as_i64()),
            (200, Some(1)),
            "{what}"
        );
        count += 1;
        let completed = scene.completed(count).await.pop().unwrap();
        assert_eq!(completed.reason.unwrap().code(), reason, "{what}");
    }
    scene.fake.script(|_| Reply::Json(200, RESULT.to_owned()));
    assert_eq!(agent.post(&call("read", "{}")).await.body, RESULT);
}

#[tokio::test]
async fn a_stream_that_only_keeps_alive_is_not_an_answer() {
    let scene = Scene::with(Fake::start().await, quick()).await;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    let mut receiver = Some(receiver);
    scene
        .fake
        .script(move |_| Reply::Live(receiver.take().unwrap()));
    let comments = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(20));
        while sender.send(": still here\n\n".to_owned()).await.is_ok() {
            ticks.tick().await;
        }
    });
    let answer = scene.agent().post(&call("read", "{}")).await;
    let last = answer.events().pop().unwrap();
    assert_eq!(last["error"]["data"]["reason"], "upstream_timeout");
    comments.await.unwrap();
}

#[tokio::test]
async fn a_gigabyte_is_not_read_to_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
        let mut written = 0_usize;
        while written < 1 << 30 && stream.write_all(chunk.as_bytes()).await.is_ok() {
            written += chunk.len();
        }
        written
    });
    let scene = Scene::at(&url, Fake::start().await, quick()).await;
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "result_too_large");
    let written = tokio::time::timeout(crate::agent::DEADLINE, server)
        .await
        .unwrap()
        .unwrap();
    assert!(written < 64 << 20, "{written} bytes were taken");
}

#[tokio::test]
async fn an_answer_in_pieces_of_a_byte_is_whole() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut answer = head.to_owned();
        for byte in RESULT.chars() {
            answer.push_str("1\r\n");
            answer.push(byte);
            answer.push_str("\r\n");
        }
        answer.push_str("0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream
    });
    let scene = Scene::at(&url, Fake::start().await, quick()).await;
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(
        answer.json(),
        serde_json::from_str::<serde_json::Value>(RESULT).unwrap()
    );
    drop(server.await.unwrap());
}

#[tokio::test]
async fn a_server_that_is_not_there_or_dies_is_named_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let url = format!("http://{address}/mcp");
    let scene = Scene::at(&url, Fake::start().await, quick()).await;
    let dies = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let _ = stream.read(&mut request).await.unwrap();
    });
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "upstream_unavailable");
    dies.await.unwrap();
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "upstream_unavailable");
    assert!(
        !answer.body.contains(&address.to_string()),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn a_client_error_of_the_server_keeps_its_status_so_that_clients_fall_back() {
    let scene = Scene::with(Fake::start().await, quick()).await;
    let (agent, body) = crate::agent::modern(&scene.agent(), "tools/list", "{}");
    scene.fake.script(|_| Reply::Json(400, String::new()));
    let answer = agent.post(&body).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (400, "upstream_invalid")
    );
    let error = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"no","data":{"supported":["2025-11-25"]}}}"#;
    scene
        .fake
        .script(move |_| Reply::Json(400, error.to_owned()));
    let answer = agent.post(&body).await;
    assert_eq!((answer.status, answer.body.as_str()), (400, error));
}
