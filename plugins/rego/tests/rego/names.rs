//! Names that stand for one value wherever they are written again, as OPA 1.22.4 answers.

use regorus::Value;

use crate::patterns::answer;

/// `every` gives its names values, and nothing in its body gives them others.
#[test]
fn names_of_every_have_values() {
    for (rule, expected) in [
        ("r if { every x in [2] { x = 1 } }", false),
        ("r if { every x in [2] { 1 = x } }", false),
        ("r if { every x in [2] { x = 2 } }", true),
        (
            "r if { every k, v in {\"a\": 1} { k = \"b\"; v = 1 } }",
            false,
        ),
        (
            "r if { every k, v in {\"a\": 1} { k = \"a\"; v = 1 } }",
            true,
        ),
        ("r if { every _, v in [1] { v = 2 } }", false),
        ("r if { y := 3; every x in [2] { x = y } }", false),
        (
            "r if { every x in [2] { every y in [3] { x = y } } }",
            false,
        ),
        ("r if { every x in [2] { every y in [2] { x = y } } }", true),
        ("r if { every x in [2] { not x = 3 } }", true),
        ("r if { every x in [2] { [1 | x = 3] == [] } }", true),
        ("r if { every x in [2] { [x, y] = [1, 3]; y == 3 } }", false),
        (
            "r if { every x in [2] { split(\"a.b\", \".\", x) } }",
            false,
        ),
        (
            "r if { every x in [7] { walk(input, [[\"l\", 0], x]) } }",
            false,
        ),
        (
            "s contains [1, 1]\nr if { every x in [2] { s[[x, 1]] } }",
            false,
        ),
        (
            "s contains [2, 1]\nr if { every x in [2] { s[[x, 1]] } }",
            true,
        ),
        ("f(y) if every x in y { x = 3 }\nr if f([2])", false),
    ] {
        let wanted = match expected {
            true => Value::from(true),
            false => Value::Undefined,
        };
        assert_eq!(answer(rule), Ok(wanted), "{rule}");
    }
}

/// A name of two parameters stands for one value.
#[test]
fn parameters_of_one_name_are_equal() {
    for (rules, expected) in [
        ("f(x, x) := x\nr := [z | z := f(1, 2)]", "[]"),
        ("f(x, x) := x\nr := [z | z := f(1, 1)]", "[1]"),
        ("f(x, x) if true\nr := [1 | f(1, 2)]", "[]"),
        (
            "f(x,\n  x) if {\n  x > 0\n}\nr := [i | some i in [1, 2]; f(1, i)]",
            "[1]",
        ),
        ("f([x], x) := x\nr := [z | z := f([1], 2)]", "[]"),
        ("f([x], [x]) := x\nr := [z | z := f([1], [2])]", "[]"),
        (
            "f(x, y, x) := y if x > 1 else := 8\nr := [z | some i in [1, 3]; z := f(1, 2, i)]",
            "[8]",
        ),
        (
            "f([x], {\"a\": x}) := 1\nr := [i | some i in [1, 2]; f([i], {\"a\": 2})]",
            "[2]",
        ),
        ("f(_, _) := 1\nr := [f(1, 2)]", "[1]"),
    ] {
        let wanted = Value::from_json_str(expected).unwrap();
        assert_eq!(answer(rules), Ok(wanted), "{rules}");
    }
    for rules in [
        "import input.s\nf(s, s) := s\nr := f(1, 1)",
        "r := [x | some x, x in input.l]",
    ] {
        let error = answer(rules).unwrap_err();
        assert!(error.contains("stands before it, too"), "{rules}: {error}");
    }
}
