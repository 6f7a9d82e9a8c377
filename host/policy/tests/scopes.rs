//! Scopes with constraints on arguments: what they admit, when one is within another, and
//! that the two agree.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code"
)]

use gatewright_policy::json::{Document, JsonLimits};
use gatewright_policy::scope::{
    Arguments, Constraint, ConstraintError, DetailsError, Scope, check, read_details, read_shown,
    subsumes, write_details,
};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn document(text: &str) -> Document {
    Document::parse(text, &JsonLimits::default()).unwrap()
}

fn details(text: &str) -> Result<Vec<Scope>, DetailsError> {
    read_details(document(text).root())
}

/// The one scope of a tool with these arguments.
fn scope(arguments: &Json, others: bool) -> Scope {
    let entry = json!([{
        "type": "mcp_tools", "actions": ["files:read"],
        "arguments": arguments, "other_arguments": others,
    }]);
    details(&entry.to_string()).unwrap().remove(0)
}

/// The constraint of a JSON text.
fn constraint(text: &str) -> Result<Constraint, DetailsError> {
    let entry =
        format!(r#"[{{"type":"mcp_tools","actions":["a:b"],"arguments":{{"/x":{text}}}}}]"#);
    let scopes = details(&entry)?;
    let arguments: &Arguments = scopes.first().unwrap().arguments().unwrap();
    Ok(arguments.at("/x").unwrap().clone())
}

fn admits(constraint_text: &str, value: &str) -> bool {
    check(
        &constraint(constraint_text).unwrap(),
        document(value).root(),
    )
}

#[test]
fn each_kind_admits_what_it_says_and_nothing_else() {
    for (rule, admitted, refused) in [
        (
            r#"{"type":"exact","value":100}"#,
            vec!["100", "1e2", "100.0", "1000e-1"],
            vec![
                "101",
                "\"100\"",
                "100.00000000000000000001",
                "[100]",
                "null",
                "-100",
            ],
        ),
        (
            r#"{"type":"exact","value":{"a":[1,"x"],"b":null}}"#,
            vec![r#"{"b":null,"a":[1.0,"\u0078"]}"#],
            vec![
                r#"{"a":[1,"x"]}"#,
                r#"{"a":["x",1],"b":null}"#,
                r#"{"a":[1,"x"],"b":null,"c":1}"#,
            ],
        ),
        (
            r#"{"type":"exact","value":9007199254740992}"#,
            vec!["9007199254740992"],
            vec!["9007199254740993", "9007199254740992.5"],
        ),
        (
            r#"{"type":"range","min":-1.5,"max":1e2}"#,
            vec!["0", "-1.5", "100", "100.0", "-0"],
            vec![
                "1e-999",
                "-1.50000000000000000001",
                "100.0000000000000000001",
                "1e999",
                "\"1\"",
                "true",
                "null",
                "[1]",
            ],
        ),
        (
            r#"{"type":"range","max":10}"#,
            vec!["-1e300", "10"],
            vec!["11", "-1e999", "1e99999999999999999999999"],
        ),
        (
            r#"{"type":"one_of","values":["a",1]}"#,
            vec!["\"a\"", "1.0"],
            vec!["\"A\"", "\"1\"", "[\"a\"]", "true"],
        ),
        (
            r#"{"type":"not_one_of","values":["a",1]}"#,
            vec!["\"A\"", "2", "null", "{}"],
            vec![
                "\"a\"",
                "\"\\u0061\"",
                "1",
                "10e-1",
                "1.00000000000000000001",
                "[1e-400]",
            ],
        ),
        (
            r#"{"type":"contains","values":["a","b"]}"#,
            vec![r#"["b","c","a"]"#],
            vec![r#"["a"]"#, "\"ab\"", r#"{"a":1,"b":1}"#, "[]"],
        ),
        (
            r#"{"type":"subset","values":["a",1]}"#,
            vec!["[]", r#"["a","a"]"#, "[1.0]"],
            vec![r#"["a","b"]"#, "\"a\"", "{}", "null"],
        ),
        (
            r#"{"type":"wildcard"}"#,
            vec!["null", "{}", "\"../..\""],
            vec!["1e999"],
        ),
        (
            r#"{"type":"wildcard","pattern":"/srv/*.txt"}"#,
            vec!["\"/srv/a.txt\"", "\"/srv/b/c.txt\"", "\"/srv/...txt\""],
            vec![
                "\"/srv/a.md\"",
                "\"/etc/a.txt\"",
                "\"/srv/../etc/a.txt\"",
                "\"/srv/..\\\\..\\\\a.txt\"",
                "\"/SRV/a.txt\"",
                "1",
                "[\"/srv/a.txt\"]",
            ],
        ),
        (
            r#"{"type":"wildcard","pattern":"/srv/a.txt"}"#,
            vec!["\"/srv/a.txt\""],
            vec!["\"/srv/b.txt\""],
        ),
        (
            r#"{"type":"all","constraints":[{"type":"range","min":1},{"type":"not_one_of","values":[5]}]}"#,
            vec!["1", "6"],
            vec!["5", "0"],
        ),
        (
            r#"{"type":"any","constraints":[{"type":"range","min":1},{"type":"exact","value":null}]}"#,
            vec!["1", "null"],
            vec!["0", "\"\""],
        ),
    ] {
        for value in admitted {
            assert!(admits(rule, value), "{rule} {value}");
        }
        for value in refused {
            assert!(!admits(rule, value), "{rule} {value}");
        }
    }
}

#[test]
fn what_is_no_constraint_refuses_the_credential() {
    use ConstraintError as Error;
    let deep = |levels: usize| {
        let open = r#"{"type":"all","constraints":["#.repeat(levels);
        format!(r#"{open}{{"type":"wildcard"}}{}"#, "]}".repeat(levels))
    };
    let many = format!(r#"{{"type":"one_of","values":[{}1]}}"#, "1,".repeat(256));
    for (text, expected) in [
        (r#"{"type":"regex","pattern":".*"}"#, Error::UnknownType),
        (r#"{"type":"Exact","value":1}"#, Error::UnknownType),
        ("{}", Error::NoType),
        ("null", Error::NoType),
        (r#"{"type":1}"#, Error::NoType),
        (r#"{"type":"exact"}"#, Error::BadMember),
        (
            r#"{"type":"exact","value":1,"max":2}"#,
            Error::UnknownMember,
        ),
        (
            r#"{"type":"exact","value":1e99999999999999999999}"#,
            Error::BadNumber,
        ),
        (r#"{"type":"range"}"#, Error::BadRange),
        (r#"{"type":"range","min":2,"max":1}"#, Error::BadRange),
        (r#"{"type":"range","min":"1"}"#, Error::BadMember),
        (r#"{"type":"one_of","values":[]}"#, Error::BadList),
        (r#"{"type":"one_of","values":{}}"#, Error::BadMember),
        (r#"{"type":"any","constraints":[]}"#, Error::BadList),
        (&many, Error::BadList),
        (r#"{"type":"wildcard","pattern":7}"#, Error::BadMember),
        (
            r#"{"type":"wildcard","pattern":"/srv/../*"}"#,
            Error::BadPattern,
        ),
        (
            r#"{"type":"wildcard","pattern":"*\ufffe"}"#,
            Error::BadPattern,
        ),
        (r#"{"type":"wildcard","optional":1}"#, Error::BadMember),
        (
            r#"{"type":"all","constraints":[{"type":"wildcard","optional":true}]}"#,
            Error::UnknownMember,
        ),
        (&deep(9), Error::TooDeep),
    ] {
        assert_eq!(
            constraint(text).err(),
            Some(DetailsError::Constraint(expected)),
            "{text}"
        );
    }
    constraint(&deep(8)).unwrap();
    for (pointers, expected) in [
        (r#"{"":{"type":"wildcard"}}"#, Error::BadMember),
        (r#"{"path":{"type":"wildcard"}}"#, Error::BadMember),
        (r#"{"/~2":{"type":"wildcard"}}"#, Error::BadMember),
        (r#"[]"#, Error::BadList),
    ] {
        let entry = format!(r#"[{{"type":"mcp_tools","actions":["a:b"],"arguments":{pointers}}}]"#);
        assert_eq!(
            details(&entry).err(),
            Some(DetailsError::Constraint(expected)),
            "{pointers}"
        );
    }
}

#[test]
fn details_that_could_narrow_are_never_overlooked() {
    for (text, expected) in [
        (r#"{}"#, DetailsError::NotAList),
        (
            r#"[{"type":"other","actions":[]}]"#,
            DetailsError::OtherType,
        ),
        (
            r#"[{"type":"mcp_tools","actions":["a:b"],"locations":[]}]"#,
            DetailsError::UnknownMember,
        ),
        (r#"[{"type":"mcp_tools"}]"#, DetailsError::NoActions),
        (
            r#"[{"type":"mcp_tools","actions":[1]}]"#,
            DetailsError::NoActions,
        ),
        (
            r#"[{"type":"mcp_tools","actions":["a:b"],"other_arguments":true}]"#,
            DetailsError::BadOthers,
        ),
        (
            r#"[{"type":"mcp_tools","actions":["a:b"],"arguments":{},"other_arguments":1}]"#,
            DetailsError::BadOthers,
        ),
    ] {
        assert_eq!(details(text).err(), Some(expected), "{text}");
    }
    let many = format!(
        r#"[{{"type":"mcp_tools","actions":[{}"a:b"]}}]"#,
        "\"a:b\",".repeat(256)
    );
    assert_eq!(details(&many).err(), Some(DetailsError::TooMany));
}

#[test]
fn arguments_that_are_not_named_are_refused_and_named_ones_must_be_there() {
    let closed = json!({
        "/path": { "type": "wildcard", "pattern": "/srv/*" },
        "/limit": { "type": "range", "max": 10, "optional": true },
        "/in/a": { "type": "exact", "value": 1, "optional": true },
    });
    for (arguments, others, refused) in [
        (r#"{"path":"/srv/a"}"#, false, None),
        (r#"{"path":"/srv/a","limit":10,"in":{"a":1}}"#, false, None),
        (r#"{"path":"/srv/a","in":{}}"#, false, None),
        (r#"{}"#, false, Some("/path")),
        (r#"{"path":"/etc/a"}"#, false, Some("/path")),
        (r#"{"path":"/srv/a","limit":11}"#, false, Some("/limit")),
        (r#"{"path":"/srv/a","limit":null}"#, false, Some("/limit")),
        (r#"{"path":"/srv/a","Path":"/etc/a"}"#, false, Some("")),
        (r#"{"path":"/srv/a","force":true}"#, false, Some("")),
        (r#"{"path":"/srv/a","in":{"b":1}}"#, false, Some("/in")),
        (r#"{"path":"/srv/a","in":[1]}"#, false, Some("/in")),
        (r#"{"path":"/srv/a","in":7}"#, false, Some("/in")),
        (r#"[]"#, false, Some("/path")),
        (r#""/srv/a""#, false, Some("")),
        (r#"null"#, true, Some("")),
        (r#"{"path":"/srv/a","force":true,"in":{"b":1}}"#, true, None),
        (r#"{"path":"/srv/a","in":{"a":2}}"#, true, Some("/in/a")),
        (r#"{"force":true}"#, true, Some("/path")),
    ] {
        let result = scope(&closed, others).admit(&document(arguments));
        let pointer = result.err().map(|beyond| beyond.pointer);
        assert_eq!(pointer.as_deref(), refused, "{arguments} {others}");
    }
    let nothing = scope(&json!({}), false);
    nothing.admit(&document("{}")).unwrap();
    nothing.admit(&document(r#"{"a":1}"#)).unwrap_err();
}

#[test]
fn elements_of_a_list_can_be_named() {
    let first = json!({ "/to/0": { "type": "exact", "value": "a" } });
    let scope = scope(&first, false);
    scope.admit(&document(r#"{"to":["a"]}"#)).unwrap();
    for arguments in [
        r#"{"to":["a","b"]}"#,
        r#"{"to":[]}"#,
        r#"{"to":["b"]}"#,
        r#"{"to":"a"}"#,
    ] {
        scope.admit(&document(arguments)).unwrap_err();
    }
}

#[test]
fn a_scope_is_written_as_it_is_read() {
    let text = json!([
        { "type": "mcp_tools", "actions": ["files:list", "db:*"] },
        {
            "type": "mcp_tools", "actions": ["files:read"], "other_arguments": true,
            "arguments": {
                "/a~1b": { "type": "any", "constraints": [
                    { "type": "exact", "value": { "x": [1, null, true, "\u{1f512}\"" ] } },
                    { "type": "range", "min": -1, "max": 10 },
                    { "type": "one_of", "values": ["a"] },
                    { "type": "not_one_of", "values": ["a"] },
                    { "type": "all", "constraints": [
                        { "type": "contains", "values": [1] },
                        { "type": "subset", "values": [1, 2] },
                    ] },
                ] },
                "/path": { "type": "wildcard", "pattern": "/srv/*", "optional": true },
                "/path/x": { "type": "wildcard" },
            },
        },
    ]);
    let scopes = details(&text.to_string()).unwrap();
    assert_eq!(
        details(&write_details(&scopes).to_string()).unwrap(),
        scopes
    );
    let shown = scopes.iter().map(Scope::to_string).collect::<Vec<_>>();
    let again: Result<Vec<_>, _> = shown.iter().map(|text| read_shown(text)).collect();
    assert_eq!(again.unwrap(), scopes);
    for text in [
        "files:read {}",
        "files:read []",
        "files:read x",
        r#"files:read {"arguments":{},"x":1}"#,
    ] {
        read_shown(text).expect_err(text);
    }
    assert_eq!(shown[..2], ["files:list", "db:*"]);
    assert!(
        shown
            .last()
            .unwrap()
            .starts_with(r#"files:read {"arguments":{"/a~1b":{"type":"any","#)
    );
    assert!(
        shown
            .last()
            .unwrap()
            .ends_with(r#""other_arguments":true}"#)
    );
}

#[test]
fn a_child_that_is_wider_somewhere_is_not_within_its_parent() {
    let wildcard = |pattern: &str| json!({ "type": "wildcard", "pattern": pattern });
    let parent = json!({ "/path": wildcard("/srv/*"), "/n": { "type": "range", "max": 5, "optional": true } });
    for (what, child, others, within) in [
        ("the same", parent.clone(), false, true),
        (
            "a longer pattern",
            json!({ "/path": wildcard("/srv/data/*") }),
            false,
            true,
        ),
        (
            "a value",
            json!({ "/path": { "type": "exact", "value": "/srv/a" }, "/n": { "type": "exact", "value": 5 } }),
            false,
            true,
        ),
        (
            "another pattern",
            json!({ "/path": wildcard("/*") }),
            false,
            false,
        ),
        (
            "a value that climbs",
            json!({ "/path": { "type": "exact", "value": "/srv/../etc" } }),
            false,
            false,
        ),
        (
            "any value",
            json!({ "/path": { "type": "wildcard" } }),
            false,
            false,
        ),
        (
            "a larger range",
            json!({ "/path": wildcard("/srv/*"), "/n": { "type": "range", "max": 6 } }),
            false,
            false,
        ),
        ("others too", parent.clone(), true, false),
        (
            "another argument",
            json!({ "/path": wildcard("/srv/*"), "/m": { "type": "exact", "value": 1 } }),
            false,
            false,
        ),
        (
            "what must be there left out",
            json!({ "/n": { "type": "exact", "value": 1 } }),
            false,
            false,
        ),
        (
            "what must be there made optional",
            json!({ "/path": { "type": "wildcard", "pattern": "/srv/*", "optional": true } }),
            false,
            false,
        ),
    ] {
        let (parent, child) = (scope(&parent, false), scope(&child, others));
        assert_eq!(parent.subsumes(&child), within, "{what}");
    }
    let anything = Scope::parse("files:*").unwrap();
    let bounded = scope(&parent, false);
    assert!(anything.subsumes(&bounded));
    assert!(!bounded.subsumes(&anything));
    assert!(!bounded.subsumes(&Scope::parse("files:read").unwrap()));
}

/// Whoever delegates writes both sides: what they cost has an end.
#[test]
fn a_comparison_that_would_take_for_ever_is_answered_with_no() {
    let leaf = r#"{"type":"contains","values":["a"]}"#;
    let nest = |kind: &str, last: &str| {
        let mut text = last.to_owned();
        for _level in 0..8 {
            let parts = [text.as_str(); 2].join(",");
            text = format!(r#"{{"type":"{kind}","constraints":[{parts}]}}"#);
        }
        constraint(&text).unwrap()
    };
    let (parent, child) = (
        nest("any", leaf),
        nest("all", r#"{"type":"subset","values":["a"]}"#),
    );
    let begun = std::time::Instant::now();
    assert!(!subsumes(&parent, &child));
    assert!(begun.elapsed() < std::time::Duration::from_secs(1));
}

// === laws ===

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
