//! What heads give where it has no value for one of several, as OPA 1.22.4 answers it.

use gatewright_rego::{evaluate, judge};
use gatewright_sdk::Request;
use regorus::Value;
use serde_json::json;

use super::{reach, settings};

const INPUT: &str = r#"{"xs": [{"a": 1, "n": "p"}, {"b": 2, "n": "q"}, {"a": 3, "n": "r"}, {"b": 4, "n": "s"}],
  "ys": [{"b": 2}, {"a": 1}], "zs": [{"a": 1}, {"b": 2}], "o": {"k1": {"a": 1}, "k2": {}}}"#;

fn answer(module: &str) -> Result<Value, String> {
    let module = format!("package t\n\n{module}\n");
    let input = Value::from_json_str(INPUT).unwrap();
    evaluate(&[module], Value::new_object(), input, "data.t.r", false)
}

fn check(cases: &[(&str, &str)]) {
    for (module, expected) in cases {
        let wanted = match *expected {
            "undefined" => Value::Undefined,
            expected => answer(&format!("r := {expected}")).unwrap(),
        };
        assert_eq!(answer(module), Ok(wanted), "{module}");
    }
}

#[test]
fn one_without_a_value_takes_nothing_from_the_others() {
    check(&[
        ("r contains x.a if some x in input.xs", "{1, 3}"),
        ("r contains x.a if some x in input.ys", "{1}"),
        ("r contains x.a if some x in input.zs", "{1}"),
        (
            "r contains x.a if { x := input.xs[_]; x.n != \"p\" }",
            "{3}",
        ),
        (
            "r contains {\"msg\": \"m\", \"v\": x.a} if some x in input.xs",
            r#"{{"msg": "m", "v": 1}, {"msg": "m", "v": 3}}"#,
        ),
        (
            "r contains sprintf(\"%v\", [x.a]) if some x in input.xs",
            r#"{"1", "3"}"#,
        ),
        (
            "r contains $\"{x.n}\" if some x in input.zs",
            r#"{"<undefined>"}"#,
        ),
        ("r contains x.a + 1 if some x in input.xs", "{2, 4}"),
        ("r contains (x.a) if some x in input.xs", "{1, 3}"),
        ("r contains input.xs[_].a", "{1, 3}"),
        (
            "r contains lower(input.xs[_].n) if true",
            r#"{"p", "q", "r", "s"}"#,
        ),
        (
            "f(x) := x.a\nr contains f(x) if some x in input.xs",
            "{1, 3}",
        ),
        (
            "r contains [y | y := x.a] if some x in input.zs",
            "{[1], []}",
        ),
        ("r contains x.nope if some x in input.xs", "set()"),
        ("r := x.a if some x in input.zs", "1"),
        ("r := x.a if some x in input.ys", "1"),
        ("r := input.zs[_].a", "1"),
        ("r := x.nope if some x in input.zs", "undefined"),
        ("default r := 7\nr := x.nope if some x in input.zs", "7"),
        ("r := x.nope if { some x in input.zs } else := 9", "9"),
        (
            "r := x.q if { some x in input.zs } else := x.b if some x in input.zs",
            "2",
        ),
        (
            "r if { some x in input.zs; x.q }\nelse := x.b if { some x in input.zs }",
            "2",
        ),
        ("r[k] := v.a if some k, v in input.o", r#"{"k1": 1}"#),
        ("r[v.a] := k if some k, v in input.o", r#"{1: "k1"}"#),
        (
            "r[v.a] contains k if some k, v in input.o",
            r#"{1: {"k1"}}"#,
        ),
        ("r[v.a] if some v in input.zs", "{1: true}"),
        (
            "p[k].w := v.a if some k, v in input.o\nr := p",
            r#"{"k1": {"w": 1}}"#,
        ),
        (
            "p[k][j] := v.a if { some k, v in input.o; j := \"z\" }\nr := p",
            r#"{"k1": {"z": 1}}"#,
        ),
        (
            "p[k].w contains v.a if some k, v in input.o\np[j].w contains 5 if some j in [\"k9\"]\nr := p",
            r#"{"k1": {"w": {1}}, "k9": {"w": {5}}}"#,
        ),
        (
            "p contains x.a if some x in input.xs\np contains x.b if some x in input.xs\nr := p",
            "{1, 2, 3, 4}",
        ),
    ]);
}

/// A message that one argument has no value for is said of the others.
#[test]
fn denials_of_some_stay_where_others_have_no_message() {
    let module = "package gatewright\n\ndeny contains {\n  \"msg\": x.why, # why\n  \"rule\": \"r\",\n} if {\n  some x in input.arguments.xs\n}\n";
    let settings = settings(json!({ "module": module }));
    for xs in [
        json!([{"why": "no"}, {}]),
        json!([{}, {"why": "no"}]),
        json!([{"why": "no"}, {"why": "nor"}]),
    ] {
        let request = Request::tool("pay").with_argument("/xs", xs.clone());
        assert_eq!(reach(&judge(&settings, &request)), 0, "{xs}");
    }
}

/// What is written out is looked at as it was written, on its line.
#[test]
fn messages_in_heads_are_still_looked_at() {
    let module = "package gatewright\n\ndeny contains {\n  \"why\": x.why,\n} if some x in input.arguments.xs\n";
    let error = super::refused(module);
    assert!(
        error.contains("line 3: a message of `deny` has no member `why`"),
        "{error}"
    );
}
