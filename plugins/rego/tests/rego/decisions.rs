//! What the decision document says, and what a module can read of a call.

use gatewright_rego::judge;
use gatewright_sdk::{Approval, Hints, Label, Link, Outcome, PastCall, Request};
use serde_json::json;

use super::{FAULT, judged, reach, settings};

#[test]
fn deny_goes_before_ask_and_ask_before_allow() {
    for (rules, expected) in [
        ("deny := true\nask := {}\nallow := true", 0),
        ("deny contains \"no\"\nallow := true", 0),
        ("deny := [\"no\"]\nallow := true", 0),
        ("deny := \"no\"\nallow := true", 0),
        ("deny contains {\"message\": \"no\"}\nallow := true", 0),
        (
            "deny contains {\"msg\": \"no\", \"details\": {\"x\": 1}}\nallow := true",
            0,
        ),
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
        "deny := [{\"text\": \"no\"}]\nallow := true",
        "message := {\"msg\": \"no\", \"severity\": 1}\ndeny contains message\nallow := true",
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
        .with_labels_left([
            Label {
                name: "b".to_owned(),
                source: None,
                at: None,
            },
            Label {
                name: "a".to_owned(),
                source: Some("shield".to_owned()),
                at: Some(4),
            },
        ])
        .with_hints(Hints::UNTRUSTED | Hints::SENSITIVE)
        .with_targets(["/to"])
        .with_contents(["/body"])
        .with_chain([Link {
            id: "did:x".to_owned(),
            issuer: None,
        }])
        .with_claim("groups", ["ops", "dev"])
        .with_claim("tenant", ["acme"])
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
                "delegation": ["did:x"], "scopes": ["*:*"], "proof": "bearer", "expires_at": 1767229200000,
                "claims": {"groups": ["ops", "dev"], "tenant": ["acme"]}}"#,
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
            r#"[{"name": "a", "source": "shield", "at": 4}, {"name": "b"}]"#,
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
