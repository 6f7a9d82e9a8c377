//! Several modules and packages, and documents at their places.

use gatewright_rego::{Settings, judge};
use gatewright_sdk::Request;
use serde_json::{Value, json};

use super::{reach, settings};

fn refused(written: Value) -> String {
    let settings = serde_json::from_value::<Settings>(written);
    settings.map(|_| ()).unwrap_err().to_string()
}

const LIB: &str = "package lib\n\nis_admin(id) if id in data.admins\n";
const MAIN: &str =
    "package gatewright\n\nimport data.lib\n\nallow if lib.is_admin(input.subject.id)\n";

#[test]
fn packages_use_each_other() {
    for modules in [
        json!([MAIN, LIB]),
        json!([LIB, MAIN]),
        json!({ "main.rego": MAIN, "lib.rego": LIB }),
    ] {
        for (name, data) in [
            ("data", json!({ "admins": ["root"] })),
            ("documents", json!({ "admins": ["root"] })),
        ] {
            let mut written = json!({ "modules": modules });
            written[name] = data;
            let settings = settings(written);
            let by = |id: &str| Request::tool("read").with_agent(id);
            assert_eq!(reach(&judge(&settings, &by("root"))), 3);
            assert_eq!(reach(&judge(&settings, &by("eve"))), 0);
        }
    }
    let both = json!({ "module": MAIN, "modules": [LIB], "data": { "admins": ["root"] } });
    assert_eq!(
        reach(&judge(
            &settings(both),
            &Request::tool("x").with_agent("root")
        )),
        3
    );
}

#[test]
fn one_package_may_have_several_modules() {
    let written = json!({ "modules": [
        "package p\n\nallow := true",
        "package p\n\ndeny contains \"no\" if input.action.name == \"drop\"",
    ], "query": "data.p" });
    let settings = settings(written);
    assert_eq!(reach(&judge(&settings, &Request::tool("read"))), 3);
    assert_eq!(reach(&judge(&settings, &Request::tool("drop"))), 0);
}

/// Every module has a part in what is asked of the call.
#[test]
fn what_any_module_reads_is_there() {
    let written = json!({ "modules": [
        "package p\n\nallow if data.q.is_small",
        "package q\n\nis_small if input.arguments.amount < 10",
    ], "query": "data.p" });
    let request = |amount: u8| Request::tool("pay").with_argument("/amount", amount);
    let settings = settings(written);
    assert_eq!(reach(&judge(&settings, &request(5))), 3);
    assert_eq!(reach(&judge(&settings, &request(50))), 0);
}

#[test]
fn documents_are_merged_at_their_places() {
    let written = json!({
        "module": "package gatewright\n\nallow if data.users.roles[input.subject.id] == data.users.needed",
        "data": { "users": { "needed": "admin" } },
        "documents": { "users/roles": { "root": "admin" } },
    });
    let settings = settings(written);
    assert_eq!(
        reach(&judge(&settings, &Request::tool("x").with_agent("root"))),
        3
    );
    assert_eq!(
        reach(&judge(&settings, &Request::tool("x").with_agent("eve"))),
        0
    );
}

/// In a bundle, data stands in the folder of its package.
#[test]
fn data_may_stand_beside_rules_in_a_package() {
    let written = json!({
        "module": "package app\n\nallow if input.subject.id in data.app.admins",
        "documents": { "app": { "admins": ["root"] } },
        "query": "data.app",
    });
    let settings = settings(written);
    assert_eq!(
        reach(&judge(&settings, &Request::tool("x").with_agent("root"))),
        3
    );
    assert_eq!(
        reach(&judge(&settings, &Request::tool("x").with_agent("eve"))),
        0
    );
}

#[test]
fn modules_that_do_not_fit_are_refused_with_their_name() {
    let module = "package gatewright\n\nallow := true";
    for (written, right) in [
        (json!({}), "there is no module"),
        (json!({ "modules": [] }), "there is no module"),
        (
            json!({ "modules": 7 }),
            "modules are a list of texts, or texts by name",
        ),
        (
            json!({ "module": module, "modules": { "module": LIB } }),
            "two modules are called `module`",
        ),
        (
            json!({ "modules": [MAIN, "package lib\n\nis_admin(x) { x }"] }),
            "`modules[1]` is not Rego",
        ),
        (
            json!({ "modules": [MAIN], "data": { "admins": [] } }),
            "`modules[0]`, line 3: `data.lib` is not there",
        ),
        (
            json!({ "modules": [MAIN, "package lib\n\nis_owner(x) := x"] }),
            "there is no function `lib.is_admin`",
        ),
        (
            json!({ "modules": ["package p\n\nallow := true", LIB], "data": { "admins": [] } }),
            "the packages are `data.p`, `data.lib`",
        ),
        (
            json!({ "module": module, "data": { "a": 1 }, "documents": { "a": 2 } }),
            "the document at `a` does not fit",
        ),
        (
            json!({ "module": module, "data": [] }),
            "`data` is no object",
        ),
        (
            json!({ "module": module, "data": { "gatewright": { "deny": [] } } }),
            "would be read as a decision",
        ),
        (
            json!({ "modules": [module, "package lib\n\nx := 1"], "data": { "lib": { "x": 2 } } }),
            "`data` holds `data.lib.x`, where a rule stands",
        ),
        (
            json!({ "module": module, "data": { "gatewright": 1 } }),
            "data there would replace its rules",
        ),
        (
            json!({ "module": module, "builtin-errors": "ignore" }),
            "unknown variant `ignore`",
        ),
    ] {
        let error = refused(written.clone());
        assert!(error.contains(right), "{written}: {error}");
    }
}

/// As in OPA, for who wants it; a rule that denies passes over what it cannot read then.
#[test]
fn a_builtin_that_fails_is_a_fault_or_undefined() {
    let module = "package gatewright\n\ndefault allow := false\n\nallow if not to_number(input.arguments.n) > 3";
    let request = Request::tool("x").with_argument("/n", "ten");
    let judged = |errors: &str| {
        let written = json!({ "module": module, "builtin-errors": errors });
        reach(&judge(&settings(written), &request))
    };
    assert_eq!(judged("fault"), super::FAULT);
    // What is negated is asked for what it is given, and that is undefined.
    assert_eq!(judged("undefined"), 0);
    let own = "package gatewright\n\nallow if not units.parse(input.arguments.n)";
    for (errors, reached) in [("fault", super::FAULT), ("undefined", 3)] {
        let written = json!({ "module": own, "builtin-errors": errors });
        assert_eq!(reach(&judge(&settings(written), &request)), reached);
    }
}

#[test]
fn a_function_that_is_not_there_is_found_at_load() {
    for (rules, right) in [
        (
            "allow if {\n  input.arguments.x == 1\n  http.send({})\n}",
            "line 5: there is no function `http.send`\nhint: there is no network",
        ),
        (
            "deny contains 1 if helper(input.arguments.x)",
            "there is no function `helper`",
        ),
        (
            "allow if rand.intn(\"a\", 2) == 1",
            "there is no randomness",
        ),
        (
            "allow if input.arguments.x == uuid.rfc4122(\"a\")",
            "there is no randomness",
        ),
        ("allow if opa.runtime().env", "there is no server of OPA"),
    ] {
        let error = super::refused(&format!("package gatewright\n\n{rules}"));
        assert!(error.contains(right), "{rules}: {error}");
    }
}

/// `_test.rego`, as `opa test` runs it.
#[test]
fn tests_hold_or_the_settings_are_refused() {
    let module = include_str!("../existing/policy.rego");
    let tests = include_str!("../existing/policy_test.rego");
    let written = |module: &str, tests: Value| json!({ "module": module, "data": { "countries": ["DE"] }, "tests": tests });
    let with = settings(written(module, json!([tests])));
    let without = settings(json!({ "module": module, "data": { "countries": ["DE"] } }));
    let request = Request::tool("transfer")
        .with_argument("/amount", 5)
        .with_argument("/country", "XX");
    assert_eq!(
        reach(&judge(&with, &request)),
        reach(&judge(&without, &request))
    );

    let wrong = module.replace("> 1000", "> 10000");
    let error = refused(written(&wrong, json!({ "policy_test.rego": tests })));
    assert!(
        error.contains("the test `data.gatewright_test.test_a_large_payment_is_asked` fails"),
        "{error}"
    );
    for (tests, right) in [
        (
            "package t\n\nallow if true",
            "`tests` has no rule `test_..`",
        ),
        (
            "package t\n\ntest_a if to_number(\"x\") == 1",
            "`data.t.test_a` cannot be evaluated",
        ),
        ("package t\n\ntest_a if false", "`data.t.test_a` fails"),
        ("package t\n\ntest_a { true }", "`tests[0]` is not Rego"),
        (
            "package t\n\ntest_a if http.send({})",
            "there is no network",
        ),
    ] {
        let error = refused(written(module, json!([tests])));
        assert!(error.contains(right), "{tests}: {error}");
    }
}

/// A folder of modules brings its tests along, by the names that `opa test` knows.
#[test]
fn modules_that_are_called_as_tests_are_tests() {
    let written = |amount: &str| {
        let module = include_str!("../existing/policy.rego").replace("> 1000", amount);
        json!({
            "modules": {
                "policies/policy.rego": module,
                "policies/policy_test.rego": include_str!("../existing/policy_test.rego"),
            },
            "data": { "countries": ["DE"] },
        })
    };
    settings(written("> 1000"));
    let error = refused(written("> 10000"));
    assert!(
        error.contains("the test `data.gatewright_test.test_a_large_payment_is_asked` fails"),
        "{error}"
    );
    let error = refused(json!({ "modules": { "a_test.rego": "package t\n\ntest_a if true" } }));
    assert!(error.contains("there is no module"), "{error}");
    // What would deny does not go by its name.
    let error = refused(json!({
        "modules": {
            "a.rego": "package gatewright\n\nallow if input.action.name == \"read\"",
            "a_test.rego": "package gatewright\n\ndeny contains \"no\"\n\ntest_a if true",
        },
    }));
    assert!(error.contains("`a_test.rego` has a rule `deny`"), "{error}");
}
