//! What holds for verdicts and settings, natively.

#![allow(clippy::unwrap_used, reason = "test code")]

use gatewright_cedar::{Settings, judge};
use gatewright_sdk::{
    Approval, Ask, Charge, Hints, Link, Obligation, Opinion, Outcome, PastCall, Refusal, Request,
    Verdict,
};
use serde_json::{Value, json};

fn settings(settings: Value) -> Settings {
    serde_json::from_value(settings).unwrap()
}

fn refused(settings: Value) -> String {
    serde_json::from_value::<Settings>(settings)
        .unwrap_err()
        .to_string()
}

/// How far an opinion lets a call go.
fn reach(opinion: &Opinion) -> u8 {
    match opinion.verdict {
        Verdict::Deny(_) => 0,
        Verdict::Abstain => 1,
        Verdict::Ask(_) => 2,
        Verdict::Allow => 3,
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
            r#"forbid (principal, action, resource) when { context.hints.contains("readonly") };"#,
            "`context.hints` is never `readonly`",
        ),
        (
            r#"forbid (principal, action, resource) when { context.hints.containsAny(["sensitive", "secret"]) };"#,
            "`context.hints` is never `secret`",
        ),
        (
            r#"forbid (principal, action, resource) when { principal.proof != "dpop" };"#,
            "`principal.proof` is never `dpop`",
        ),
        (
            r#"forbid (principal, action, resource) when { "list" == context.purpose };"#,
            "`context.purpose` is never `list`",
        ),
        (
            r#"@aks("sure?") permit (principal, action, resource);"#,
            "write `@ask`",
        ),
        (
            r#"@label("x") permit (principal, action, resource);"#,
            "write `@labels`",
        ),
        (
            r#"@quorums("2") permit (principal, action, resource);"#,
            "write `@quorum`",
        ),
        (
            r#"@limit_rezult("2") permit (principal, action, resource);"#,
            "write `@limit_result`",
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
        r#"@ticket("x") @owner("y") @doc("z") permit (principal, action, resource) when { context.hints.contains("untrusted") && principal.proof == "bearer" };"#,
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

fn opinion(policies: &str, request: &Request) -> Opinion {
    judge(&settings(json!({ "policies": policies })), request)
}

fn notes(opinion: &Opinion) -> Vec<(&str, &str)> {
    let notes = opinion.notes.iter();
    notes
        .map(|note| (note.rule.as_str(), note.text.as_str()))
        .collect()
}

#[test]
fn what_is_owed_stands_beside_any_verdict_that_lets_a_call_go() {
    let owed = r#"
        @id("mark") @abstain @labels("seen, read") @declassify("old") @redact("/a, /b") @limit_result("9")
        permit (principal, action, resource);
        @id("pay") @abstain @charge("k") @per("user, tool") @cost("2") @limit("10") @window_seconds("60")
        permit (principal, action, resource);
        @id("set") @abstain @charge("k") @budget("calls") @on_failure("refund")
        permit (principal, action, resource);
        @id("other") @abstain @labels("never")
        permit (principal, action, resource == Tool::"server/other");
    "#;
    let all = [
        Obligation::Label(vec!["seen".to_owned(), "read".to_owned()]),
        Obligation::Declassify(vec!["old".to_owned()]),
        Obligation::Redact(vec!["/a".to_owned(), "/b".to_owned()]),
        Obligation::LimitResult(9),
        Obligation::Charge(Charge::fixed("k:\"user:alice\":\"server/read\"", 2, 10, 60)),
        Obligation::Charge(Charge::set("k", 1, "calls").refunded_on_failure()),
    ];
    for (policies, expected) in [
        ("", 1),
        (r#"@ask("sure?") permit (principal, action, resource);"#, 2),
        ("permit (principal, action, resource);", 3),
    ] {
        let opinion = opinion(&format!("{owed}{policies}"), &Request::tool("read"));
        assert_eq!(reach(&opinion), expected, "{policies}");
        for obligation in &all {
            assert!(opinion.obligations.contains(obligation), "{opinion:?}");
        }
        assert_eq!(opinion.obligations.len(), all.len(), "{opinion:?}");
    }
    let forbid = format!("{owed}forbid (principal, action, resource);");
    let denied = opinion(&forbid, &Request::tool("read"));
    assert_eq!((reach(&denied), denied.obligations.len()), (0, 0));
}

#[test]
fn an_annotation_that_would_do_nothing_is_refused() {
    for (policy, right) in [
        (r#"@labels("x") forbid"#, "`@labels` is for a permit"),
        (
            r#"@charge("x") @budget("b") forbid"#,
            "`@charge` is for a permit",
        ),
        ("@abstain forbid", "`@abstain` is for a permit"),
        ("@abstain permit", "says nothing"),
        (r#"@abstain @ask("x") @labels("x") permit"#, "both there"),
        (r#"@labels("") permit"#, "names nothing"),
        (r#"@cost("2") permit"#, "`@cost` without `@charge`"),
        (r#"@charge("k") permit"#, "either `@budget`"),
        (r#"@charge("k") @limit("1") permit"#, "either `@budget`"),
        (
            r#"@charge("k") @budget("b") @per("day") permit"#,
            "none of `agent`",
        ),
        (
            r#"@charge("k") @budget("b") @on_failure("x") permit"#,
            "neither `keep`",
        ),
        (r#"@limit_result("many") permit"#, "not a number"),
        (r#"@refusal("unsafe-context") permit"#, "is for a forbid"),
        (r#"@refusal("never") forbid"#, "none of `forbidden`"),
        (r#"@scopes("a:b") forbid"#, "insufficient-scope"),
        (r#"@show("/a") permit"#, "`@show` without `@ask`"),
        (
            r#"@exclude_requester permit"#,
            "`@exclude_requester` without `@ask`",
        ),
        (r#"@reason("x") permit"#, "`@reason` without `@ask`"),
        (
            r#"@abstain @labels("x") @reason("x") permit"#,
            "`@reason` without `@ask`",
        ),
        (r#"@reason("x") forbid"#, "`@reason` without `@ask`"),
        (r#"@message("x") permit"#, "`@message` is for a forbid"),
        (
            r#"@ask("x") @message("x") permit"#,
            "`@message` is for a forbid",
        ),
        (
            r#"@ask("x") @ttl_seconds("9") @use_within_seconds("9") permit"#,
            "`@ttl_seconds` and `@use_within_seconds` are both there",
        ),
    ] {
        let error =
            refused(json!({ "policies": format!("{policy} (principal, action, resource);") }));
        assert!(error.contains(right), "{policy}: {error}");
    }
}

fn refused_policy(policy: &str) -> String {
    refused(json!({ "policies": format!("{policy} (principal, action, resource);") }))
}

/// Each of these would ask nobody, or owe less than it says.
#[test]
fn an_annotation_that_is_nearly_another_is_refused_with_the_right_one() {
    for (policy, right) in [
        (r#"@Ask("x") permit"#, "write `@ask`"),
        (r#"@ASK("x") permit"#, "write `@ask`"),
        (r#"@sk("x") permit"#, "write `@ask`"),
        (r#"@Labels("x") permit"#, "write `@labels`"),
        (r#"@babels("x") permit"#, "write `@labels`"),
        (r#"@limitResult("9") permit"#, "write `@limit_result`"),
        (r#"@limitResults("9") permit"#, "write `@limit_result`"),
        (
            r#"@charge("k") @budget("b") @onFailure("refund") permit"#,
            "write `@on_failure`",
        ),
        (
            r#"@ask("x") @excludeRequester permit"#,
            "write `@exclude_requester`",
        ),
        (r#"@ID("x") permit"#, "write `@id`"),
    ] {
        let error = refused_policy(policy);
        assert!(error.contains(right), "{policy}: {error}");
    }
}

/// Other gates call it so; here nothing would read it.
#[test]
fn another_word_for_approvers_is_refused_beside_a_question_or_a_debt() {
    for (name, right) in [
        ("approvers", "write `@roles`"),
        ("approver", "write `@roles`"),
        ("role", "write `@roles`"),
        ("reviewers", "write `@roles`"),
        ("min_approvals", "write `@quorum`"),
        ("minApprovals", "write `@quorum`"),
        ("approvals", "write `@quorum`"),
    ] {
        for with in [r#"@ask("x")"#, r#"@labels("x")"#] {
            let error = refused_policy(&format!("{with} @{name}(\"2\") permit"));
            assert!(error.contains(right), "{with} @{name}: {error}");
        }
    }
    // Where nobody is asked and nothing is owed, it says nothing about either.
    let policy = "@reviewers(\"team\") permit (principal, action, resource);";
    assert_eq!(reach(&opinion(policy, &Request::tool("read"))), 3);
}

/// An empty list of roles means anybody.
#[test]
fn a_list_is_what_stands_between_commas_and_none_of_it_is_empty() {
    for (policy, right) in [
        (r#"@ask("x") @roles("") permit"#, "`@roles"),
        (r#"@ask("x") @roles(" , ") permit"#, "`@roles"),
        (r#"@ask("x") @roles("a,,b") permit"#, "`@roles"),
        (r#"@ask("x") @exclude("") permit"#, "`@exclude"),
        (r#"@ask("x") @exclude("a b") permit"#, "commas"),
        (r#"@ask("x") @show("") permit"#, "`@show"),
        (r#"@ask("x") @show("/a /b") permit"#, "commas"),
        (r#"@labels("a b") permit"#, "commas"),
        (r#"@redact("/a /b") permit"#, "commas"),
        (r#"@charge("k") @budget("b") @per("") permit"#, "`@per"),
        (
            r#"@refusal("insufficient-scope") @scopes("a:b c:d") forbid"#,
            "commas",
        ),
    ] {
        let error = refused_policy(policy);
        assert!(error.contains(right), "{policy}: {error}");
    }
    let asked = opinion(
        r#"@ask("x") @roles("Finance Lead , board") @show("/full name,/b") permit (principal, action, resource);"#,
        &Request::tool("read"),
    );
    let Verdict::Ask(ask) = asked.verdict else {
        unreachable!("{asked:?}");
    };
    assert_eq!(ask.roles, ["Finance Lead", "board"]);
    assert_eq!(ask.show, ["/full name", "/b"]);
}

/// It would be a fault at each call.
#[test]
fn a_question_that_no_gate_takes_is_refused() {
    for (with, right) in [
        (r#"@quorum("200")"#, "the quorum must be 1 to 16"),
        (r#"@show("amount")"#, "amount"),
        (
            r#"@decide_within_seconds("99999999")"#,
            "the time to decide",
        ),
    ] {
        let error = refused_policy(&format!("@ask(\"x\") {with} permit"));
        assert!(error.contains(right), "{with}: {error}");
    }
}

/// The id alone is another agent where somebody else issued it.
#[test]
fn a_budget_of_an_agent_is_that_of_its_issuer_too() {
    for (per, expected) in [
        ("agent", r#"k:["did:example:issuer","bot:1"]"#),
        // Who acts for nobody.
        ("user", r#"k:{"agent":["did:example:issuer","bot:1"]}"#),
    ] {
        let policies = format!(
            "@charge(\"k\") @budget(\"b\") @per(\"{per}\") permit (principal, action, resource);"
        );
        let request = Request::tool("read")
            .with_agent("bot:1")
            .without_principal();
        let owed = opinion(&policies, &request).obligations;
        assert_eq!(owed, [Obligation::Charge(Charge::set(expected, 1, "b"))]);
    }
}

#[test]
fn the_policies_that_spoke_are_noted() {
    let request = Request::tool("read");
    for (policies, expected) in [
        (
            r#"@id("one") permit (principal, action, resource); permit (principal, action, resource == Tool::"server/x");"#,
            vec![("one", "")],
        ),
        (
            r#"@id("one") @message("no") forbid (principal, action, resource); permit (principal, action, resource);"#,
            vec![("one", "no")],
        ),
        (
            r#"permit (principal, action, resource); @id("two") @ask("sure?") permit (principal, action, resource);"#,
            vec![("two", "sure?")],
        ),
        (
            r#"permit (principal, action, resource == Tool::"server/x");"#,
            vec![("otherwise", "")],
        ),
        (
            r#"forbid (principal, action, resource == Tool::"server/x");"#,
            vec![],
        ),
        (
            r#"@id("mark") @abstain @labels("x") permit (principal, action, resource);"#,
            vec![("mark", "")],
        ),
    ] {
        let opinion = opinion(policies, &request);
        assert_eq!(notes(&opinion), expected, "{policies}");
    }
    let failed = opinion(
        r#"@id("bad") permit (principal, action, resource) when { context.arguments.x };"#,
        &request,
    );
    assert_eq!(notes(&failed).first().unwrap().0, "bad");
    let many: String = (0..20)
        .map(|_| "permit (principal, action, resource);")
        .collect();
    assert_eq!(notes(&opinion(&many, &request)).len(), 16);
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

#[test]
fn a_question_and_a_denial_may_say_all_that_a_gate_knows() {
    let asked = opinion(
        r#"@ask("t") @reason("r") @show("/a, /b") @roles("lead") @quorum("2") @exclude_requester
           @exclude("eve") @decide_within_seconds("60") @use_within_seconds("30")
           permit (principal, action, resource);"#,
        &Request::tool("read"),
    );
    let expected = Ask {
        title: "t".to_owned(),
        reason: "r".to_owned(),
        show: vec!["/a".to_owned(), "/b".to_owned()],
        roles: vec!["lead".to_owned()],
        quorum: 2,
        exclude_requester: true,
        exclude: vec!["eve".to_owned()],
        decide_within_seconds: 60,
        use_within_seconds: 30,
    };
    assert_eq!(asked.verdict, Verdict::Ask(expected));
    let scope =
        r#"@refusal("insufficient-scope") @scopes("a:b") forbid (principal, action, resource);"#;
    for (policies, refusal, scopes) in [
        (scope.to_owned(), Refusal::InsufficientScope, vec!["a:b"]),
        (
            format!("{scope}forbid (principal, action, resource);"),
            Refusal::Forbidden,
            vec![],
        ),
    ] {
        let Verdict::Deny(denial) = opinion(&policies, &Request::tool("read")).verdict else {
            unreachable!("{policies}");
        };
        assert_eq!(
            (denial.refusal, denial.scopes),
            (refusal, scopes.into_iter().map(str::to_owned).collect())
        );
    }
}

/// A session in which mail was read, and a payment refused.
fn after_a_refusal() -> Request {
    let past = |name: &str, outcome, reason: Option<&str>| PastCall {
        id: format!("d-{name}"),
        at: 5,
        method: "tools/call".to_owned(),
        server: "mail".to_owned(),
        name: name.to_owned(),
        outcome,
        reason: reason.map(str::to_owned),
    };
    Request::tool("send")
        .with_labels(["b", "a"])
        .with_hints(Hints::UNTRUSTED | Hints::SENSITIVE)
        .with_targets(["/to"])
        .with_contents(["/body"])
        .with_chain([Link {
            id: "did:x".to_owned(),
            issuer: None,
        }])
        .with_approvals([Approval {
            by: "eve".to_owned(),
            roles: vec!["lead".to_owned()],
            at: 6,
            method: "sso".to_owned(),
        }])
        .with_history([
            past("pay", Outcome::Denied, Some("forbidden")),
            past("read", Outcome::Allowed, None),
            past("read", Outcome::Allowed, None),
        ])
        .at_time(7)
}

const ALL_CONDITIONS: [&str; 18] = [
    r#"principal.issuer == "did:example:issuer" && principal.proof == "bearer""#,
    r#"principal.chain == [{ "id": "did:x" }] && principal.delegation == ["did:x"] && principal.scopes == ["*:*"]"#,
    r#"principal.user == User::"user:alice" && !(principal has owner)"#,
    "principal.expires_at == 1767229200000",
    r#"resource.name == "send" && resource.server == Server::"server""#,
    r#"context.purpose == "call" && context.at == 7"#,
    r#"context.decision == "decision" && context.session == "session""#,
    r#"context.hints == ["untrusted", "sensitive"]"#,
    r#"context.targets == ["/to"] && context.contents == ["/body"]"#,
    "!(context has definition)",
    r#"context.labels == ["a", "b"]"#,
    r#"context.approvers == ["eve"] && context.approver_roles == ["lead"]"#,
    r#"context.approvals == [{ "by": "eve", "roles": ["lead"], "at": 6, "method": "sso" }]"#,
    "context.history.allowed.count == 2 && context.history.pending.count == 0",
    r#"context.history.allowed.names == ["mail/read"] && context.history.denied.servers == ["mail"]"#,
    r#"context.history.reasons == ["forbidden"] && context.history.ids.contains("d-pay")"#,
    "context has arguments && context.arguments == {}",
    "context has history.denied.count && context != {}",
];

#[test]
fn all_that_a_call_has_can_be_read() {
    for condition in ALL_CONDITIONS {
        let policies = format!("permit (principal, action, resource) when {{ {condition} }};");
        let said = opinion(&policies, &after_a_refusal());
        assert_eq!(reach(&said), 3, "{condition}: {said:?}");
    }
}

/// What a schema does not declare is left out: with anything further no call would fit.
#[test]
fn a_call_fits_a_schema_that_declares_little() {
    for (context, condition) in [
        ("", "true"),
        (
            "history: { denied: { count: Long } }",
            "context.history.denied.count == 1",
        ),
        (
            "approvals: Set<{ by: String }>, labels: Set<String>",
            "context.labels.contains(\"a\")",
        ),
    ] {
        for attributes in ["", "= { issuer: String, chain: Set<{ id: String }> }"] {
            let schema = format!(
                "entity User, Server; entity Agent in [User] {attributes}; entity Tool in [Server];
                 action \"tools/call\" appliesTo {{ principal: [Agent], resource: [Tool], context: {{ {context} }} }};"
            );
            let policies = format!("permit (principal, action, resource) when {{ {condition} }};");
            let settings = settings(json!({
                "schema": schema, "policies": policies,
                "entities": [{ "uid": { "type": "Agent", "id": "bot" }, "attrs": {}, "parents": [] }],
            }));
            let said = judge(&settings, &after_a_refusal().with_agent("bot"));
            assert_eq!(reach(&said), 3, "{context}, {attributes}: {said:?}");
        }
    }
}
