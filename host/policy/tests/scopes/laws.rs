//! What is within a scope admits nothing that the scope does not.

use gatewright_policy::scope::{Scope, check, subsumes};
use proptest::prelude::*;

use crate::written::{constraint, details, document};

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        prop::sample::select(vec![
            "0",
            "-0",
            "1",
            "1.0",
            "10e-1",
            "2",
            "1e999",
            "-3.5",
            "9007199254740993"
        ])
        .prop_map(str::to_owned),
        prop::sample::select(vec![
            "\"a\"",
            "\"ab\"",
            "\"/a/b\"",
            "\"/a/../b\"",
            "\"\"",
            "\"\\u0061\""
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|it| format!("[{}]", it.join(","))),
            prop::collection::btree_map("[ab]", inner, 0..3).prop_map(|members| {
                let members = members
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// A value of a constraint: its numbers are those that a double holds.
fn ruled() -> impl Strategy<Value = String> {
    value().prop_map(|it| {
        it.replace("1e999", "1e300")
            .replace("9007199254740993", "9007199254740992")
    })
}

fn rule() -> impl Strategy<Value = String> {
    let values = || prop::collection::vec(ruled(), 1..4).prop_map(|it| it.join(","));
    let number = prop::sample::select(vec!["-3.5", "0", "1", "1.5", "2", "1e300"]);
    let leaf = prop_oneof![
        ruled().prop_map(|value| format!(r#"{{"type":"exact","value":{value}}}"#)),
        number
            .clone()
            .prop_map(|min| format!(r#"{{"type":"range","min":{min}}}"#)),
        number.prop_map(|max| format!(r#"{{"type":"range","max":{max}}}"#)),
        values().prop_map(|values| format!(r#"{{"type":"one_of","values":[{values}]}}"#)),
        values().prop_map(|values| format!(r#"{{"type":"not_one_of","values":[{values}]}}"#)),
        values().prop_map(|values| format!(r#"{{"type":"contains","values":[{values}]}}"#)),
        values().prop_map(|values| format!(r#"{{"type":"subset","values":[{values}]}}"#)),
        Just(r#"{"type":"wildcard"}"#.to_owned()),
        "[/ab*]{1,4}".prop_map(|it| format!(r#"{{"type":"wildcard","pattern":"{it}"}}"#)),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        (
            prop::sample::select(vec!["all", "any"]),
            prop::collection::vec(inner, 1..3),
        )
            .prop_map(|(kind, parts)| {
                format!(r#"{{"type":"{kind}","constraints":[{}]}}"#, parts.join(","))
            })
    })
}

fn arguments() -> impl Strategy<Value = Scope> {
    let pointer = prop::sample::select(vec!["/a", "/b", "/a/a", "/a/b", "/b/0"]);
    let named = prop::collection::btree_map(pointer, (rule(), any::<bool>()), 0..4);
    (named, any::<bool>()).prop_map(|(named, others)| {
        let said = named.iter().map(|(pointer, (rule, optional))| {
            let rule = rule.strip_suffix('}').unwrap();
            format!(r#""{pointer}":{rule},"optional":{optional}}}"#)
        });
        let said = said.collect::<Vec<_>>().join(",");
        let entry = format!(
            r#"[{{"type":"mcp_tools","actions":["a:b"],"arguments":{{{said}}},"other_arguments":{others}}}]"#
        );
        details(&entry).unwrap().remove(0)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn what_the_narrower_admits_the_wider_admits(
        parent in rule(), child in rule(), values in prop::collection::vec(value(), 8)
    ) {
        let (parent, child) = (constraint(&parent).unwrap(), constraint(&child).unwrap());
        if subsumes(&parent, &child) {
            for value in values {
                let value = document(&value);
                prop_assert!(!check(&child, value.root()) || check(&parent, value.root()), "{}", value.text());
            }
        }
    }

    #[test]
    fn every_constraint_is_within_itself(rule in rule()) {
        let rule = constraint(&rule).unwrap();
        prop_assert!(subsumes(&rule, &rule));
    }

    #[test]
    fn what_is_within_the_inner_is_within_the_outer(a in rule(), b in rule(), c in rule()) {
        let [a, b, c] = [a, b, c].map(|rule| constraint(&rule).unwrap());
        if subsumes(&a, &b) && subsumes(&b, &c) {
            prop_assert!(subsumes(&a, &c));
        }
    }

    #[test]
    fn narrowing_by_more_constraints_stays_within(parent in rule(), more in rule()) {
        let both = format!(r#"{{"type":"all","constraints":[{parent},{more}]}}"#);
        let either = format!(r#"{{"type":"any","constraints":[{parent},{more}]}}"#);
        let parent = constraint(&parent).unwrap();
        prop_assert!(subsumes(&parent, &constraint(&both).unwrap()));
        prop_assert!(subsumes(&constraint(&either).unwrap(), &parent));
    }

    #[test]
    fn arguments_within_the_narrower_are_within_the_wider(
        parent in arguments(), child in arguments(), values in prop::collection::vec(value(), 8)
    ) {
        prop_assert!(parent.subsumes(&parent));
        if parent.subsumes(&child) {
            for value in values {
                let value = document(&value);
                prop_assert!(child.admit(&value).is_err() || parent.admit(&value).is_ok(), "{}", value.text());
            }
        }
    }

    #[test]
    fn both_are_total_on_any_json(rule in rule(), value in value()) {
        // As a constraint, as a value, as details: an answer each, and no panic.
        let _ = constraint(&value);
        let _ = details(&value);
        let rule = constraint(&rule).unwrap();
        let _ = check(&rule, document(&value).root());
    }
}
