//! A module and its `_test.rego`, as users of `opa test` have them: the tests
//! hold in the interpreter of this policy, and the module decides unchanged.

#![allow(clippy::unwrap_used, reason = "test code")]

use gatewright_rego::{Settings, judge};
use gatewright_sdk::{Request, Verdict};
use regorus::{Engine, Value};
use serde_json::json;

const MODULE: &str = include_str!("existing/policy.rego");
const TESTS: &str = include_str!("existing/policy_test.rego");

/// The rules that `opa test` would run.
fn names() -> Vec<&'static str> {
    TESTS
        .lines()
        .filter(|line| line.starts_with("test_"))
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

/// The results of the tests, by `opa test`'s rule: one that is true passes.
fn results(module: &str) -> Vec<(&'static str, bool)> {
    let mut engine = Engine::new();
    for (name, text) in [("policy.rego", module), ("policy_test.rego", TESTS)] {
        engine.add_policy(name.to_owned(), text.to_owned()).unwrap();
    }
    let passes = |name: &&'static str| {
        let result = engine.eval_rule(format!("data.gatewright_test.{name}"));
        (*name, result.unwrap() == Value::from(true))
    };
    names().iter().map(passes).collect()
}

#[test]
fn tests_written_for_opa_hold_in_the_interpreter() {
    let results = results(MODULE);
    assert_eq!(results.len(), 5);
    for (name, passed) in results {
        assert!(passed, "{name}");
    }
}

/// Otherwise the test above would hold whatever the module says.
#[test]
fn a_module_that_is_wrong_fails_its_tests() {
    let wrong = MODULE.replace("> 1000", "> 10000").replace("%s", "?%s");
    let failed = results(&wrong).into_iter().filter(|(_, passed)| !passed);
    let failed: Vec<_> = failed.map(|(name, _)| name).collect();
    assert_eq!(
        failed,
        [
            "test_the_message_names_the_country",
            "test_a_large_payment_is_asked"
        ]
    );
}

#[test]
fn the_module_that_was_tested_decides_unchanged() {
    let settings: Settings =
        serde_json::from_value(json!({ "module": MODULE, "data": { "countries": ["DE"] } }))
            .unwrap();
    let judged = |amount: u32, country: &str| {
        let request = Request::tool("transfer")
            .with_argument("/amount", amount)
            .with_argument("/country", country);
        judge(&settings, &request).map(|opinion| opinion.verdict)
    };
    assert!(matches!(judged(5, "DE"), Ok(Verdict::Allow)));
    assert!(matches!(judged(5, "XX"), Ok(Verdict::Deny(_))));
    assert!(matches!(judged(5000, "DE"), Ok(Verdict::Ask(_))));
}
