//! What holds for verdicts and settings, natively.

#![allow(clippy::unwrap_used, reason = "test code")]

use gatewright_cedar::{Settings, judge};
use gatewright_sdk::{Request, Verdict};
use serde_json::{Value, json};

fn settings(settings: Value) -> Settings {
    serde_json::from_value(settings).unwrap()
}

fn refused(settings: Value) -> String {
    serde_json::from_value::<Settings>(settings)
        .unwrap_err()
        .to_string()
}

/// How far a verdict lets a call go.
fn reach(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Deny(_) => 0,
        Verdict::Abstain => 1,
        Verdict::Ask(_) => 2,
        Verdict::Allow(_) => 3,
    }
}

#[test]
fn forbid_goes_before_error_error_before_ask_and_ask_before_permit() {
    let forbid = "forbid (principal, action, resource);";
    let error = "permit (principal, action, resource) when { context.nothing };";
    let ask = "@ask(\"sure?\") permit (principal, action, resource);";
    let permit = "permit (principal, action, resource);";
    for (policies, expected) in [
        (vec![permit, ask, error, forbid], 0),
        (vec![permit, ask, forbid], 0),
        (vec![permit, forbid], 0),
        (vec![permit, ask, error], 0),
        (vec![permit, error], 0),
        (vec![error], 0),
        (vec![permit, ask], 2),
        (vec![permit], 3),
    ] {
        for policies in [policies.clone(), policies.into_iter().rev().collect()] {
            let settings = settings(json!({ "policies": policies, "otherwise": "abstain" }));
            let verdict = judge(&settings, &Request::tool("read"));
            assert_eq!(reach(&verdict), expected, "{policies:?}: {verdict:?}");
        }
    }
}

#[test]
fn the_same_settings_answer_every_call_anew() {
    let policies =
        "permit (principal in User::\"a\", action, resource) when { context.arguments.n == 1 };";
    let settings = settings(json!({ "policies": policies }));
    for (user, n, expected) in [("a", 1, 3), ("a", 2, 0), ("b", 1, 0), ("a", 1, 3)] {
        let request = Request::tool("read")
            .with_principal(user)
            .with_argument("/n", n);
        assert_eq!(reach(&judge(&settings, &request)), expected, "{user} {n}");
    }
}

/// Otherwise a schema that is copied from there would refuse every call.
#[test]
fn a_call_fits_the_schema_to_begin_with() {
    let schema = include_str!("../gatewright.cedarschema");
    let settings = settings(json!({
        "schema": schema,
        "policies": "permit (principal, action, resource) when { context.arguments has path };",
    }));
    let request = Request::tool("read").with_argument("/path", "/srv/a");
    assert_eq!(reach(&judge(&settings, &request)), 3);
    let more = request.with_argument("/mode", "w");
    assert_eq!(reach(&judge(&settings, &more)), 0);
}

/// Every shape of JSON that a call may have gets into the context, or denies.
#[test]
fn numbers_are_never_taken_for_other_numbers() {
    let compared = |number: &str| {
        let policies = "permit (principal, action, resource) when { context.arguments.n <= 1000 };";
        let settings = settings(json!({ "policies": policies }));
        let n: Value = serde_json::from_str(number).unwrap();
        reach(&judge(
            &settings,
            &Request::tool("pay").with_argument("/n", n),
        ))
    };
    for number in ["1000", "0", "-1", "-9223372036854775808"] {
        assert_eq!(compared(number), 3, "{number}");
    }
    for number in [
        "1001",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "1000.5",
        "1.0",
        "1e2",
        "-0.0",
        "1e-9",
    ] {
        assert_eq!(compared(number), 0, "{number}");
    }
}

#[test]
fn every_validation_error_has_its_policy_and_its_place() {
    let error = refused(json!({
        "schema": include_str!("../gatewright.cedarschema"),
        "policies": [
            "@id(\"one\")\npermit (principal, action, resource)\nwhen { principal.nam == \"x\" };",
            "@id(\"two\")\nforbid (principal, action, resource)\nunless { context.arguments.path == \"x\" };",
        ],
    }));
    assert!(
        error.contains("policies[0]:3:8: for policy `one`"),
        "{error}"
    );
    assert!(
        error.contains("policies[1]:3:10: for policy `two`"),
        "{error}"
    );
}

/// A scope is compared before Cedar is asked; every form of it must hold.
#[test]
fn every_form_of_a_scope_counts() {
    let request = Request::tool("read")
        .with_server("docs")
        .with_agent("bot")
        .with_principal("a");
    for (scope, expected) in [
        ("principal, action, resource", 3),
        ("principal == Agent::\"bot\", action, resource", 3),
        ("principal == Agent::\"other\", action, resource", 0),
        ("principal == User::\"bot\", action, resource", 0),
        ("principal in User::\"a\", action, resource", 3),
        ("principal in User::\"b\", action, resource", 0),
        ("principal is Agent, action, resource", 3),
        ("principal is User, action, resource", 0),
        ("principal is Agent in User::\"a\", action, resource", 3),
        ("principal is Agent in User::\"b\", action, resource", 0),
        ("principal, action == Action::\"tools/call\", resource", 3),
        ("principal, action == Action::\"tools/list\", resource", 0),
        (
            "principal, action in [Action::\"tools/call\", Action::\"x\"], resource",
            3,
        ),
        ("principal, action in [Action::\"x\"], resource", 0),
        ("principal, action, resource == Tool::\"docs/read\"", 3),
        ("principal, action, resource == Tool::\"docs/write\"", 0),
        ("principal, action, resource == Prompt::\"docs/read\"", 0),
        ("principal, action, resource in Server::\"docs\"", 3),
        ("principal, action, resource in Server::\"mail\"", 0),
        ("principal, action, resource is Tool in Server::\"docs\"", 3),
        (
            "principal in User::\"b\", action, resource == Tool::\"docs/read\"",
            0,
        ),
        (
            "principal == Agent::\"bot\", action, resource in Server::\"mail\"",
            0,
        ),
    ] {
        for (condition, holds) in [
            ("", true),
            ("when { true }", true),
            ("when { false }", false),
        ] {
            let policies = format!("permit ({scope}) {condition};");
            let settings = settings(json!({ "policies": policies }));
            let expected = if holds { expected } else { 0 };
            assert_eq!(reach(&judge(&settings, &request)), expected, "{policies}");
        }
    }
}
