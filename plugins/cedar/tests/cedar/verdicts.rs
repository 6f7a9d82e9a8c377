//! Which policy decides.

use gatewright_cedar::judge;
use gatewright_sdk::Request;
use serde_json::{Value, json};

use super::{opinion, reach, settings};

#[test]
fn forbid_goes_before_error_error_before_ask_and_ask_before_permit() {
    let forbid = "forbid (principal, action, resource);";
    let error = "permit (principal, action, resource) when { context.arguments.nothing };";
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
        ("principal in User::\"a\", action, resource", 3),
        ("principal in User::\"b\", action, resource", 0),
        ("principal is Agent, action, resource", 3),
        ("principal is Agent in User::\"a\", action, resource", 3),
        ("principal is Agent in User::\"b\", action, resource", 0),
        ("principal, action == Action::\"tools/call\", resource", 3),
        ("principal, action == Action::\"tools/list\", resource", 0),
        (
            "principal, action in [Action::\"tools/call\", Action::\"prompts/get\"], resource",
            3,
        ),
        (
            "principal, action in [Action::\"prompts/get\"], resource",
            0,
        ),
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

/// Policies that never permit are no reason to deny what they do not speak of.
#[test]
fn the_rest_is_denied_where_policies_permit_and_left_to_others_where_not() {
    let other = r#"(principal, action, resource == Tool::"server/x");"#;
    for (effects, expected) in [
        (vec!["permit"], 0),
        (vec!["forbid"], 1),
        (vec!["@ask(\"x\") permit"], 1),
        (vec!["@abstain @labels(\"x\") permit"], 1),
        (vec!["forbid", "@labels(\"x\") permit"], 0),
    ] {
        let policies: String = effects
            .iter()
            .map(|effect| format!("{effect} {other}"))
            .collect();
        let said = opinion(&policies, &Request::tool("read"));
        assert_eq!(reach(&said), expected, "{policies}");
        for (otherwise, expected) in [("deny", 0), ("abstain", 1)] {
            let settings = settings(json!({ "policies": policies, "otherwise": otherwise }));
            let said = judge(&settings, &Request::tool("read"));
            assert_eq!(reach(&said), expected, "{policies}, {otherwise}");
        }
    }
}
