//! What bad input gets: the right refusal, a record of it, and nothing at the
//! tool server.

use std::time::Duration;

use crate::agent::{Agent, Answer, call, modern};
use crate::scene::{Scene, Setting};

/// One refusal: HTTP status, JSON-RPC code, reason.
async fn refused(scene: &Scene, what: &str, answer: Answer, expected: (u16, i64, &str)) {
    let got = (answer.status, answer.code().unwrap_or_default());
    assert_eq!(
        (got.0, got.1),
        (expected.0, expected.1),
        "{what}: {}",
        answer.body
    );
    assert_eq!(answer.reason(), expected.2, "{what}");
    let last = scene
        .decisions()
        .pop()
        .unwrap_or_else(|| panic!("{what}: no record"));
    assert_eq!(last.decision.as_str(), "deny", "{what}");
    assert_eq!(last.reason.unwrap().code(), expected.2, "{what}");
    let told = answer.json().pointer("/error/data/decision").cloned();
    assert_eq!(told.unwrap(), last.id.as_str(), "{what}");
    assert_eq!(scene.fake.count(), 0, "{what}: the tool server saw it");
}

#[tokio::test]
async fn messages_that_are_not_one_json_rpc_message_stop_at_the_gate() {
    let scene = Scene::of(Setting {
        limits: "body_bytes_max = 2000\ndepth_max = 8".to_owned(),
        ..Setting::default()
    })
    .await;
    let agent = scene.agent();
    let deep = call("read", &format!("{}1{}", "[".repeat(9), "]".repeat(9)));
    let long = call("read", &format!("{{\"text\":\"{}\"}}", "x".repeat(2000)));
    let parse = (400, -32_700, "malformed_request");
    let invalid = (400, -32_600, "malformed_request");
    let params = (400, -32_602, "malformed_request");
    for (what, body, expected) in [
        ("empty", "", parse),
        ("not JSON", "{", parse),
        ("two texts", r#"{"jsonrpc":"2.0"}{}"#, parse),
        (
            "duplicate member",
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            parse,
        ),
        (
            "duplicate argument",
            &call("read", r#"{"path":"/a","path":"/b"}"#),
            parse,
        ),
        (
            "duplicate by escape",
            &call("read", r#"{"path":"/a","\u0070ath":"/b"}"#),
            parse,
        ),
        (
            "lone surrogate",
            &call("read", r#"{"path":"\ud800"}"#),
            parse,
        ),
        ("deep nesting", &deep, parse),
        ("long", &long, (413, -32_600, "too_large")),
        (
            "batch",
            &format!("[{}]", call("read", "{}")),
            (400, -32_600, "batch_refused"),
        ),
        ("empty batch", "[]", (400, -32_600, "batch_refused")),
        ("no version", r#"{"id":1,"method":"tools/list"}"#, invalid),
        (
            "null id",
            r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
            invalid,
        ),
        (
            "other case",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","Params":{}}"#,
            invalid,
        ),
        (
            "a member beside the envelope",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","input":{"path":"/etc"}}"#,
            invalid,
        ),
        (
            "no tool name",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}"#,
            params,
        ),
        (
            "name in another case",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}"#,
            params,
        ),
        (
            "arguments in another case",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Arguments":{}}}"#,
            params,
        ),
        (
            "uri in another case",
            r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b","URI":"c:d"}}"#,
            params,
        ),
        (
            "unknown method",
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/destroy"}"#,
            (404, -32_601, "unknown_method"),
        ),
        (
            "tasks of another era",
            r#"{"jsonrpc":"2.0","id":1,"method":"tasks/update","params":{"taskId":"1"}}"#,
            (404, -32_601, "unknown_method"),
        ),
        (
            "answer to nothing",
            r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
            invalid,
        ),
        (
            "cancels nothing",
            r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}}"#,
            invalid,
        ),
    ] {
        let answer = agent.post(body).await;
        refused(&scene, what, answer, expected).await;
    }
}

#[tokio::test]
async fn a_caller_without_a_valid_credential_is_nobody() {
    let scene = Scene::start().await;
    let body = call("read", "{}");
    let expired = Agent {
        token: Some(scene.token("did:example:agent", &["files:*"], Duration::from_millis(1))),
        ..scene.stranger()
    };
    crate::scene::eventually("the credential expires", || {
        let token = expired.token.as_deref().unwrap();
        let snapshot = scene.engine.snapshot();
        snapshot
            .identify(token, &[], scene.engine.now())
            .is_err()
            .then_some(())
    })
    .await;
    let garbage = Agent {
        token: Some("garbage".to_owned()),
        ..scene.stranger()
    };
    let basic = scene.stranger().with("authorization", "Basic YTpi");
    for (what, agent, reason) in [
        ("none", scene.stranger(), "credential_missing"),
        ("garbage", garbage, "credential_invalid"),
        ("another scheme", basic, "credential_invalid"),
        ("expired", expired, "credential_expired"),
    ] {
        let answer = agent.post(&body).await;
        let challenge = answer.header("www-authenticate").unwrap().to_owned();
        assert!(challenge.starts_with("Bearer"), "{challenge}");
        // Nobody issues credentials to whoever signs in here.
        assert!(!challenge.contains("resource_metadata"), "{challenge}");
        refused(&scene, what, answer, (401, -31_401, reason)).await;
    }
    let metadata = scene
        .stranger()
        .request("GET", "/.well-known/oauth-protected-resource/mcp/files", "")
        .await;
    let resource = format!("http://{}/mcp/files", scene.address);
    assert_eq!(metadata.json()["resource"], resource.as_str());
}

#[tokio::test]
async fn a_scope_that_is_missing_is_named() {
    let scene = Scene::start().await;
    let agent = scene.agent_named("did:example:agent", &["files:write", "other:*"]);
    let answer = agent.post(&call("read", "{}")).await;
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    assert!(challenge.contains("scope=\"files:read\""), "{challenge}");
    refused(
        &scene,
        "scope",
        answer,
        (403, -31_403, "insufficient_scope"),
    )
    .await;
    let other = scene.agent_named("did:example:agent", &["other:*"]);
    let initialize = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25"}}"#;
    let answer = other.post(initialize).await;
    refused(
        &scene,
        "server",
        answer,
        (403, -31_403, "insufficient_scope"),
    )
    .await;
}

#[tokio::test]
async fn headers_that_tell_another_story_are_refused() {
    let scene = Scene::start().await;
    let (agent, body) = modern(
        &scene.agent(),
        "tools/call",
        r#"{"name":"read","arguments":{}}"#,
    );
    let mismatch = (400, -32_020, "header_mismatch");
    for (what, agent) in [
        ("another method", agent.with("mcp-method", "tools/list")),
        ("no method", agent.with("mcp-method", "<none>")),
        ("another tool", agent.with("mcp-name", "write")),
        ("no tool", agent.with("mcp-name", "<none>")),
        ("another case", agent.with("mcp-name", "Read")),
        (
            "another tool in base64",
            agent.with("mcp-name", "=?base64?d3JpdGU=?="),
        ),
        ("bad base64", agent.with("mcp-name", "=?base64?###?=")),
        (
            "another version",
            agent.with("mcp-protocol-version", "2025-11-25"),
        ),
        ("no version", agent.with("mcp-protocol-version", "<none>")),
    ] {
        let answer = agent.post(&body).await;
        refused(&scene, what, answer, mismatch).await;
    }
    let mut twice = agent.with("mcp-method", "tools/call");
    twice
        .headers
        .push(("mcp-method".to_owned(), "tools/call".to_owned()));
    let answer = twice.post(&body).await;
    refused(&scene, "twice", answer, mismatch).await;
    let encoded = agent.with("mcp-name", "=?base64?cmVhZA==?=");
    assert_eq!(encoded.post(&body).await.status, 200);
    assert_eq!(scene.fake.last().header("mcp-name"), Some("read"));
}

#[tokio::test]
async fn unknown_revisions_learn_which_ones_there_are() {
    let scene = Scene::start().await;
    let (agent, body) = modern(&scene.agent(), "tools/list", "{}");
    let body = body.replace("2026-07-28", "2099-01-01");
    let answer = agent
        .with("mcp-protocol-version", "2099-01-01")
        .post(&body)
        .await;
    let data = answer.json()["error"]["data"].clone();
    assert_eq!(data["requested"], "2099-01-01");
    assert_eq!(data["supported"][0], "2026-07-28");
    refused(
        &scene,
        "modern",
        answer,
        (400, -32_022, "unsupported_version"),
    )
    .await;
    let legacy = scene.agent().with("mcp-protocol-version", "1999-01-01");
    let answer = legacy.post(&call("read", "{}")).await;
    refused(
        &scene,
        "legacy",
        answer,
        (400, -32_022, "unsupported_version"),
    )
    .await;
    let bare = scene
        .agent()
        .with("mcp-protocol-version", "2026-07-28")
        .with("mcp-method", "tools/list");
    let answer = bare
        .post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        .await;
    refused(
        &scene,
        "no _meta",
        answer,
        (400, -32_602, "malformed_request"),
    )
    .await;
}

#[tokio::test]
async fn foreign_hosts_origins_and_types_are_refused() {
    let scene = Scene::start().await;
    let agent = scene.agent();
    let body = call("read", "{}");
    let host = (403, -31_403, "host_refused");
    let origin = (403, -31_403, "origin_refused");
    for (what, agent, expected) in [
        ("host", agent.with("host", "evil.example"), host),
        (
            "host with our port",
            agent.with("host", &format!("evil.example:{}", scene.address.port())),
            host,
        ),
        (
            "origin",
            agent.with("origin", "http://evil.example"),
            origin,
        ),
        ("null origin", agent.with("origin", "null"), origin),
        (
            "type",
            agent.with("content-type", "text/plain"),
            (415, -32_600, "malformed_request"),
        ),
        (
            "no type",
            agent.with("content-type", "<none>"),
            (415, -32_600, "malformed_request"),
        ),
        (
            "encoding",
            agent.with("content-encoding", "gzip"),
            (415, -32_600, "malformed_request"),
        ),
        (
            "accept",
            agent.with("accept", "application/json"),
            (406, -32_600, "malformed_request"),
        ),
        (
            "accept nothing",
            agent.with("accept", "application/json, text/event-stream;q=0"),
            (406, -32_600, "malformed_request"),
        ),
    ] {
        let answer = agent.post(&body).await;
        refused(&scene, what, answer, expected).await;
    }
    let own = agent.with("origin", &format!("http://{}", scene.address));
    assert_eq!(own.post(&body).await.status, 200);
    let relaxed = agent
        .with("accept", "*/*")
        .with("content-type", "application/json; charset=utf-8");
    assert_eq!(relaxed.post(&body).await.status, 200);
}

#[tokio::test]
async fn other_pages_and_servers_do_not_exist() {
    let scene = Scene::start().await;
    let agent = scene.agent();
    let answer = agent
        .request("POST", "/mcp/nothing", &call("read", "{}"))
        .await;
    // Whoever may not reach every server hears of none that it may not reach.
    refused(
        &scene,
        "server",
        answer,
        (403, -31_403, "insufficient_scope"),
    )
    .await;
    for path in ["/", "/mcp/files/more", "/metrics", "/status"] {
        assert_eq!(agent.request("POST", path, "").await.status, 404, "{path}");
    }
    assert_eq!(agent.request("PUT", "/mcp/files", "").await.status, 405);
    assert_eq!(scene.fake.count(), 0);
}

#[tokio::test]
async fn a_message_in_another_encoding_than_utf_8_is_refused() {
    let scene = Scene::start().await;
    let agent = scene.agent();
    let latin: String = call("read", r#"{"path":"?"}"#);
    let mut bytes = latin.into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'?').unwrap();
    bytes[at] = 0xe9;
    let stream = tokio::net::TcpStream::connect(scene.address).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let request = hyper::Request::post("/mcp/files")
        .header("host", scene.address.to_string())
        .header("content-type", "application/json")
        .header("accept", "*/*")
        .header("authorization", format!("Bearer {}", agent.token.unwrap()))
        .body(http_body_util::Full::new(bytes::Bytes::from(bytes)))
        .unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 400);
    assert_eq!(scene.fake.count(), 0);
}

#[tokio::test]
async fn a_client_that_sends_slowly_is_cut() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let scene = Scene::of(Setting {
        limits: "client_timeout = \"200ms\"".to_owned(),
        ..Setting::default()
    })
    .await;
    let mut headers = tokio::net::TcpStream::connect(scene.address).await.unwrap();
    headers
        .write_all(b"POST /mcp/files HTTP/1.1\r\nHost: x\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(crate::agent::DEADLINE, headers.read_to_end(&mut answer));
    let _ = read.await.expect("the connection stays open");
    let mut body = tokio::net::TcpStream::connect(scene.address).await.unwrap();
    let head = format!(
        "POST /mcp/files HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: */*\r\n\
         Authorization: Bearer {}\r\nContent-Length: 100\r\n\r\n{{",
        scene.address,
        scene.agent().token.unwrap(),
    );
    body.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64];
    let read = tokio::time::timeout(crate::agent::DEADLINE, body.read(&mut answer));
    let length = read.await.expect("no answer").unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(scene.fake.count(), 0);
}

#[tokio::test]
async fn methods_that_the_modern_era_removed_are_unknown_in_it() {
    let scene = Scene::start().await;
    for (method, params) in [
        ("initialize", r#"{"protocolVersion":"2025-11-25"}"#),
        ("resources/subscribe", "{}"),
        ("resources/unsubscribe", "{}"),
        ("ping", "{}"),
        ("logging/setLevel", "{}"),
    ] {
        let (agent, body) = modern(&scene.agent(), method, params);
        let answer = agent.post(&body).await;
        refused(&scene, method, answer, (404, -32_601, "unknown_method")).await;
    }
}
