//! Credentials that are bound to a key, and handed on: what a delegate may, and on whose
//! account.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use gatewright_policy::Timestamp;
use gatewright_policy::credential::{Delegation, delegate};
use serde_json::json;

use crate::agent::call;
use crate::fake::{Reply, result};
use crate::possession::{Holder, bound, details, everything, holder};
use crate::scene::{Scene, Setting};

/// Names cost nothing: an agent could give a part of its grant to as many as it likes.
#[tokio::test]
async fn an_agent_and_its_delegates_have_one_share() {
    let scene = Scene::of(Setting {
        limits: "calls_in_flight_max = 8".to_owned(),
        ..Setting::default()
    })
    .await;
    let now = scene.engine.now().seconds();
    scene.fake.script(
        |seen| match seen.json()["params"]["arguments"]["slow"].as_bool() {
            Some(true) => Reply::Hang,
            _quick => Reply::Json(200, result(&seen.json()["id"], &json!({}))),
        },
    );
    let root = bound(&scene, &everything());
    let delegated = |at: u8| {
        delegate(
            &root,
            &Delegation {
                from: "did:example:agent".to_owned(),
                to: format!("did:example:agent/{at}"),
                holder: holder(at).verifying_key(),
                scopes: details(&everything()),
                audience: Vec::new(),
                issued_at: Timestamp::from_seconds(now),
                expires_at: Timestamp::from_seconds(now + 60),
                id: format!("urn:test:link:{at}"),
                depth_max: None,
            },
            &holder(1),
        )
    };
    let helpers: Vec<_> = (10..18)
        .map(|at| Holder {
            scene: &scene,
            token: delegated(at),
            seed: at,
        })
        .collect();
    let calls = helpers
        .iter()
        .map(|helper| helper.call("slow", r#"{"slow":true}"#, json!({})));
    let refused = async {
        let mut calls: FuturesUnordered<_> = calls.collect();
        for _beyond_the_share in 0..4 {
            assert_eq!(calls.next().await.unwrap().reason(), "overloaded");
        }
        scene
            .agent_named("did:example:other", &["files:*"])
            .post(&call("read", "{}"))
            .await
    };
    assert_eq!(refused.await.status, 200, "the others have their seats");
}

#[tokio::test]
async fn a_delegate_gets_what_it_was_given_and_the_record_names_all() {
    let scene = Scene::start().await;
    let now = scene.engine.now().seconds();
    let within = json!([{
        "type": "mcp_tools", "actions": ["files:read"],
        "arguments": { "/path": { "type": "wildcard", "pattern": "/srv/*" } },
    }]);
    let chain = delegate(
        &bound(&scene, &everything()),
        &Delegation {
            from: "did:example:agent".to_owned(),
            to: "did:example:agent/helper".to_owned(),
            holder: holder(2).verifying_key(),
            scopes: details(&within),
            audience: Vec::new(),
            issued_at: Timestamp::from_seconds(now),
            expires_at: Timestamp::from_seconds(now + 60),
            id: "urn:test:link".to_owned(),
            depth_max: None,
        },
        &holder(1),
    );
    let helper = Holder {
        scene: &scene,
        token: chain.clone(),
        seed: 2,
    };
    assert_eq!(
        helper
            .call("one", r#"{"path":"/srv/a"}"#, json!({}))
            .await
            .status,
        200
    );
    let caller = scene.decisions().pop().unwrap().caller.unwrap();
    assert_eq!(caller.agent, "did:example:agent/helper");
    assert_eq!(caller.delegation, ["did:example:agent"]);
    assert_eq!(caller.principal.as_deref(), Some("user:alice"));
    for (id, arguments) in [
        ("two", r#"{"path":"/etc/passwd"}"#),
        ("three", r#"{"path":"/srv/../etc/passwd"}"#),
        ("four", r#"{"path":"/srv/a","follow":true}"#),
        ("five", "{}"),
    ] {
        let answer = helper.call(id, arguments, json!({})).await;
        assert_eq!(answer.reason(), "arguments_beyond_scope", "{arguments}");
        assert_eq!(answer.status, 200, "a client shows it to its model");
    }
    // The key of the parent is no key of the delegate, and a delegate is not its parent.
    let parent = Holder {
        scene: &scene,
        token: chain.clone(),
        seed: 1,
    };
    assert_eq!(
        parent
            .call("six", r#"{"path":"/srv/a"}"#, json!({}))
            .await
            .reason(),
        "proof_invalid"
    );
    let (root, _) = chain.split_once('~').unwrap();
    let up = Holder {
        scene: &scene,
        token: root.to_owned(),
        seed: 2,
    };
    assert_eq!(
        up.call("seven", "{}", json!({})).await.reason(),
        "proof_invalid"
    );
    assert_eq!(scene.fake.seen().len(), 1);
}
