//! What annotations say, and which are refused.

use gatewright_sdk::{Ask, Refusal, Request, Verdict};
use serde_json::json;

use super::{opinion, reach, refused, refused_policy};

#[test]
fn an_annotation_that_would_do_nothing_is_refused() {
    for (policy, right) in [
        (r#"@labels("x") forbid"#, "`@labels` is for a permit"),
        (
            r#"@charge("x") @budget("b") forbid"#,
            "`@charge` is for a permit",
        ),
        ("@abstain forbid", "`@abstain` is for a permit"),
        ("@abstain permit", "says nothing"),
        (r#"@abstain @ask("x") @labels("x") permit"#, "both there"),
        (r#"@labels("") permit"#, "names nothing"),
        (r#"@cost("2") permit"#, "`@cost` without `@charge`"),
        (r#"@charge("k") permit"#, "either `@budget`"),
        (r#"@charge("k") @limit("1") permit"#, "either `@budget`"),
        (
            r#"@charge("k") @budget("b") @per("day") permit"#,
            "none of `agent`",
        ),
        (
            r#"@charge("k") @budget("b") @on_failure("x") permit"#,
            "neither `keep`",
        ),
        (r#"@limit_result("many") permit"#, "not a number"),
        (r#"@refusal("unsafe-context") permit"#, "is for a forbid"),
        (r#"@refusal("never") forbid"#, "none of `forbidden`"),
        (r#"@scopes("a:b") forbid"#, "insufficient-scope"),
        (r#"@show("/a") permit"#, "`@show` without `@ask`"),
        (
            r#"@exclude_requester permit"#,
            "`@exclude_requester` without `@ask`",
        ),
        (r#"@reason("x") permit"#, "`@reason` without `@ask`"),
        (
            r#"@abstain @labels("x") @reason("x") permit"#,
            "`@reason` without `@ask`",
        ),
        (r#"@reason("x") forbid"#, "`@reason` without `@ask`"),
        (r#"@message("x") permit"#, "`@message` is for a forbid"),
        (
            r#"@ask("x") @message("x") permit"#,
            "`@message` is for a forbid",
        ),
        (
            r#"@ask("x") @ttl_seconds("9") @use_within_seconds("9") permit"#,
            "`@ttl_seconds` and `@use_within_seconds` are both there",
        ),
    ] {
        let error =
            refused(json!({ "policies": format!("{policy} (principal, action, resource);") }));
        assert!(error.contains(right), "{policy}: {error}");
    }
}

/// Each of these would ask nobody, or owe less than it says.
#[test]
fn an_annotation_that_is_nearly_another_is_refused_with_the_right_one() {
    for (policy, right) in [
        (r#"@Ask("x") permit"#, "write `@ask`"),
        (r#"@ASK("x") permit"#, "write `@ask`"),
        (r#"@sk("x") permit"#, "write `@ask`"),
        (r#"@Labels("x") permit"#, "write `@labels`"),
        (r#"@babels("x") permit"#, "write `@labels`"),
        (r#"@limitResult("9") permit"#, "write `@limit_result`"),
        (r#"@limitResults("9") permit"#, "write `@limit_result`"),
        (
            r#"@charge("k") @budget("b") @onFailure("refund") permit"#,
            "write `@on_failure`",
        ),
        (
            r#"@ask("x") @excludeRequester permit"#,
            "write `@exclude_requester`",
        ),
        (r#"@ID("x") permit"#, "write `@id`"),
    ] {
        let error = refused_policy(policy);
        assert!(error.contains(right), "{policy}: {error}");
    }
}

/// A short word with another beginning is another word.
#[test]
fn an_annotation_that_is_a_word_of_its_own_is_taken() {
    for name in ["task", "mask", "host", "post", "risk", "owner"] {
        let policy = format!("@{name}(\"x\") permit (principal, action, resource);");
        assert_eq!(
            reach(&opinion(&policy, &Request::tool("read"))),
            3,
            "{name}"
        );
    }
    for name in [
        "aks", "as", "asl", "askk", "sak", "sk", "cots", "cos", "ocst",
    ] {
        let error = refused_policy(&format!("@{name}(\"x\") permit"));
        assert!(error.contains("means nothing"), "{name}: {error}");
    }
}

/// Other gates call it so; here nothing would read it.
#[test]
fn another_word_for_approvers_is_refused_beside_a_question_or_a_debt() {
    for (name, right) in [
        ("approvers", "write `@roles`"),
        ("approver", "write `@roles`"),
        ("role", "write `@roles`"),
        ("reviewers", "write `@roles`"),
        ("min_approvals", "write `@quorum`"),
        ("minApprovals", "write `@quorum`"),
        ("approvals", "write `@quorum`"),
    ] {
        for with in [r#"@ask("x")"#, r#"@labels("x")"#] {
            let error = refused_policy(&format!("{with} @{name}(\"2\") permit"));
            assert!(error.contains(right), "{with} @{name}: {error}");
        }
    }
    // Where nobody is asked and nothing is owed, it says nothing about either.
    let policy = "@reviewers(\"team\") permit (principal, action, resource);";
    assert_eq!(reach(&opinion(policy, &Request::tool("read"))), 3);
}

/// An empty list of roles means anybody.
#[test]
fn a_list_is_what_stands_between_commas_and_none_of_it_is_empty() {
    for (policy, right) in [
        (r#"@ask("x") @roles("") permit"#, "`@roles"),
        (r#"@ask("x") @roles(" , ") permit"#, "`@roles"),
        (r#"@ask("x") @roles("a,,b") permit"#, "`@roles"),
        (r#"@ask("x") @exclude("") permit"#, "`@exclude"),
        (r#"@ask("x") @exclude("a b") permit"#, "commas"),
        (r#"@ask("x") @show("") permit"#, "`@show"),
        (r#"@ask("x") @show("/a /b") permit"#, "commas"),
        (r#"@labels("a b") permit"#, "commas"),
        (r#"@redact("/a /b") permit"#, "commas"),
        (r#"@charge("k") @budget("b") @per("") permit"#, "`@per"),
        (
            r#"@refusal("insufficient-scope") @scopes("a:b c:d") forbid"#,
            "commas",
        ),
    ] {
        let error = refused_policy(policy);
        assert!(error.contains(right), "{policy}: {error}");
    }
    let asked = opinion(
        r#"@ask("x") @roles("Finance Lead , board") @show("/full name,/b") permit (principal, action, resource);"#,
        &Request::tool("read"),
    );
    let Verdict::Ask(ask) = asked.verdict else {
        unreachable!("{asked:?}");
    };
    assert_eq!(ask.roles, ["Finance Lead", "board"]);
    assert_eq!(ask.show, ["/full name", "/b"]);
}

/// It would be a fault at each call.
#[test]
fn a_question_that_no_gate_takes_is_refused() {
    for (with, right) in [
        (r#"@quorum("200")"#, "the quorum must be 1 to 16"),
        (r#"@show("amount")"#, "amount"),
        (
            r#"@decide_within_seconds("99999999")"#,
            "the time to decide",
        ),
    ] {
        let error = refused_policy(&format!("@ask(\"x\") {with} permit"));
        assert!(error.contains(right), "{with}: {error}");
    }
}

#[test]
fn a_question_and_a_denial_may_say_all_that_a_gate_knows() {
    let asked = opinion(
        r#"@ask("t") @reason("r") @show("/a, /b") @roles("lead") @quorum("2") @exclude_requester
           @exclude("eve") @decide_within_seconds("60") @use_within_seconds("30")
           permit (principal, action, resource);"#,
        &Request::tool("read"),
    );
    let expected = Ask {
        title: "t".to_owned(),
        reason: "r".to_owned(),
        show: vec!["/a".to_owned(), "/b".to_owned()],
        roles: vec!["lead".to_owned()],
        quorum: 2,
        exclude_requester: true,
        exclude: vec!["eve".to_owned()],
        decide_within_seconds: 60,
        use_within_seconds: 30,
    };
    assert_eq!(asked.verdict, Verdict::Ask(expected));
    let scope =
        r#"@refusal("insufficient-scope") @scopes("a:b") forbid (principal, action, resource);"#;
    for (policies, refusal, scopes) in [
        (scope.to_owned(), Refusal::InsufficientScope, vec!["a:b"]),
        (
            format!("{scope}forbid (principal, action, resource);"),
            Refusal::Forbidden,
            vec![],
        ),
    ] {
        let Verdict::Deny(denial) = opinion(&policies, &Request::tool("read")).verdict else {
            unreachable!("{policies}");
        };
        assert_eq!(
            (denial.refusal, denial.scopes),
            (refusal, scopes.into_iter().map(str::to_owned).collect())
        );
    }
}
