//! Answers that are compressed, or say so.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::agent::call;
use crate::fake::{Reply, event};
use crate::scene::{Scene, Setting};

#[tokio::test]
async fn what_is_not_compressed_may_say_so_and_a_mark_is_passed_over() {
    let scene = Scene::start().await;
    let text = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#;
    for (encoding, body, reason) in [
        ("identity", text.to_owned(), None),
        ("identity", format!("\u{feff}{text}"), None),
        ("gzip", text.to_owned(), Some("upstream_invalid")),
    ] {
        scene.fake.script(move |_| {
            Reply::Full(
                200,
                vec![("content-encoding", encoding.to_owned())],
                body.clone(),
            )
        });
        let answer = scene.agent().post(&call("read", "{}")).await;
        match reason {
            None => assert_eq!(answer.body, text),
            Some(reason) => assert_eq!(answer.reason(), reason),
        }
        let asked = scene.fake.last();
        assert_eq!(asked.header("accept-encoding"), Some("identity"));
    }
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A server, or what stands before it, that compresses whatever it is asked.
#[tokio::test]
async fn what_is_compressed_all_the_same_is_judged_as_it_was() {
    let scene = Scene::of(Setting {
        limits: "result_bytes_max = 100000".to_owned(),
        ..Setting::default()
    })
    .await;
    let text = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#;
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":1,"result":{{"text":"{}"}}}}"#,
        " ".repeat(200_000)
    );
    let bomb = " ".repeat(64 << 20);
    let json = "application/json";
    for (what, kind, encoding, body, reason) in [
        ("gzip", json, "gzip", gzipped(text), None),
        ("its other name", json, "X-GZIP", gzipped(text), None),
        (
            "events",
            "text/event-stream",
            "gzip",
            gzipped(&event(text)),
            None,
        ),
        (
            "over the limit",
            json,
            "gzip",
            gzipped(&long),
            Some("result_too_large"),
        ),
        (
            "a bomb",
            json,
            "gzip",
            gzipped(&bomb),
            Some("result_too_large"),
        ),
        (
            "a bomb of events",
            "text/event-stream",
            "gzip",
            gzipped(&bomb),
            Some("result_too_large"),
        ),
        (
            "a bomb of nothing",
            "text/event-stream",
            "gzip",
            gzipped(&"\n".repeat(64 << 20)),
            Some("upstream_invalid"),
        ),
        (
            "a part",
            json,
            "gzip",
            gzipped(text)[..40].to_vec(),
            Some("upstream_invalid"),
        ),
        (
            "twice",
            json,
            "gzip, gzip",
            gzipped(text),
            Some("upstream_invalid"),
        ),
        (
            "another one",
            json,
            "br",
            gzipped(text),
            Some("upstream_invalid"),
        ),
    ] {
        let headers = vec![
            ("content-type", kind.to_owned()),
            ("content-encoding", encoding.to_owned()),
        ];
        let mut reply = Some(Reply::Packed(headers, body));
        scene
            .fake
            .script(move |_| reply.take().expect("asked twice"));
        let answer = scene.agent().post(&call("read", "{}")).await;
        match reason {
            None => assert_eq!(
                answer.json(),
                serde_json::from_str::<Value>(text).unwrap(),
                "{what}"
            ),
            Some(reason) => assert_eq!(answer.reason(), reason, "{what}"),
        }
    }
}
