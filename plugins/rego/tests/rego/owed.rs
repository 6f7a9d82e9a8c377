//! What stands beside a verdict: obligations, notes, what a denial and a question say.

use gatewright_rego::judge;
use gatewright_sdk::{Ask, Limit, Obligation, OnFailure, Refusal, Request, Verdict};
use serde_json::json;

use super::{judged, notes, reach, settings};

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
