//! What stands beside a verdict: obligations and notes.

use gatewright_sdk::{Charge, Obligation, Request};

use super::{notes, opinion, reach};

#[test]
fn what_is_owed_stands_beside_any_verdict_that_lets_a_call_go() {
    let owed = r#"
        @id("mark") @abstain @labels("seen, read") @declassify("old") @redact("/a, /b") @limit_result("9")
        permit (principal, action, resource);
        @id("pay") @abstain @charge("k") @per("user, tool") @cost("2") @limit("10") @window_seconds("60")
        permit (principal, action, resource);
        @id("set") @abstain @charge("k") @budget("calls") @on_failure("refund")
        permit (principal, action, resource);
        @id("other") @abstain @labels("never")
        permit (principal, action, resource == Tool::"server/other");
    "#;
    let all = [
        Obligation::Label(vec!["seen".to_owned(), "read".to_owned()]),
        Obligation::Declassify(vec!["old".to_owned()]),
        Obligation::Redact(vec!["/a".to_owned(), "/b".to_owned()]),
        Obligation::LimitResult(9),
        Obligation::Charge(Charge::fixed(
            "k:{\"user\":[\"did:example:issuer\",\"user:alice\"]}:\"server/read\"",
            2,
            10,
            60,
        )),
        Obligation::Charge(Charge::set("k", 1, "calls").refunded_on_failure()),
    ];
    for (policies, expected) in [
        ("", 1),
        (r#"@ask("sure?") permit (principal, action, resource);"#, 2),
        ("permit (principal, action, resource);", 3),
    ] {
        let opinion = opinion(&format!("{owed}{policies}"), &Request::tool("read"));
        assert_eq!(reach(&opinion), expected, "{policies}");
        for obligation in &all {
            assert!(opinion.obligations.contains(obligation), "{opinion:?}");
        }
        assert_eq!(opinion.obligations.len(), all.len(), "{opinion:?}");
    }
    let forbid = format!("{owed}forbid (principal, action, resource);");
    let denied = opinion(&forbid, &Request::tool("read"));
    assert_eq!((reach(&denied), denied.obligations.len()), (0, 0));
}

/// The id alone is another agent where somebody else issued it.
#[test]
fn a_budget_of_an_agent_is_that_of_its_issuer_too() {
    for (per, expected) in [
        ("agent", r#"k:["did:example:issuer","bot:1"]"#),
        // Who acts for nobody.
        ("user", r#"k:{"agent":["did:example:issuer","bot:1"]}"#),
    ] {
        let policies = format!(
            "@charge(\"k\") @budget(\"b\") @per(\"{per}\") permit (principal, action, resource);"
        );
        let request = Request::tool("read")
            .with_agent("bot:1")
            .without_principal();
        let owed = opinion(&policies, &request).obligations;
        assert_eq!(owed, [Obligation::Charge(Charge::set(expected, 1, "b"))]);
    }
}

#[test]
fn the_policies_that_spoke_are_noted() {
    let request = Request::tool("read");
    for (policies, expected) in [
        (
            r#"@id("one") permit (principal, action, resource); permit (principal, action, resource == Tool::"server/x");"#,
            vec![("one", "")],
        ),
        (
            r#"@id("one") @message("no") forbid (principal, action, resource); permit (principal, action, resource);"#,
            vec![("one", "no")],
        ),
        (
            r#"permit (principal, action, resource); @id("two") @ask("sure?") permit (principal, action, resource);"#,
            vec![("two", "sure?")],
        ),
        (
            r#"permit (principal, action, resource == Tool::"server/x");"#,
            vec![("otherwise", "")],
        ),
        (
            r#"forbid (principal, action, resource == Tool::"server/x");"#,
            vec![],
        ),
        (
            r#"@id("mark") @abstain @labels("x") permit (principal, action, resource);"#,
            vec![("mark", "")],
        ),
    ] {
        let opinion = opinion(policies, &request);
        assert_eq!(notes(&opinion), expected, "{policies}");
    }
    let failed = opinion(
        r#"@id("bad") permit (principal, action, resource) when { context.arguments.x };"#,
        &request,
    );
    assert_eq!(notes(&failed).first().unwrap().0, "bad");
    let many: String = (0..20)
        .map(|_| "permit (principal, action, resource);")
        .collect();
    assert_eq!(notes(&opinion(&many, &request)).len(), 16);
}
