//! Whole results, natively.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use gatewright_sdk::{Finding, Request, Response};
use gatewright_secret_shield::{Settings, review};
use serde_json::{Value, json};

const KEY: &str = "AKIAABCDEFGHIJKLMNOP";

fn reviewed(result: Value) -> Finding {
    let settings: Settings = serde_json::from_value(json!({"assignments": true})).unwrap();
    let response = Response::new(result);
    review(&settings, &Request::tool("read"), &response)
        .unwrap()
        .finding
}

fn pointers(finding: Finding) -> Vec<String> {
    match finding {
        Finding::Pass(edits) => edits.into_iter().map(|edit| edit.pointer).collect(),
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

/// The result after the edits, each of which sees what the ones before it left.
fn edited(mut result: Value) -> Value {
    let Finding::Pass(edits) = reviewed(result.clone()) else {
        panic!("withheld: {result}");
    };
    for edit in edits {
        let (object, name) = edit.pointer.rsplit_once('/').unwrap();
        let place = result.pointer_mut(object).unwrap();
        match edit.json {
            Some(json) => {
                let value = serde_json::from_str(&json).unwrap();
                match place {
                    Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = value,
                    _ => {
                        place
                            .as_object_mut()
                            .unwrap()
                            .insert(name.to_owned(), value);
                    }
                }
            }
            None => {
                place.as_object_mut().unwrap().remove(name).unwrap();
            }
        }
    }
    result
}

#[test]
fn names_that_become_equal_stay_apart() {
    let other = "AKIAPONMLKJIHGFEDCBA";
    let names = json!({KEY: "a", other: "b", "[redacted: aws-access-key]": "c"});
    let apart = json!({
        "[redacted: aws-access-key] 2": "a",
        "[redacted: aws-access-key] 3": "b",
        "[redacted: aws-access-key]": "c",
    });
    assert_eq!(edited(names.clone()), apart);
    // Also where the object stands below a name that changes itself.
    let nested = edited(json!({KEY: [{KEY: "a", other: "b"}, KEY]}));
    let below = &nested["[redacted: aws-access-key]"];
    assert_eq!(below[0].as_object().unwrap().len(), 2, "{nested}");
    assert_eq!(below[1], "[redacted: aws-access-key]");
    assert!(!nested.to_string().contains("AKIA"), "{nested}");
}

#[test]
fn a_name_that_is_a_secret_hides_no_secrets_below_it() {
    let result = edited(json!({KEY: {"secrets": {"db": "hunter2pw9"}, "password": "Pw9xx"}}));
    assert_eq!(
        result,
        json!({"[redacted: aws-access-key]": {
            "secrets": {"db": "[redacted: password]"},
            "password": "[redacted: password]",
        }})
    );
}

#[test]
fn a_mark_is_no_name_of_a_secret() {
    for result in [
        json!({"[redacted: aws-access-key]": "c"}),
        json!({"[redacted: password]": {"uses": "Qw3rtz9Xy"}}),
        json!({"name": "[redacted: password]", "value": "Qw3rtz9Xy"}),
        json!("[redacted: api-key]: Qw3rtz9Xy, and on"),
    ] {
        assert_eq!(edited(result.clone()), result);
    }
    let behind = edited(json!({"[redacted: aws-access-key] password": "c"}));
    assert_eq!(
        behind,
        json!({"[redacted: aws-access-key] password": "[redacted: password]"})
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

#[test]
fn a_result_of_more_kinds_than_a_note_holds_is_still_a_result() {
    let form = |index: usize| {
        let name = format!("a kind of token with a long name {index:02}");
        json!({"prefix": format!("k{index:02}_"), "alphabet": "base62", "length": 16, "name": name})
    };
    let forms: Vec<_> = (0..30).map(form).collect();
    let settings: Settings = serde_json::from_value(json!({"forms": forms})).unwrap();
    let token = |index: usize| format!("k{index:02}_0123456789abcdef");
    let tokens: Vec<_> = (0..30).map(token).collect();
    let response = Response::text(tokens.join(" "));
    let report = review(&settings, &Request::tool("read"), &response).unwrap();
    assert!(matches!(report.finding, Finding::Pass(_)));
    assert_eq!(report.notes[0].rule, "secrets");
    assert_eq!(report.notes[0].text.len(), 1024);
}
