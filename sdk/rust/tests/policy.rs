//! What a policy author sees: requests, arguments, verdicts, responses.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "test code")]

use gatewright_sdk::{
    ArgumentError, Denial, Edit, Finding, Outcome, PastCall, Refusal, Request, Response, Value,
    Verdict,
};
use serde_json::json;

#[test]
fn an_argument_of_the_wrong_type_is_not_a_missing_one() {
    let request = Request::tool("transfer").with_arguments(json!({"amount": "5", "note": null}));
    let missing = ArgumentError::Missing {
        pointer: "/account".into(),
    };
    assert_eq!(request.argument::<String>("/account"), Err(missing));
    assert_eq!(request.argument::<Option<String>>("/account"), Ok(None));
    assert_eq!(request.argument::<Option<String>>("/note"), Ok(None));
    assert_eq!(
        request.argument::<Option<String>>("/amount"),
        Ok(Some("5".into()))
    );
    let error = request.argument::<Option<u64>>("/amount").unwrap_err();
    assert!(matches!(error, ArgumentError::Unexpected { .. }), "{error}");
    assert!(request.argument::<String>("/note").is_err());
}

#[test]
fn arguments_are_read_as_a_struct() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Transfer {
        amount: f64,
        to: Vec<String>,
    }
    let request = Request::tool("transfer").with_arguments(json!({"amount": 1.5, "to": ["a"]}));
    let transfer = Transfer {
        amount: 1.5,
        to: vec!["a".into()],
    };
    assert_eq!(request.arguments(), Ok(transfer));
}

#[test]
fn values_are_read_one_level_at_a_time() {
    let request = Request::tool("t")
        .with_argument("/a/b", 1)
        .with_argument("/a/c", u64::MAX)
        .with_argument("/a/d", json!([true, null]));
    for (pointer, value) in [
        ("", Some(Value::Object(1))),
        ("/a", Some(Value::Object(3))),
        ("/a/b", Some(Value::Integer(1))),
        ("/a/c", Some(Value::Number(u64::MAX.to_string()))),
        ("/a/d", Some(Value::Array(2))),
        ("/a/d/0", Some(Value::Boolean(true))),
        ("/a/d/1", Some(Value::Null)),
        ("/a/d/2", None),
        ("/b", None),
    ] {
        assert_eq!(request.get(pointer), value, "{pointer}");
    }
    assert_eq!(request.keys("/a"), ["b", "c", "d"]);
    assert_eq!(request.json("/a/d").as_deref(), Some("[true,null]"));
}

#[test]
#[should_panic = "`path` is not a JSON Pointer"]
fn a_bad_pointer_fails_natively_as_it_faults_in_the_gate() {
    let _ = Request::tool("t").get("path");
}

#[test]
fn what_a_policy_cannot_read_it_denies() {
    fn judge(request: &Request) -> Result<Verdict, ArgumentError> {
        let amount: u64 = request.argument("/amount")?;
        Ok(if amount > 5 {
            Verdict::deny("too much")
        } else {
            Verdict::allow()
        })
    }
    let answer = |request: Request| Verdict::from(judge(&request));
    let request = Request::tool("t");
    let denial = Denial::invalid_arguments("the argument `/amount` is missing");
    assert_eq!(answer(request.clone()), Verdict::Deny(denial));
    assert_eq!(
        answer(request.clone().with_argument("/amount", 5)),
        Verdict::allow()
    );
    match answer(request.with_argument("/amount", 6)) {
        Verdict::Deny(denial) => assert_eq!(denial.refusal, Refusal::Forbidden),
        other @ (Verdict::Allow(_) | Verdict::Ask(_) | Verdict::Abstain) => {
            assert_eq!(other, Verdict::deny("too much"));
        }
    }
}

#[test]
fn history_is_the_newest_first_and_bounded() {
    let past = |name: &str| PastCall {
        at: 0,
        method: "tools/call".into(),
        server: "server".into(),
        name: name.into(),
        outcome: Outcome::Allowed,
    };
    let request = Request::tool("t").with_history((0..100).map(|n| past(&n.to_string())));
    let names: Vec<_> = request
        .history(2)
        .into_iter()
        .map(|call| call.name)
        .collect();
    assert_eq!(names, ["0", "1"]);
    assert_eq!(request.history(1000).len(), 64);
}

#[test]
fn a_listing_is_not_a_call() {
    assert!(Request::method("tools/list", "rm").is_listing());
    assert!(Request::method("resources/templates/list", "file:///{x}").is_listing());
    assert!(!Request::tool("list").is_listing());
}

#[test]
fn a_response_says_whether_it_is_an_error() {
    let response = Response::new(json!({"isError": true, "content": []}));
    assert!(response.is_error());
    let response = Response::text("hello");
    assert!(!response.is_error());
    assert_eq!(response.read::<String>("/content/0/text").unwrap(), "hello");
}

#[test]
fn edits_carry_json() {
    assert_eq!(Edit::set("/a", "x\"y").json.as_deref(), Some(r#""x\"y""#));
    assert_eq!(Edit::remove("/a").json, None);
    let failed: Result<Finding, &str> = Err("cannot read it");
    assert_eq!(Finding::from(failed), Finding::block("cannot read it"));
}
