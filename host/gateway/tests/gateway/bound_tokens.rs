//! Access tokens of others have all that credentials of our own have: a key of their
//! holder, delegates, bounds on arguments, and an end before their time.

use ed25519_dalek::SigningKey;
use gatewright_policy::Proof;
use gatewright_policy::credential::proof::DPOP_TYPE;
use gatewright_policy::credential::{
    Delegation, HolderKey, PublicKey, delegate, jwk, sha256, sign,
};
use gatewright_policy::scope::Scope;
use serde_json::{Value, json};

use crate::agent::{Agent, Answer, call};
use crate::agents::ask;
use crate::sign_in::Company;

fn holder(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn thumbprint(seed: u8) -> String {
    HolderKey::of(&PublicKey::ed25519(holder(seed).verifying_key())).to_string()
}

/// Sends a call with a proof of the request.
async fn dpop(company: &Company, token: &str, seed: u8, id: &str) -> Answer {
    let claims = json!({
        "htm": "POST", "htu": company.endpoint(), "ath": sha256(token),
        "iat": company.scene.engine.now().seconds(), "jti": id,
    });
    let proof = sign(DPOP_TYPE, &claims, &holder(seed));
    let agent = Agent {
        gate: company.scene.address,
        token: None,
        headers: vec![
            ("authorization".to_owned(), format!("DPoP {token}")),
            ("dpop".to_owned(), proof),
        ],
    };
    agent.post(&call("read", "{}")).await
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, answer.reason())
}

#[tokio::test]
async fn an_access_token_that_is_bound_to_a_key_opens_nothing_without_it() {
    let company = Company::start("", "").await;
    let bound = company.agent(json!({ "cnf": { "jkt": thumbprint(1) } }));
    let answer = bound.post(&call("read", "{}")).await;
    assert_eq!(refusal(&answer), (401, "proof_missing".to_owned()));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("DPoP ") && challenge.contains("resource_metadata="),
        "{challenge}"
    );
    let token = bound.token.unwrap();
    let answer = dpop(&company, &token, 2, "of another key").await;
    assert_eq!(refusal(&answer), (401, "proof_invalid".to_owned()));
    assert_eq!(company.scene.fake.count(), 0);
    let answer = dpop(&company, &token, 1, "of its key").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let caller = company.scene.decisions().pop().unwrap().caller.unwrap();
    assert_eq!(caller.agent, "assistant");
    assert_eq!(caller.proof, Some(Proof::Sender));
}

#[tokio::test]
async fn the_holder_of_an_access_token_hands_a_part_of_it_on() {
    let company = Company::start("", "").await;
    let key = holder(1).verifying_key();
    let root = company.agent(json!({ "jti": "root", "cnf": { "jwk": jwk(&key) } }));
    let now = company.scene.engine.now();
    let link = Delegation {
        from: "assistant".to_owned(),
        to: "assistant/helper".to_owned(),
        holder: holder(2).verifying_key(),
        scopes: vec![Scope::parse("files:read").unwrap()],
        audience: Vec::new(),
        issued_at: now,
        expires_at: now.plus(std::time::Duration::from_secs(60)),
        id: "link".to_owned(),
        depth_max: None,
    };
    let chain = delegate(&root.token.unwrap(), &link, &holder(1));
    let answer = dpop(&company, &chain, 1, "of its parent").await;
    assert_eq!(refusal(&answer), (401, "proof_invalid".to_owned()));
    let answer = dpop(&company, &chain, 2, "of its key").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let caller = company.scene.decisions().pop().unwrap().caller.unwrap();
    assert_eq!(caller.agent, "assistant/helper");
    assert_eq!(caller.delegation, ["assistant"]);
    // It stands and falls with the token that it comes from.
    let revoke = json!({ "revoke": { "token": "root" } });
    assert_eq!(ask(&company.scene, revoke).await.status, 200);
    let answer = dpop(&company, &chain, 2, "once more").await;
    assert_eq!(refusal(&answer), (401, "credential_revoked".to_owned()));
}

#[tokio::test]
async fn an_access_token_bounds_arguments() {
    let company = Company::start("", "").await;
    let details = json!([
        { "type": "payment_initiation", "amount": 1 },
        { "type": "mcp_tools", "actions": ["files:read"],
          "arguments": { "/path": { "type": "wildcard", "pattern": "/srv/*" } } },
    ]);
    let agent = company.agent(json!({ "scope": "openid", "authorization_details": details }));
    let answer = agent.post(&call("read", r#"{"path":"/srv/a"}"#)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(company.scene.fake.count(), 1);
    for arguments in [
        r#"{"path":"/etc/a"}"#,
        r#"{"path":"/srv/a","more":1}"#,
        "{}",
    ] {
        let answer = agent.post(&call("read", arguments)).await;
        assert_eq!(answer.reason(), "arguments_beyond_scope", "{arguments}");
    }
    assert_eq!(company.scene.fake.count(), 1, "nothing of it went on");
}

#[tokio::test]
async fn an_access_token_is_revoked_by_its_id_or_its_key() {
    let company = Company::start("", "").await;
    let one = company.agent(json!({ "jti": "one" }));
    let other = company.agent(json!({ "jti": "other" }));
    for agent in [&one, &other] {
        assert_eq!(agent.post(&call("read", "{}")).await.status, 200);
    }
    let revoke = |token: Value| json!({ "revoke": { "token": token } });
    assert_eq!(ask(&company.scene, revoke(json!("one"))).await.status, 200);
    let answer = one.post(&call("read", "{}")).await;
    assert_eq!(refusal(&answer), (401, "credential_revoked".to_owned()));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.contains("error=\"invalid_token\"") && challenge.contains("resource_metadata="),
        "{challenge}"
    );
    assert_eq!(other.post(&call("read", "{}")).await.status, 200);
    // Of a key that stands in the token whole, by its thumbprint too.
    let key = holder(1).verifying_key();
    let bound = company.agent(json!({ "cnf": { "jwk": jwk(&key) } }));
    let token = bound.token.unwrap();
    assert_eq!(dpop(&company, &token, 1, "before").await.status, 200);
    let revoke = revoke(json!(thumbprint(1)));
    assert_eq!(ask(&company.scene, revoke).await.status, 200);
    let answer = dpop(&company, &token, 1, "after").await;
    assert_eq!(refusal(&answer), (401, "credential_revoked".to_owned()));
}
