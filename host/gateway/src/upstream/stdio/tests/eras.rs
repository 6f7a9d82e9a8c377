//! What a well-behaved server and its callers see.

use super::*;

/// Answers each request with its method and id, in reverse order of arrival,
/// two at a time.
const PAIRS: &str = r#"
waiting = []
for m in messages():
    waiting.append(m)
    if len(waiting) == 2:
        for m in reversed(waiting): answer(m, {"method": m["method"], "wire": m["id"]})
        waiting = []
"#;

#[tokio::test]
async fn two_callers_with_the_same_id_get_their_own_answers() {
    let upstream = server(PAIRS);
    let (one, two) = tokio::join!(
        send(&upstream, modern(&request("1", "one"))),
        send(&upstream, modern(&request("1", "two"))),
    );
    for (exchange, method) in [(one, "one"), (two, "two")] {
        let answer: serde_json::Value = serde_json::from_str(&json(exchange.unwrap())).unwrap();
        assert_eq!(answer["id"], 1);
        assert_eq!(answer["result"]["method"], method);
        assert_ne!(answer["result"]["wire"], 1);
    }
    upstream.close().await;
}

#[tokio::test]
async fn a_session_that_repeats_an_id_gets_both_answers() {
    let upstream = server(&format!(
        "m = json.loads(sys.stdin.readline()); answer(m, {{}})\n{PAIRS}"
    ));
    let session = initialize(&upstream).await;
    let (one, two) = tokio::join!(
        send(&upstream, legacy(&session, &request("\"x\"", "one"))),
        send(&upstream, legacy(&session, &request("\"x\"", "two"))),
    );
    for (exchange, method) in [(one, "one"), (two, "two")] {
        let answer: serde_json::Value = serde_json::from_str(&json(exchange.unwrap())).unwrap();
        assert_eq!(answer["id"], "x");
        assert_eq!(answer["result"]["method"], method);
    }
    upstream.close().await;
}

/// Repeats what it hears, as text.
const ECHO: &str = r#"
heard = ""
for line in sys.stdin:
    m = json.loads(line)
    heard += line
    if "id" in m:
        answer(m, {"heard": heard})
        heard = ""
"#;

#[tokio::test]
async fn only_the_names_are_rewritten_and_only_where_they_must_be() {
    let text = "{ \"jsonrpc\" : \"2.0\", \"id\":\"a\\u0062\",\n \"method\":\"tools/call\", \"params\":{\"n\":1.50, \"_meta\":{ \"progressToken\" : 7}}}";
    let one_line = text.replace('\n', " ");

    let upstream = server(ECHO);
    let session = initialize(&upstream).await;
    let answer = json(send(&upstream, legacy(&session, text)).await.unwrap());
    let parsed: serde_json::Value = serde_json::from_str(&answer).unwrap();
    // The same string, written in its shortest form.
    let expected = one_line.replace("a\\u0062", "ab");
    assert_eq!(parsed["result"]["heard"], format!("{expected}\n"));
    assert!(answer.contains(r#""id": "a\u0062""#), "{answer}");

    let answer = json(send(&upstream, modern(text)).await.unwrap());
    let parsed: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let heard = parsed["result"]["heard"].as_str().unwrap();
    let heard: serde_json::Value = serde_json::from_str(heard).unwrap();
    let token = heard["params"]["_meta"]["progressToken"].as_i64().unwrap();
    let expected = one_line
        .replace("\"a\\u0062\"", &heard["id"].to_string())
        .replace(": 7}", &format!(": {token}}}"));
    assert_eq!(parsed["result"]["heard"], format!("{expected}\n"));
    assert!(token > 7);
    assert!(answer.contains(r#""id": "a\u0062""#), "{answer}");
    upstream.close().await;
}

/// Reports progress under every token it knows, then answers all.
const PROGRESS: &str = r#"
waiting = []
for m in messages():
    waiting.append(m)
    if len(waiting) < 2: continue
    for m in waiting:
        tell("notifications/message", {"data": "for nobody"})
        tell("notifications/progress", {"progressToken": m["params"]["_meta"]["progressToken"], "progress": 1, "message": m["method"]})
    for m in waiting: answer(m, {})
    waiting = []
"#;

#[tokio::test]
async fn progress_reaches_its_own_call_under_its_own_token() {
    let upstream = server(PROGRESS);
    let call = |method| {
        modern(&format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{"_meta":{{"progressToken":"t"}}}}}}"#
        ))
    };
    let (one, two) = tokio::join!(send(&upstream, call("one")), send(&upstream, call("two")));
    for (exchange, method) in [(one, "one"), (two, "two")] {
        let mut events = events(exchange.unwrap());
        let progress = next(&mut events).await.unwrap().unwrap();
        let progress: serde_json::Value = serde_json::from_str(&progress).unwrap();
        assert_eq!(progress["params"]["progressToken"], "t");
        assert_eq!(progress["params"]["message"], method);
        let response = next(&mut events).await.unwrap().unwrap();
        assert_eq!(response, r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#);
        assert!(next(&mut events).await.is_none());
    }
    upstream.close().await;
}

#[tokio::test]
async fn a_subscription_streams_under_its_own_id_until_the_server_ends_it() {
    let upstream = server(
        r#"
m = json.loads(sys.stdin.readline())
meta = {"io.modelcontextprotocol/subscriptionId": m["id"]}
tell("notifications/subscriptions/acknowledged", {"_meta": meta, "notifications": {}})
tell("notifications/tools/list_changed", {"_meta": {"io.modelcontextprotocol/subscriptionId": 1}})
tell("notifications/tools/list_changed", {"_meta": meta})
tell("notifications/cancelled", {"requestId": m["id"]})
sys.stdin.read()
"#,
    );
    let listen = modern(&request("1", "subscriptions/listen"));
    let mut events = events(send(&upstream, listen).await.unwrap());
    for method in ["subscriptions/acknowledged", "tools/list_changed"] {
        let message = next(&mut events).await.unwrap().unwrap();
        let message: serde_json::Value = serde_json::from_str(&message).unwrap();
        assert_eq!(message["method"], format!("notifications/{method}"));
        let meta = &message["params"]["_meta"];
        assert_eq!(meta["io.modelcontextprotocol/subscriptionId"], 1);
    }
    assert!(next(&mut events).await.is_none());
    upstream.close().await;
}

#[tokio::test]
async fn no_caller_can_change_the_shared_server_for_the_others() {
    let upstream = server(ECHO);
    let refused = send(&upstream, modern(&request("1", "initialize"))).await;
    let refused = refused.unwrap();
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(json(refused).contains("-32601"));
    for notification in ["initialized", "cancelled", "roots/list_changed"] {
        let text = format!(
            r#"{{"jsonrpc":"2.0","method":"notifications/{notification}","params":{{"requestId":1}}}}"#
        );
        let accepted = send(&upstream, modern(&text)).await.unwrap();
        assert_eq!(accepted.status, StatusCode::ACCEPTED);
    }
    let heard = json(
        send(&upstream, modern(&request("1", "ping")))
            .await
            .unwrap(),
    );
    assert!(
        heard.contains("ping") && !heard.contains("notifications"),
        "{heard}"
    );
    upstream.close().await;
}

#[tokio::test]
async fn modern_errors_have_the_status_of_streamable_http() {
    let upstream = server(
        r#"
for m in messages():
    say({"jsonrpc": "2.0", "id": m["id"], "error": {"code": int(m["method"]), "message": "no"}})
"#,
    );
    for (code, status) in [
        ("-32601", 404),
        ("-32022", 400),
        ("-32602", 200),
        ("7", 200),
    ] {
        let exchange = send(&upstream, modern(&request("1", code))).await.unwrap();
        assert_eq!(exchange.status.as_u16(), status, "{code}");
        assert!(json(exchange).contains(code));
    }
    upstream.close().await;
}

/// A legacy server that asks the client something before it answers `ask`, and
/// says something on its own after it heard `hello`.
const ASKS: &str = r#"
for m in messages():
    if m.get("method") == "initialize": answer(m, {})
    if m.get("method") == "ask":
        asked = m
        say({"jsonrpc": "2.0", "id": "q", "method": "roots/list"})
    if m.get("id") == "q" and "result" in m: answer(asked, m["result"])
    if m.get("method") == "hello": tell("notifications/tools/list_changed", {})
"#;

#[tokio::test]
async fn a_question_to_the_client_goes_to_the_call_in_flight_and_its_answer_back() {
    let upstream = server(ASKS);
    let session = initialize(&upstream).await;
    let ask = legacy(&session, &request("5", "ask"));
    let mut events = events(send(&upstream, ask).await.unwrap());
    let question = next(&mut events).await.unwrap().unwrap();
    assert!(question.contains("roots/list"), "{question}");
    let reply = legacy(
        &session,
        r#"{"jsonrpc":"2.0","id":"q","result":{"roots":[]}}"#,
    );
    let accepted = send(&upstream, reply).await.unwrap();
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    let response = next(&mut events).await.unwrap().unwrap();
    assert_eq!(
        response,
        r#"{"jsonrpc": "2.0", "id": 5, "result": {"roots": []}}"#
    );
    upstream.close().await;
}

#[tokio::test]
async fn what_belongs_to_no_call_goes_to_the_stream_of_the_session() {
    let upstream = server(ASKS);
    let session = initialize(&upstream).await;
    let hello = r#"{"jsonrpc":"2.0","method":"hello"}"#;
    send(&upstream, legacy(&session, hello)).await.unwrap();
    let mut stream = events(upstream.open_stream(&legacy(&session, "")));
    let message = next(&mut stream).await.unwrap().unwrap();
    assert!(message.contains("list_changed"), "{message}");

    let second = upstream.open_stream(&legacy(&session, ""));
    assert_eq!(second.status, StatusCode::CONFLICT);
    drop(stream);
    let mut stream = events(upstream.open_stream(&legacy(&session, "")));

    let ended = upstream.end_session(&session);
    assert_eq!(ended.status, StatusCode::OK);
    assert!(next(&mut stream).await.is_none());
    let ended = upstream.end_session(&session);
    assert_eq!(ended.status, StatusCode::NOT_FOUND);
    upstream.close().await;
}

#[tokio::test]
async fn sessions_are_hard_to_guess_and_needed() {
    let upstream = server(ECHO);
    let (one, two) = (initialize(&upstream).await, initialize(&upstream).await);
    assert_ne!(one, two);
    for id in [&one, &two] {
        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    let call = request("1", "ping");
    for (session, status) in [
        (Some("no-such-session"), StatusCode::NOT_FOUND),
        (None, StatusCode::BAD_REQUEST),
    ] {
        let outgoing = Outgoing {
            session: session.map(Arc::from),
            ..legacy(&one, &call)
        };
        let refused = send(&upstream, outgoing.clone()).await.unwrap();
        assert_eq!(refused.status, status);
        let refused = upstream.open_stream(&outgoing);
        assert_eq!(refused.status, status);
    }
    let no_stream = upstream.open_stream(&modern(""));
    assert_eq!(no_stream.status, StatusCode::METHOD_NOT_ALLOWED);
    upstream.close().await;
}

#[tokio::test]
async fn a_refused_initialize_leaves_no_session() {
    let upstream = server(
        r#"
for m in messages():
    say({"jsonrpc": "2.0", "id": m["id"], "error": {"code": -32602, "message": "no"}})
"#,
    );
    for _ in 0..2 {
        let outgoing = Outgoing {
            era: Era::Legacy,
            ..modern(&request("1", "initialize"))
        };
        let exchange = send(&upstream, outgoing).await.unwrap();
        assert!(exchange.session.is_none());
        assert!(json(exchange).contains("-32602"));
    }
    until("no session", || upstream.sessions.count() == 0).await;
    upstream.close().await;
}

/// A server that logs while it works.
const LOGS: &str = r#"
for m in messages():
    tell("notifications/message", {"level": "info", "data": m["id"]})
    answer(m, {})
"#;

fn with_logs(id: &str) -> Outgoing {
    modern(&format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"_meta":{{"io.modelcontextprotocol/logLevel":"info"}}}}}}"#
    ))
}

#[tokio::test]
async fn log_messages_reach_the_only_call_if_it_asked_for_them() {
    let upstream = server(LOGS);
    let mut heard = events(send(&upstream, with_logs("7")).await.unwrap());
    let first = next(&mut heard).await.unwrap().unwrap();
    assert!(first.contains("notifications/message"), "{first}");
    let last = next(&mut heard).await.unwrap().unwrap();
    assert_eq!(last, r#"{"jsonrpc": "2.0", "id": 7, "result": {}}"#);
    let quiet = json(
        send(&upstream, modern(&request("8", "tools/call")))
            .await
            .unwrap(),
    );
    assert_eq!(quiet, r#"{"jsonrpc": "2.0", "id": 8, "result": {}}"#);
    upstream.close().await;
}

/// Another caller's call may be what is logged about.
#[tokio::test]
async fn log_messages_reach_nobody_while_they_may_be_about_another_call() {
    let upstream = server(
        r#"
first = json.loads(sys.stdin.readline())
second = json.loads(sys.stdin.readline())
tell("notifications/message", {"level": "info", "data": "secret"})
answer(second, {})
third = json.loads(sys.stdin.readline())
if third["method"] == "notifications/cancelled": third = json.loads(sys.stdin.readline())
tell("notifications/message", {"level": "info", "data": "secret"})
answer(third, {})
for m in messages(): pass
"#,
    );
    let first = upstream.send(with_logs("1"));
    let then = async {
        let second = json(send(&upstream, with_logs("2")).await.unwrap());
        assert!(!second.contains("secret"), "{second}");
    };
    tokio::select! {
        biased;
        _ended = first => panic!("it is not answered"),
        () = then => {}
    }
    // The first call is abandoned, and the server never answered it.
    let third = json(send(&upstream, with_logs("3")).await.unwrap());
    assert!(!third.contains("secret"), "{third}");
    upstream.close().await;
}

#[tokio::test]
async fn all_log_messages_reach_the_only_client() {
    let upstream = StdioUpstream::new(StdioCommand {
        one_client: true,
        ..command(LOGS)
    });
    let mut heard = events(
        send(&upstream, modern(&request("7", "tools/call")))
            .await
            .unwrap(),
    );
    let first = next(&mut heard).await.unwrap().unwrap();
    assert!(first.contains("notifications/message"), "{first}");
    upstream.close().await;
}

#[tokio::test]
async fn that_tools_changed_is_heard_whoever_is_told() {
    let upstream = server(
        "for m in messages():\n    tell('notifications/tools/list_changed', {})\n    answer(m, {})",
    );
    assert!(!upstream.took_change(), "nothing runs yet");
    // The process that all share: the message is nobody's.
    let exchange = send(&upstream, modern(&request("1", "one"))).await;
    json(exchange.unwrap());
    assert!(upstream.took_change());
    assert!(!upstream.took_change(), "it is said once");
    // The process of a session.
    let session = initialize(&upstream).await;
    assert!(upstream.took_change());
    let exchange = send(&upstream, legacy(&session, &request("2", "two"))).await;
    let mut events = events(exchange.unwrap());
    while next(&mut events).await.is_some() {}
    assert!(upstream.took_change());
    upstream.close().await;
}
