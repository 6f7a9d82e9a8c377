//! What OPA 1.22.4 itself answered, asked side by side: where a value that is another one
//! would be taken in silence.

use gatewright_rego::evaluate;
use regorus::Value;

/// What a module's rule `r` gives, where builtins that fail are undefined.
fn answer(module: &str, input: &str) -> Result<Value, String> {
    let module = format!("package t\n\n{module}\n");
    let input = Value::from_json_str(input).unwrap();
    evaluate(&[module], Value::new_object(), input, "data.t.r", false)
}

fn check(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        let given = match answer(&format!("r := {expression}"), "{}") {
            // A pattern that is written out is refused when it is loaded.
            Err(error) if error.contains("is not a glob") => Value::Undefined,
            given => given.unwrap(),
        };
        let wanted = match *expected {
            "undefined" => Value::Undefined,
            expected => answer(&format!("r := {expected}"), "{}").unwrap(),
        };
        assert_eq!(given, wanted, "{expression}");
    }
}

#[test]
fn texts_and_numbers_are_those_of_opa() {
    check(&[
        (r#"indexof("abc", "")"#, "undefined"),
        (r#"indexof_n("abc", "")"#, "undefined"),
        (r#"indexof("日本語", "本")"#, "1"),
        (r#"indexof_n("aaa", "aa")"#, "[0, 1]"),
        (r#"substring("abc", 1.5, 1)"#, "undefined"),
        (r#"substring("abc", 9223372036854775808, 1)"#, "undefined"),
        (r#"substring("日本語", 1, -1)"#, r#""本語""#),
        (r#"substring("abc", -1, 1)"#, "undefined"),
        (r#"to_number(" 1")"#, "undefined"),
        (r#"to_number("+1")"#, "1"),
        (r#"to_number("01")"#, "1"),
        (r#"to_number("-.5")"#, "-0.5"),
        (r#"to_number("1e400")"#, "undefined"),
        (r#"to_number("0x10")"#, "undefined"),
        ("format_int(-15.9, 16)", r#""-f""#),
        ("format_int(255, 3)", "undefined"),
        ("floor(-0.5)", "0"),
        ("ceil(-0.5)", "1"),
        ("floor(-1.5)", "-2"),
        ("ceil(-1.5)", "-1"),
        (r#"units.parse_bytes("1B")"#, "undefined"),
        (r#"units.parse_bytes("1kB")"#, "1000"),
        (r#"semver.compare("v1.0.0", "1.0.0-rc.1")"#, "1"),
        (r#"semver.compare("1.0.0-2", "1.0.0-11")"#, "-1"),
        (r#"semver.compare("1.0.0-a", "1.0.0-a.1")"#, "-1"),
        (r#"semver.is_valid("1.0.0-01")"#, "false"),
        (r#"semver.is_valid("1.0")"#, "false"),
        (r#"time.parse_duration_ns("0.3d")"#, "25919999999999"),
        (r#"time.parse_duration_ns("1.5h")"#, "5400000000000"),
        (
            r#"time.format([1585852421593912000, "", "05,000"])"#,
            r#""41,593""#,
        ),
    ]);
}

#[test]
fn sprintf_writes_what_go_writes() {
    check(&[
        (
            r#"sprintf("%s|%5s", [1, 1.5])"#,
            r#""%!s(int64=1)|%!s(float64=  1.5)""#,
        ),
        (
            r#"sprintf("%v", [123456789.123])"#,
            r#""1.23456789123e+08""#,
        ),
        (
            r#"sprintf("%v|%v", [0.00001, 33.333333])"#,
            r#""1e-05|33.333333""#,
        ),
        (
            r#"sprintf("%.3g|%.3g", [1234.5, 0.00012345])"#,
            r#""1.23e+03|0.000123""#,
        ),
        (
            r#"sprintf("%8.3d|%-8.3d|%08.3d|%.0d", [5, 5, 5, 0])"#,
            r#""     005|005     |     005|""#,
        ),
        (
            r#"sprintf("%#x|%#o|%#b|%#08x|%O", [255, 8, 5, 255, 8])"#,
            r#""0xff|010|0b101|0x000000ff|0o10""#,
        ),
        (
            r#"sprintf("%x|% x|%# x", ["abc", "abc", "abc"])"#,
            r#""616263|61 62 63|0x61 0x62 0x63""#,
        ),
        (
            r#"sprintf("%x|%q", [[1], [1, "a"]])"#,
            r#""5b315d|\"[1, \\\"a\\\"]\"""#,
        ),
        (
            r#"sprintf("%q|%c|%c", [65, 128512, 55296])"#,
            r#""'A'|😀|\ufffd""#,
        ),
        (
            r#"sprintf("%q", ["\u00a0\u200b\u0378\u007f"])"#,
            r#""\"\\u00a0\\u200b\\u0378\\x7f\"""#,
        ),
        (
            r#"sprintf("%05s|%-05d|%+d|% d", ["ab", 1, 0, 1])"#,
            r#""000ab|1    |+0| 1""#,
        ),
        (
            r#"sprintf("%+v|%d", [1, 18446744073709551616])"#,
            r#""1|18446744073709551616""#,
        ),
    ]);
}

/// OPA gives a text with a mistake in it; nothing passes over that.
#[test]
fn what_sprintf_cannot_write_is_no_undefined_value() {
    for call in [
        r#"sprintf("%d", ["a"])"#,
        r#"sprintf("%d", [1.5])"#,
        r#"sprintf("%s %s", ["a"])"#,
        r#"sprintf("%s", ["a", "b"])"#,
        r#"sprintf("%[2]d %[1]d", [1, 2])"#,
        r#"sprintf("a%", [])"#,
        r#"units.parse("1e30")"#,
        r#"replace("é", "", "-")"#,
        r#"strings.replace_n({"": "-"}, "é")"#,
        r#"time.date([0, "Local"])"#,
        r#"time.format([0, "", "-07:00:00"])"#,
        r#"regex.is_valid("\\B")"#,
        r#"to_number("1_000")"#,
    ] {
        let error = answer(&format!("r := {call}"), "{}").unwrap_err();
        assert!(error.contains("is not read here"), "{call}: {error}");
    }
}

#[test]
fn collections_are_those_of_opa() {
    check(&[
        (
            "sort([{1}, {}, [1], null, {1: 2}])",
            "[null, [1], {}, {1: 2}, {1}]",
        ),
        ("max([{1}, {1: 2}])", "{1}"),
        ("min([{1}, {1: 2}])", "{1: 2}"),
        ("max([])", "undefined"),
        ("object.subset([1, 2], [])", "true"),
        ("object.subset([1, 2, 3], [2, 3])", "true"),
        ("object.subset([1, 2], {2, 1})", "true"),
        (r#"object.subset({"a": {1, 2}}, {"a": {1}})"#, "true"),
        (r#"object.subset({"a": 1}, [1])"#, "undefined"),
        (
            r#"json.filter({"a": {"b": 1, "c": 2}}, ["a/b"])"#,
            r#"{"a": {"b": 1}}"#,
        ),
        (r#"json.filter({"a": [1, 2]}, ["/a/1"])"#, r#"{"a": [2]}"#),
        (r#"json.filter({"a": 1}, [""])"#, "{}"),
        (
            r#"json.remove({"a": {"b": 1, "c": 2}}, {["a", "b"]})"#,
            r#"{"a": {"c": 2}}"#,
        ),
        (r#"json.remove({"a": [1, 2]}, ["a/0"])"#, r#"{"a": [2]}"#),
        (
            r#"graph.reachable_paths({"a": ["a"]}, ["a"])"#,
            r#"{["a", "a"]}"#,
        ),
        (
            r#"graph.reachable_paths({"a": ["b"], "b": ["a"]}, ["a"])"#,
            r#"{["a", "b"]}"#,
        ),
        (
            r#"graph.reachable_paths({"a": ["x"]}, ["a"])"#,
            r#"{["a"]}"#,
        ),
        (
            r#"json.marshal({"b": "<", 1: {2, 1}})"#,
            r#""{\"1\":[1,2],\"b\":\"\\u003c\"}""#,
        ),
        (
            r#"json.marshal(18446744073709551616)"#,
            r#""18446744073709551616""#,
        ),
        (
            r#"json.marshal_with_options({"a": [1, {}]}, {"indent": "  "})"#,
            r#""{\n  \"a\": [\n    1,\n    {}\n  ]\n}""#,
        ),
        (
            r#"json.marshal_with_options([], {"pretty": true, "prefix": ">"})"#,
            r#"">[]""#,
        ),
    ]);
}

#[test]
fn encodings_and_networks_are_those_of_opa() {
    check(&[
        (r#"base64.decode("YW\nJj")"#, r#""abc""#),
        (r#"base64.decode("YR==")"#, r#""a""#),
        (r#"base64.decode("YQ")"#, "undefined"),
        (r#"base64url.decode("YQ")"#, r#""a""#),
        (r#"base64url.decode("Y")"#, "undefined"),
        (r#"base64.is_valid("YQ==\n")"#, "true"),
        (r#"net.cidr_is_valid("::1/129")"#, "false"),
        (r#"net.cidr_is_valid("10.0.0.0/08")"#, "true"),
        (r#"net.cidr_is_valid("10.0.0.0/+8")"#, "false"),
        (r#"net.cidr_contains("10.0.0.0/8", "::1/129")"#, "undefined"),
        (
            r#"net.cidr_contains("::ffff:10.0.0.0/90", "10.0.0.1")"#,
            "false",
        ),
        (
            r#"net.cidr_contains("::ffff:10.0.0.0/104", "10.0.0.1")"#,
            "true",
        ),
        (
            r#"io.jwt.encode_sign({"alg": "HS256"}, {}, {"kty": "oct", "k": ""})"#,
            "undefined",
        ),
    ]);
}

#[test]
fn patterns_are_those_of_re2_and_of_opas_globs() {
    check(&[
        (r#"regex.is_valid("a**")"#, "false"),
        (r#"regex.is_valid("a{2}{3}")"#, "false"),
        (r#"regex.is_valid("a{1001}")"#, "false"),
        (r#"regex.is_valid("a{1000}")"#, "true"),
        (r#"regex.is_valid("(?x)a")"#, "false"),
        (r#"regex.is_valid("[[:foo:]]")"#, "false"),
        (r#"regex.is_valid("\\u0041")"#, "false"),
        (r#"regex.is_valid("a*?")"#, "true"),
        (r#"regex.match("^a{,2}$", "a{,2}")"#, "true"),
        (r#"regex.match("^{$", "{")"#, "true"),
        (r#"regex.match("^\\Qa.b\\E$", "axb")"#, "false"),
        (r#"regex.match("^\\Qa.b\\E$", "a.b")"#, "true"),
        (r#"regex.match("^\\07$", "\u0007")"#, "true"),
        (r#"regex.match("\\<", "a<b")"#, "true"),
        (r#"regex.match("^\\p{^L}$", "1")"#, "true"),
        (r#"regex.match("^\\p{L}\\x{1F600}\\x41$", "é😀A")"#, "true"),
        (
            r#"regex.replace("foo", "(o)", "${}$01$$1")"#,
            r#""f${}$1${}$1""#,
        ),
        (
            r#"regex.replace("foo", "(?P<n>o)", "<${n}$é>")"#,
            r#""f<o><o>""#,
        ),
        (r#"glob.match("[a-cx-z]", null, "b")"#, "undefined"),
        (r#"glob.match("[c-a]", null, "b")"#, "undefined"),
        (r#"glob.match("[a-]", null, "a")"#, "undefined"),
        (r#"glob.match("[-a]", null, "-")"#, "true"),
        (r#"glob.match("[a\\-c]", null, "b")"#, "false"),
        (r#"glob.match("[abc-e]", null, "d")"#, "false"),
        (r#"glob.match("[]a]", null, "a")"#, "undefined"),
    ]);
}

/// What a negated call is given has to be defined, as what is compared otherwise than by `==`.
#[test]
fn negations_of_what_is_undefined_are_undefined() {
    let undefined = [
        r#"startswith(input.nope, "a")"#,
        "input.nope in [1]",
        "1 in input.nope",
        "input.nope > 1",
        "input.nope != 1",
        "input.nope + 1 == 2",
        "count(input.nope) == 0",
        "f(input.nope)",
        "g(input.nope)",
        "c[input.nope]",
        "[input.nope] == [1]",
        "f(lower(input.nope)) == 1",
        "g(p)",
        r#"to_number("x") == 1"#,
        r#"input.nope > "a""#,
        "input.nope > `a`",
        r#""a" < input.nope"#,
        r#"g(input.nope == "a")"#,
    ];
    let holding = [
        "input.nope",
        "input.nope.x",
        "input.nope == 1",
        "1 == input.nope",
        r#"startswith(input.a, "b")"#,
        "input.a in [1]",
        "g(2)",
        r#"input.a > "b""#,
        r#"input.a == "b""#,
        "p",
        r#"to_number("x")"#,
        "count([1 | input.nope]) == 1",
    ];
    let rules = "f(x) := x\ng(x) if x == 1\nc := [\"a\"]\np if false\n";
    for form in [
        "r if not NEGATED",
        "r if { x := 1; x == 1; not NEGATED }",
        "r if { not NEGATED with input.b as 1 }",
        "r if every x in [1] { not NEGATED }",
        "r if count([1 | not NEGATED]) == 1",
    ] {
        for (negated, expected) in undefined
            .map(|it| (it, Value::Undefined))
            .into_iter()
            .chain(holding.map(|it| (it, Value::from(true))))
        {
            let module = format!("{rules}{}", form.replace("NEGATED", negated));
            let given = answer(&module, r#"{"a": "a"}"#).unwrap();
            assert_eq!(given, expected, "{module}");
        }
    }
}

/// Where `not` takes bodies, what is in one is evaluated in it.
#[test]
fn negated_bodies_hold_where_something_in_them_is_undefined() {
    for negated in ["startswith(input.nope, \"a\")", "{ input.nope > 1 }"] {
        let module = format!("import future.keywords.not\n\nr if not {negated}");
        let given = answer(&module, "{}").unwrap();
        assert_eq!(given, Value::from(true), "{module}");
    }
}

/// The interpreter would call them until its stack ends.
#[test]
fn functions_that_call_themselves_are_refused() {
    for (rules, wanted) in [
        ("f(x) := f(x)", "`data.t.f` calls `data.t.f`"),
        (
            "f(x) := g(x)\ng(x) := f(x)",
            "`data.t.f` calls `data.t.g` calls `data.t.f`",
        ),
        ("f(x) := data.t.f(x)", "calls"),
        ("f(x) := 1 if { x > 1; f(x - 1) == 1 }", "calls"),
        ("f(x) := [y | y := f(x)]", "calls"),
        ("f(x) := 1 if every y in x { f(y) }", "calls"),
        ("f(x) := 1 if not f(x)", "calls"),
        ("f(x) := 1 if x > 1 else := f(x)", "calls"),
        ("f(x) := y if { y := g(x) with g as f }\ng(x) := x", "calls"),
        (
            "h(x) := f(x)\nf(x) := g(x)\ng(x) := f(x)",
            "`data.t.f` calls `data.t.g`",
        ),
    ] {
        let error = answer(&format!("{rules}\nr := f([1])"), "{}").unwrap_err();
        assert!(
            error.contains(wanted) && error.contains("calls itself") && error.contains("line "),
            "{rules}: {error}"
        );
    }
    let other = "f(x) := g(x)\ng(x) := h(x)\nh(x) := x\nr := f(g(1))";
    assert_eq!(answer(other, "{}"), Ok(Value::from(1)));
}
