//! Rego that is newer than the interpreter: it decides as it is written.

use gatewright_rego::judge;
use gatewright_sdk::Request;
use serde_json::json;

use super::{judged, reach, settings};

#[test]
fn conditions_are_joined_and_negated() {
    for (rule, name, reached) in [
        (
            "allow if input.action.name == \"a\" or input.action.name == \"b\"",
            "b",
            3,
        ),
        (
            "allow if input.action.name == \"a\" or input.action.name == \"b\"",
            "c",
            0,
        ),
        (
            "allow if input.action.name == \"a\" and input.action.server == \"server\"",
            "a",
            3,
        ),
        (
            "allow if input.action.name == \"a\" and input.action.server == \"other\"",
            "a",
            0,
        ),
        (
            "allow if (input.action.name == \"a\" or input.action.name == \"b\") and input.action.server == \"other\"",
            "a",
            0,
        ),
        (
            "allow if {\n  some name in [\"a\", \"b\"]\n  not { name == input.action.name; name == \"a\" } and name == input.action.name\n}",
            "b",
            3,
        ),
        (
            "allow if {\n  some name in [\"a\", \"b\"]\n  not { name == input.action.name; name == \"a\" } and name == input.action.name\n}",
            "a",
            0,
        ),
        (
            "allow := true\ndeny contains \"x\" if not { false }",
            "a",
            0,
        ),
        ("allow := true\ndeny contains \"x\" if not { true }", "a", 3),
        (
            "allow if not {\n  input.action.name == \"a\"\n  input.action.server == \"server\"\n}",
            "a",
            0,
        ),
        (
            "allow if not {\n  input.action.name == \"a\"\n  input.action.server == \"other\"\n}",
            "a",
            3,
        ),
    ] {
        for import in [
            "import future.keywords.not\nimport future.keywords.and\nimport future.keywords.or",
            "import rego.v2",
        ] {
            let module = format!("package gatewright\n\n{import}\n\n{rule}\n");
            let settings = settings(json!({ "module": module }));
            let opinion = judge(&settings, &Request::tool(name).with_server("server"));
            assert_eq!(reach(&opinion), reached, "{rule}, {name}: {opinion:?}");
        }
    }
}

#[test]
fn texts_hold_expressions() {
    let rule = "deny contains $\"{input.action.name} costs {input.arguments.amount * 2}, {input.arguments.none}\"";
    let request = Request::tool("pay").with_argument("/amount", 21);
    let opinion = judged(rule, &request).unwrap();
    assert_eq!(super::notes(&opinion)[0].1, "pay costs 42, <undefined>");
}

#[test]
fn lines_may_be_long() {
    let rule = format!("allow if input.arguments.k == \"{}\"", "k".repeat(5000));
    let request = |size: usize| Request::tool("x").with_argument("/k", "k".repeat(size));
    assert_eq!(reach(&judged(&rule, &request(5000))), 3);
    assert_eq!(reach(&judged(&rule, &request(5001))), 0);
}

#[test]
fn a_value_may_be_the_last_argument() {
    let rule = "allow if {\n  regex.split(\"-\", input.arguments.k, [\"a\", _])\n  time.weekday(0, \"Thursday\")\n}";
    let request = |text: &str| Request::tool("x").with_argument("/k", text);
    assert_eq!(reach(&judged(rule, &request("a-b"))), 3);
    assert_eq!(reach(&judged(rule, &request("b-a"))), 0);
}

#[test]
fn builtins_are_replaced_by_with() {
    let rule = "late if time.now_ns() > 4000000000000000000\n\nallow if late with time.now_ns as 4000000000000000001\n\ndeny contains \"late\" if late";
    assert_eq!(reach(&judged(rule, &Request::tool("x"))), 3);
    let rule = "size := count([1, 2])\n\nallow if { size == 2; size == 7 with count as 7; size == 3 with count as sum }";
    assert_eq!(reach(&judged(rule, &Request::tool("x"))), 3);
}

/// It would be answered before it has a value.
#[test]
fn what_is_negated_too_early_is_refused() {
    let rules = "allow if {\n  not a = f(1)\n  a = f(2)\n}\n\nf(x) := x";
    let error = super::refused(&format!("package gatewright\n\n{rules}"));
    assert!(
        error.contains("line 4: `not a = f(1)` stands before `a` has a value"),
        "{error}"
    );
    let rules = "allow if {\n  a = f(2)\n  not a = f(1)\n}\n\nf(x) := x";
    assert_eq!(reach(&judged(rules, &Request::tool("x"))), 3);
}

#[test]
fn what_is_not_written_right_is_refused_with_its_line() {
    for (rules, right) in [
        (
            "allow if not { false }",
            "line 3: `not { .. }` is read as a set",
        ),
        (
            "allow if $\"{\" == \"\"",
            "line 3: an expression in a text is not closed",
        ),
        (
            "x := 1\nallow if $\"{}\" == \"\"",
            "line 4: an expression in a text is empty",
        ),
        ("import future.keywords.or\nallow if 1 == 1 or", "not Rego"),
        ("import future.keywords.not\nallow if not { }", "not Rego"),
    ] {
        let error = super::refused(&format!("package gatewright\n\n{rules}"));
        assert!(error.contains(right), "{rules}: {error}");
    }
}
