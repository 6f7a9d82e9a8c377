//! When one scope is within another.

use gatewright_policy::scope::{Scope, subsumes};
use serde_json::json;

use crate::written::{constraint, scope};

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
