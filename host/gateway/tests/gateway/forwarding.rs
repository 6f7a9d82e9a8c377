//! What goes on to the tool server, and what never does.

use crate::agent::{call, modern};
use crate::fake::{Fake, Reply, Seen, result};
use crate::guests;
use crate::scene::{ASK, DENY, Scene, Setting};

#[tokio::test]
async fn an_allowed_call_goes_on_byte_for_byte_and_its_answer_comes_back_so() {
    let scene = Scene::start().await;
    let body = "{ \"jsonrpc\": \"2.0\",\t\"id\": \"\\u0061\", \"method\": \"tools/call\", \
                \"params\": {\"name\":\"read\", \"arguments\": {\"n\": 12345678901234567890123, \"f\": 1.0}, \"_meta\": {}} }\n";
    let reply = "{\"id\":\"a\",  \"jsonrpc\":\"2.0\", \"result\": {\"content\":[], \"big\": 98765432109876543210, \"é\": \"\\u00e9\"}}";
    scene
        .fake
        .script(move |_| crate::fake::Reply::Json(200, reply.to_owned()));
    let answer = scene.agent().post(body).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, reply));
    assert_eq!(scene.fake.last().body, body);
    let decided = scene.decisions().pop().unwrap();
    assert_eq!(
        (decided.decision.as_str(), decided.name.as_str()),
        ("allow", "read")
    );
    assert_eq!(scene.completed(1).await[0].id, decided.id);
}

#[tokio::test]
async fn nothing_of_the_agents_headers_goes_on_but_what_mirrors_the_message() {
    let scene = Scene::start().await;
    let (agent, body) = modern(
        &scene.agent(),
        "tools/call",
        r#"{"name":"read","arguments":{}}"#,
    );
    let agent = agent
        .with("cookie", "session=1")
        .with("x-forwarded-for", "10.0.0.1")
        .with("proxy-authorization", "Basic eA==")
        .with("mcp-session-id", "stolen")
        .with("last-event-id", "7")
        .with("mcp-param-region", "eu")
        .with("te", "trailers");
    assert_eq!(agent.post(&body).await.status, 200);
    let seen = scene.fake.last();
    let mut names: Vec<_> = seen
        .headers
        .keys()
        .map(|name| name.as_str().to_owned())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "accept",
            "accept-encoding",
            "content-length",
            "content-type",
            "host",
            "mcp-method",
            "mcp-name",
            "mcp-protocol-version",
            "user-agent"
        ]
    );
    assert_eq!(
        seen.header("host"),
        Some(scene.fake.address.to_string().as_str())
    );
}

#[tokio::test]
async fn the_gates_own_credential_is_added_and_read_again_when_its_file_changes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "first\n").unwrap();
    let setting = Setting {
        server: format!("credential = {{ file = \"{}\" }}", file.display()),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    let agent = scene.agent();
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    assert_eq!(
        scene.fake.last().header("authorization"),
        Some("Bearer first")
    );
    std::fs::write(&file, "the second\n").unwrap();
    assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    assert_eq!(
        scene.fake.last().header("authorization"),
        Some("Bearer the second")
    );
    std::fs::remove_file(&file).unwrap();
    let answer = agent.post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "upstream_unavailable");
    assert!(!answer.body.contains("secret"), "{}", answer.body);
    assert_eq!(scene.fake.count(), 2);
}

#[tokio::test]
async fn what_policies_refuse_is_a_result_and_never_arrives() {
    for (what, verdict, reason) in [
        ("deny", DENY, "forbidden"),
        ("ask", ASK, "approval_required"),
    ] {
        let setting = Setting {
            bindings: vec![("judge", guests::judge("(i32.const 64)", verdict), "")],
            ..Setting::default()
        };
        let scene = Scene::of(setting).await;
        let answer = scene.agent().post(&call("read", "{}")).await;
        let json = answer.json();
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (200, reason),
            "{what}"
        );
        assert_eq!(json["result"]["isError"], true);
        assert_eq!(json["id"], 1);
        assert!(json["result"].get("resultType").is_none());
        let id = json["result"]["_meta"]["gatewright/decision"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(scene.decisions().pop().unwrap().id, id);
        let (agent, body) = modern(
            &scene.agent(),
            "tools/call",
            r#"{"name":"read","arguments":{}}"#,
        );
        assert_eq!(
            agent.post(&body).await.json()["result"]["resultType"],
            "complete"
        );
        let prompt = r#"{"jsonrpc":"2.0","id":"p","method":"prompts/get","params":{"name":"x"}}"#;
        let answer = scene.agent().post(prompt).await;
        assert_eq!(
            (answer.status, answer.reason().as_str()),
            (200, reason),
            "{what}"
        );
        let code = answer.code().unwrap();
        assert!(!(-32_768..=-32_000).contains(&code), "{code}");
        assert_eq!(scene.fake.count(), 0, "{what}");
    }
}

#[tokio::test]
async fn without_a_policy_that_allows_nothing_goes_on() {
    let setting = Setting {
        bindings: Vec::new(),
        ..Setting::default()
    };
    let scene = Scene::of(setting).await;
    let answer = scene.agent().post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "no_policy");
    assert_eq!(scene.fake.count(), 0);
}

/// Sets `/region` to `"us"`.
fn editor() -> Vec<u8> {
    guests::of_world(
        "editor",
        "(i32.const 64)",
        r#"(data (i32.const 64) "\00\00\00\00\80\00\00\00\01")
           (data (i32.const 128) "\c0\00\00\00\07\00\00\00\01\00\00\00\d0\00\00\00\04")
           (data (i32.const 192) "/region")
           (data (i32.const 208) "\22us\22")"#,
    )
}

#[tokio::test]
async fn headers_follow_what_an_editor_changed() {
    let mut setting = Setting::default();
    setting.bindings.push(("edit", editor(), ""));
    let scene = Scene::with(Fake::start().await, setting).await;
    let agent = scene.agent();
    let tools = r#"{"resultType":"complete","tools":[{"name":"query","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}]}"#;
    scene.fake.script(move |seen| {
        let id = &seen.json()["id"];
        crate::fake::Reply::Json(
            200,
            crate::fake::result(id, &serde_json::from_str(tools).unwrap()),
        )
    });
    let (lister, list) = modern(&agent, "tools/list", "{}");
    assert_eq!(lister.post(&list).await.status, 200);
    let (caller, body) = modern(
        &agent,
        "tools/call",
        r#"{"name":"query","arguments":{"region":"eu"}}"#,
    );
    let answer = caller.post(&body).await;
    assert_eq!(
        (answer.status, answer.reason().as_str()),
        (400, "header_mismatch"),
        "the schema wants a header"
    );
    let answer = caller.with("mcp-param-region", "us").post(&body).await;
    assert_eq!(answer.reason(), "header_mismatch");
    let caller = caller.with("mcp-param-region", "eu");
    assert_eq!(caller.post(&body).await.status, 200);
    let seen = scene.fake.last();
    assert_eq!(seen.json()["params"]["arguments"]["region"], "us");
    assert_eq!(seen.header("mcp-param-region"), Some("us"));
}

/// A server with a tool whose `region` and `count` are mirrored in headers.
fn mirroring(seen: &Seen) -> Reply {
    let tools = r#"{"resultType":"complete","tools":[{"name":"query","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"},"count":{"type":"number","x-mcp-header":"Count"}}}}]}"#;
    let text = result(&seen.json()["id"], &serde_json::from_str(tools).unwrap());
    Reply::Json(200, text)
}

#[tokio::test]
async fn parameters_in_headers_are_made_of_what_was_judged_or_do_not_go_on() {
    let scene = Scene::with(Fake::with(mirroring).await, Setting::default()).await;
    let (caller, body) = modern(
        &scene.agent(),
        "tools/call",
        r#"{"name":"query","arguments":{"region":"caf\u00e9","count":1.50}}"#,
    );
    let caller = caller
        .with("mcp-param-region", "=?base64?Y2Fmw6k=?=")
        .with("mcp-param-count", "1.5")
        .with("mcp-param-other", "delete_evil");
    let params = |scene: &Scene| {
        let seen = scene.fake.last();
        ["mcp-param-region", "mcp-param-count", "mcp-param-other"]
            .map(|name| seen.header(name).map(str::to_owned))
    };
    let lies = caller.with("mcp-param-region", "delete_evil");
    assert_eq!(lies.post(&body).await.status, 200);
    assert_eq!(
        params(&scene),
        [None, None, None],
        "before any list nobody knows what they mirror"
    );
    let (lister, list) = modern(&scene.agent(), "tools/list", "{}");
    assert_eq!(lister.post(&list).await.status, 200);
    assert_eq!(lies.post(&body).await.reason(), "header_mismatch");
    assert_eq!(caller.post(&body).await.status, 200);
    assert_eq!(
        params(&scene),
        [
            Some("=?base64?Y2Fmw6k=?=".to_owned()),
            Some("1.50".to_owned()),
            None
        ],
        "as the message has them"
    );
    let before = scene.fake.count();
    for name in ["mcp-param-region", "mcp-param-other"] {
        let mut twice = caller.with("mcp-param-region", "=?base64?Y2Fmw6k=?=");
        twice.headers.push((name.to_owned(), "eu".to_owned()));
        assert_eq!(
            twice.post(&body).await.reason(),
            "header_mismatch",
            "{name} twice"
        );
    }
    assert_eq!(scene.fake.count(), before);
}

#[tokio::test]
async fn numbers_in_headers_are_compared_exactly() {
    let scene = Scene::with(Fake::with(mirroring).await, Setting::default()).await;
    let (lister, list) = modern(&scene.agent(), "tools/list", "{}");
    assert_eq!(lister.post(&list).await.status, 200);
    for (header, argument, passes) in [
        ("42", "42.0", true),
        ("4.2e1", "42", true),
        ("9007199254740993", "9007199254740992", false),
        ("infinity", "1e999", false),
        ("1e999", "2e999", false),
        ("+42", "42", false),
    ] {
        let params = r#"{"name":"query","arguments":{"count":"<count>"}}"#;
        let (caller, body) = modern(&scene.agent(), "tools/call", params);
        let body = body.replace("\"<count>\"", argument);
        let answer = caller.with("mcp-param-count", header).post(&body).await;
        assert_eq!(answer.status == 200, passes, "{header} {argument}");
        if passes {
            assert_eq!(scene.fake.last().header("mcp-param-count"), Some(argument));
        }
    }
}

#[tokio::test]
async fn a_subscription_to_several_resources_is_judged_for_each() {
    let scene = Scene::start().await;
    let agent = scene.agent_named("did:example:agent", &["files:file:///a"]);
    let listen = |uris: &str| {
        let params = format!(r#"{{"notifications":{{"resourceSubscriptions":{uris}}}}}"#);
        modern(&agent, "subscriptions/listen", &params)
    };
    let (caller, body) = listen(r#"["file:///a","file:///b"]"#);
    let answer = caller.post(&body).await;
    assert_eq!(answer.reason(), "insufficient_scope");
    assert_eq!(scene.fake.count(), 0);
    let (caller, body) = listen(r#"["file:///a"]"#);
    assert_eq!(caller.post(&body).await.status, 200);
    assert_eq!(scene.fake.count(), 1);
}

/// `allow` with one `charge`: key "k", cost 1, limit 2, a day.
const CHARGE: &str = r#"(data (i32.const 64) "\01\00\00\00\80\00\00\00\01")
    (data (i32.const 128) "\00\00\00\00\00\00\00\00\c0\00\00\00\01\00\00\00\01\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\80\51\01\00")
    (data (i32.const 192) "k")"#;

#[tokio::test]
async fn a_subscription_takes_effect_once_or_not_at_all() {
    let bound = |name, verdict, more| (name, guests::judge("(i32.const 64)", verdict), more);
    let scene = Scene::of(Setting {
        bindings: vec![
            bound("charge", CHARGE, "authority = [\"allow\", \"charge\"]"),
            bound("deny", DENY, "tools = [\"file:///denied\"]"),
            bound("ask", ASK, "tools = [\"file:///asked\"]"),
        ],
        ..Setting::default()
    })
    .await;
    let agent = scene.agent();
    let listen = |uris: &str| {
        let params = format!(r#"{{"notifications":{{"resourceSubscriptions":[{uris}]}}}}"#);
        modern(&agent, "subscriptions/listen", &params)
    };
    let rows = [
        (
            r#""file:///a","file:///denied""#,
            "forbidden",
            "file:///denied",
            "deny",
        ),
        (
            r#""file:///a","file:///asked","file:///b""#,
            "approval_required",
            "file:///asked",
            "hold",
        ),
        (
            r#""file:///a","file:///b","file:///c""#,
            "quota_exceeded",
            "file:///a",
            "deny",
        ),
    ];
    for (uris, reason, name, decision) in rows {
        let before = scene.entries().len();
        let (caller, body) = listen(uris);
        assert_eq!(caller.post(&body).await.reason(), reason, "{uris}");
        let decided = scene.decisions().pop().unwrap();
        assert_eq!(
            (decided.name.as_str(), decided.decision.as_str()),
            (name, decision)
        );
        let alone = decided
            .parts
            .iter()
            .filter(|part| part.alone.as_str() == "allow");
        assert_eq!(alone.count(), uris.matches("file:").count() - 1, "{uris}");
        assert_eq!(
            scene.entries().len(),
            before + 1,
            "{uris}: one entry, and nothing abandoned"
        );
        assert_eq!(scene.fake.count(), 0, "{uris}");
    }
    // Nothing was spent: two are within the quota of two.
    let (caller, body) = listen(r#""file:///a","file:///b""#);
    assert_eq!(caller.post(&body).await.status, 200);
    assert_eq!(scene.fake.count(), 1);
    let decided = scene.decisions().pop().unwrap();
    assert_eq!(
        (decided.decision.as_str(), decided.charges.len()),
        ("allow", 2)
    );
    assert_eq!(scene.completed(1).await[0].id, decided.id);
    let (caller, body) = listen(r#""file:///a""#);
    assert_eq!(caller.post(&body).await.reason(), "quota_exceeded");
}
