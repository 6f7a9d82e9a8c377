//! HTTP as clients and servers speak it, where the two specifications leave room.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use gatewright_policy::request::PastOutcome;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::agent::{Agent, Answer, call};
use crate::fake::{Fake, Reply, echo, event, result};
use crate::raw::metric_is;
use crate::scene::{Scene, Setting};

const ORIGIN: &str = "https://app.example";

fn web() -> Setting {
    Setting {
        gate: format!("origins = [\"{ORIGIN}\"]"),
        ..Setting::default()
    }
}

/// An agent in the session `one`, whose server then does what the script says.
async fn in_session(
    scene: &Scene,
    mut script: impl FnMut(&crate::fake::Seen) -> Reply + Send + 'static,
) -> Agent {
    scene.fake.script(move |seen| {
        let message = seen.json();
        match message["method"] == "initialize" {
            true => {
                let text = result(&message["id"], &json!({ "protocolVersion": "2025-11-25" }));
                Reply::Full(200, vec![("mcp-session-id", "one".to_owned())], text)
            }
            false => script(seen),
        }
    });
    super::sessions::opened(scene, &scene.agent()).await
}

fn grants(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.header("vary"), Some("origin"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("mcp-session-id"), "{exposed}");
}

#[tokio::test]
async fn a_page_that_may_use_the_gate_can_read_every_answer() {
    let scene = Scene::of(web()).await;
    let page = |agent: Agent| agent.with("origin", ORIGIN);
    let answers = [
        page(scene.agent()).post(&call("read", "{}")).await,
        page(scene.agent()).post("nonsense").await,
        page(scene.stranger()).post(&call("read", "{}")).await,
        page(scene.agent())
            .request("POST", "/mcp/other", &call("read", "{}"))
            .await,
        page(scene.agent()).request("GET", "/nowhere", "").await,
    ];
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 400, 401, 403, 404]);
    answers.iter().for_each(grants);
    let foreign = scene.agent().with("origin", "https://evil.example");
    let refused = foreign.post(&call("read", "{}")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("access-control-allow-origin"), None);
    let plain = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(plain.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_browser_asks_before_it_sends_and_needs_no_credential() {
    let scene = Scene::of(web()).await;
    let asks = |origin: &str| {
        scene
            .stranger()
            .with("origin", origin)
            .with("access-control-request-method", "POST")
            .with(
                "access-control-request-headers",
                "authorization, mcp-param-city, cookie, mcp-session-id",
            )
    };
    let answer = asks(ORIGIN).request("OPTIONS", "/mcp/files", "").await;
    assert_eq!(answer.status, 204);
    grants(&answer);
    let allowed = answer.header("access-control-allow-headers").unwrap();
    let names: Vec<_> = allowed.split(", ").collect();
    for name in [
        "authorization",
        "mcp-session-id",
        "mcp-param-city",
        "last-event-id",
    ] {
        assert!(names.contains(&name), "{allowed}");
    }
    assert!(!names.contains(&"cookie"), "{allowed}");
    let methods = answer.header("access-control-allow-methods");
    assert_eq!(methods, Some("GET, POST, DELETE"));
    let foreign = asks("https://evil.example");
    let refused = foreign.request("OPTIONS", "/mcp/files", "").await;
    assert_eq!(refused.status, 403);
    assert_eq!(scene.fake.count(), 0);
}

#[tokio::test]
async fn a_slash_at_the_end_names_the_same_endpoint() {
    let scene = Scene::start().await;
    let answer = scene
        .agent()
        .request("POST", "/mcp/files/", &call("read", "{}"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for path in ["/mcp/files//", "/mcp/files/x", "/mcp//"] {
        let answer = scene.agent().request("POST", path, "{}").await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_end_of_a_session_is_whatever_the_server_says_it_is() {
    for (reply, status) in [
        (Reply::Chunked as fn(u16) -> Reply, 200),
        (|_| Reply::Json(200, "{}".to_owned()), 200),
        (
            |_| {
                Reply::Full(
                    200,
                    vec![("content-type", "text/html".to_owned())],
                    "<p>".to_owned(),
                )
            },
            200,
        ),
        (|_| Reply::Json(204, String::new()), 200),
        (|_| Reply::Json(405, String::new()), 405),
    ] {
        let scene = Scene::start().await;
        let agent = in_session(&scene, move |_| reply(200)).await;
        let answer = agent.request("DELETE", "/mcp/files", "").await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.body, "");
        scene.fake.script(|seen| Reply::Json(200, echo(seen)));
        // A server that ends no session on request still has it.
        let next = agent.post(&call("read", "{}")).await;
        assert_eq!(next.status, if status == 405 { 200 } else { 404 });
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_once() {
    let scene = Scene::with(
        Fake::with(|seen| match seen.path.as_str() {
            "/mcp" => Reply::Full(307, vec![("location", "/mcp/".to_owned())], String::new()),
            _moved => Reply::Json(200, echo(seen)),
        })
        .await,
        Setting::default(),
    )
    .await;
    let answer = scene.agent().post(&call("read", r#"{"a":1}"#)).await;
    assert_eq!(answer.json()["result"]["echo"]["arguments"], json!({"a":1}));
    let seen = scene.fake.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].body, seen[1].body);
    scene
        .fake
        .script(|_| Reply::Full(308, vec![("location", "/mcp/".to_owned())], String::new()));
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(
        answer.json()["error"]["data"]["trouble"],
        "upstream_redirected"
    );
    assert_eq!(scene.fake.count(), 4);
}

#[tokio::test]
async fn each_kind_of_trouble_has_its_code_and_tells_nothing_else() {
    let scene = Scene::start().await;
    let page = |status, headers| Reply::Full(status, headers, "secret".to_owned());
    let elsewhere = || vec![("location", "http://evil.example/".to_owned())];
    let later = || vec![("retry-after", "17".to_owned())];
    let never = || vec![("retry-after", "99999999999".to_owned())];
    for (reply, data) in [
        (
            page(401, vec![]),
            json!({"trouble": "upstream_refused_credential"}),
        ),
        (
            page(403, vec![]),
            json!({"trouble": "upstream_refused_credential"}),
        ),
        (
            page(429, later()),
            json!({"trouble": "upstream_busy", "retryAfter": 17}),
        ),
        (
            page(503, never()),
            json!({"trouble": "upstream_busy", "retryAfter": 3600}),
        ),
        (page(429, vec![]), json!({"trouble": "upstream_busy"})),
        (
            page(500, vec![]),
            json!({"trouble": "upstream_error", "status": 500}),
        ),
        (
            page(307, elsewhere()),
            json!({"trouble": "upstream_redirected"}),
        ),
        (
            page(302, elsewhere()),
            json!({"trouble": "upstream_redirected"}),
        ),
    ] {
        let mut reply = Some(reply);
        scene.fake.script(move |_| reply.take().unwrap());
        let answer = scene.agent().post(&call("read", "{}")).await;
        assert_eq!(answer.reason(), "upstream_unavailable");
        let mut found = answer.json()["error"]["data"].clone();
        let found = found.as_object_mut().unwrap();
        found.remove("reason");
        found.remove("decision");
        assert_eq!(Value::Object(found.clone()), data);
        assert!(!answer.body.contains("evil"), "{}", answer.body);
        assert!(!answer.body.contains("secret"), "{}", answer.body);
    }
}

#[tokio::test]
async fn half_a_sign_in_a_result_is_replaced_and_recorded() {
    let scene = Scene::start().await;
    let half =
        r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"a\ud83d"}]}}"#;
    let whole = half.replace(r"\ud83d", r"\uFFFD");
    scene
        .fake
        .script(move |_| Reply::Json(200, half.to_owned()));
    assert_eq!(scene.agent().post(&call("read", "{}")).await.body, whole);
    scene.fake.script(move |_| Reply::Events(vec![event(half)]));
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(
        answer.events(),
        [serde_json::from_str::<Value>(&whole).unwrap()]
    );
    for completed in scene.completed(2).await {
        assert_eq!(completed.outcome, PastOutcome::Allowed);
        assert!(
            completed.message.contains("U+FFFD"),
            "{}",
            completed.message
        );
    }
    // What an agent sends is not mended.
    let answer = scene.agent().post(&call("read", r#"{"a":"\ud83d"}"#)).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (400, "malformed_request")
    );
}

#[tokio::test]
async fn a_refusal_of_what_cannot_be_read_names_the_request() {
    let scene = Scene::start().await;
    for (body, id) in [
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\ud83d"}}"#,
            json!(7),
        ),
        (
            r#"{"jsonrpc":"2.0","id":"x","method":"ping","params":{"a":1,"a":2}}"#,
            json!("x"),
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","Params":{}}"#,
            json!(7),
        ),
        (
            r#"{"jsonrpc":"2.0","id":7,"id":8,"method":"ping"}"#,
            Value::Null,
        ),
        ("nonsense", Value::Null),
    ] {
        let answer = scene.agent().post(body).await;
        assert_eq!((answer.status, &answer.json()["id"]), (400, &id), "{body}");
    }
}

#[tokio::test]
async fn a_limit_that_a_result_meets_is_named() {
    let scene = Scene::of(Setting {
        limits: "result_bytes_max = 1000\nnodes_max = 100\ndepth_max = 20".to_owned(),
        ..Setting::default()
    })
    .await;
    let answer = |value: String| format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"a":{value}}}}}"#);
    for (value, limit) in [
        (
            format!("\"{}\"", "x".repeat(1000)),
            "limits.result_bytes_max",
        ),
        (format!("[{}0]", "0,".repeat(200)), "limits.nodes_max"),
        (
            format!("{}{}", "[".repeat(50), "]".repeat(50)),
            "limits.depth_max",
        ),
    ] {
        let text = answer(value);
        scene.fake.script(move |_| Reply::Json(200, text.clone()));
        let answer = scene.agent().post(&call("read", "{}")).await;
        assert_eq!(answer.reason(), "result_too_large");
        assert!(answer.body.contains(limit), "{}", answer.body);
    }
}

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

#[tokio::test]
async fn uris_may_be_long_and_names_may_not() {
    let scene = Scene::of(Setting {
        issuer: String::new(),
        ..Setting::default()
    })
    .await;
    let read = |bytes: usize| {
        let uri = format!("data:,{}", "x".repeat(bytes - 6));
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{{"uri":"{uri}"}}}}"#
        )
    };
    let answer = scene.agent().post(&read(64 << 10)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    for (body, said) in [
        (
            read((64 << 10) + 1),
            "`params.uri` is longer than 65536 bytes",
        ),
        (
            call(&"x".repeat(4097), "{}"),
            "`params.name` is longer than 4096 bytes",
        ),
    ] {
        let answer = scene.agent().post(&body).await;
        assert_eq!(answer.reason(), "malformed_request");
        assert!(answer.body.contains(said), "{}", answer.body);
    }
}

#[tokio::test]
async fn notifications_that_nobody_knows_are_counted_and_break_nobody() {
    let scene = Scene::of(Setting {
        server: "notifications = [\"notifications/ours/*\"]".to_owned(),
        ..Setting::default()
    })
    .await;
    let note = |name: &str| {
        format!(r#"{{"jsonrpc":"2.0","method":"notifications/{name}","params":{{"a":1}}}}"#)
    };
    scene.fake.script(|_| Reply::Json(202, String::new()));
    for name in ["custom", "custom/a", "ours"] {
        let answer = scene.agent().post(&note(name)).await;
        assert_eq!((answer.status, answer.body.as_str()), (202, ""), "{name}");
    }
    assert_eq!(scene.fake.count(), 0);
    let counted = "gatewright_notifications_unknown_total{from=\"agent\",server=\"files\"}";
    metric_is(&scene, counted, |count| count == 3).await;
    assert_eq!(scene.agent().post(&note("ours/a")).await.status, 202);
    assert_eq!(scene.fake.last().body, note("ours/a"));
    let said = [note("custom"), note("ours/b")].map(|note| event(&note));
    let response = event(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#);
    scene
        .fake
        .script(move |_| Reply::Events(said.iter().cloned().chain([response.clone()]).collect()));
    let answer = scene.agent().post(&call("read", "{}")).await;
    let methods: Vec<_> = answer
        .events()
        .iter()
        .map(|event| event["method"].clone())
        .collect();
    assert_eq!(methods, [json!("notifications/ours/b"), Value::Null]);
    let counted = "gatewright_notifications_unknown_total{from=\"server\",server=\"files\"}";
    metric_is(&scene, counted, |count| count == 1).await;
}

/// 2025-11-25, transports: a disconnection is no cancellation.
#[tokio::test]
async fn a_call_in_a_session_goes_on_when_its_connection_breaks() {
    let scene = Scene::start().await;
    let (say, later) = oneshot::channel();
    let mut later = Some(later);
    let agent = in_session(&scene, move |_| Reply::Later(later.take().unwrap())).await;
    let body = call("deploy", "{}");
    let asking = agent.send("POST", "/mcp/files", &body);
    let cut = async {
        crate::scene::eventually("the call arrives", || {
            (scene.fake.count() == 2).then_some(())
        })
        .await;
    };
    tokio::select! {
        _answer = asking => panic!("it is not answered yet"),
        () = cut => {}
    }
    say.send(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#.to_owned())
        .unwrap();
    let completed = scene.completed(2).await;
    assert_eq!(completed[1].outcome, PastOutcome::Allowed, "{completed:?}");
    assert_eq!(completed[1].message, "");
}

#[tokio::test]
async fn a_call_without_its_agent_is_finished_when_the_gate_stops() {
    let mut scene = Scene::start().await;
    let (say, later) = oneshot::channel();
    let mut later = Some(later);
    let agent = in_session(&scene, move |_| Reply::Later(later.take().unwrap())).await;
    let body = call("deploy", "{}");
    let arrives = crate::scene::eventually("the call arrives", || {
        (scene.fake.count() == 2).then_some(())
    });
    tokio::select! {
        _answer = agent.send("POST", "/mcp/files", &body) => panic!("it is not answered yet"),
        () = arrives => {}
    }
    scene.stop();
    let address = scene.address;
    crate::scene::eventually("it accepts nobody", || {
        std::net::TcpStream::connect(address).is_err().then_some(())
    })
    .await;
    say.send(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#.to_owned())
        .unwrap();
    scene.stopped().await;
    let completed = scene.completions();
    assert_eq!(completed[1].outcome, PastOutcome::Allowed, "{completed:?}");
}

#[tokio::test]
async fn an_agent_comes_back_for_a_stream_that_the_server_does_not_keep() {
    let scene = Scene::start().await;
    let (say, live) = mpsc::channel(4);
    let mut live = Some(live);
    let agent = in_session(&scene, move |_| Reply::Live(live.take().unwrap())).await;
    let note = |progress: u8| {
        event(&format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{{"progressToken":1,"progress":{progress}}}}}"#
        ))
    };
    say.send(note(1)).await.unwrap();
    let mut open = agent
        .open("POST", "/mcp/files", &call("deploy", "{}"))
        .await;
    let block = open.block().await.unwrap();
    let id = block
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .to_owned();
    drop(open);
    say.send(note(2)).await.unwrap();
    say.send(event(r#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#))
        .await
        .unwrap();
    drop(say);
    scene.completed(2).await;
    let other = scene.agent_named("did:example:other", &["files:*"]);
    let other = other
        .with("mcp-session-id", "one")
        .with("last-event-id", &id);
    assert_eq!(other.request("GET", "/mcp/files", "").await.status, 404);
    let narrow = scene.agent_named("did:example:agent", &["files:read"]);
    let narrow = narrow
        .with("mcp-session-id", "one")
        .with("last-event-id", &id);
    let refused = narrow.request("GET", "/mcp/files", "").await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let back = agent
        .with("last-event-id", &id)
        .request("GET", "/mcp/files", "")
        .await;
    assert_eq!(back.status, 200);
    let events = back.events();
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[0]["params"]["progress"], 2);
    assert_eq!(events[1]["result"], json!({"content": []}));
    // Nothing of it reached the tool server: the gate kept it.
    assert_eq!(scene.fake.count(), 2);
}
