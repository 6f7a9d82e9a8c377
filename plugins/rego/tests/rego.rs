//! What holds for the decision document, natively.

#![allow(clippy::unwrap_used, reason = "test code")]

use gatewright_rego::{Settings, judge};
use gatewright_sdk::{Request, Verdict};
use serde_json::{Value, json};

fn settings(settings: Value) -> Settings {
    serde_json::from_value(settings).unwrap()
}

fn judged(rules: &str, request: &Request) -> Verdict {
    let module = format!("package gatewright\n\n{rules}\n");
    judge(&settings(json!({ "module": module })), request)
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
        ("deny contains \"no\" if input.nothing\nallow := true", 3),
        ("deny := false\nallow := true", 3),
        ("deny := []\nallow := true\nhelper(x) := x + 1", 3),
    ] {
        let verdict = judged(rules, &Request::tool("read"));
        assert_eq!(reach(&verdict), expected, "{rules}: {verdict:?}");
    }
}

#[test]
fn an_answer_of_another_shape_denies() {
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
        assert_eq!(reach(&verdict), 0, "{rules}: {verdict:?}");
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
