//! What a client can say, and what comes back.

use ed25519_dalek::SigningKey;
use gatewright_policy::credential::proof::{CALL_TYPE, Called, call_claims};
use gatewright_policy::credential::{did_key, sign};
use gatewright_policy::json::{Document, JsonLimits};
use serde_json::json;

use crate::desktop::Desktop;

#[tokio::test]
async fn a_refused_call_never_reaches_the_server_and_an_allowed_one_does() {
    let mut desktop = Desktop::initialized().await;
    desktop.call("1", "forbidden").await;
    let refused = desktop.answer().await;
    assert_eq!(refused["id"], 1);
    assert_eq!(refused["result"]["isError"], true);
    assert_eq!(refused["result"]["_meta"]["gatewright/reason"], "forbidden");
    desktop.call("\"two\"", "read").await;
    assert_eq!(desktop.text().await, (json!("two"), "read".to_owned()));
    desktop.request("3", "tools/list", json!({})).await;
    let listed = desktop.answer().await;
    assert_eq!(
        listed["result"]["tools"].as_array().unwrap().len(),
        1,
        "{listed}"
    );

    assert!(desktop.called().contains("read"));
    assert!(!desktop.called().contains("forbidden"));
    let ledger = desktop.ledger();
    assert!(ledger.contains("desktop") && ledger.contains("alice"));
    assert!(ledger.contains("forbidden"));
    desktop.input = None;
    desktop.ended().await.unwrap();
}

/// `local.holder`: whoever reaches the input of the program is not the agent yet.
#[tokio::test]
async fn over_stdio_each_message_is_signed_where_the_agent_has_a_key() {
    let key = SigningKey::from_bytes(&[1; 32]);
    let mut desktop = Desktop::with(&format!(
        "[local]\nagent = \"desktop\"\nprincipal = \"alice\"\nholder = \"{}\"",
        did_key(&key.verifying_key())
    ))
    .await;
    let signed = |id: &str, endpoint: &str, arguments: &str| {
        let params = format!(r#"{{"name":"read","arguments":{arguments}}}"#);
        let params = Document::parse(params, &JsonLimits::default()).unwrap();
        let called = Called {
            method: "tools/call",
            name: "read",
            endpoint,
            params: Some(params.root()),
        };
        let claims = call_claims(&called, now(), id).unwrap();
        sign(CALL_TYPE, &claims, &key)
    };
    let endpoint = "stdio:/tools";
    for (id, proof, reason) in [
        ("1", None, "proof_missing"),
        (
            "2",
            Some(signed("a", "stdio:/other", "{}")),
            "proof_invalid",
        ),
        (
            "3",
            Some(signed("b", endpoint, r#"{"x":1}"#)),
            "proof_invalid",
        ),
    ] {
        desktop.call_with(id, "read", proof.as_deref()).await;
        let answer = desktop.answer().await;
        assert_eq!(answer["error"]["data"]["reason"], reason, "{answer}");
    }
    let proof = signed("c", endpoint, "{}");
    desktop.call_with("4", "read", Some(&proof)).await;
    assert_eq!(desktop.text().await, (json!(4), "read".to_owned()));
    desktop.call_with("5", "read", Some(&proof)).await;
    assert_eq!(
        desktop.answer().await["error"]["data"]["reason"],
        "proof_replayed"
    );
    assert_eq!(desktop.heard().len(), 1);
    assert!(
        !format!("{:?}", desktop.heard()).contains("proof"),
        "it goes no further"
    );
    desktop.input = None;
    desktop.ended().await.unwrap();
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

#[tokio::test]
async fn the_modern_era_needs_no_handshake() {
    let mut desktop = Desktop::start().await;
    desktop.call_modern("1", "forbidden").await;
    assert_eq!(desktop.answer().await["result"]["isError"], true);
    desktop.call_modern("1", "read").await;
    assert_eq!(desktop.text().await, (json!(1), "read".to_owned()));
    assert_eq!(desktop.heard().len(), 1);
    desktop.input = None;
    desktop.ended().await.unwrap();
}

#[tokio::test]
async fn answers_come_in_the_order_in_which_the_calls_end() {
    let mut desktop = Desktop::initialized().await;
    desktop.call("1", "wait").await;
    while !desktop_called(&desktop, "wait") {
        tokio::task::yield_now().await;
    }
    desktop.call("2", "release").await;
    assert_eq!(desktop.text().await, (json!(2), "released".to_owned()));
    assert_eq!(desktop.text().await, (json!(1), "waited".to_owned()));
    desktop.input = None;
    desktop.ended().await.unwrap();
}

fn desktop_called(desktop: &Desktop, tool: &str) -> bool {
    desktop.called().contains(tool)
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_the_next_one_is_served() {
    let mut desktop = Desktop::initialized().await;
    let long = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"{}"}}"#,
        "x".repeat(70_000)
    );
    for (line, code) in [
        ("hello", -32_700),
        ("{\"jsonrpc\":\"2.0\",", -32_700),
        (
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#,
            -32_700,
        ),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32_600),
        (r#"{"id":1,"method":"ping"}"#, -32_600),
        (&long, -32_600),
    ] {
        desktop.say(line).await;
        let refused = desktop.answer().await;
        let shown = &line[..line.len().min(60)];
        assert_eq!(refused["error"]["code"], code, "{shown}: {refused}");
        // Where one request is meant, the client learns that it was refused.
        let id = match line {
            r#"{"id":1,"method":"ping"}"# => json!(1),
            _unclear => serde_json::Value::Null,
        };
        assert_eq!(refused["id"], id, "{shown}: {refused}");
        desktop.say("").await;
        desktop.request("9", "ping", json!({})).await;
        assert_eq!(
            desktop.answer().await,
            json!({"jsonrpc": "2.0", "id": 9, "result": {}})
        );
    }
    desktop.request("10", "tools/destroy", json!({})).await;
    assert_eq!(desktop.answer().await["error"]["code"], -32_601);
    desktop.input = None;
    desktop.ended().await.unwrap();
}

#[tokio::test]
async fn a_cancelled_call_says_nothing_more_and_the_server_hears_of_it() {
    for modern in [false, true] {
        let mut desktop = Desktop::initialized().await;
        match modern {
            true => desktop.call_modern("5", "wait").await,
            false => desktop.call("5", "wait").await,
        }
        desktop
            .say(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#)
            .await;
        // Not the first one: the call may be cancelled before it left the gate.
        for id in ["6", "7"] {
            match modern {
                true => desktop.call_modern(id, "release").await,
                false => desktop.call(id, "release").await,
            }
            let (answered, text) = desktop.text().await;
            assert_eq!(
                (answered.to_string(), text.as_str()),
                (id.to_owned(), "released")
            );
        }
        let heard = desktop.heard();
        let waited = heard
            .iter()
            .any(|message| message["params"]["name"] == "wait");
        let cancelled = heard
            .iter()
            .any(|message| message["method"] == "notifications/cancelled");
        assert_eq!(waited, cancelled, "modern: {modern}");
        desktop.input = None;
        desktop.ended().await.unwrap();
    }
}

#[tokio::test]
async fn what_the_server_says_and_asks_reaches_the_client() {
    let mut desktop = Desktop::initialized().await;
    let changed = desktop.hear().await;
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    desktop.call("1", "ask").await;
    let question = desktop.hear().await;
    assert_eq!(question["method"], "roots/list");
    let id = question["id"].to_string();
    desktop
        .say(&format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"roots":[]}}}}"#
        ))
        .await;
    assert_eq!(
        desktop.text().await,
        (json!(1), r#"{"roots": []}"#.to_owned())
    );
    desktop.input = None;
    desktop.ended().await.unwrap();
}

#[tokio::test]
async fn the_server_gets_the_variables_that_the_operator_names() {
    assert!(std::env::var("CARGO_MANIFEST_DIR").is_ok(), "run by cargo");
    let mut desktop = Desktop::initialized().await;
    desktop.call("1", "environment").await;
    let (_, names) = desktop.text().await;
    for (name, is_given) in [
        ("PATH", true),
        ("GIVEN", true),
        ("CARGO_PKG_NAME", true),
        ("CARGO_MANIFEST_DIR", false),
        ("CARGO", false),
    ] {
        let found = names.split(' ').any(|other| other == name);
        assert_eq!(found, is_given, "{name}: {names}");
    }
    desktop.input = None;
    desktop.ended().await.unwrap();
}
