//! The file of tests that `cedar run-tests` takes, judged twice: by Cedar's own
//! authorizer as that command does it, and by this policy.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "test code")]

use std::collections::BTreeSet;

use cedar_policy::{Authorizer, Context, Decision, Entities, Policy, PolicyId, PolicySet};
use gatewright_cedar::{Settings, judge};
use gatewright_sdk::{Request, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

const POLICIES: &str = include_str!("existing/policies.cedar");
const TESTS: &str = include_str!("existing/tests.json");

#[derive(Deserialize)]
struct Test {
    name: String,
    request: Asked,
    entities: Vec<Value>,
    decision: String,
    reason: BTreeSet<String>,
    num_errors: usize,
}

#[derive(Deserialize)]
struct Asked {
    principal: String,
    action: String,
    resource: String,
    context: Value,
}

fn tests() -> Vec<Test> {
    serde_json::from_str(TESTS).unwrap()
}

/// The id in `Type::"id"`.
fn id<'a>(kind: &str, uid: &'a str) -> &'a str {
    let id = uid.strip_prefix(kind).unwrap().strip_prefix("::\"");
    id.unwrap().strip_suffix('"').unwrap()
}

fn texts(list: &Value) -> Vec<String> {
    serde_json::from_value(list.clone()).unwrap()
}

/// The call that gives this question: what a test says about the agent comes
/// with the call's credential.
fn call(test: &Test) -> (Settings, Request) {
    let asked = &test.request;
    let (server, name) = id("Tool", &asked.resource).split_once('/').unwrap();
    let mut request = Request::of_method(id("Action", &asked.action), name)
        .with_server(server)
        .with_agent(id("Agent", &asked.principal))
        .with_arguments(&asked.context["arguments"])
        .without_principal();
    let is_of_call = |entity: &&Value| {
        matches!(
            entity["uid"]["type"].as_str(),
            Some("Agent" | "Tool" | "Server")
        )
    };
    for entity in test.entities.iter().filter(is_of_call) {
        if entity["uid"]["type"] == "Agent" {
            request = request.with_scopes(texts(&entity["attrs"]["scopes"]));
            if let Some(owner) = entity["attrs"]["owner"]["__entity"]["id"].as_str() {
                request = request.with_owner(owner);
            }
            if let Some(user) = entity["parents"][0]["id"].as_str() {
                request = request.with_principal(user);
            }
        }
    }
    let others = test.entities.iter().filter(|entity| !is_of_call(entity));
    let settings = json!({ "policies": POLICIES, "entities": others.collect::<Vec<_>>() });
    (serde_json::from_value(settings).unwrap(), request)
}

#[test]
fn the_policies_and_their_tests_are_good_for_cedar_itself() {
    let parsed: PolicySet = POLICIES.parse().unwrap();
    let named = |policy: &Policy| policy.new_id(PolicyId::new(policy.annotation("id").unwrap()));
    let policies = PolicySet::from_policies(parsed.policies().map(named)).unwrap();
    for test in tests() {
        let asked = &test.request;
        let request = cedar_policy::Request::new(
            asked.principal.parse().unwrap(),
            asked.action.parse().unwrap(),
            asked.resource.parse().unwrap(),
            Context::from_json_value(asked.context.clone(), None).unwrap(),
            None,
        )
        .unwrap();
        let entities = Entities::from_json_value(json!(test.entities), None).unwrap();
        let response = Authorizer::new().is_authorized(&request, &policies, &entities);
        let expected = match test.decision.as_str() {
            "allow" => Decision::Allow,
            _ => Decision::Deny,
        };
        assert_eq!(response.decision(), expected, "{}", test.name);
        let diagnostics = response.diagnostics();
        let reason = diagnostics.reason().map(ToString::to_string).collect();
        assert_eq!(test.reason, reason, "{}", test.name);
        assert_eq!(
            diagnostics.errors().count(),
            test.num_errors,
            "{}",
            test.name
        );
    }
}

#[test]
fn the_same_tests_hold_here() {
    for test in tests() {
        let (settings, request) = call(&test);
        let verdict = judge(&settings, &request).verdict;
        match (test.decision.as_str(), verdict) {
            ("allow", Verdict::Allow) => {}
            ("deny", Verdict::Deny(denial)) => {
                for policy in test.reason {
                    assert!(denial.message.contains(&policy), "{}", denial.message);
                }
            }
            (expected, verdict) => assert_eq!(expected, format!("{verdict:?}"), "{}", test.name),
        }
    }
}
