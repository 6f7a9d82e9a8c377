//! HTTP as clients and servers speak it, where the two specifications leave room.

use gatewright_policy::request::PastOutcome;
use serde_json::{Value, json};

use crate::agent::call;
use crate::disconnected::in_session;
use crate::fake::{Fake, Reply, echo, event};
use crate::raw::metric_is;
use crate::scene::{Scene, Setting};

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
