//! Whole results, natively.

#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use gatewright_sdk::{Finding, Request, Response};
use gatewright_secret_shield::{Settings, review};
use serde_json::{Value, json};

const KEY: &str = "AKIAABCDEFGHIJKLMNOP";

fn reviewed(result: Value) -> Finding {
    let settings: Settings = serde_json::from_value(json!({"assignments": true})).unwrap();
    review(&settings, &Request::tool("read"), &Response::new(result)).unwrap()
}

fn pointers(finding: Finding) -> Vec<String> {
    match finding {
        Finding::Pass(passage) => passage.edits.into_iter().map(|edit| edit.pointer).collect(),
        Finding::Block(message) => panic!("{message}"),
    }
}

#[test]
fn only_texts_with_secrets_are_edited() {
    let result = json!({
        "content": [{"type": "text", "text": "fine"}, {"type": "text", "text": KEY}],
        "_meta": {"a/b~c": KEY, "n": 1.0},
    });
    let mut pointers = pointers(reviewed(result));
    pointers.sort();
    assert_eq!(pointers, ["/_meta/a~1b~0c", "/content/1/text"]);
}

#[test]
fn names_that_become_equal_stay_apart() {
    let other = "AKIAPONMLKJIHGFEDCBA";
    let result = json!({KEY: "a", other: "b", "[redacted: aws-access-key]": "c"});
    let mut pointers = pointers(reviewed(result));
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "/AKIAABCDEFGHIJKLMNOP",
            "/AKIAPONMLKJIHGFEDCBA",
            "/[redacted: aws-access-key] 2",
            "/[redacted: aws-access-key] 3",
        ]
    );
}

#[test]
fn too_many_secrets_withhold_the_result() {
    let result: Vec<&str> = vec![KEY; 5000];
    assert!(matches!(reviewed(json!(result)), Finding::Block(_)));
    let names: serde_json::Map<String, Value> = (0..5000)
        .map(|n| (format!("AKIA{n:016}"), Value::Null))
        .collect();
    assert!(matches!(reviewed(Value::Object(names)), Finding::Block(_)));
}
