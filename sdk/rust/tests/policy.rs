//! What a policy author sees: requests, arguments, opinions, responses.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "test code"
)]

use gatewright_sdk::{
    ArgumentError, Ask, Budget, Charge, Denial, Edit, Finding, Kind, Label, Limit, Obligation,
    OnFailure, Opinion, Outcome, PastCall, Purpose, Report, Request, Response, ResponseKind, Value,
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
fn a_document_is_walked_node_by_node() {
    let request = Request::tool("t").with_arguments(json!({"a": [1, "é"], "b": {"c/d": null}}));
    let root = request.root();
    assert_eq!((root.kind(), root.len()), (Kind::Object, 2));
    assert_eq!(root.keys(), ["a", "b"]);
    let children: Vec<_> = root.children().iter().map(|node| node.json()).collect();
    assert_eq!(children, [r#"[1,"é"]"#, r#"{"c/d":null}"#]);
    let text = root.get("/a/1").unwrap();
    assert_eq!((text.text().as_deref(), text.len()), (Some("é"), 2));
    assert_eq!(root.member("a").unwrap().at(0).unwrap().integer(), Some(1));
    assert!(root.member("b").unwrap().member("c/d").is_some());
    assert!(root.member("/a").is_none());
    assert!(root.at(2).is_none());
}

#[test]
fn what_a_policy_cannot_read_it_denies() {
    fn judge(request: &Request) -> Result<Opinion, ArgumentError> {
        let amount: u64 = request.argument("/amount")?;
        Ok(if amount > 5 {
            Opinion::deny("too much")
        } else {
            Opinion::allow()
        })
    }
    let answer = |request: Request| Opinion::from(judge(&request));
    let request = Request::tool("t");
    let denial = Denial::invalid_arguments("the argument `/amount` is missing");
    assert_eq!(answer(request.clone()), Opinion::deny(denial));
    assert_eq!(
        answer(request.clone().with_argument("/amount", 5)),
        Opinion::allow()
    );
    assert_eq!(
        answer(request.with_argument("/amount", 6)),
        Opinion::deny(Denial::forbidden("too much"))
    );
}

#[test]
fn obligations_and_notes_stand_beside_any_verdict() {
    let charge = Charge::set("k", 2, "calls").refunded_on_failure();
    let opinion = Opinion::ask(Ask::new("may it?", ""))
        .owing(Obligation::label_one("seen"))
        .owing(Obligation::Charge(charge.clone()))
        .because("rule", "words");
    assert!(!opinion.allows() && !opinion.denies());
    assert_eq!(
        opinion.obligations,
        [
            Obligation::Label(vec!["seen".into()]),
            Obligation::Charge(charge.clone())
        ]
    );
    assert_eq!(opinion.notes[0].rule, "rule");
    assert_eq!(charge.limit, Limit::Set("calls".into()));
    assert_eq!(charge.on_failure, OnFailure::Refund);
    assert_eq!(Charge::fixed("k", 1, 2, 3).on_failure, OnFailure::Keep);
    let Verdict::Ask(ask) = opinion.verdict else {
        panic!("it asks");
    };
    assert_eq!((ask.quorum, ask.exclude_requester), (1, false));
}

#[test]
fn a_question_that_the_gate_would_not_take_is_told_before() {
    let ask = || {
        Ask::new("may it?", "why")
            .showing(["/a"])
            .with_roles(["lead"])
    };
    assert_eq!(ask().check(), Ok(()));
    let many = || (0..17).map(|n| n.to_string());
    for (ask, problem) in [
        (ask().with_quorum(0), "quorum"),
        (ask().with_quorum(17), "quorum"),
        (ask().use_within_seconds(0), "time to use"),
        (ask().decide_within_seconds(2_592_001), "time to decide"),
        (ask().with_roles(many()), "more than 16 of: role"),
        (ask().excluding(["x".repeat(257)]), "longer than 256 bytes"),
        (ask().showing(["a"]), "not a JSON Pointer"),
        (Ask::new("é".repeat(129), ""), "the title is longer"),
        (Ask::new("", "x".repeat(4097)), "the reason is longer"),
    ] {
        let error = ask.check().unwrap_err();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn history_is_the_newest_first_and_bounded() {
    let past = |name: &str| PastCall {
        id: "decision".into(),
        at: 0,
        method: "tools/call".into(),
        server: "server".into(),
        name: name.into(),
        outcome: Outcome::Denied,
        reason: Some("forbidden".into()),
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
    assert!(Request::of_method("tools/list", "rm").is_listing());
    assert!(Request::of_method("resources/templates/list", "file:///{x}").is_listing());
    assert!(!Request::tool("list").is_listing());
    assert_eq!(Request::tool("list").purpose(), Purpose::Call);
}

#[test]
fn labels_are_sorted_and_looked_up_whole() {
    let request = Request::tool("t").with_labels(["b", "a:b"]);
    let names: Vec<_> = request
        .labels()
        .into_iter()
        .map(|Label { name, .. }| name)
        .collect();
    assert_eq!(names, ["a:b", "b"]);
    assert!(request.has_label("b") && !request.has_label("a"));
}

#[test]
fn a_budget_is_as_the_test_says() {
    let calls = Budget {
        limit: 10,
        window_seconds: 60,
        spent: 7,
    };
    let request = Request::tool("t").with_budget("calls", "bot", calls);
    assert_eq!(request.budget("calls", "bot").left(), 3);
    let overdrawn = Budget { spent: 11, ..calls };
    assert_eq!(overdrawn.left(), 0);
}

#[test]
#[should_panic(expected = "no budget `calls`")]
fn a_budget_that_is_not_set_is_a_fault() {
    Request::tool("t").budget("calls", "bot");
}

#[test]
fn claims_are_sorted_and_found_by_their_name() {
    let request = Request::tool("t")
        .with_claim("tenant", ["acme"])
        .with_claim("groups", ["old"])
        .with_claim("groups", ["ops", "dev"]);
    let names: Vec<_> = request
        .claims()
        .into_iter()
        .map(|claim| claim.name)
        .collect();
    assert_eq!(names, ["groups", "tenant"]);
    assert_eq!(request.claim("groups"), ["ops", "dev"]);
    assert!(request.claim("Groups").is_empty() && Request::tool("t").claims().is_empty());
}

#[test]
fn a_response_says_what_it_is_and_whether_it_is_an_error() {
    let response = Response::new(json!({"isError": true, "content": []}));
    assert!(response.is_error());
    assert_eq!(response.kind(), ResponseKind::Final);
    let response = Response::of(json!({"code": 1}), ResponseKind::Error);
    assert!(response.is_error());
    let progress = ResponseKind::Notification("notifications/progress".into());
    assert!(!Response::of(json!({"isError": true}), progress).is_error());
    let response = Response::text("hello");
    assert!(!response.is_error());
    assert_eq!(response.read::<String>("/content/0/text").unwrap(), "hello");
}

#[test]
fn a_report_blocks_what_cannot_be_read() {
    assert_eq!(Edit::set("/a", "x\"y").json.as_deref(), Some(r#""x\"y""#));
    assert_eq!(Edit::remove("/a").json, None);
    let failed: Result<Report, &str> = Err("cannot read it");
    assert_eq!(Report::from(failed), Report::block("cannot read it"));
    let report = Report::pass()
        .labelling(["seen"])
        .charging(Charge::fixed("bytes", 7, 100, 60))
        .because("all", "");
    assert_eq!(report.finding, Finding::Pass(Vec::new()));
    assert_eq!((report.labels.len(), report.charges[0].cost), (1, 7));
}
