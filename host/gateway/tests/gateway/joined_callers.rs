//! Who may call what at the endpoint of all servers, and by which name.

use gatewright_policy::Proof;
use gatewright_policy::credential::proof::{CALL_TYPE, Called, call_claims};
use gatewright_policy::credential::sign;
use gatewright_policy::json::{Document, JsonLimits};
use serde_json::{Value, json};

use crate::agent::{Agent, Answer, call, modern};
use crate::joined::{Two, post};
use crate::joined_lists::{LIST, listing, names};
use crate::possession::{bound, holder};
use crate::sign_in::Company;

#[tokio::test]
async fn names_that_are_nobodys_are_refused_and_recorded() {
    let two = Two::start().await;
    for (body, reason) in [
        (call("read", "{}"), "invalid_arguments"),
        (call("files_read", "{}"), "invalid_arguments"),
        (call("nobody__read", "{}"), "insufficient_scope"),
        (call("Files__read", "{}"), "insufficient_scope"),
        (call("", "{}"), "malformed_request"),
        (call("files__", "{}"), "malformed_request"),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///a"}}"#.to_owned(),
            "invalid_arguments",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__a","name":"mail__a"}}"#.to_owned(),
            "malformed_request",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"files__a","Name":"mail__a"}}"#.to_owned(),
            "malformed_request",
        ),
        (
            r#"[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]"#.to_owned(),
            "batch_refused",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/drop"}"#.to_owned(),
            "unknown_method",
        ),
        (
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"n"}}"#.to_owned(),
            "invalid_arguments",
        ),
    ] {
        let before = two.scene.decisions().len();
        let answer = post(&two.agent(), &body).await;
        assert_eq!(answer.reason(), reason, "{body}");
        let decisions = two.scene.decisions();
        assert_eq!(decisions.len(), before + 1, "{body}");
        assert_eq!(decisions[before].reason.map(|it| it.code()), Some(reason));
    }
    assert_eq!(two.scene.fake.count() + two.mail.count(), 0);
}

/// Whoever may not use a server does not learn that it is there.
#[tokio::test]
async fn a_server_that_is_not_for_a_caller_is_as_none() {
    let two = Two::start().await;
    let agent = two.scene.agent_named("did:example:one", &["mail:*"]);
    let in_session = agent.with("mcp-session-id", "a-guess");
    let strange = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"NAME","arguments":{},"strange":1}}"#;
    let plain = call("NAME", "{}");
    let wrong = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#;
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let note = r#"{"jsonrpc":"2.0","method":"notifications/ours/a"}"#;
    let (modern_agent, modern_body) = modern(&agent, "tools/call", r#"{"name":"NAME"}"#);
    let told = |answer: &Answer, server: &str| {
        let mut json = match answer.body.is_empty() {
            true => Value::Null,
            false => answer.json(),
        };
        for place in ["/error/data/decision", "/result/_meta/gatewright~1decision"] {
            if let Some(value) = json.pointer_mut(place) {
                *value = Value::Null;
            }
        }
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        let text = format!("{} {json} {challenge}", answer.status);
        text.replace(server, "SERVER")
    };
    let mut before = Vec::new();
    for server in ["files", "nobody"] {
        let mut all = Vec::new();
        let path = format!("/mcp/{server}");
        for agent in [&agent, &in_session] {
            for body in [plain.as_str(), strange, wrong, list, note, "{}", "nonsense"] {
                let body = body.replace("NAME", "read");
                all.push(told(&agent.request("POST", &path, &body).await, server));
            }
            for method in ["GET", "DELETE"] {
                all.push(told(&agent.request(method, &path, "").await, server));
            }
        }
        let body = modern_body.replace("NAME", "read");
        let named = modern_agent.with("mcp-name", "read");
        all.push(told(&named.request("POST", &path, &body).await, server));
        for body in [plain.as_str(), strange] {
            let body = body.replace("NAME", &format!("{server}__read"));
            all.push(told(&post(&agent, &body).await, server));
        }
        if before.is_empty() {
            assert!(
                all[0].contains("403") && all[0].contains("SERVER:read"),
                "{}",
                all[0]
            );
            before = all;
            continue;
        }
        assert_eq!(all, before);
    }
    assert_eq!(two.scene.fake.count() + two.mail.count(), 0);
    // Who may use any server learns that there is none of this name.
    let all = two.scene.agent_named("did:example:all", &["*:*"]);
    let none = post(&all, &call("nobody__read", "{}")).await;
    assert_eq!(none.reason(), "unknown_server");
}

#[tokio::test]
async fn headers_say_what_the_message_says_on_both_sides() {
    let two = Two::start().await;
    let params = r#"{"name":"mail__send","arguments":{}}"#;
    let (agent, body) = modern(&two.agent(), "tools/call", params);
    assert_eq!(post(&agent, &body).await.status, 200);
    let seen = two.mail.last();
    assert_eq!(seen.header("mcp-name"), Some("send"));
    assert_eq!(seen.header("mcp-method"), Some("tools/call"));
    for (name, value) in [
        ("mcp-name", "send"),
        ("mcp-name", "files__send"),
        ("mcp-name", "<none>"),
        ("mcp-method", "tools/list"),
    ] {
        let answer = post(&agent.with(name, value), &body).await;
        assert_eq!(answer.reason(), "header_mismatch", "{name}: {value}");
    }
    assert_eq!(two.mail.count(), 1);
}

#[tokio::test]
async fn strangers_stay_out() {
    let two = Two::start().await;
    let stranger = two.scene.stranger();
    assert_eq!(post(&stranger, LIST).await.status, 401);
    let metadata = stranger
        .request("GET", "/.well-known/oauth-protected-resource/mcp", "")
        .await;
    assert_eq!(metadata.status, 200);
    let resource = format!("http://{}/mcp", two.scene.address);
    assert_eq!(metadata.json()["resource"], resource.as_str());
    let slash = two
        .agent()
        .request("POST", "/mcp/", &call("files__read", "{}"))
        .await;
    assert_eq!(slash.status, 200);
    let none = two.scene.agent_named("did:example:none", &["web:*"]);
    assert_eq!(post(&none, LIST).await.reason(), "insufficient_scope");
}

#[tokio::test]
async fn a_token_for_one_endpoint_is_none_for_another_one() {
    let company = Company::start("", "").await;
    let all = format!("http://{}/mcp", company.scene.address);
    let one = company.agent(json!({}));
    assert_eq!(one.post(&call("read", "{}")).await.status, 200);
    let refused = post(&one, &call("files__read", "{}")).await;
    assert_eq!(refused.reason(), "credential_invalid");
    let challenge = refused.header("www-authenticate").unwrap();
    let metadata = "/.well-known/oauth-protected-resource/mcp\"";
    assert!(challenge.contains(metadata), "{challenge}");
    let joined = company.agent(json!({ "aud": all }));
    assert_eq!(post(&joined, &call("files__read", "{}")).await.status, 200);
    let refused = joined.post(&call("read", "{}")).await;
    assert_eq!(refused.reason(), "credential_invalid");
}

/// A proof is about the call as its holder makes it, and counts once for all servers.
#[tokio::test]
async fn a_proof_is_about_what_was_sent_here() {
    let two = Two::start().await;
    let scopes = json!([{ "type": "mcp_tools", "actions": ["files:*", "mail:*"] }]);
    let agent = Agent {
        token: Some(bound(&two.scene, &scopes)),
        ..two.scene.stranger()
    };
    let signed = |method: &str, name: &str, params: &str, id: &str| {
        let document = Document::parse(params.to_owned(), &JsonLimits::default()).unwrap();
        let endpoint = format!("http://{}/mcp", two.scene.address);
        let called = Called {
            method,
            name,
            endpoint: &endpoint,
            params: Some(document.root()),
        };
        let claims = call_claims(&called, two.scene.engine.now().seconds(), id).unwrap();
        let proof = sign(CALL_TYPE, &claims, &holder(1));
        let mut params: Value = serde_json::from_str(params).unwrap();
        params["_meta"] = json!({ "progressToken": 7, "gatewright/proof": proof });
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
    };
    let params = r#"{"name":"files__read","arguments":{}}"#;
    let body = signed("tools/call", "files__read", params, "one");
    let answer = post(&agent, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let seen = two.scene.fake.last().json();
    assert_eq!(seen["params"]["name"], "read");
    assert_eq!(seen["params"]["_meta"], json!({ "progressToken": 7 }));
    let caller = two.scene.decisions().pop().unwrap().caller.unwrap();
    assert_eq!(caller.proof, Some(Proof::Call));
    assert_eq!(post(&agent, &body).await.reason(), "proof_replayed");
    let other = body.replace("files__read", "mail__read");
    assert_eq!(post(&agent, &other).await.reason(), "proof_invalid");
    for fake in [&two.scene.fake, &two.mail] {
        fake.script(|seen| listing(seen, &json!({ "tools": [{ "name": "read" }] })));
    }
    let list = post(&agent, &signed("tools/list", "", "{}", "two"))
        .await
        .json();
    assert_eq!(names(&list), ["files__read", "mail__read"], "{list}");
    for body in [
        LIST,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#,
        crate::sessions::INITIALIZE,
    ] {
        assert_eq!(post(&agent, body).await.reason(), "proof_missing", "{body}");
    }
}
