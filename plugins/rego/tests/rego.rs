//! What holds for the decision document, natively.

#![allow(clippy::unwrap_used, reason = "test code")]

use gatewright_rego::{Settings, judge};
use gatewright_sdk::{
    Approval, Ask, Hints, Limit, Link, Obligation, OnFailure, Opinion, Outcome, PastCall, Refusal,
    Request, Verdict,
};
use serde_json::{Value, json};

fn settings(settings: Value) -> Settings {
    serde_json::from_value(settings).unwrap()
}

fn judged(rules: &str, request: &Request) -> Result<Opinion, String> {
    let module = format!("package gatewright\n\n{rules}\n");
    judge(&settings(json!({ "module": module })), request)
}

/// No usable answer: a fault.
const FAULT: u8 = 9;

/// How far an opinion lets a call go.
fn reach(opinion: &Result<Opinion, String>) -> u8 {
    let Ok(opinion) = opinion else { return FAULT };
    match opinion.verdict {
        Verdict::Deny(_) => 0,
        Verdict::Abstain => 1,
        Verdict::Ask(_) => 2,
        Verdict::Allow => 3,
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
        ("allow if false", 0),
        ("deny if false", 1),
        ("ask := {} if false", 1),
        ("obligations := {} if false", 1),
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
        "obligations := [1]\nallow := true",
        "obligations := \"x\"\nallow := true",
        "obligations := {\"charge\": [{\"key\": \"k\", \"cost\": 1}]}\nallow := true",
        "obligations := {\"charge\": [{\"key\": \"k\", \"cost\": 1, \"budget\": \"b\", \"limit\": 1}]}\nallow := true",
        "deny contains {\"msg\": \"no\", \"refusal\": \"never\"}",
        "deny contains {\"msg\": \"no\", \"scopes\": [\"a:b\"]}",
        "deny contains {\"msg\": \"no\", \"rule\": 1}",
        "rule := concat(\"\", [input.action.name | some i in numbers.range(0, 40)])\nallow := true",
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
document := {\"allow\": allow}
outer := {\"in\": {\"allow\": allow}}
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
        ("data.p.q.outer.in", 3, 0),
        ("data.p.q.outer.in.allow", 3, 0),
        ("data.p.q.outer.in.nothing", 0, 0),
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
        (r#"sprintf("%f", [1e2])"#, r#""100.000000""#),
        (
            r#"sprintf("%.2f|%8.3f|%-8.1f|%08.2f", [1.005, 1.5, 2.25, -3.5])"#,
            r#""1.00|   1.500|2.2     |-0003.50""#,
        ),
        (
            r#"sprintf("%d|%5d|%-5d|%05d|%+d", [-5, 42, 42, -42, 1])"#,
            r#""-5|   42|42   |-0042|+1""#,
        ),
        (
            r#"sprintf("%x %X %b %o %c", [255, 255, 5, 8, 65])"#,
            r#""ff FF 101 10 A""#,
        ),
        (r#"sprintf("%x", ["ab"])"#, r#""6162""#),
        (
            r#"sprintf("%e %g %g", [150, 1.5, 1e21])"#,
            r#""1.500000e+02 1.5 1e+21""#,
        ),
        (
            r#"sprintf("%s|%5s|%-5s|%.2s|%q", ["a", "b", "c", "def", "x\"y"])"#,
            r#""a|    b|c    |de|\"x\\\"y\"""#,
        ),
        (
            r#"sprintf("%v %v %v %v %v", [[1, "a"], {"b": 2.5}, {"s"}, set(), null])"#,
            r#""[1, \"a\"] {\"b\": 2.5} {\"s\"} set() null""#,
        ),
        (r#"sprintf("%d%% of %v", [5, "x"])"#, r#""5% of x""#),
        (r#"units.parse("1.5Ki")"#, "1536"),
        (r#"units.parse("100m")"#, "0.1"),
        (r#"units.parse("10M")"#, "10000000"),
        (r#"units.parse("1e3")"#, "1000"),
        (r#"units.parse("1E")"#, "1000000000000000000"),
        (r#"units.parse("-2.5e-1K")"#, "-250"),
        (r#"units.parse("8Ei")"#, "9223372036854775808"),
        (r#"units.parse_bytes("1.5KiB")"#, "1536"),
        (r#"units.parse_bytes("10mb")"#, "10000000"),
        (r#"units.parse_bytes("0.5")"#, "0"),
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
        (
            r#"crypto.md5("lorem ipsum")"#,
            r#""80a751fde577028640c419000e33eba6""#,
        ),
        (
            r#"crypto.sha1("lorem ipsum")"#,
            r#""bfb7759a67daeb65410490b4d98bb9da7d1ea2ce""#,
        ),
        (
            r#"crypto.sha256("lorem ipsum")"#,
            r#""5e2bf57d3f40c4b6df69daf1936cb766f832374b4fc0259a7cbff06e2f70f269""#,
        ),
        (
            r#"crypto.hmac.md5("what do ya want for nothing?", "Jefe")"#,
            r#""750c783e6ab0b503eaa86e310a5db738""#,
        ),
        (
            r#"crypto.hmac.sha1("what do ya want for nothing?", "Jefe")"#,
            r#""effcdf6ae5eb2fa2d27416d5f184df9c259a7c79""#,
        ),
        (
            r#"crypto.hmac.sha256("what do ya want for nothing?", "Jefe")"#,
            r#""5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843""#,
        ),
        (
            r#"count(crypto.hmac.sha512("what do ya want for nothing?", "Jefe"))"#,
            "128",
        ),
        (
            r#"io.jwt.decode("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImFkbWluIjp0cnVlfQ.AQI")"#,
            r#"[{"alg": "HS256"}, {"sub": "alice", "admin": true}, "0102"]"#,
        ),
        (
            r#"io.jwt.verify_hs256("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "another key")"#,
            "false",
        ),
        (
            r#"io.jwt.verify_hs256("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.un3lFcaDGSbFTQq1BWPNv5DnHVph87UOs2fYcwZa5QU", "key")"#,
            "true",
        ),
        (
            r#"io.jwt.verify_hs256("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.un3lFcaDGSbFTQq1BWPNv5DnHVph87UOs2fYcwZa5QU", "other")"#,
            "false",
        ),
        (
            r#"io.jwt.verify_hs384("eyJhbGciOiJIUzM4NCJ9.eyJzdWIiOiJhbGljZSJ9.HfcqyZ4D0nR1WQGJFMt1_v_SzkrSAg79hFp2f9OzvGBfX2p6hhETiVACkPalLxn0", "key")"#,
            "true",
        ),
        (
            r#"io.jwt.verify_hs512("eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhbGljZSJ9.lKk14UMCWJ-4NsMwv3qw-3YTIhfGnfEAP4kkNKTiqgg8XB_wpZ3zsXopPYaAuVU9Dotd5lrhCmal-lDRprT9IQ", "key")"#,
            "true",
        ),
        (
            r#"array.flatten([1, [2, [3]], "a"])"#,
            r#"[1, 2, [3], "a"]"#,
        ),
        (
            r#"net.cidr_expand("192.0.2.0/30")"#,
            r#"{"192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"}"#,
        ),
        (
            r#"net.cidr_expand("2001:db8::/127")"#,
            r#"{"2001:db8::", "2001:db8::1"}"#,
        ),
        (
            r#"net.cidr_merge(["192.0.128.0/24", "192.0.129.0/24", "192.0.128.7"])"#,
            r#"{"192.0.128.0/23"}"#,
        ),
        (
            r#"net.cidr_merge({"10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/10", "::1", "11.0.0.0/8"})"#,
            r#"{"10.0.0.0/7", "::1/128"}"#,
        ),
    ] {
        let rule = format!("allow if {{ {expression} == {expected} }}");
        let request = Request::tool("read").at_time(1_795_867_200_000);
        let verdict = judged(&rule, &request);
        assert_eq!(reach(&verdict), 3, "{expression}: {verdict:?}");
    }
}

/// An argument that a builtin cannot read is an error, and no rule is passed over.
#[test]
fn what_a_builtin_cannot_read_is_a_fault() {
    for expression in [
        "strings.count(x, 1)",
        "sprintf(\"%d\", [sprintf(\"%v\", [x])])",
        "sprintf(\"%s %s\", [x])",
        "sprintf(\"%s\", [x, x])",
        "sprintf(\"%9999999d\", [x])",
        "sprintf(\"%t\", [x])",
        "units.parse(sprintf(\"%ve10000000Ei\", [x]))",
        "units.parse_bytes(sprintf(\"%ve10000000Ei\", [x]))",
        "units.parse(sprintf(\"%v parsec\", [x]))",
        "units.parse(sprintf(\"%v%v\", [999999999999999999, x]))",
        "strings.replace_n({\"a\": x}, \"a\")",
        "urlquery.decode(sprintf(\"%%%v\", [x]))",
        "net.cidr_contains(\"10.0.0.0/8\", sprintf(\"a%v\", [x]))",
        "time.parse_rfc3339_ns(sprintf(\"2026-02-30T00:00:0%vZ\", [x]))",
        "time.parse_duration_ns(sprintf(\"%vy\", [x]))",
        "time.date([x, \"Europe/Berlin\"])",
        "io.jwt.decode(sprintf(\"%v\", [x]))",
        "io.jwt.decode(sprintf(\"MQ.MQ.%v\", [x]))",
        "net.cidr_expand(sprintf(\"%v0.0.0.0/8\", [x]))",
        "crypto.sha256(x)",
        "time.add_date(x, 9999999, 0, 0)",
    ] {
        let rule = format!(
            "deny contains \"no\" if {{ x := input.arguments.n; {expression} }}\nallow := true"
        );
        let verdict = judged(&rule, &Request::tool("read").with_argument("/n", 1));
        assert_eq!(reach(&verdict), FAULT, "{expression}: {verdict:?}");
    }
}

fn notes(opinion: &Opinion) -> Vec<(&str, &str)> {
    let notes = opinion.notes.iter();
    notes
        .map(|note| (note.rule.as_str(), note.text.as_str()))
        .collect()
}

#[test]
fn what_is_owed_stands_beside_any_verdict() {
    let owed = "obligations contains {\"labels\": [\"seen\"], \"rule\": \"mark\"} if input.action.name == \"read\"
obligations contains {\"charge\": [{\"key\": \"k\", \"cost\": 2, \"budget\": \"calls\", \"on_failure\": \"refund\"}]}
obligations contains {\"charge\": [{\"key\": \"k\", \"cost\": 1, \"limit\": 10, \"window_seconds\": 60}], \"limit_result\": 9, \"redact\": [\"/a\"], \"declassify\": [\"x\"]}
obligations contains {}\n";
    for (rules, expected) in [
        ("", 1),
        ("deny contains \"no\"", 0),
        ("ask := {}", 2),
        ("allow := true", 3),
        ("allow := false", 0),
    ] {
        let opinion = judged(&format!("{owed}{rules}"), &Request::tool("read"));
        assert_eq!(reach(&opinion), expected, "{rules}: {opinion:?}");
        let opinion = opinion.unwrap();
        let mut kinds: Vec<_> = opinion.obligations.iter().map(kind).collect();
        kinds.sort_unstable();
        assert_eq!(
            kinds,
            [
                "charge calls refund",
                "charge k 1 of 10 in 60",
                "declassify x",
                "label seen",
                "limit 9",
                "redact /a"
            ]
        );
        let rules: Vec<_> = notes(&opinion).into_iter().map(|(rule, _)| rule).collect();
        assert!(rules.contains(&"mark"), "{rules:?}");
    }
}

fn kind(obligation: &Obligation) -> String {
    match obligation {
        Obligation::Charge(charge) => match &charge.limit {
            Limit::Set(budget) => match charge.on_failure {
                OnFailure::Refund => format!("charge {budget} refund"),
                OnFailure::Keep => format!("charge {budget}"),
            },
            Limit::Fixed(window) => format!(
                "charge {} {} of {} in {}",
                charge.key, charge.cost, window.limit, window.window_seconds
            ),
        },
        Obligation::Label(labels) => format!("label {}", labels.concat()),
        Obligation::Declassify(labels) => format!("declassify {}", labels.concat()),
        Obligation::Redact(pointers) => format!("redact {}", pointers.concat()),
        Obligation::LimitResult(bytes) => format!("limit {bytes}"),
    }
}

#[test]
fn the_rule_that_spoke_is_noted() {
    for (rules, expected) in [
        ("allow := true", vec![("allow", "")]),
        (
            "allow := true\nreason := \"why\"\nrule := \"R1\"",
            vec![("R1", "why")],
        ),
        ("allow := false", vec![("allow", "")]),
        ("deny contains \"no\"", vec![("deny", "no")]),
        (
            "deny := true\nreason := \"closed\"",
            vec![("deny", "closed")],
        ),
        (
            "deny contains {\"msg\": \"b\", \"rule\": \"R2\"}\ndeny contains \"a\"",
            vec![("deny", "a"), ("R2", "b")],
        ),
        (
            "ask := {\"title\": \"pay?\", \"rule\": \"R3\"}",
            vec![("R3", "pay?")],
        ),
        (
            "ask := {\"title\": \"pay?\"}\nallow := true",
            vec![("ask", "pay?")],
        ),
        ("allow if false", vec![("otherwise", "")]),
        (
            "deny contains sprintf(\"%v\", [n]) if some n in numbers.range(10, 40)",
            (10..26).map(|_| ("deny", "")).collect(),
        ),
    ] {
        let opinion = judged(rules, &Request::tool("read")).unwrap();
        let found = notes(&opinion);
        match expected.len() {
            16 => assert_eq!(found.len(), 16, "{rules}"),
            _ => assert_eq!(found, expected, "{rules}"),
        }
    }
    let module = "package authz\n\npermitted := true";
    let settings = settings(json!({ "module": module, "query": "data.authz.permitted" }));
    let opinion = judge(&settings, &Request::tool("read")).unwrap();
    assert_eq!(notes(&opinion), [("permitted", "")]);
}

#[test]
fn a_denial_says_what_would_help() {
    for (rules, refusal, scopes) in [
        (
            "deny contains {\"msg\": \"a\", \"refusal\": \"unsafe-context\"}",
            Refusal::UnsafeContext,
            vec![],
        ),
        (
            "deny contains {\"msg\": \"a\", \"refusal\": \"invalid-arguments\"}",
            Refusal::InvalidArguments,
            vec![],
        ),
        (
            "deny contains {\"msg\": \"a\", \"refusal\": \"insufficient-scope\", \"scopes\": [\"a:b\"]}",
            Refusal::InsufficientScope,
            vec!["a:b"],
        ),
        (
            "deny contains \"b\"\ndeny contains {\"msg\": \"a\", \"refusal\": \"insufficient-scope\", \"scopes\": [\"a:b\"]}",
            Refusal::Forbidden,
            vec![],
        ),
    ] {
        let opinion = judged(rules, &Request::tool("read")).unwrap();
        let Verdict::Deny(denial) = opinion.verdict else {
            unreachable!("{rules}");
        };
        assert_eq!(denial.refusal, refusal, "{rules}");
        assert_eq!(denial.scopes, scopes, "{rules}");
    }
}

/// A module that never allows is no reason to deny what it does not speak of.
#[test]
fn the_rest_is_denied_where_a_module_allows_and_left_to_others_where_not() {
    for (rules, query, expected) in [
        ("allow if false", "data.p", 0),
        ("default allow := false\nallow if false", "data.p.allow", 0),
        ("allow.x if false", "data.p", 0),
        ("allow if false\ndeny if false", "data.p", 0),
        ("deny contains \"no\" if false", "data.p", 1),
        ("ask := {} if false", "data.p", 1),
        ("obligations contains {} if false", "data.p", 1),
        ("nested.deny contains \"no\" if false", "data.p.nested", 1),
        (
            "nested.deny contains \"no\" if false\nnested.allow if false",
            "data.p.nested",
            0,
        ),
        ("document := {\"deny\": []}", "data.p.document", 0),
    ] {
        let module = format!("package p\n\n{rules}");
        let mut written = json!({ "module": module, "query": query });
        let opinion = judge(&settings(written.clone()), &Request::tool("read"));
        assert_eq!(reach(&opinion), expected, "{rules}: {opinion:?}");
        for (otherwise, expected) in [("deny", 0), ("abstain", 1)] {
            if rules.contains("default") {
                continue;
            }
            written["otherwise"] = json!(otherwise);
            let opinion = judge(&settings(written.clone()), &Request::tool("read"));
            assert_eq!(
                reach(&opinion),
                expected,
                "{rules}, {otherwise}: {opinion:?}"
            );
        }
    }
}

fn refused(module: &str) -> String {
    let settings = serde_json::from_value::<Settings>(json!({ "module": module }));
    settings.map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_module_that_says_nothing_about_calls_is_refused() {
    for (rules, right) in [
        (
            "violation contains \"no\"",
            "what `violation` says elsewhere, `deny` says here",
        ),
        (
            "allowed := true",
            "what `allowed` says elsewhere, `allow` says here",
        ),
        ("helper := 1", "name a rule so"),
        ("alow := true", "name a rule so"),
    ] {
        let error = refused(&format!("package gatewright\n\n{rules}"));
        assert!(error.contains(right), "{rules}: {error}");
    }
}

/// A function is never a member of what the query gives: a denial in one would not be seen.
#[test]
fn a_function_with_the_name_of_a_decision_is_refused() {
    let with = "\nallow := true\nnested.allow := true";
    for name in ["deny", "ask", "allow", "obligations"] {
        for (rules, query) in [
            (
                format!("{name}(call) := \"no\" if call.action.name"),
                "data.p",
            ),
            (format!("{name}(x) if x == 1\nallowed := true"), "data.p"),
            (format!("{name}(_) := true"), "data.p"),
            (format!("default {name}(_) := true"), "data.p"),
            (format!("{name}.x(_) := true"), "data.p"),
            (format!("nested.{name}(_) := true{with}"), "data.p.nested"),
        ] {
            let settings = serde_json::from_value::<Settings>(json!({
                "module": format!("package p\n\n{rules}"), "query": query,
            }));
            let error = settings.map(|_| ()).unwrap_err().to_string();
            for part in [format!("`{name}"), "is a function".to_owned()] {
                assert!(error.contains(&part), "{rules}: {error}");
            }
        }
    }
    // What stands elsewhere is a helper.
    for (rules, query) in [
        ("helper.deny(_) := true\nallow := helper.deny(1)", "data.p"),
        ("deny(_) := false\nallow := deny(1)", "data.p.allow"),
        ("denying(_) := true\nallow := denying(1)", "data.p"),
    ] {
        let written = json!({ "module": format!("package p\n\n{rules}"), "query": query });
        let settings = serde_json::from_value::<Settings>(written);
        assert!(settings.is_ok(), "{rules}: {settings:?}");
    }
}

/// Asked for alone, `deny` gives a boolean, and `true` would allow.
#[test]
fn a_query_for_a_part_of_a_decision_is_refused() {
    let rules = "deny := true\nask := {}\nobligations := {}\nallow := true
nested.deny := true
document := {\"deny\": true}";
    for query in [
        "data.p.deny",
        "data.p.ask",
        "data.p.obligations",
        "data.p.nested.deny",
        "data.p.document.deny",
    ] {
        let written = json!({ "module": format!("package p\n\n{rules}"), "query": query });
        let settings = serde_json::from_value::<Settings>(written);
        let error = settings.map(|_| ()).unwrap_err().to_string();
        let (asked, _) = query.rsplit_once('.').unwrap();
        let hint = format!("hint: write `{asked}`");
        assert!(error.contains(&hint), "{query}: {error}");
    }
    // The package itself may be called so.
    let written = json!({ "module": "package deny\n\nallow := true", "query": "data.deny" });
    assert_eq!(reach(&judge(&settings(written), &Request::tool("read"))), 3);
}

/// No helper stands in what one rule gives, so a name that is not known is a slip.
#[test]
fn an_unknown_member_of_a_document_is_a_fault_that_names_it() {
    for (rules, query, unknown) in [
        (
            "document := {\"allow\": true, \"obligatons\": {\"labels\": [\"x\"]}}",
            "data.p.document",
            Some("obligatons"),
        ),
        (
            "document := {\"allow\": true, \"asks\": {}}",
            "data.p.document",
            Some("asks"),
        ),
        (
            "document := {\"in\": {\"allow\": true, \"denied\": true}}",
            "data.p.document.in",
            Some("denied"),
        ),
        (
            "document := {\"allow\": true, 1: true}",
            "data.p.document",
            Some("1"),
        ),
        (
            "document := {\"allow\": true, \"reason\": \"r\", \"rule\": \"x\", \"deny\": [], \"obligations\": []}",
            "data.p.document",
            None,
        ),
        // Rules of a package, and of a part of it, may be helpers.
        ("allow := true\nasks := true", "data.p", None),
        (
            "nested.allow := true\nnested.asks := true",
            "data.p.nested",
            None,
        ),
    ] {
        let written = json!({ "module": format!("package p\n\n{rules}"), "query": query });
        let opinion = judge(&settings(written), &Request::tool("read"));
        match unknown {
            Some(name) => {
                let error = opinion.unwrap_err();
                assert!(error.contains(&format!("`{name}`")), "{rules}: {error}");
            }
            None => assert_eq!(reach(&opinion), 3, "{rules}: {opinion:?}"),
        }
    }
}

#[test]
fn all_that_a_call_has_can_be_read() {
    let past = PastCall {
        id: "d1".to_owned(),
        at: 5,
        method: "tools/call".to_owned(),
        server: "mail".to_owned(),
        name: "read".to_owned(),
        outcome: Outcome::Denied,
        reason: Some("forbidden".to_owned()),
    };
    let quiet = PastCall {
        outcome: Outcome::Pending,
        reason: None,
        ..past.clone()
    };
    let request = Request::tool("send")
        .with_argument("/to", "bob")
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
        .with_history([past, quiet])
        .at_time(7);
    for (expression, expected) in [
        (
            "input.subject",
            r#"{"id": "did:example:agent", "issuer": "did:example:issuer", "principal": "user:alice", "chain": [{"id": "did:x"}],
                "delegation": ["did:x"], "scopes": ["*:*"], "proof": "bearer", "expires_at": 1767229200000}"#,
        ),
        (
            "input.action",
            r#"{"purpose": "call", "method": "tools/call", "server": "server", "name": "send",
                "hints": ["untrusted", "sensitive"], "targets": ["/to"], "contents": ["/body"]}"#,
        ),
        ("input.context.at", "7"),
        ("input.context.decision", r#""decision""#),
        ("input.context.session", r#""session""#),
        ("input.context.labels", r#"["a", "b"]"#),
        (
            "input.context.label_details",
            r#"[{"name": "a"}, {"name": "b"}]"#,
        ),
        (
            "input.context.approvals",
            r#"[{"by": "eve", "roles": ["lead"], "at": 6, "method": "sso"}]"#,
        ),
        ("input.context.approvers", r#"["eve"]"#),
        (
            "input.context.history",
            r#"[{"id": "d1", "at": 5, "method": "tools/call", "server": "mail", "name": "read", "outcome": "denied", "reason": "forbidden"},
                {"id": "d1", "at": 5, "method": "tools/call", "server": "mail", "name": "read", "outcome": "pending"}]"#,
        ),
        ("input.arguments", r#"{"to": "bob"}"#),
        (
            "{name | some name, _ in input}",
            r#"{"subject", "action", "context", "arguments"}"#,
        ),
        (
            "{name | some name, _ in input.context}",
            r#"{"at", "decision", "session", "labels", "label_details", "approvers", "approvals", "history"}"#,
        ),
    ] {
        let rule = format!("allow if {{ {expression} == {expected} }}");
        let opinion = judged(&rule, &request);
        assert_eq!(reach(&opinion), 3, "{expression}: {opinion:?}");
    }
}

#[test]
fn a_question_may_say_all_that_a_gate_asks() {
    let rules = "ask := {\"title\": input.arguments.title, \"reason\": \"r\", \"show\": [\"/a\"], \"roles\": [\"lead\"], \"quorum\": 2,
    \"exclude_requester\": true, \"exclude\": [\"eve\"], \"decide_within_seconds\": 60, \"use_within_seconds\": 30}";
    // Agents choose how long an argument is; what is too long would be a fault.
    let request = Request::tool("read").with_argument("/title", "ä".repeat(200));
    let opinion = judged(rules, &request).unwrap();
    let expected = Ask {
        title: "ä".repeat(128),
        reason: "r".to_owned(),
        show: vec!["/a".to_owned()],
        roles: vec!["lead".to_owned()],
        quorum: 2,
        exclude_requester: true,
        exclude: vec!["eve".to_owned()],
        decide_within_seconds: 60,
        use_within_seconds: 30,
    };
    assert_eq!(opinion.verdict, Verdict::Ask(expected));
}

/// What the interpreter takes in silence and answers in another way than it is written.
#[test]
fn what_would_be_answered_otherwise_is_refused_with_its_line() {
    for (rules, right) in [
        (
            "import rego.v2\nallow := true",
            "line 3: `import rego.v2` is not known\nhint: `import rego.v1`",
        ),
        (
            "import future.keywords.xor\nallow := true",
            "`import future.keywords.xor` is not known",
        ),
        (
            "import data.lib\nallow if lib.x",
            "line 3: `data.lib` is not there\nhint: put it into `data`",
        ),
        (
            "allow if data.lib.blocked[input.arguments.x]",
            "`data.lib` is not there",
        ),
        ("allow if data[\"lib\"].x", "`data.lib` is not there"),
        (
            "allow if [x | x := data.lib.x[_]]",
            "`data.lib` is not there",
        ),
        (
            "allow if {\n  some x in data.lib\n}",
            "line 4: `data.lib` is not there",
        ),
        (
            "allow if data.gatewright.alow",
            "`module` has no rule `alow`",
        ),
        (
            "allow if \"a\", \"a\" in {\"a\"}",
            "line 3: `name, value in ..` is never true for a set",
        ),
        (
            "allow if \"a\", \"a\" in data.given.x",
            "never true for a set",
        ),
        (
            "p[q].r contains s if { q := \"b\"; s := \"c\" }\np.b.r contains \"foo\"\nallow if p.b.r.c",
            "`p[q].r contains ..` and `p.b.r` may meet",
        ),
        (
            "allow if regex.match(\"(\", input.arguments.x)",
            "line 3: `regex.match`: `(` is not a pattern",
        ),
        (
            "allow if regex.replace(input.arguments.x, \"[\", \"\") == \"\"",
            "`regex.replace`: `[` is not",
        ),
        (
            "allow if not regex.match(`\\q`, input.arguments.x)",
            "`\\q` is not a pattern",
        ),
        (
            "allow if glob.match(\"{a\", [], input.arguments.x)",
            "`{a` is not a glob: `{` is not closed",
        ),
        (
            "allow if glob.match(\"[a\", null, input.arguments.x)",
            "`[` is not closed",
        ),
        (
            "allow if \"readonly\" in input.action.hints",
            "line 3: `input.action.hints` is never `readonly`\nhint: it is one of `read-only`",
        ),
        (
            "deny contains \"no\" if input.action.hints[_] == \"unsafe\"",
            "`input.action.hints` is never `unsafe`",
        ),
        (
            "deny contains \"no\" if \"list\" == input.action.purpose",
            "`input.action.purpose` is never `list`",
        ),
        (
            "deny contains \"no\" if input.subject.proof != \"dpop\"",
            "`input.subject.proof` is never `dpop`",
        ),
        (
            "allow { true }",
            "`opa fmt --v0-v1 --write FILE` makes Rego v1 of it",
        ),
        (
            "deny[msg] { msg := \"x\" }",
            "`opa fmt --v0-v1 --write FILE` makes Rego v1 of it",
        ),
    ] {
        let module = format!("package gatewright\n\n{rules}");
        let written = json!({ "module": module, "data": { "given": { "x": [] } } });
        let error = serde_json::from_value::<Settings>(written).map(|_| ());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(right), "{rules}: {error}");
    }
}

#[test]
fn what_means_what_it_says_is_taken() {
    for rules in [
        "import future.keywords.in\nallow if \"a\" in data.given.x",
        "import rego.v1\nimport data.given\nallow if given.x",
        "import data.gatewright.helper\nallow if helper\nhelper := true",
        "allow if data.gatewright.helper\nhelper := true",
        "allow if { some i, v in data.given.x; i == v }",
        "allow if 0, \"a\" in [\"a\"]",
        "allow if \"k\", 1 in {\"k\": 1}",
        "allow if data[input.arguments.x]",
        "allow if { \"read-only\" in input.action.hints; input.subject.proof != \"none\" }",
        "p[q].r contains s if { q := \"b\"; s := \"c\" }\nallow if p.b.r.c",
        "check if data.lib.x\nallow if check with data.lib as {\"x\": true}",
        "allow if [x | x := 1; check with data.lib.x as x]\ncheck if data.lib.x",
        "allow if regex.match(input.arguments.x, \"a\")",
    ] {
        let module = format!("package gatewright\n\n{rules}");
        let written = json!({ "module": module, "data": { "given": { "x": [] } } });
        let settings = serde_json::from_value::<Settings>(written);
        assert!(settings.is_ok(), "{rules}: {:?}", settings.err());
    }
}

/// Patterns are those of RE2 and of OPA's globs.
#[test]
fn patterns_match_what_they_match_in_opa() {
    for (expression, expected) in [
        (r#"regex.match("^\\d+$", "12")"#, "true"),
        (r#"regex.match("^\\d+$", "١٢")"#, "false"),
        (r#"regex.match("^\\w+$", "é")"#, "false"),
        (r#"regex.match("^[\\w.]+$", "a_1.b")"#, "true"),
        (r#"regex.match("^[^\\d]+$", "ab")"#, "true"),
        (r#"regex.match("^\\S+\\s\\D$", "a\tb")"#, "true"),
        (r#"regex.match("\\bé\\b", "é")"#, "false"),
        (r#"regex.match("(?i)^AB$", "aB")"#, "true"),
        (r#"regex.match("^\\pL$", "é")"#, "true"),
        (r#"regex.match("^[[:alpha:]]$", "a")"#, "true"),
        (r#"regex.match("^[a[]$", "[")"#, "true"),
        (r#"regex.match("^[]a]$", "]")"#, "true"),
        (r#"regex.match("^[a&&b]+$", "a&b")"#, "true"),
        (r#"regex.match("a.c", "a\nc")"#, "false"),
        (r#"regex.is_valid("(")"#, "false"),
        (r#"regex.is_valid("\\d")"#, "true"),
        (r#"regex.is_valid(1)"#, "false"),
        (r#"regex.split("-", "a-b-c")"#, r#"["a", "b", "c"]"#),
        (r#"regex.split("", "abc")"#, r#"["a", "b", "c"]"#),
        (r#"regex.split("-", "-a-")"#, r#"["", "a", ""]"#),
        (r#"regex.split("-", "")"#, r#"[""]"#),
        (
            r#"regex.replace("foo bar", "(\\w)\\w*", "$1.")"#,
            r#""f. b.""#,
        ),
        (r#"regex.find_n("\\d", "a1b2c3", 2)"#, r#"["1", "2"]"#),
        (r#"regex.find_n("\\d", "a1b2c3", -1)"#, r#"["1", "2", "3"]"#),
        (
            r#"regex.find_all_string_submatch_n("a(x*)b", "-axxb-ab-", -1)"#,
            r#"[["axxb", "xx"], ["ab", ""]]"#,
        ),
        (
            r#"regex.template_match("urn:foo:{.*}", "urn:foo:bar:baz", "{", "}")"#,
            "true",
        ),
        (
            r#"regex.template_match("u.n:{[a-z]{2}}", "u.n:ab", "{", "}")"#,
            "true",
        ),
        (
            r#"regex.template_match("u.n:{[a-z]+}", "uun:ab", "{", "}")"#,
            "false",
        ),
        (
            r#"glob.match("*.github.com", [], "api.github.com")"#,
            "true",
        ),
        (
            r#"glob.match("*.github.com", [], "a.api.github.com")"#,
            "false",
        ),
        (
            r#"glob.match("*.github.com", null, "a.api.github.com")"#,
            "true",
        ),
        (
            r#"glob.match("*:github:com", [":"], "api:github:com")"#,
            "true",
        ),
        (
            r#"glob.match("api.**.com", ["."], "api.cdn.github.com")"#,
            "true",
        ),
        (r#"glob.match("a/*", ["/"], "a/b/c")"#, "false"),
        (r#"glob.match("{**/,}x", null, "x")"#, "true"),
        (r#"glob.match("{cat,bat,[fr]at}", [], "rat")"#, "true"),
        (r#"glob.match("?at", [], "cat")"#, "true"),
        (r#"glob.match("?at", ["c"], "cat")"#, "false"),
        (r#"glob.match("[!a-c]at", [], "dat")"#, "true"),
        (r#"glob.match("[a-c]at", [], "dat")"#, "false"),
        (r#"glob.match("a\\*b", null, "a*b")"#, "true"),
        (r#"glob.match("a+(b)", null, "a+(b)")"#, "true"),
        (r#"glob.match("*", null, "a\nb")"#, "true"),
        (r#"glob.quote_meta("*.github.com")"#, r#""\\*.github.com""#),
    ] {
        let rule = format!("allow if {{ {expression} == {expected} }}");
        let opinion = judged(&rule, &Request::tool("read"));
        assert_eq!(reach(&opinion), 3, "{expression}: {opinion:?}");
    }
}
