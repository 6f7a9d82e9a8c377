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

/// A `forbid` with a word that no call has would never forbid.
#[test]
fn words_that_no_call_has_are_refused_with_the_right_one() {
    for (policy, right) in [
        (
            r#"forbid (principal, action == Action::"call_tool", resource);"#,
            r#"write `Action::"tools/call"`"#,
        ),
        (
            r#"forbid (principal, action in [Action::"tools/cal"], resource);"#,
            r#"like `Action::"tools/call"`"#,
        ),
        (
            r#"forbid (principal, action == AgentCore::Action::"Refund__pay", resource);"#,
            r#"the tool is the resource"#,
        ),
        (
            r#"forbid (principal, action, resource == Tool::"delete_all");"#,
            r#"`Tool::"<server>/delete_all"`"#,
        ),
        (
            r#"forbid (principal, action, resource) when { resource == Tool::"x" };"#,
            r#"`Tool::"<server>/x"`"#,
        ),
        (
            r#"forbid (principal is AgentCore::OAuthUser, action, resource);"#,
            "it is an `Agent`",
        ),
        (
            r#"forbid (principal == User::"alice", action, resource);"#,
            r#"`principal in User::"..""#,
        ),
        (
            r#"forbid (principal in THVGroup::"x", action, resource);"#,
            "groups stand in `entities`",
        ),
        (
            r#"forbid (principal, action, resource is Gateway);"#,
            "it is a `Tool`",
        ),
        (
            r#"forbid (principal, action, resource) when { context.input.x == 1 };"#,
            "write `context.arguments`",
        ),
        (
            r#"forbid (principal, action, resource) when { context has arg_path };"#,
            "write `context.arguments.path`",
        ),
        (
            r#"forbid (principal, action, resource) when { context has input.x };"#,
            "write `context.arguments`",
        ),
        (
            r#"forbid (principal, action, resource) when { principal.claim_role == "x" };"#,
            "claims of a token are not in the call",
        ),
        (
            r#"forbid (principal, action, resource) when { resource.arg_path == "x" };"#,
            "write `context.arguments.path`",
        ),
    ] {
        let error = refused(json!({ "policies": policy }));
        assert!(error.contains(right), "{policy}: {error}");
        assert!(error.contains("policies:1:1"), "{policy}: {error}");
    }
    let policies = "permit (principal, action, resource);";
    for (schema, right) in [
        (
            r#"entity Client, Tool; action "call_tool" appliesTo { principal: Client, resource: Tool };"#,
            "no entity type `Agent`",
        ),
        (
            r#"entity Agent, Tool; action "call_tool" appliesTo { principal: Agent, resource: Tool };"#,
            r#"write `action "tools/call"`"#,
        ),
    ] {
        let error = refused(json!({ "policies": policies, "schema": schema }));
        assert!(error.contains(right), "{schema}: {error}");
    }
}

#[test]
fn words_of_a_call_and_of_the_entities_are_taken() {
    let entities = json!([
        { "uid": { "type": "Agent", "id": "bot" }, "attrs": { "level": 2 }, "parents": [{ "type": "Team", "id": "x" }] },
        { "uid": { "__entity": { "type": "Action", "id": "tools/call" } }, "attrs": {}, "parents": [{ "type": "Action", "id": "writes" }] },
    ]);
    for policy in [
        r#"permit (principal in Group::"of nobody yet", action, resource) when { principal has grade };"#,
        r#"permit (principal in Team::"x", action in [Action::"writes", Action::"tools/list"], resource in Server::"db");"#,
        r#"permit (principal is Agent in User::"a", action == Action::"ping", resource is Prompt);"#,
        r#"permit (principal, action, resource == Resource::"s/file:///x") when { principal.level > 1 && principal has owner };"#,
        r#"permit (principal, action == Action::"resources/templates/list", resource) when { context.arguments.input == 1 && context has arguments.x };"#,
        r#"permit (principal, action, resource) when { resource.server == Server::"s" && principal.user == User::"u" && resource.name like "x*" };"#,
    ] {
        let settings = json!({ "policies": policy, "entities": entities });
        let settings: Result<Settings, _> = serde_json::from_value(settings);
        assert!(settings.is_ok(), "{policy}: {:?}", settings.err());
    }
}
