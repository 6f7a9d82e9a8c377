//! What holds for every list of rules.

#![allow(clippy::unwrap_used, reason = "test code")]

use gatewright_sdk::{Request, Verdict};
use gatewright_tool_gate::{Settings, judge};
use proptest::prelude::*;
use serde_json::{Value, json};

fn settings(rules: Vec<Value>) -> Settings {
    serde_json::from_value(json!({ "rules": rules })).unwrap()
}

/// How far a verdict lets a call go.
fn reach(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Deny(_) => 0,
        Verdict::Abstain => 1,
        Verdict::Ask(_) => 2,
        Verdict::Allow => 3,
    }
}

fn rule(effects: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let condition = prop_oneof![
        (0i64..6).prop_map(|bound| json!({"pointer": "/n", "at-most": bound})),
        (0i64..6).prop_map(|bound| json!({"pointer": "/n", "above": bound})),
        (0i64..6).prop_map(|value| json!({"pointer": "/n", "equals": value})),
        any::<bool>().prop_map(|there| json!({"pointer": "/n", "present": there})),
        Just(json!({"pointer": "/t", "matches": ["a*"]})),
    ];
    (
        prop::sample::select(&["x", "y", "*"][..]),
        prop::collection::vec(condition, 0..3),
        prop::sample::select(effects),
    )
        .prop_map(|(tool, arguments, effect)| {
            json!({"tools": [tool], "arguments": arguments, "effect": effect})
        })
}

const ALL: &[&str] = &["allow", "deny", "ask"];

fn arguments() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        (0i64..8).prop_map(|n| json!({"n": n})),
        (0i64..8, "[ab]{0,2}").prop_map(|(n, t)| json!({"n": n, "t": t})),
        Just(json!({"n": null})),
        Just(json!({"n": "3"})),
        Just(json!({"n": [3], "t": {}})),
    ]
}

proptest! {
    /// Coherence: what some arguments are allowed for is listed.
    #[test]
    fn what_can_be_called_is_listed(
        rules in prop::collection::vec(rule(ALL), 0..5), arguments in arguments()
    ) {
        let settings = settings(rules);
        let call = judge(&settings, &Request::tool("x").with_arguments(arguments)).verdict;
        let listing = judge(&settings, &Request::of_method("tools/list", "x")).verdict;
        if reach(&call) > 0 {
            prop_assert_eq!(listing, Verdict::Abstain);
        }
    }

    /// A number written as something else never gets further than the same call
    /// with the worst number.
    #[test]
    fn a_wrong_kind_never_loosens_a_rule(
        rules in prop::collection::vec(rule(&["deny"]), 0..4), bound in 0i64..6
    ) {
        let mut rules = rules;
        rules.push(json!({"tools": ["*"], "effect": "allow"}));
        let has_test_of_a_number = rules.iter().any(|rule| {
            let conditions = rule["arguments"].as_array();
            rule["tools"] != json!(["y"])
                && conditions.is_some_and(|conditions| {
                    !conditions.is_empty()
                        && conditions.iter().all(|condition| {
                            condition["pointer"] == "/n" && condition.get("present").is_none()
                        })
                })
        });
        let wrong = judge(
            &settings(rules),
            &Request::tool("x").with_arguments(json!({"n": bound.to_string()})),
        )
        .verdict;
        if has_test_of_a_number {
            prop_assert_eq!(reach(&wrong), 0);
        }
    }

    /// A rule that denies, put first, never lets a call go further.
    #[test]
    fn denying_first_never_helps_a_call(
        first in rule(&["deny"]), rules in prop::collection::vec(rule(ALL), 0..4), arguments in arguments()
    ) {
        let request = Request::tool("x").with_arguments(arguments);
        let without = judge(&settings(rules.clone()), &request).verdict;
        let mut rules = rules;
        rules.insert(0, first);
        let with = judge(&settings(rules), &request).verdict;
        prop_assert!(reach(&with) <= reach(&without));
    }
}

#[test]
fn bounds_are_exact_where_doubles_are_not() {
    let rule = json!({
        "tools": ["*"],
        "arguments": [{"pointer": "/n", "at-most": 9_007_199_254_740_992_i64}],
        "effect": "allow",
    });
    let settings = settings(vec![rule]);
    let call = |n: i64| judge(&settings, &Request::tool("x").with_argument("/n", n)).verdict;
    assert_eq!(call(9_007_199_254_740_992), Verdict::Allow);
    assert_eq!(reach(&call(9_007_199_254_740_993)), 0);
}
