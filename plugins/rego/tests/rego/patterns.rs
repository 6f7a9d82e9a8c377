//! Objects that values are taken apart with, as OPA 1.22.4 answers them: one fits an object of
//! the same members alone, wherever it stands.

use gatewright_rego::evaluate;
use regorus::Value;

use super::refused;

const INPUT: &str = r#"{"u": {"name": "al", "roles": ["a", "b"], "n": 3}, "l": [1, 2, 3], "o": {"x": 1, "y": 2}, "one": {"x": 1}, "nest": [{"id": 1, "tags": ["p", "q"]}, {"id": 2}, {"id": 3, "tags": []}, {"id": {"k": 1}}], "deep": {"a": {"b": {"c": 1}}}, "deep2": {"a": {"b": {"c": 1, "d": 2}}}, "arr": [{"x": 1}, {"x": 1, "y": 2}], "s": "x", "k": "x", "e": {}, "f": false, "of": {"x": false}}"#;

pub(crate) fn answer(module: &str) -> Result<Value, String> {
    let module = format!("package t\n\n{module}\n");
    let input = Value::from_json_str(INPUT).unwrap();
    evaluate(&[module], Value::new_object(), input, "data.t.r", false)
}

#[test]
fn objects_of_the_same_members_fit() {
    for (module, expected) in [
        (r#"r := [x | k := "x"; {k: x} = input.one]"#, "[1]"),
        (r#"r := [x | k := "x"; {k: x} = input.o]"#, "[]"),
        (
            r#"r := [x | some k in ["x", "y"]; {k: x} = input.one]"#,
            "[1]",
        ),
        (
            r#"r := [x | some k in ["x", "y"]; j := "x"; {k: x, j: _} = input.o]"#,
            "[2]",
        ),
        (r#"r := [x | {"a": x} = {"a": 1}]"#, "[1]"),
        (
            r#"r := [[x, y] | {"a": x, "b": 1} = {"a": 2, "b": y}]"#,
            "[[2, 1]]",
        ),
        (
            r#"r := [[x, y] | {"a": x, "b": {"c": 1}} = {"a": 2, "b": y}]"#,
            r#"[[2, {"c": 1}]]"#,
        ),
        (
            r#"r := [[x, y] | {"a": x, "b": {"c": z}} = {"a": 2, "b": input.one}; y := 1]"#,
            "[]",
        ),
        (
            r#"r := [[x, y] | y := 3; {"a": x, "b": {"x": 1}} = {"a": y, "b": input.one}]"#,
            "[[3, 3]]",
        ),
        (
            r#"r := [[x, y] | y := 3; {"a": x, "b": {"x": 1}} = {"a": y, "b": input.o}]"#,
            "[]",
        ),
        (
            r#"r := [[x, y] | {"b": {"x": y}, "a": x} = {"a": 3, "b": input.o}]"#,
            "[]",
        ),
        (
            r#"r := [[x, y] | {"b": {"x": y}, "a": x} = {"a": 3, "b": input.one}]"#,
            "[[3, 1]]",
        ),
        (r#"r := [x | [{"x": x}, 1] = [input.o, 1]]"#, "[]"),
        (r#"r := [x | [{"x": x}, 1] = [input.one, 1]]"#, "[1]"),
        (
            r#"r := [x | [{"x": x}, z] = [input.one, 1]; z == 1]"#,
            "[1]",
        ),
        (
            r#"r := [[x, q] | [{"x": x}, 1] = [input.one, q]]"#,
            "[[1, 1]]",
        ),
        (r#"r := [[x, q] | [{"x": x}, 1] = [input.o, q]]"#, "[]"),
        (
            r#"r := [[x, q, i] | [{"x": x}, 1] = [input.arr[i], q]]"#,
            "[[1, 1, 0]]",
        ),
        (r#"r := [x | z := input.o; z = {"x": x}]"#, "[]"),
        (r#"r := [x | z := input.one; z = {"x": x}]"#, "[1]"),
        (
            r#"r := [z | x := 1; z = {"x": x, "y": x + 1}]"#,
            r#"[{"x": 1, "y": 2}]"#,
        ),
        (
            r#"r := [z | x := 1; z = {"x": x, "y": [q | q := x]}]"#,
            r#"[{"x": 1, "y": [1]}]"#,
        ),
        (
            r#"r := z if { x = 1; z = {"x": x, "y": 2} }"#,
            r#"{"x": 1, "y": 2}"#,
        ),
        (
            r#"r := z if { z = {"x": x, "y": 2}; x = 1 }"#,
            r#"{"x": 1, "y": 2}"#,
        ),
        (
            r#"r := [x | {{"a": 1}, {"a": 2, "b": 1}}[{"a": x}]]"#,
            "[1]",
        ),
        (r#"r := [x | x := 1; not {"x": x} = input.o]"#, "[1]"),
        (r#"r := [x | x := 1; not {"x": x} = input.one]"#, "[]"),
        (r#"r := [x | x := 2; not {"x": x} = input.one]"#, "[2]"),
        (r#"r := [x | x := 2; not {"x": x} = input.nope]"#, "[2]"),
        (
            r#"r := [v | some "x", v in input.o; {"x": v} = input.one]"#,
            "[1]",
        ),
        (
            r#"r := [x | some {"a": x}, v in {{"a": 1}: 2, {"a": 1, "b": 1}: 3}]"#,
            "[1]",
        ),
        (
            r#"r := [[x, v] | some {"a": x}, v in {{"a": 1}: 2, {"a": 1, "b": 1}: 3}]"#,
            "[[1, 2]]",
        ),
        (
            r#"r := [[x, y] | some {"a": x}, {"b": y} in {{"a": 1}: {"b": 1}, {"a": 2}: {"b": 1, "c": 1}}]"#,
            "[[1, 1]]",
        ),
        (
            r#"r := [x | some i; {"id": x} = input.nest[i]; i > 0]"#,
            r#"[2, {"k": 1}]"#,
        ),
        (r#"r := [i | {"id": i} = input.nest[i]]"#, "[]"),
        (
            r#"r := x if { x := 3; y := [x | {"id": x} = input.nest[_]]; count(y) == 9 }"#,
            "undefined",
        ),
        (
            r#"r := [y | x := 2; y := [x | {"id": x} = input.nest[_]]]"#,
            "[[2]]",
        ),
        (
            r#"r := [y | x := 2; y := [x | {"id": x} := input.nest[_]]]"#,
            r#"[[2, {"k": 1}]]"#,
        ),
        (
            r#"r := [y | x := 2; y := [x | some {"id": x} in input.nest]]"#,
            r#"[[2, {"k": 1}]]"#,
        ),
        (r#"r := [1 | {"x": q} = input.one]"#, "[1]"),
        (r#"r := [q | {"x": q} := input.one]"#, "[1]"),
        (r#"r := [q | some {"x": q} in input.arr]"#, "[1]"),
        (r#"r := 1 if {"x": "a"} = {"x": "a"}"#, "1"),
        (r#"r := x if {"x": x} = {"x": "a"}"#, r#""a""#),
        (r#"r := x if { "a" = x }"#, r#""a""#),
        (r#"r := x if { {"x": x} = {"x": "a"} } else := 3"#, r#""a""#),
        (
            r#"r := x if { {"x": x} = input.o } else := x if { {"x": x, "y": _} = input.o }"#,
            "1",
        ),
        (r#"r := x if {"x": x} = input.o"#, "undefined"),
        (
            r#"r if { every e in input.arr { {"x": _} = e } }"#,
            "undefined",
        ),
        (
            r#"r if { every e in input.arr { e.x == 1; [1 | {"x": _} = e] } }"#,
            "true",
        ),
        (
            r#"r if { every e in [input.one] { some {"x": v} in [e]; v == 1 } }"#,
            "true",
        ),
        (
            r#"r := [x | {"x": x} = input.one; {"x": x, "y": y} = input.o]"#,
            "[1]",
        ),
        (
            r#"r := [x | {"x": x} = input.one; {"y": x, "x": y} = input.o]"#,
            "[]",
        ),
        (
            r#"r := [x | {"x": x} = [e | {"x": _} = input.arr[i]; e := input.arr[i]][_]]"#,
            "[1]",
        ),
        (
            r#"r := [x | f := {"a": {"x": 1}}; {"a": {"x": x}} = f]"#,
            "[1]",
        ),
        (r#"r := [x | y = input.one; {"x": x} = y]"#, "[1]"),
        (r#"r := [x | {"x": x} = y; y = input.one]"#, "[1]"),
        (r#"r := [x | {"x": x} = y; y = input.o]"#, "[]"),
        (r#"r := [x | x := 1; {"x": x} == input.one]"#, "[1]"),
        (r#"r := [x | x := 1; {"x": x} != input.one]"#, "[]"),
        (r#"r := [x | x := 1; {"x": x} in input.arr]"#, "[1]"),
        (
            r#"r := [x | io.jwt.decode("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.x", [{"alg": x}, _, _])]"#,
            "[]",
        ),
        (
            r#"r := [y | io.jwt.decode("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.x", [_, {"a": y}, _])]"#,
            "[]",
        ),
        (
            r#"r := [y | io.jwt.decode("eyJhbGciOiJIUzI1NiJ9.eyJhIjoxLCJiIjoyfQ.x", [_, {"a": y}, _])]"#,
            "[]",
        ),
        (
            r#"r := [p | walk(input, [p, {"x": v}])]"#,
            r#"[["arr", 0], ["of"], ["one"]]"#,
        ),
        (
            r#"r := [p | walk(input, [p, {"x": 1}])]"#,
            r#"[["arr", 0], ["one"]]"#,
        ),
        (
            r#"r := [[p, v] | [p, {"x": v}] := walk(input)]"#,
            r#"[[["arr", 0], 1], [["of"], false], [["one"], 1]]"#,
        ),
        (
            r#"r := [[p, v] | [p, {"x": v}] = walk(input)]"#,
            r#"[[["arr", 0], 1], [["of"], false], [["one"], 1]]"#,
        ),
        (r#"r := [v | walk(input, [["arr", i], {"x": v}])]"#, "[1]"),
        (r#"r := [x | some x; {"x": x} = input.one]"#, "[1]"),
        (
            r#"r := x if { some x, y; {"x": x, "y": y} = input.o }"#,
            "1",
        ),
        (
            r#"r := x if { {"x": x} = input with input as {"x": 1} }"#,
            "1",
        ),
        (
            r#"r := x if { {"x": x} = input with input as {"x": 1, "y": 1} }"#,
            "undefined",
        ),
        (
            r#"r := x if { {"x": x} := input with input as {"x": 1, "y": 1} }"#,
            "undefined",
        ),
        (
            r#"r := x if { input = {"x": x} with input as {"x": 1} }"#,
            "1",
        ),
        (
            r#"r := x if { input.a = {"x": x} with input.a as {"x": 1} }"#,
            "1",
        ),
        (
            r#"r := x if { input.a = {"x": x} with input.a as {"x": 1, "y": 1} }"#,
            "undefined",
        ),
        (r#"r := [x | not {"x": 1} = input.o; x := 1]"#, "[1]"),
        (r#"r := [x | {"x": x} = input.of]"#, "[false]"),
        (r#"r := 1 if { {"x": x} = input.of; not x }"#, "1"),
        (r#"r := 1 if { {"x": false} = input.of }"#, "1"),
        (r#"r := 1 if { [{"x": false}, x] = [input.of, 1] }"#, "1"),
        (r#"r := [x | e := input.arr[_]; [{"x": x}] = [e]]"#, "[1]"),
        (r#"r := [x | [{"x": x}] = [input.arr[_]]]"#, "[1]"),
        (r#"r := [x | [[{"x": x}]] = [[input.arr[_]]]]"#, "[1]"),
        (r#"r := [x | {"p": {"x": x}} = {"p": input.arr[_]}]"#, "[1]"),
        (
            r#"r := [[x, y] | {"p": {"x": x}, "q": y} = {"p": input.arr[i], "q": i}]"#,
            "[[1, 0]]",
        ),
        (r#"r := [1 | x := {"a": 1}; x = {"a": y}; y == 1]"#, "[1]"),
        (r#"r := [1 | x := {"a": 1}; x = {"a": _}]"#, "[1]"),
        (r#"r := [1 | _ = {"a": 1}]"#, "[1]"),
        (r#"r := [y | y := 1; _ = {"a": y}]"#, "[1]"),
        ("r := 1", "1"),
        (
            r#"r := [v, w] if {"x": v, "y": w} := input.arr[1]"#,
            "[1, 2]",
        ),
        (
            "f([{\"x\": v}, {\"x\": v, \"y\": w}]) := 5 if {\n  [v, w] == [v, w]\n}\nelse := 7\nr := [x | x := f(input.arr)]",
            "[5]",
        ),
        (
            r#"r := [1 | {"x": _} = input.one with input.one as {"x": 9}]"#,
            "[1]",
        ),
        (
            r#"r := [v | {k: v | some k, v in input.o} = {"x": v, "y": _}]"#,
            "[1]",
        ),
        (
            r#"r := [v | e := {"a": {"b": {"c": 1}}}; {"a": {"b": {"c": v}}} = e]"#,
            "[1]",
        ),
        (r#"r := v if {"x": v} := {"x": 1}"#, "1"),
        (
            r#"r := [v | {"x": v} = object.remove(input.o, ["y"])]"#,
            "[1]",
        ),
        ("r := [v | e = {input.k: v}; e = input.one]", "[1]"),
        (
            r#"r := [1 | {"x": 1} = input.arr[_] with input.one as {"x": 9}]"#,
            "[1]",
        ),
        (r#"r := [v | e = {"x": v}; e = input.arr[0]]"#, "[1]"),
        (
            "f({\"x\": v, \"y\": _}) := v if true\nr := [f(input.o)]",
            "[1]",
        ),
        (r#"r := [v | e := [{"x": 1}]; [{"x": v}] = e]"#, "[1]"),
        (
            r#"r := [v | e = {"x": v}; e = {"x": {"a": 1}}]"#,
            r#"[{"a": 1}]"#,
        ),
        ("r := [v | e := input.arr[_]; {input.k: v} = e]", "[1]"),
        (
            "r if {\n  not {\"x\": 1} = {k: v | some k, v in input.o}\n}",
            "true",
        ),
        (
            r#"r := [[k, 1] | some k, {"x": _} in [object.remove(input.o, ["y"])]]"#,
            "[[0, 1]]",
        ),
        (r#"r := [v | {"x": 1} = {"x": v}]"#, "[1]"),
        (
            "s contains object.remove(input.o, [\"y\"])\nr := [v | s[{\"x\": v}]]",
            "[1]",
        ),
        (
            "s contains input.arr[_]\nr := [v | s[{\"x\": v, \"y\": _}]]",
            "[1]",
        ),
        (
            "s contains input.arr[1]\nr := [v | s[{\"x\": v, \"y\": _}]]",
            "[1]",
        ),
        (
            r#"r := [v | some {"x": v} in [{"x": {"a": 1}}] with input.one as {"x": 9}]"#,
            r#"[{"a": 1}]"#,
        ),
        (r#"r := [1 | {"x": _} := input.arr[_]]"#, "[1]"),
        (r#"r := [v | {"x": v} = input.arr[0]]"#, "[1]"),
        ("r if {\n  not {} = input.one\n}", "true"),
        (r#"r := [v | {"x": v, "y": _} := input.arr[_]]"#, "[1]"),
        (
            r#"r := [v | e := {"x": {"a": 1}}; e = {"x": v}]"#,
            r#"[{"a": 1}]"#,
        ),
        (
            "r := [[k, v] | some k, {input.k: v} in [input.one]]",
            "[[0, 1]]",
        ),
        (
            "f({}) := 5 if {\n  1 == 1\n}\nelse := 7\nr := [x | x := f(input.e)]",
            "[5]",
        ),
        (r#"r := [v | input.arr[i] = {"x": v}]"#, "[1]"),
        (r#"r := [1 | input.arr[0] = {"x": _}]"#, "[1]"),
        (r#"r := [v | {"a": {"b": {"c": v}}} = input.deep]"#, "[1]"),
        (
            r#"r := [v | [v, {"x": 1}] = [1, {"x": 1}] with input.one as {"x": 9}]"#,
            "[1]",
        ),
        (
            "f({\"x\": v}) := 5 if {\n  v == v\n}\nelse := 7\nr := [x | x := f({\"x\": {\"a\": 1}})]",
            "[5]",
        ),
        (
            "r if {\n  not {} = {k: v | some k, v in input.o}\n}",
            "true",
        ),
        ("f([{\"x\": v}]) := v\nr := f([{\"x\": 1}])", "1"),
        (
            r#"r := [v | e = {"x": v, "y": _}; e = {k: v | some k, v in input.o}]"#,
            "[1]",
        ),
        (
            "r if {\n  every e in [{\"x\": 1}] { {\"x\": v} = e }\n}",
            "true",
        ),
        (
            r#"r := [v | e := input.nest[_]; {"id": {"k": v}} = e]"#,
            "[1]",
        ),
        (
            "f({\"x\": _}, y) := [1, y]\nr := f(object.remove(input.o, [\"y\"]), 1)",
            "[1, 1]",
        ),
        (
            r#"r := [[k, v] | some k, {"x": v} in [{"x": 1}]]"#,
            "[[0, 1]]",
        ),
        ("r if {\n  not {} = input.arr\n}", "true"),
        ("s contains {\"x\": 1}\nr := [v | s[{input.k: v}]]", "[1]"),
        (
            "r if {\n  every e in [input.arr[i]] { {\"x\": v} = e }\n}",
            "true",
        ),
        (
            r#"r := [[v, w] | e := {"x": 1, "y": 2}; e = {"x": v, "y": w}]"#,
            "[[1, 2]]",
        ),
        (
            r#"r := [v | {"x": v, "y": _} = input.arr[1] with input.one as {"x": 9}]"#,
            "[1]",
        ),
        (
            "f({\"x\": _}) := 5 if {\n  1 == 1\n}\nelse := 7\nr := [x | x := f(input.one)]",
            "[5]",
        ),
        (r#"r := [1 | e = {"x": 1}; e = input.arr[i]]"#, "[1]"),
        (r#"r := v if {"x": v} := input.arr[_]"#, "1"),
        ("s contains input.e\nr := [1 | s[{}]]", "[1]"),
        (
            "f({\"x\": v, \"y\": w}) := 5 if {\n  [v, w] == [v, w]\n}\nelse := 7\nr := [x | x := f({k: v | some k, v in input.o})]",
            "[5]",
        ),
        (
            r#"r := [[v, w] | {"id": v, "tags": [_, w]} = input.arr[0] with input.one as {"x": 9}]"#,
            "[]",
        ),
        (
            "f([{\"x\": v}, {\"x\": v, \"y\": w}]) := 5 if {\n  [v, w] == [v, w]\n}\nelse := 7\nr := [x | x := f(input.e)]",
            "[]",
        ),
        ("f({}) := 1\nr := f(input.arr[i])", "undefined"),
        (
            r#"r := [v | some {"x": v, "y": _} in [input.arr] with input.one as {"x": 9}]"#,
            "[]",
        ),
        (
            r#"r := [[v, t] | input.deep2 = {"id": v, "tags": t}]"#,
            "[]",
        ),
        (
            r#"r := [[v, t] | some {"id": v, "tags": t} in input.one]"#,
            "[]",
        ),
        (
            "f({\"x\": v, \"y\": v}, y) := [v, y]\nr := f(input.o, 1)",
            "undefined",
        ),
        (r#"r := [v | some [{"x": v}] in input.one]"#, "[]"),
        (
            r#"r := [v | e := input.arr[i]; e = {"a": {"b": {"c": v}}}]"#,
            "[]",
        ),
        (
            "f({\"x\": v, \"y\": _}) := 5 if {\n  v == v\n}\nelse := 7\nr := [x | x := f(input.deep)]",
            "[]",
        ),
        (
            r#"r := [[v, w] | some {"id": v, "tags": [_, w]} in [input.nest]]"#,
            "[]",
        ),
        (
            r#"r := [[v, w] | some [{"x": v}, w] in [input.nest] with input.one as {"x": 9}]"#,
            "[]",
        ),
        (r#"r := [[v, w] | {"x": v, "y": w} := input.l]"#, "[]"),
        (
            r#"r := [v, w] if {"id": v, "tags": [_, w]} = input.arr[_]"#,
            "undefined",
        ),
        (
            r#"r := [v, w] if {"x": v, "y": w} := input.nope"#,
            "undefined",
        ),
        ("r := v if {input.k: v} = input.deep2", "undefined"),
        (
            "f([{\"x\": v}]) := v if true\nr := [f(input.e)]",
            "undefined",
        ),
        (r#"r := [v | e := input.s; e = {"id": v}]"#, "[]"),
        (
            "f([{\"x\": v}, {\"x\": v, \"y\": w}]) := 5 if {\n  [v, w] == [v, w]\n}\nelse := 7\nr := [x | x := f(input.nest)]",
            "[]",
        ),
        (
            r#"r := [[v, w] | some {"id": v, "tags": [_, w]} in [input.one]]"#,
            "[]",
        ),
        (
            r#"r := [v | {"a": v} = input.arr with input.one as {"x": 9}]"#,
            "[]",
        ),
        (
            r#"r := [v | some [v, {}] in [input.deep2] with input.one as {"x": 9}]"#,
            "[]",
        ),
        (
            r#"r := [v | {"a": {"b": {"c": 1}}, "z": v} = input.arr]"#,
            "[]",
        ),
        (
            "r if {\n  every e in [input.arr] { {\"id\": v, \"tags\": t} = e }\n}",
            "undefined",
        ),
        (
            "f({\"a\": {\"b\": {\"c\": 1}}, \"z\": v}, y) := [v, y]\nr := f(input.o, 1)",
            "undefined",
        ),
        (
            r#"r := [v | e := object.remove(input.o, ["y"]); {"a": {"b": {"c": v}}} = e]"#,
            "[]",
        ),
        ("r := v if [v, {}] := input.o", "undefined"),
        (r#"r := [v | e := input.of; [_, {"x": v}] = e]"#, "[]"),
        (
            r#"r := [1 | {} = input.arr[_] with input.one as {"x": 9}]"#,
            "[]",
        ),
        (
            r#"r := [[v, w] | e := input.nope; e = [{"x": v}, w]]"#,
            "[]",
        ),
    ] {
        let given = answer(module);
        let wanted = match expected {
            "undefined" => Value::Undefined,
            expected => Value::from_json_str(expected).unwrap(),
        };
        assert_eq!(given, Ok(wanted), "{module}");
    }
}

/// What the members of a value are is not asked for where the pattern cannot be moved, or stands
/// where no condition may.
#[test]
fn patterns_that_cannot_be_asked_for_are_refused() {
    for rule in [
        r#"x if { s := {{"a": 1}}; [s[{"a": y}] | true] == [1] }"#,
        r#"x if { some k, {"a": k} in input.arguments.l }"#,
        r#"x if { some {"a": y} in [y | some y in input.arguments.l] }"#,
        r#"x if { not {"a": _} = input.arguments.o }"#,
        r#"f({"a": [y | some y in [1]]}) := 1
x := f(input.arguments.o)"#,
    ] {
        let error = refused(&format!("package gatewright\n\n{rule}\nallow if x\n"));
        assert!(
            error.contains("would fit an object with more members"),
            "{rule}: {error}"
        );
    }
}

/// Messages name the line that was written.
#[test]
fn lines_stay_where_they_are() {
    let module = "f({\n  \"x\": v,\n}) := v\n\np if {\n  {\n    \"x\": v,\n  } = input.one\n  v == 1\n}\n\nr := nope(1)";
    let error = answer(module).unwrap_err();
    assert!(error.contains("line 14: "), "{error}");
}

/// A name in a module is not one that is put into it.
#[test]
fn names_that_are_put_in_are_no_others() {
    let module = r#"whole__1 := 7
each__1 := 8
r := [whole__1, each__1] if { {"x": _} = object.union(input.one, {}); every e in [1] { e = 1 } }"#;
    let wanted = Value::from_json_str("[7, 8]").unwrap();
    assert_eq!(answer(module), Ok(wanted));
}
