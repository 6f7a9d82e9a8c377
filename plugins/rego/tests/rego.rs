//! What holds for the decision document, natively.

#![allow(clippy::unwrap_used, reason = "test code")]

use gatewright_rego::{Settings, judge};
use gatewright_sdk::{Request, Verdict};
use serde_json::{Value, json};

fn settings(settings: Value) -> Settings {
    serde_json::from_value(settings).unwrap()
}

fn judged(rules: &str, request: &Request) -> Result<Verdict, String> {
    let module = format!("package gatewright\n\n{rules}\n");
    judge(&settings(json!({ "module": module })), request)
}

/// No usable answer: a fault.
const FAULT: u8 = 9;

/// How far a verdict lets a call go.
fn reach(verdict: &Result<Verdict, String>) -> u8 {
    match verdict {
        Err(_) => FAULT,
        Ok(Verdict::Deny(_)) => 0,
        Ok(Verdict::Abstain) => 1,
        Ok(Verdict::Ask(_)) => 2,
        Ok(Verdict::Allow(_)) => 3,
    }
}

#[test]
fn deny_goes_before_ask_and_ask_before_allow() {
    for (rules, expected) in [
        ("deny := true\nask := {}\nallow := true", 0),
        ("deny contains \"no\"\nallow := true", 0),
        ("deny := [\"no\"]\nallow := true", 0),
        ("deny := \"no\"\nallow := true", 0),
        ("deny contains {\"message\": \"no\"}\nallow := true", 0),
        ("allow := false", 0),
        ("helper := 1", 0),
        ("ask := {}\nallow := true", 2),
        ("ask := {}\nallow := false", 2),
        (
            "deny contains \"no\" if input.arguments.nothing\nallow := true",
            3,
        ),
        ("deny := false\nallow := true", 3),
        ("deny := []\nallow := true\nhelper(x) := x + 1", 3),
    ] {
        let verdict = judged(rules, &Request::tool("read"));
        assert_eq!(reach(&verdict), expected, "{rules}: {verdict:?}");
    }
}

#[test]
fn an_answer_of_another_shape_is_a_fault() {
    for rules in [
        "allow := 1",
        "allow := null",
        "deny := 1\nallow := true",
        "deny := [1]\nallow := true",
        "deny contains {\"text\": \"no\"}\nallow := true",
        "reason := 1\nallow := true",
        "ask := true",
        "ask := {\"quorum\": 256}",
        "ask := {\"role\": \"x\"}",
        "obligations := {\"limit_result\": -1}\nallow := true",
        "obligations := {\"charge\": {}}\nallow := true",
        "obligations := []\nallow := true",
    ] {
        let verdict = judged(rules, &Request::tool("read"));
        assert_eq!(reach(&verdict), FAULT, "{rules}: {verdict:?}");
    }
}

#[test]
fn the_same_settings_answer_every_call_anew() {
    let module = "package gatewright\n\nallow if input.arguments.n == 1";
    let settings = settings(json!({ "module": module }));
    for (n, expected) in [(1, 3), (2, 0), (1, 3)] {
        let request = Request::tool("read").with_argument("/n", n);
        assert_eq!(reach(&judge(&settings, &request)), expected, "{n}");
    }
}

/// Rules are asked for directly, packages and parts of rules in a longer way.
#[test]
fn a_query_gives_the_same_however_it_is_asked() {
    let module = "package p.q

default allow := false
allow if input.action.name == \"read\"
document := {\"allow\": allow, \"in\": {\"allow\": allow}}
nested.allow if allow
nested.deny contains \"no\" if not allow
maybe := true if allow
function(x) := x
data_rule := data.limits.on
";
    for (query, read, write) in [
        ("data.p.q", 3, 0),
        ("data.p.q.allow", 3, 0),
        ("data.p.q.document", 3, 0),
        ("data.p.q.document.in", 3, 0),
        ("data.p.q.document.in.allow", 3, 0),
        ("data.p.q.document.in.nothing", 0, 0),
        ("data.p.q.nested", 3, 0),
        ("data.p.q.nested.allow", 3, 0),
        ("data.p.q.maybe", 3, 0),
        ("data.p.q.data_rule", 3, 3),
    ] {
        let settings = settings(json!({
            "module": module, "query": query, "data": {"limits": {"on": true}},
        }));
        // Twice in turns: what one call leaves behind must not answer the next.
        for (tool, expected) in [
            ("read", read),
            ("write", write),
            ("read", read),
            ("write", write),
        ] {
            let verdict = judge(&settings, &Request::tool(tool));
            assert_eq!(reach(&verdict), expected, "{query}, {tool}: {verdict:?}");
        }
    }
}

/// Two answers of one rule are a mistake in it, and no answer.
#[test]
fn a_rule_that_contradicts_itself_is_a_fault_and_leaves_nothing_behind() {
    let module = "package p

allow := true if input.action.name in {\"read\", \"both\"}
allow := false if input.action.name in {\"write\", \"both\"}
";
    for query in ["data.p", "data.p.allow"] {
        let settings = settings(json!({
            "module": module, "query": query, "otherwise": "abstain",
        }));
        for (tool, expected) in [
            ("both", FAULT),
            ("read", 3),
            ("both", FAULT),
            ("write", 0),
            ("other", 1),
        ] {
            let verdict = judge(&settings, &Request::tool(tool));
            assert_eq!(reach(&verdict), expected, "{query}, {tool}: {verdict:?}");
        }
    }
}

#[test]
fn what_is_not_mentioned_is_left_out_and_changes_nothing() {
    let request = Request::tool("read").with_arguments(
        json!({ "path": "a/b", "deep": { "list": [1, "x"] }, "other": null,
            "count": 3, "share": 1.5, "yes": true }),
    );
    for rule in [
        "input.arguments.path == \"a/b\"",
        "input.arguments.deep.list[_] == \"x\"",
        "input.arguments.other == null",
        "input.arguments.count == 3; input.arguments.count < 3.5",
        "input.arguments.share * 2 == input.arguments.count",
        "input.arguments.yes == true",
        "not input.arguments.missing",
        "input.action.name == \"read\"; input.subject.scopes",
        "input.context.at; not input.arguments.path.x",
    ] {
        for all in ["", "whole := input\n"] {
            for (rule, expected) in [(rule.to_owned(), 3), (format!("{rule}; false"), 0)] {
                let verdict = judged(&format!("{all}allow if {{ {rule} }}"), &request);
                assert_eq!(reach(&verdict), expected, "{all}{rule}: {verdict:?}");
            }
        }
    }
}
