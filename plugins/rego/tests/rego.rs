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

/// What OPA answers, where the interpreter lacks a builtin or had its own idea.
#[test]
fn builtins_answer_as_opas_do() {
    for (expression, expected) in [
        (r#"strings.count("11111", "11")"#, "2"),
        (r#"strings.count("dummy", "")"#, "6"),
        (r#"strings.count("cheese", "e")"#, "3"),
        (
            r#"strings.replace_n({"a": "b", "b": "a"}, "abba")"#,
            r#""baab""#,
        ),
        (
            r#"strings.replace_n({"<": "&lt;", ">": "&gt;"}, "<b>")"#,
            r#""&lt;b&gt;""#,
        ),
        (r#"strings.replace_n({"": "-"}, "ab")"#, r#""-a-b-""#),
        (r#"strings.replace_n({}, "ab")"#, r#""ab""#),
        (r#"urlquery.encode("a=b c/ü~")"#, r#""a%3Db+c%2F%C3%BC~""#),
        (r#"urlquery.decode("a%3Db+c%2F%C3%BC")"#, r#""a=b c/ü""#),
        (
            r#"urlquery.encode_object({"b": "1 2", "a": ["x", "y"], "c": {"z"}})"#,
            r#""a=x&a=y&b=1+2&c=z""#,
        ),
        (
            r#"urlquery.decode_object("a=x&b=1+2&a=y&c")"#,
            r#"{"a": ["x", "y"], "b": ["1 2"], "c": [""]}"#,
        ),
        (r#"net.cidr_is_valid("10.0.0.0/8")"#, "true"),
        (r#"net.cidr_is_valid("10.0.0.0/33")"#, "false"),
        (r#"net.cidr_is_valid("010.0.0.0/8")"#, "false"),
        (r#"net.cidr_is_valid("10.0.0.0")"#, "false"),
        (r#"net.cidr_contains("10.0.0.0/8", "10.1.2.3")"#, "true"),
        (
            r#"net.cidr_contains("10.0.0.0/8", "::ffff:10.1.2.3")"#,
            "true",
        ),
        (r#"net.cidr_contains("10.9.9.9/8", "10.1.0.0/16")"#, "true"),
        (r#"net.cidr_contains("10.0.0.0/16", "10.0.0.0/8")"#, "false"),
        (r#"net.cidr_contains("10.0.0.0/8", "11.0.0.1")"#, "false"),
        (r#"net.cidr_contains("0.0.0.0/0", "::1")"#, "false"),
        (
            r#"net.cidr_contains("2001:db8::/32", "2001:db8::1")"#,
            "true",
        ),
        (r#"net.cidr_contains("::/0", "2001:db8::1")"#, "true"),
        (
            r#"net.cidr_intersects("10.0.0.0/8", "10.1.0.0/16")"#,
            "true",
        ),
        (
            r#"net.cidr_intersects("10.0.0.0/8", "11.0.0.0/8")"#,
            "false",
        ),
        (
            r#"time.parse_rfc3339_ns("1970-01-01T00:00:01.5Z")"#,
            "1500000000",
        ),
        (
            r#"time.parse_rfc3339_ns("2026-11-28T13:00:00+01:00")"#,
            "1795867200000000000",
        ),
        (r#"time.parse_duration_ns("1h30m")"#, "5400000000000"),
        (r#"time.parse_duration_ns("-1.5s")"#, "-1500000000"),
        ("time.date(1795867200000000000)", "[2026, 11, 28]"),
        (r#"time.date([951782400000000000, "UTC"])"#, "[2000, 2, 29]"),
        ("time.date(-1)", "[1969, 12, 31]"),
        ("time.clock(1795867200000000000)", "[12, 0, 0]"),
        ("time.weekday(1795867200000000000)", r#""Saturday""#),
        ("time.weekday(-1)", r#""Wednesday""#),
        (
            "time.date(time.add_date(1706659200000000000, 0, 1, 0))",
            "[2024, 3, 2]",
        ),
        (
            "time.date(time.add_date(1706659200000000000, -1, 0, 1))",
            "[2023, 2, 1]",
        ),
        ("time.format(1500000000)", r#""1970-01-01T00:00:01.5Z""#),
        ("time.now_ns()", "1795867200000000000"),
        (r#"crypto.hmac.equal("a", "b")"#, "false"),
    ] {
        let rule = format!("allow if {{ {expression} == {expected} }}");
        let mut request = Request::tool("read");
        request.context.at = 1_795_867_200_000;
        let verdict = judged(&rule, &request);
        assert_eq!(reach(&verdict), 3, "{expression}: {verdict:?}");
    }
}

/// An argument that a builtin cannot read is an error, and no rule is passed over.
#[test]
fn what_a_builtin_cannot_read_is_a_fault() {
    for expression in [
        "strings.count(x, 1)",
        "strings.replace_n({\"a\": x}, \"a\")",
        "urlquery.decode(sprintf(\"%%%v\", [x]))",
        "net.cidr_contains(\"10.0.0.0/8\", sprintf(\"a%v\", [x]))",
        "time.parse_rfc3339_ns(sprintf(\"2026-02-30T00:00:0%vZ\", [x]))",
        "time.parse_duration_ns(sprintf(\"%vy\", [x]))",
        "time.date([x, \"Europe/Berlin\"])",
        "time.add_date(x, 9999999, 0, 0)",
    ] {
        let rule = format!(
            "deny contains \"no\" if {{ x := input.arguments.n; {expression} }}\nallow := true"
        );
        let verdict = judged(&rule, &Request::tool("read").with_argument("/n", 1));
        assert_eq!(reach(&verdict), FAULT, "{expression}: {verdict:?}");
    }
}
