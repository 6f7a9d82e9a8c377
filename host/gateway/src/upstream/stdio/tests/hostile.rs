//! What a bad server can do to its callers and to the gate: little.

use gatewright_policy::Trouble;

use super::*;

/// The error of a call that fails.
async fn failure(upstream: &StdioUpstream, outgoing: Outgoing) -> UpstreamError {
    match send(upstream, outgoing).await {
        Err(error) => error,
        Ok(exchange) => panic!("{}", json(exchange)),
    }
}

#[tokio::test]
async fn death_in_a_call_fails_that_call_and_says_what_the_server_said_last() {
    let upstream = server(
        r#"
m = json.loads(sys.stdin.readline())
answer(m, {})
m = json.loads(sys.stdin.readline())
print("the disk is on fire", file=sys.stderr, flush=True)
sys.exit(3)
"#,
    );
    let session = initialize(&upstream).await;
    let call = request("1", "tools/call");
    let error = failure(&upstream, legacy(&session, &call))
        .await
        .to_string();
    assert!(error.contains("exit status: 3"), "{error}");
    assert!(error.contains("the disk is on fire"), "{error}");
    let next = send(&upstream, legacy(&session, &call)).await.unwrap();
    assert_eq!(next.status, StatusCode::NOT_FOUND);
    upstream.close().await;
}

#[tokio::test]
async fn the_shared_server_is_started_again_after_it_died() {
    let upstream = server(
        r#"
m = json.loads(sys.stdin.readline())
answer(m, {"pid": os.getpid()})
m = json.loads(sys.stdin.readline())
"#,
    );
    let call = modern(&request("1", "tools/call"));
    let mut processes = std::collections::BTreeSet::new();
    for _ in 0..3 {
        processes.insert(json(send(&upstream, call.clone()).await.unwrap()));
        let error = failure(&upstream, call.clone()).await;
        assert!(
            matches!(error, UpstreamError::Trouble(Trouble::Ended, _)),
            "{error}"
        );
    }
    assert_eq!(processes.len(), 3, "{processes:?}");
    upstream.close().await;
}

#[tokio::test]
async fn a_server_that_only_dies_is_not_started_again_and_again() {
    let folder = std::env::temp_dir().join(format!("gatewright-starts-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let upstream = server(&format!(
        "open({:?} + '/' + str(os.getpid()), 'w'); sys.exit(1)",
        folder.to_str().unwrap()
    ));
    let begin = Instant::now();
    let mut calls = 0;
    while begin.elapsed() < Duration::from_secs(2) {
        failure(&upstream, modern(&request("1", "ping"))).await;
        calls += 1;
        tokio::task::yield_now().await;
    }
    let starts = std::fs::read_dir(&folder).unwrap().count();
    std::fs::remove_dir_all(&folder).unwrap();
    // 200 + 400 + 800 + 1600 ms of waiting between five starts.
    assert!((1..=5).contains(&starts), "{starts} starts, {calls} calls");
    assert!(calls > 20, "{starts} starts, {calls} calls");
    upstream.close().await;
}

#[tokio::test]
async fn garbage_fails_the_call_that_it_was_meant_for_and_banners_harm_nobody() {
    let upstream = server(
        r#"
print("Welcome to the tool server!", flush=True)
print("", flush=True)
for m in messages():
    if m["method"] == "good": answer(m, {})
    if m["method"] == "twice": print('{"jsonrpc":"2.0","id":%d,"result":1,"result":2}' % m["id"], flush=True)
    if m["method"] == "half": print('{"jsonrpc":"2.0",', flush=True)
    if m["method"] == "bytes": sys.stdout.buffer.write(b'{"jsonrpc":"2.0","\xff":1}\n'); sys.stdout.flush()
    if m["method"] == "batch": say([{"jsonrpc": "2.0", "id": m["id"], "result": 1}])
    if m["method"] == "shape": say({"id": m["id"], "result": 1})
"#,
    );
    for method in ["twice", "half", "bytes", "batch", "shape"] {
        let good = send(&upstream, modern(&request("1", "good")))
            .await
            .unwrap();
        assert_eq!(json(good), r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#);
        let error = failure(&upstream, modern(&request("2", method))).await;
        assert!(
            matches!(error, UpstreamError::Invalid(_)),
            "{method}: {error}"
        );
    }
    upstream.close().await;
}

/// Clients of tool servers skip such lines, whatever is in flight, and so does the gate.
#[tokio::test]
async fn a_line_that_is_no_message_costs_no_call_its_answer() {
    let upstream = server(
        r#"
noise = ["DEBUG: handling request", "{'a': 1}", "{", "7", "null", '"text"', "[1]", '{"level":"info"}', '{"id":1}',
         "{\"a\":\"\x1b[2J\"}"]
for m in messages():
    for line in noise: print(line, flush=True)
    sys.stdout.buffer.write(b'\xff{"\xff":1}\n'); sys.stdout.flush()
    answer(m, {})
"#,
    );
    let session = initialize(&upstream).await;
    for outgoing in [
        legacy(&session, &request("7", "tools/call")),
        modern(&request("7", "tools/call")),
    ] {
        let answer = json(send(&upstream, outgoing).await.unwrap());
        assert_eq!(answer, r#"{"jsonrpc": "2.0", "id": 7, "result": {}}"#);
    }
    upstream.close().await;
}

/// Several calls are in flight: the one that is named fails at once, and does not
/// wait for its deadline.
#[tokio::test]
async fn an_answer_that_is_none_fails_the_call_that_it_names() {
    for answer in [
        r#""error": {}"#,
        r#""error": {"code": "1", "message": "a"}"#,
        r#""result": 1, "error": {"code": 1, "message": "a"}"#,
        r#""result": 1, "params": {}"#,
        r#""result": 1, "Method": "ping""#,
    ] {
        let upstream = server(&format!(
            r#"
waiting = dict((m["method"], m) for m in (json.loads(sys.stdin.readline()) for _ in (1, 2)))
print('{{"jsonrpc": "2.0", "id": %d, {answer}}}' % waiting["bad"]["id"], flush=True)
last = json.loads(sys.stdin.readline())
answer(waiting["good"], {{}})
answer(last, {{}})
for m in messages(): pass
"#
        ));
        let bad = async {
            let error = failure(&upstream, modern(&request("1", "bad"))).await;
            assert!(
                matches!(error, UpstreamError::Invalid(_)),
                "{answer}: {error}"
            );
            // Only now is the other one answered.
            send(&upstream, modern(&request("3", "last")))
                .await
                .unwrap();
        };
        let good = send(&upstream, modern(&request("2", "good")));
        let ((), good) = tokio::join!(bad, good);
        assert_eq!(
            json(good.unwrap()),
            r#"{"jsonrpc": "2.0", "id": 2, "result": {}}"#
        );
        upstream.close().await;
    }
}

/// The way to the agent mends and records it; here it must find its call.
#[tokio::test]
async fn half_a_sign_in_an_answer_reaches_the_call_that_it_answers() {
    let upstream = server(
        r#"
for m in messages():
    print('{"jsonrpc":"2.0","result":"\\ud83d","id":%d}' % m["id"], flush=True)
"#,
    );
    let answer = json(
        send(&upstream, modern(&request("1", "tools/call")))
            .await
            .unwrap(),
    );
    assert_eq!(answer, r#"{"jsonrpc":"2.0","result":"\ud83d","id":1}"#);
    upstream.close().await;
}

#[tokio::test]
async fn answers_to_calls_that_nobody_made_reach_nobody() {
    let upstream = server(
        r#"
for m in messages():
    for wrong in (1, m["id"] - 1, m["id"] + 1, str(m["id"]), None, 1.5, {}):
        if wrong is not None and not isinstance(wrong, (float, dict)):
            say({"jsonrpc": "2.0", "id": wrong, "result": "wrong"})
    answer(m, "right")
"#,
    );
    for _ in 0..3 {
        let exchange = send(&upstream, modern(&request("1", "ping")))
            .await
            .unwrap();
        assert!(json(exchange).contains("right"));
    }
    upstream.close().await;
}

#[tokio::test]
async fn a_giant_line_ends_the_server_and_not_the_gate() {
    let upstream = server(
        r#"
m = json.loads(sys.stdin.readline())
while True: sys.stdout.write("x" * 65536)
"#,
    );
    let error = failure(&upstream, modern(&request("1", "ping"))).await;
    assert_eq!(error, UpstreamError::TooLarge { bytes_max: 1 << 20 });
    upstream.close().await;
}

#[tokio::test]
async fn a_call_that_is_given_up_is_cancelled_at_the_server() {
    let upstream = server(
        r#"
m = json.loads(sys.stdin.readline())
c = json.loads(sys.stdin.readline())
same = c["method"] == "notifications/cancelled" and c["params"]["requestId"] == m["id"]
answer(m, "too late")
m = json.loads(sys.stdin.readline())
answer(m, "cancelled" if same else "not cancelled")
sys.stdin.read()
"#,
    );
    let call = modern(&request("1", "tools/call"));
    let hang = timeout(Duration::from_millis(50), upstream.send(call.clone())).await;
    assert!(hang.is_err());
    let answer = json(send(&upstream, call).await.unwrap());
    assert_eq!(
        answer,
        r#"{"jsonrpc": "2.0", "id": 1, "result": "cancelled"}"#
    );
    upstream.close().await;
}

#[tokio::test]
async fn a_late_answer_never_reaches_a_later_call_with_the_same_id() {
    let upstream = server(
        r#"
m = json.loads(sys.stdin.readline())
answer(m, {})
first = json.loads(sys.stdin.readline())
cancelled = json.loads(sys.stdin.readline())
second = json.loads(sys.stdin.readline())
answer(first, "old")
answer(second, "new")
sys.stdin.read()
"#,
    );
    let session = initialize(&upstream).await;
    let call = legacy(&session, &request("1", "tools/call"));
    let hang = timeout(Duration::from_millis(50), upstream.send(call.clone())).await;
    assert!(hang.is_err());
    let answer = json(send(&upstream, call).await.unwrap());
    assert_eq!(answer, r#"{"jsonrpc": "2.0", "id": 1, "result": "new"}"#);
    upstream.close().await;
}

#[tokio::test]
async fn the_callers_own_cancellation_ends_the_call_on_both_sides() {
    let upstream = server(
        r#"
m = json.loads(sys.stdin.readline())
answer(m, {})
m = json.loads(sys.stdin.readline())
tell("notifications/progress", {"progressToken": 1, "progress": 1})
c = json.loads(sys.stdin.readline())
m = json.loads(sys.stdin.readline())
answer(m, c)
sys.stdin.read()
"#,
    );
    let session = initialize(&upstream).await;
    let call = r#"{"jsonrpc":"2.0","id":"c","method":"x","params":{"_meta":{"progressToken":1}}}"#;
    let mut events = events(send(&upstream, legacy(&session, call)).await.unwrap());
    assert!(next(&mut events).await.unwrap().is_ok());
    let cancel = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"c","reason":"bored"}}"#;
    let accepted = send(&upstream, legacy(&session, cancel)).await.unwrap();
    assert_eq!(accepted.status, StatusCode::ACCEPTED);
    assert!(next(&mut events).await.unwrap().is_err());
    assert!(next(&mut events).await.is_none());
    let answer = json(
        send(&upstream, legacy(&session, &request("2", "x")))
            .await
            .unwrap(),
    );
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["result"]["params"]["requestId"], "c");
    assert_eq!(answer["result"]["params"]["reason"], "bored");
    upstream.close().await;
}

#[tokio::test]
async fn a_flood_on_stderr_holds_up_nothing() {
    let upstream = server(
        r#"
for m in messages():
    sys.stderr.write("noise " * (1 << 20)); sys.stderr.flush()
    answer(m, {})
"#,
    );
    for _ in 0..3 {
        let exchange = send(&upstream, modern(&request("1", "ping")))
            .await
            .unwrap();
        assert_eq!(
            json(exchange),
            r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#
        );
    }
    upstream.close().await;
}

#[tokio::test]
async fn a_flood_of_progress_is_bounded_and_the_answer_still_comes() {
    let upstream = server(
        r#"
for m in messages():
    token = m["params"]["_meta"]["progressToken"]
    for n in range(5000): tell("notifications/progress", {"progressToken": token, "progress": n})
    answer(m, {})
"#,
    );
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{"progressToken":1}}}"#;
    let mut events = events(send(&upstream, modern(call)).await.unwrap());
    // This reader is as slow as can be: it reads when everything was said.
    let other = json(send(&upstream, modern(call)).await.map(last).unwrap().await);
    assert_eq!(other, r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#);
    let mut messages = Vec::new();
    while let Some(message) = next(&mut events).await {
        messages.push(message.unwrap());
    }
    assert!(messages.len() < 1000, "{}", messages.len());
    let last = messages.last().unwrap();
    assert_eq!(last, r#"{"jsonrpc": "2.0", "id": 1, "result": {}}"#);
    upstream.close().await;
}

/// The last message of an answer, as an answer of one message.
async fn last(exchange: Exchange) -> Exchange {
    let mut stream = events(exchange);
    let mut last = None;
    while let Some(message) = next(&mut stream).await {
        last = Some(message.unwrap());
    }
    Exchange {
        body: Reply::Json(last.unwrap().into()),
        ..Exchange::empty(StatusCode::OK)
    }
}

#[tokio::test]
async fn a_server_that_reads_nothing_holds_up_its_callers_and_no_more() {
    let upstream = server("signal.pause()");
    let long = "x".repeat(1 << 18);
    let call = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"x","params":{{"long":"{long}"}}}}"#);
    for _ in 0..40 {
        let hang = timeout(Duration::from_millis(1), upstream.send(modern(&call))).await;
        assert!(hang.is_err());
    }
    upstream.close().await;
}

#[tokio::test]
async fn a_server_that_closes_its_input_or_output_is_given_up() {
    for program in ["os.close(0); signal.pause()", "os.close(1); signal.pause()"] {
        let upstream = server(program);
        let call = modern(&request("1", "ping"));
        let first = failure(&upstream, call.clone()).await;
        assert!(
            first.to_string().contains("closed its"),
            "{program}: {first}"
        );
        upstream.close().await;
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_a_clear_error() {
    let upstream = StdioUpstream::new(StdioCommand {
        command: vec!["no-such-program-anywhere".to_owned()],
        ..command("")
    });
    let error = failure(&upstream, modern(&request("1", "ping")))
        .await
        .to_string();
    assert!(
        error.contains("`no-such-program-anywhere` cannot be started"),
        "{error}"
    );
    let outgoing = Outgoing {
        era: Era::Legacy,
        ..modern(&request("1", "initialize"))
    };
    let error = failure(&upstream, outgoing).await.to_string();
    assert!(error.contains("cannot be started"), "{error}");
}

#[tokio::test]
async fn one_session_more_than_allowed_is_refused() {
    let upstream = StdioUpstream::new(StdioCommand {
        processes_max: 2,
        ..command("for m in messages(): answer(m, {})")
    });
    let (one, _two) = (initialize(&upstream).await, initialize(&upstream).await);
    let outgoing = Outgoing {
        era: Era::Legacy,
        ..modern(&request("1", "initialize"))
    };
    let error = failure(&upstream, outgoing).await.to_string();
    assert!(error.contains("2 sessions are open"), "{error}");
    upstream.end_session(&one);
    until("room for a session", || upstream.sessions.count() == 1).await;
    initialize(&upstream).await;
    upstream.close().await;
}
