//! Credentials that are bound to a key: what proves it, what does not, and that a proof
//! counts once and goes no further than the gate.

use std::time::Duration;

use ed25519_dalek::SigningKey;
use gatewright_policy::approval::Choice;
use gatewright_policy::credential::proof::{CALL_TYPE, Called, DPOP_TYPE, call_claims};
use gatewright_policy::credential::{Claims, issue, sha256, sign};
use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::scope::{Scope, read_details};
use gatewright_policy::{Proof, Timestamp};
use serde_json::{Value, json};

use crate::agent::{Agent, Answer, call, modern};
use crate::approvals::{asking_at, decide};
use crate::scene::{Scene, Setting, key};

pub fn holder(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub fn details(text: &Value) -> Vec<Scope> {
    let document = Document::parse(text.to_string(), &JsonLimits::default()).unwrap();
    read_details(document.root()).unwrap()
}

/// A credential that is bound to the key 1.
pub fn bound(scene: &Scene, scopes: &Value) -> String {
    let now = scene.engine.now();
    let claims = Claims {
        agent: "did:example:agent".to_owned(),
        principal: "user:alice".to_owned(),
        scopes: details(scopes),
        audience: Vec::new(),
        valid_from: Timestamp(now.0 - 60_000),
        valid_until: now.plus(Duration::from_secs(600)),
        id: "urn:test:bound".to_owned(),
        task: None,
        holder: Some(holder(1).verifying_key()),
        facts: Vec::new(),
    };
    issue(&claims, &key())
}

pub fn everything() -> Value {
    json!([{ "type": "mcp_tools", "actions": ["files:*"] }])
}

fn url(scene: &Scene) -> String {
    format!("http://{}/mcp/files", scene.address)
}

pub struct Holder<'a> {
    pub scene: &'a Scene,
    pub token: String,
    pub seed: u8,
}

impl Holder<'_> {
    fn agent(&self, headers: &[(&str, String)]) -> Agent {
        Agent {
            gate: self.scene.address,
            token: None,
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        }
    }

    /// Sends with a proof of the request, whose claims may be others.
    async fn dpop(&self, id: &str, other: Value) -> Answer {
        let mut claims = json!({
            "htm": "POST", "htu": url(self.scene), "ath": sha256(&self.token),
            "iat": self.scene.engine.now().seconds(), "jti": id,
        });
        for (name, value) in other.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let proof = sign(DPOP_TYPE, &claims, &holder(self.seed));
        let headers = [
            ("authorization", format!("DPoP {}", self.token)),
            ("dpop", proof),
        ];
        self.agent(&headers).post(&call("read", "{}")).await
    }

    /// Sends a call with a proof of a call, which may be another one.
    pub async fn call(&self, id: &str, arguments: &str, other: Value) -> Answer {
        let body = self.signed(id, arguments, &other);
        self.send(&body).await
    }

    fn signed(&self, id: &str, arguments: &str, other: &Value) -> String {
        let params = format!(r#"{{"name":"read","arguments":{arguments}}}"#);
        let params = Document::parse(params, &JsonLimits::default()).unwrap();
        let endpoint = url(self.scene);
        let called = Called {
            method: "tools/call",
            name: "read",
            endpoint: &endpoint,
            params: Some(params.root()),
        };
        let mut claims = call_claims(&called, self.scene.engine.now().seconds(), id).unwrap();
        for (name, value) in other.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let proof = sign(CALL_TYPE, &claims, &holder(self.seed));
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"read","arguments":{arguments},"_meta":{{"progressToken":7,"gatewright/proof":"{proof}"}}}}}}"#
        )
    }

    /// The same of a modern client that can show URLs; `more` stands beside the arguments,
    /// and is signed with them.
    async fn call_with(&self, id: &str, more: &str) -> Answer {
        let params = format!(r#"{{"name":"read","arguments":{{}}{more}}}"#);
        let signed = Document::parse(params.clone(), &JsonLimits::default()).unwrap();
        let endpoint = url(self.scene);
        let called = Called {
            method: "tools/call",
            name: "read",
            endpoint: &endpoint,
            params: Some(signed.root()),
        };
        let claims = call_claims(&called, self.scene.engine.now().seconds(), id).unwrap();
        let proof = sign(CALL_TYPE, &claims, &holder(self.seed));
        let headers = [("authorization", format!("Bearer {}", self.token))];
        let (agent, body) = modern(&self.agent(&headers), "tools/call", &params);
        let meta = format!(r#""_meta":{{"gatewright/proof":"{proof}","#);
        let body = body.replace(r#""_meta":{"#, &meta);
        let capability = r#"clientCapabilities":{"elicitation":{"url":{}}}"#;
        agent
            .post(&body.replace(r#"clientCapabilities":{}"#, capability))
            .await
    }

    async fn send(&self, body: &str) -> Answer {
        let headers = [("authorization", format!("Bearer {}", self.token))];
        self.agent(&headers).post(body).await
    }
}

#[tokio::test]
async fn a_bound_credential_without_a_proof_opens_nothing() {
    let scene = Scene::start().await;
    let token = bound(&scene, &everything());
    let thief = Holder {
        scene: &scene,
        token,
        seed: 1,
    };
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let opens = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"a","version":"1"}}}"#;
    for body in [&*call("read", "{}"), list, opens] {
        let answer = thief.send(body).await;
        assert_eq!(
            (answer.status, &*answer.reason()),
            (401, "proof_missing"),
            "{body}"
        );
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("DPoP error=\"invalid_token\""),
            "{challenge}"
        );
        assert!(challenge.contains("algs=\"EdDSA ES256\""), "{challenge}");
    }
    let bearer = [("authorization", format!("Bearer {}", thief.token))];
    for verb in ["GET", "DELETE"] {
        let answer = thief.agent(&bearer).request(verb, "/mcp/files", "").await;
        assert_eq!(
            (answer.status, &*answer.reason()),
            (401, "proof_missing"),
            "{verb}"
        );
    }
    let named = [("authorization", format!("DPoP {}", thief.token))];
    let answer = thief.agent(&named).post(list).await;
    assert_eq!((answer.status, &*answer.reason()), (401, "proof_missing"));
    assert!(
        scene.fake.seen().is_empty(),
        "nothing reached the tool server"
    );
}

#[tokio::test]
async fn a_proof_of_a_request_opens_once() {
    let scene = Scene::start().await;
    let now = scene.engine.now().seconds();
    let token = bound(&scene, &everything());
    let agent = Holder {
        scene: &scene,
        token: token.clone(),
        seed: 1,
    };
    assert_eq!(agent.dpop("one", json!({})).await.status, 200);
    let decided = scene.decisions().pop().unwrap();
    assert_eq!(decided.caller.unwrap().proof, Some(Proof::Sender));
    for (what, id, other, reason) in [
        ("again", "one", json!({}), "proof_replayed"),
        (
            "another method",
            "a",
            json!({ "htm": "GET" }),
            "proof_invalid",
        ),
        (
            "another server",
            "b",
            json!({ "htu": format!("http://{}/mcp/db", scene.address) }),
            "proof_invalid",
        ),
        (
            "another credential",
            "c",
            json!({ "ath": sha256("x") }),
            "proof_invalid",
        ),
        ("too old", "d", json!({ "iat": now - 61 }), "proof_invalid"),
        (
            "from the future",
            "e",
            json!({ "iat": now + 3600 }),
            "proof_invalid",
        ),
    ] {
        let answer = agent.dpop(id, other).await;
        assert_eq!((answer.status, &*answer.reason()), (401, reason), "{what}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(
            challenge.starts_with("DPoP error=\"invalid_dpop_proof\""),
            "{challenge}"
        );
    }
    let thief = Holder {
        scene: &scene,
        token,
        seed: 2,
    };
    assert_eq!(thief.dpop("f", json!({})).await.reason(), "proof_invalid");
    assert_eq!(
        scene.fake.seen().len(),
        1,
        "one of them reached the tool server"
    );
    let entry = scene.decisions().pop().unwrap();
    assert!(
        entry.message.contains("another key"),
        "the record says why: {}",
        entry.message
    );
}

#[tokio::test]
async fn a_proof_beside_a_bearer_proves_nothing() {
    let scene = Scene::start().await;
    let agent = Holder {
        scene: &scene,
        token: scene.token("did:example:agent", &["files:*"], Duration::from_secs(60)),
        seed: 1,
    };
    let answer = agent.dpop("one", json!({})).await;
    assert_eq!(
        answer.reason(),
        "proof_invalid",
        "the credential is bound to no key"
    );
    let answer = agent.call("two", "{}", json!({})).await;
    assert_eq!(answer.reason(), "proof_invalid");
    let headers = [
        ("authorization", format!("Bearer {}", agent.token)),
        ("dpop", "x".to_owned()),
    ];
    let answer = agent.agent(&headers).post(&call("read", "{}")).await;
    assert_eq!(answer.reason(), "proof_invalid", "the two go together");
}

#[tokio::test]
async fn a_proof_of_a_call_opens_that_call_once_and_goes_no_further() {
    let scene = Scene::of(Setting {
        server: "proof = \"call\"".to_owned(),
        ..Setting::default()
    })
    .await;
    let token = bound(&scene, &everything());
    let agent = Holder {
        scene: &scene,
        token,
        seed: 1,
    };
    let body = agent.signed("one", r#"{"path":"/a"}"#, &json!({}));
    assert_eq!(agent.send(&body).await.status, 200);
    let seen = scene.fake.seen();
    let meta = &seen.last().unwrap().json()["params"]["_meta"];
    assert_eq!(
        *meta,
        json!({ "progressToken": 7 }),
        "the proof is gone, the rest is not"
    );
    let decided = scene.decisions().pop().unwrap();
    assert_eq!(decided.caller.unwrap().proof, Some(Proof::Call));

    assert_eq!(agent.send(&body).await.reason(), "proof_replayed");
    let other = body.replace("/a", "/b").replace("\"one\"", "\"two\"");
    assert_eq!(
        agent.send(&other).await.reason(),
        "proof_invalid",
        "other arguments"
    );
    for (what, other) in [
        ("another tool", json!({ "tool": "write" })),
        (
            "another gate",
            json!({ "aud": "http://127.0.0.1:1/mcp/files" }),
        ),
        ("another method", json!({ "method": "prompts/get" })),
        ("too old", json!({ "iat": 1 })),
    ] {
        let answer = agent.call(what, "{}", other).await;
        assert_eq!(answer.reason(), "proof_invalid", "{what}");
    }
    let weaker = agent.dpop("three", json!({})).await;
    assert_eq!(weaker.reason(), "proof_missing", "the server asks for more");
    assert_eq!(
        scene.agent().post(&call("read", "{}")).await.reason(),
        "proof_missing"
    );
    assert_eq!(scene.fake.seen().len(), 1);
}

#[tokio::test]
async fn one_tool_may_ask_for_more_than_its_server() {
    let scene = Scene::of(Setting {
        server: "[server.tools]\n\"write*\" = { proof = \"sender\" }".to_owned(),
        ..Setting::default()
    })
    .await;
    let bearer = scene.agent();
    assert_eq!(bearer.post(&call("read", "{}")).await.status, 200);
    assert_eq!(
        bearer.post(&call("write_file", "{}")).await.reason(),
        "proof_missing"
    );
}

#[tokio::test]
async fn who_signs_its_calls_comes_back_from_the_console_with_a_new_proof() {
    let setting = Setting {
        gate: "console_url = \"https://console.example\"".to_owned(),
        ..Setting::default()
    };
    let scene = asking_at("", setting).await;
    let agent = Holder {
        scene: &scene,
        token: bound(&scene, &everything()),
        seed: 1,
    };
    let asked = agent.call_with("one", "").await.json();
    let result = &asked["result"];
    assert_eq!(result["resultType"], "input_required", "{asked}");
    let id = result["_meta"]["gatewright/decision"].as_str().unwrap();
    let back = format!(
        r#","requestState":{},"inputResponses":{{"gatewright-approval":{{"action":"accept"}}}}"#,
        result["requestState"]
    );
    decide(&scene, id, Choice::Approve, "n1").await;
    let answer = agent.call_with("two", &back).await;
    assert!(answer.json()["result"].get("echo").is_some(), "{answer:?}");
    assert_eq!(scene.fake.count(), 1);
    let sent = scene.fake.last().body;
    assert!(!sent.contains("requestState") && !sent.contains("gatewright/proof"));
}
