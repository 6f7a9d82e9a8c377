//! Clients that are slow, or that are not there any more, are not waited for
//! without end.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;

use crate::agent::{DEADLINE, call};
use crate::fake::Reply;
use crate::raw::{
    self, PREFACE, PREFACE_BEGUN, head, metric, metric_is, request, sent, until_end, whole,
};
use crate::scene::{Scene, Setting};

/// More than the buffers between the gate and a client take.
const LARGE: usize = 15 << 20;

async fn scene() -> Scene {
    Scene::of(Setting {
        limits: "client_timeout = \"200ms\"".to_owned(),
        ..Setting::default()
    })
    .await
}

fn ended(why: &str) -> String {
    format!("gatewright_connections_ended_total{{why=\"{why}\"}}")
}

#[tokio::test]
async fn a_connection_that_asks_nothing_ends() {
    let scene = scene().await;
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("the beginning of HTTP/2", PREFACE_BEGUN),
        ("HTTP/2 and no request", PREFACE),
        ("half a request line", b"POST /mcp/fi"),
        ("half a head", b"POST /mcp/files HTTP/1.1\r\nHost: x\r\n"),
    ] {
        let silent = metric(&scene, &ended("silent")).await;
        let mut stream = sent(scene.address, bytes).await;
        until_end(&mut stream).await;
        drop(stream);
        metric_is(&scene, &ended("silent"), |now| now > silent).await;
        println!("{what}");
    }
    metric_is(&scene, "gatewright_connections_open", |open| open == 0).await;
}

#[tokio::test]
async fn pings_do_not_keep_a_connection_alive() {
    const PING: &[u8] = b"\0\0\x08\x06\0\0\0\0\0whatever";
    let scene = scene().await;
    let stream = sent(scene.address, PREFACE).await;
    let (mut reads, mut writes) = stream.into_split();
    let reading = async {
        let mut all = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reads, &mut all).await;
    };
    let pinging = async {
        let mut every = tokio::time::interval(Duration::from_millis(10));
        while writes.write_all(PING).await.is_ok() {
            every.tick().await;
        }
    };
    let until = async {
        tokio::select! {
            () = reading => {}
            () = pinging => {}
        }
    };
    let until = tokio::time::timeout(DEADLINE, until).await;
    assert!(until.is_ok(), "it stays open");
    metric_is(&scene, &ended("silent"), |count| count == 1).await;
}

#[tokio::test]
async fn an_idle_connection_ends_and_one_that_waits_for_a_tool_server_does_not() {
    let scene = scene().await;
    let token = scene.agent().token.unwrap();
    let (answer, later) = tokio::sync::oneshot::channel();
    let mut later = Some(later);
    scene.fake.script(move |seen| {
        if seen.body.contains("slow") {
            return Reply::Later(later.take().unwrap());
        }
        Reply::Json(200, crate::fake::echo(seen))
    });
    let (mut slow, waits) = raw::http2(&scene, None).await;
    let waiting = slow.send_request(request(&scene, Some(&token), whole(&call("slow", "{}"))));
    let waiting = tokio::spawn(waiting);
    // Three connections one after the other: the slow call outlives each period.
    for _ in 0..3 {
        let (mut sender, connection) = raw::http2(&scene, None).await;
        let quick = request(&scene, Some(&token), whole(&call("quick", "{}")));
        assert_eq!(sender.send_request(quick).await.unwrap().status(), 200);
        let end = tokio::time::timeout(DEADLINE, connection).await;
        assert!(end.is_ok(), "an idle connection stays open");
    }
    assert!(!waits.is_finished());
    answer
        .send(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_owned())
        .unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().status(), 200);
    metric_is(&scene, &ended("idle"), |count| count >= 3).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_cut() {
    let scene = scene().await;
    scene.fake.script(|seen| {
        let text = "x".repeat(LARGE);
        let result = serde_json::json!({ "content": [{ "type": "text", "text": text }] });
        Reply::Json(200, crate::fake::result(&seen.json()["id"], &result))
    });
    let token = scene.agent().token.unwrap();
    let body = call("read", "{}");
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut http1 = socket.connect(scene.address).await.unwrap();
    let message = head(&scene, Some(&token), body.len()) + &body;
    http1.write_all(message.as_bytes()).await.unwrap();
    metric_is(&scene, &ended("stuck"), |count| count == 1).await;
    let (mut http2, connection) = raw::http2(&scene, Some(1)).await;
    let answer = http2
        .send_request(request(&scene, Some(&token), whole(&body)))
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let end = tokio::time::timeout(DEADLINE, connection).await;
    assert!(end.is_ok(), "a client without a window is waited for");
    drop((answer, http1));
    metric_is(&scene, "gatewright_connections_open", |open| open == 0).await;
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_its_whole_answer() {
    let scene = scene().await;
    scene.fake.script(|seen| {
        let text = "x".repeat(LARGE);
        let result = serde_json::json!({ "content": [{ "type": "text", "text": text }] });
        Reply::Json(200, crate::fake::result(&seen.json()["id"], &result))
    });
    let token = scene.agent().token.unwrap();
    let body = call("read", "{}");
    let mut stream = sent(
        scene.address,
        (head(&scene, Some(&token), body.len()) + &body).as_bytes(),
    )
    .await;
    // Two megabytes every 50 ms: several periods in all.
    let mut piece = vec![0; 2 << 20];
    let mut read = 0;
    let mut every = tokio::time::interval(Duration::from_millis(50));
    let reading = async {
        while read < LARGE {
            every.tick().await;
            match tokio::io::AsyncReadExt::read(&mut stream, &mut piece).await {
                Ok(bytes) if bytes > 0 => read += bytes,
                other => panic!("{other:?} after {read} bytes"),
            }
        }
    };
    tokio::time::timeout(DEADLINE, reading).await.unwrap();
}
