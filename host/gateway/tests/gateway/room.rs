//! There is room for so many connections, calls and bytes; what is beyond it is
//! refused at once, and room that is given back is used again.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use gatewright_policy::request::PastOutcome;

use crate::agent::{Agent, DEADLINE, call};
use crate::fake::{Reply, event, result};
use crate::raw::{from, head, metric_is, sent, until_end};
use crate::scene::{Scene, Setting};

const OVERLOADED: (&str, &str) = ("HTTP/1.1 503", "overloaded");

async fn with(limits: &str) -> Scene {
    Scene::of(Setting {
        limits: limits.to_owned(),
        ..Setting::default()
    })
    .await
}

/// What comes first.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(DEADLINE, stream.read(&mut answer));
    let read = read.await.expect("no answer").unwrap_or_default();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

#[tokio::test]
async fn the_sum_of_all_bodies_is_bounded() {
    let scene = with("body_bytes_max = \"48KiB\"\nbodies_bytes_max = \"64KiB\"").await;
    let token = scene.agent().token.unwrap();
    let half = vec![b' '; 40 << 10];
    let head = head(&scene, Some(&token), half.len() + 1);
    let begun = [head.as_bytes(), &half].concat();
    let mut first = sent(scene.address, &begun).await;
    let held = half.len() as u64;
    metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == held).await;
    let mut second = sent(scene.address, &begun).await;
    let refused = answer(&mut second).await;
    let (status, reason) = OVERLOADED;
    assert!(
        refused.starts_with(status) && refused.contains(reason),
        "{refused}"
    );
    let small = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(small.status, 200, "what fits is served: {small:?}");
    first.write_all(b"x").await.unwrap();
    assert!(answer(&mut first).await.starts_with("HTTP/1.1 400"));
    metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == 0).await;
    let third = sent(scene.address, &begun).await;
    metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == held).await;
    drop(third);
    metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == 0).await;
}

#[tokio::test]
async fn an_agent_with_large_messages_leaves_memory_for_those_of_others() {
    let scene = with("body_bytes_max = \"32KiB\"\nbodies_bytes_max = \"96KiB\"").await;
    let token = scene.agent().token.unwrap();
    let most = vec![b' '; 31 << 10];
    let head = head(&scene, Some(&token), most.len() + 1);
    let begun = [head.as_bytes(), &most].concat();
    let _first = sent(scene.address, &begun).await;
    let held = most.len() as u64;
    metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == held).await;
    let mut further = Vec::new();
    for _ in 0..2 {
        further.push(sent(scene.address, &begun).await);
    }
    let other = scene.agent_named("did:example:other", &["files:*"]);
    let large = format!("{{{}}}", " ".repeat(20 << 10));
    for stream in &mut further {
        let refused = answer(stream).await;
        let (status, reason) = OVERLOADED;
        assert!(
            refused.starts_with(status) && refused.contains(reason),
            "{refused}"
        );
    }
    let served = other.post(&call("read", &large)).await;
    assert_eq!(served.status, 200, "{served:?}");
}

/// Longer than what a connection takes that nobody reads from.
const LONG: usize = 12 << 20;

#[tokio::test]
async fn answers_that_nobody_reads_are_bounded_and_leave_room_for_those_of_others() {
    for is_streamed in [false, true] {
        let scene = with(
            "result_bytes_max = \"13MiB\"\nanswers_bytes_max = \"30MiB\"\nagent_share = \"45%\"",
        )
        .await;
        scene.fake.script(move |seen| {
            let json = seen.json();
            let is_long = json["params"]["arguments"]["long"] == true;
            let text = "x".repeat(if is_long { LONG } else { 1 });
            let answer = result(&json["id"], &serde_json::json!({ "text": text }));
            match is_streamed {
                true => Reply::Events(vec![event(&answer)]),
                false => Reply::Json(200, answer),
            }
        });
        let long = call("read", "{\"long\":true}");
        let unread = |agent: &Agent| {
            let head = head(&scene, agent.token.as_deref(), long.len());
            [head.as_bytes(), long.as_bytes()].concat()
        };
        let (agent, other) = (
            scene.agent(),
            scene.agent_named("did:example:other", &["files:*"]),
        );
        let first = sent(scene.address, &unread(&agent)).await;
        let held = LONG as u64;
        metric_is(&scene, "gatewright_answer_bytes", |bytes| bytes > held).await;
        metric_is(&scene, "gatewright_calls_in_flight", |calls| calls == 0).await;
        // The tool was called, and what it answered is recorded; but it is not kept.
        let refused = agent.post(&long).await;
        assert_eq!(refused.status, 200);
        assert!(
            refused.body.contains("overloaded"),
            "{}",
            refused.body.len()
        );
        let small = agent.post(&call("read", "{}")).await;
        assert!(small.body.contains("\"x\""), "{}", small.body);
        let second = sent(scene.address, &unread(&other)).await;
        metric_is(&scene, "gatewright_answer_bytes", |bytes| bytes > 2 * held).await;
        let outcomes = scene.completed(4).await;
        assert!(outcomes.iter().all(|it| it.outcome == PastOutcome::Allowed));
        drop((first, second));
        metric_is(&scene, "gatewright_answer_bytes", |bytes| bytes == 0).await;
    }
}

#[tokio::test]
async fn a_call_has_its_seat_before_its_body_is_read() {
    let scene = with("calls_in_flight_max = 1").await;
    let token = scene.agent().token.unwrap();
    let mut first = sent(
        scene.address,
        (head(&scene, Some(&token), 1000) + "{").as_bytes(),
    )
    .await;
    metric_is(&scene, "gatewright_calls_in_flight", |calls| calls == 1).await;
    let head = head(&scene, Some(&token), 1000);
    let mut second = sent(scene.address, head.as_bytes()).await;
    let refused = answer(&mut second).await;
    let (status, reason) = OVERLOADED;
    assert!(
        refused.starts_with(status) && refused.contains(reason),
        "{refused}"
    );
    first.shutdown().await.unwrap();
    until_end(&mut first).await;
    metric_is(&scene, "gatewright_calls_in_flight", |calls| calls == 0).await;
    assert_eq!(scene.agent().post(&call("read", "{}")).await.status, 200);
}

#[tokio::test]
async fn small_pieces_of_a_body_cost_no_more_than_their_bytes() {
    let scene = with("").await;
    let token = scene.agent().token.unwrap();
    let body = call("read", r#"{"path":"/a/b/c"}"#);
    let mut stream = sent(
        scene.address,
        head(&scene, Some(&token), body.len()).as_bytes(),
    )
    .await;
    stream.set_nodelay(true).unwrap();
    for (index, byte) in body.bytes().enumerate() {
        stream.write_all(&[byte]).await.unwrap();
        if index % 16 == 0 && index + 1 < body.len() {
            let sent = index as u64 + 1;
            metric_is(&scene, "gatewright_body_bytes", |bytes| bytes == sent).await;
        }
    }
    let whole = answer(&mut stream).await;
    assert!(whole.starts_with("HTTP/1.1 200"), "{whole}");
    assert_eq!(scene.fake.last().body, body);
}

// Other systems have one loopback address only.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_peer_does_not_take_every_connection() {
    let scene = with("connections_max = 6\nconnections_per_peer_max = 2").await;
    scene.fake.script(|seen| match seen.body.contains("slow") {
        true => Reply::Hang,
        false => Reply::Json(200, crate::fake::echo(seen)),
    });
    let token = scene.agent().token.unwrap();
    let message = |tool: &str| {
        let body = call(tool, "{}");
        head(&scene, Some(&token), body.len()) + &body
    };
    let mut busy = Vec::new();
    for calls in 1..=2 {
        busy.push(sent(scene.address, message("slow").as_bytes()).await);
        metric_is(&scene, "gatewright_calls_in_flight", |now| now == calls).await;
    }
    let mut third = sent(scene.address, b"").await;
    assert_eq!(until_end(&mut third).await, "", "beyond its share");
    let refused = r#"gatewright_connections_ended_total{why="peer_share"}"#;
    metric_is(&scene, refused, |count| count == 1).await;
    let mut other = from("127.0.0.2", scene.address).await;
    other.write_all(message("quick").as_bytes()).await.unwrap();
    let served = answer(&mut other).await;
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
}

#[tokio::test]
async fn a_connection_with_a_call_under_way_never_makes_room() {
    let scene = with("connections_max = 2\nconnections_per_peer_max = 2").await;
    let (reply, later) = tokio::sync::oneshot::channel();
    let mut later = Some(later);
    scene
        .fake
        .script(move |seen| match seen.body.contains("slow") {
            true => Reply::Later(later.take().unwrap()),
            false => Reply::Json(200, crate::fake::echo(seen)),
        });
    let agent = scene.agent();
    let slow = tokio::spawn(async move { agent.post(&call("slow", "{}")).await });
    metric_is(&scene, "gatewright_calls_in_flight", |calls| calls == 1).await;
    for _ in 0..20 {
        // The one that came before it makes room for it.
        let _silent = sent(scene.address, b"").await;
        assert_eq!(scene.agent().post(&call("quick", "{}")).await.status, 200);
    }
    reply
        .send(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#.to_owned())
        .unwrap();
    assert_eq!(slow.await.unwrap().status, 200);
}
