//! What is refused when a module is loaded, and what is taken.

use gatewright_rego::{Settings, judge};
use gatewright_sdk::Request;
use serde_json::json;

use super::{reach, refused, settings};

#[test]
fn a_module_that_says_nothing_about_calls_is_refused() {
    for (rules, right) in [
        (
            "violation contains \"no\"",
            "what `violation` says elsewhere, `deny` says here",
        ),
        (
            "allowed := true",
            "what `allowed` says elsewhere, `allow` says here",
        ),
        ("helper := 1", "name a rule so"),
        ("alow := true", "name a rule so"),
    ] {
        let error = refused(&format!("package gatewright\n\n{rules}"));
        assert!(error.contains(right), "{rules}: {error}");
    }
}

/// What nothing reads may be a slip of the pen.
#[test]
fn a_message_with_an_unknown_member_is_refused() {
    for rules in [
        "deny contains {\"msg\": \"no\", \"refusl\": \"unsafe-context\"} if true",
        "deny contains {\"msg\": \"no\", \"severity\": input.arguments.x}",
    ] {
        let error = refused(&format!("package gatewright\n\n{rules}"));
        assert!(
            error.contains("line 3: a message of `deny` has no member"),
            "{rules}: {error}"
        );
        assert!(error.contains("it has `msg`"), "{rules}: {error}");
    }
}

/// A function is never a member of what the query gives: a denial in one would not be seen.
#[test]
fn a_function_with_the_name_of_a_decision_is_refused() {
    let with = "\nallow := true\nnested.allow := true";
    for name in ["deny", "ask", "allow", "obligations"] {
        for (rules, query) in [
            (
                format!("{name}(call) := \"no\" if call.action.name"),
                "data.p",
            ),
            (format!("{name}(x) if x == 1\nallowed := true"), "data.p"),
            (format!("{name}(_) := true"), "data.p"),
            (format!("default {name}(_) := true"), "data.p"),
            (format!("{name}.x(_) := true"), "data.p"),
            (format!("nested.{name}(_) := true{with}"), "data.p.nested"),
        ] {
            let settings = serde_json::from_value::<Settings>(json!({
                "module": format!("package p\n\n{rules}"), "query": query,
            }));
            let error = settings.map(|_| ()).unwrap_err().to_string();
            for part in [format!("`{name}"), "is a function".to_owned()] {
                assert!(error.contains(&part), "{rules}: {error}");
            }
        }
    }
    // What stands elsewhere is a helper.
    for (rules, query) in [
        ("helper.deny(_) := true\nallow := helper.deny(1)", "data.p"),
        ("deny(_) := false\nallow := deny(1)", "data.p.allow"),
        ("denying(_) := true\nallow := denying(1)", "data.p"),
    ] {
        let written = json!({ "module": format!("package p\n\n{rules}"), "query": query });
        let settings = serde_json::from_value::<Settings>(written);
        assert!(settings.is_ok(), "{rules}: {settings:?}");
    }
}

/// Asked for alone, `deny` gives a boolean, and `true` would allow.
#[test]
fn a_query_for_a_part_of_a_decision_is_refused() {
    let rules = "deny := true\nask := {}\nobligations := {}\nallow := true
nested.deny := true
document := {\"deny\": true}";
    for query in [
        "data.p.deny",
        "data.p.ask",
        "data.p.obligations",
        "data.p.nested.deny",
        "data.p.document.deny",
    ] {
        let written = json!({ "module": format!("package p\n\n{rules}"), "query": query });
        let settings = serde_json::from_value::<Settings>(written);
        let error = settings.map(|_| ()).unwrap_err().to_string();
        let (asked, _) = query.rsplit_once('.').unwrap();
        let hint = format!("hint: write `{asked}`");
        assert!(error.contains(&hint), "{query}: {error}");
    }
    // The package itself may be called so.
    let written = json!({ "module": "package deny\n\nallow := true", "query": "data.deny" });
    assert_eq!(reach(&judge(&settings(written), &Request::tool("read"))), 3);
}

/// What the interpreter takes in silence and answers in another way than it is written.
#[test]
fn what_would_be_answered_otherwise_is_refused_with_its_line() {
    for (rules, right) in [
        (
            "import rego.v3\nallow := true",
            "line 3: `import rego.v3` is not known\nhint: `import rego.v1`",
        ),
        (
            "import future.keywords.xor\nallow := true",
            "`import future.keywords.xor` is not known",
        ),
        (
            "import data.lib\nallow if lib.x",
            "line 3: `data.lib` is not there\nhint: put it into `data`",
        ),
        (
            "allow if data.lib.blocked[input.arguments.x]",
            "`data.lib` is not there",
        ),
        ("allow if data[\"lib\"].x", "`data.lib` is not there"),
        (
            "allow if [x | x := data.lib.x[_]]",
            "`data.lib` is not there",
        ),
        (
            "allow if {\n  some x in data.lib\n}",
            "line 4: `data.lib` is not there",
        ),
        (
            "allow if data.gatewright.alow",
            "the package `gatewright` has no rule `alow`",
        ),
        (
            "allow if \"a\", \"a\" in {\"a\"}",
            "line 3: `name, value in ..` is never true for a set",
        ),
        (
            "allow if \"a\", \"a\" in data.given.x",
            "never true for a set",
        ),
        (
            "p[q].r contains s if { q := \"b\"; s := \"c\" }\np.b.r contains \"foo\"\nallow if p.b.r.c",
            "`p[q].r contains ..` and `p.b.r` may meet",
        ),
        (
            "allow if regex.match(\"(\", input.arguments.x)",
            "line 3: `regex.match`: `(` is not a pattern",
        ),
        (
            "allow if regex.replace(input.arguments.x, \"[\", \"\") == \"\"",
            "`regex.replace`: `[` is not",
        ),
        (
            "allow if not regex.match(`\\q`, input.arguments.x)",
            "`\\q` is not a pattern",
        ),
        (
            "allow if glob.match(\"{a\", [], input.arguments.x)",
            "`{a` is not a glob: `{` is not closed",
        ),
        (
            "allow if glob.match(\"[a\", null, input.arguments.x)",
            "`[` is not closed",
        ),
        (
            "allow if \"readonly\" in input.action.hints",
            "line 3: `input.action.hints` is never `readonly`\nhint: it is one of `read-only`",
        ),
        (
            "deny contains \"no\" if input.action.hints[_] == \"unsafe\"",
            "`input.action.hints` is never `unsafe`",
        ),
        (
            "deny contains \"no\" if \"list\" == input.action.purpose",
            "`input.action.purpose` is never `list`",
        ),
        (
            "deny contains \"no\" if input.subject.proof != \"dpop\"",
            "`input.subject.proof` is never `dpop`",
        ),
        (
            "allow { true }",
            "`opa fmt --v0-v1 --write FILE` makes Rego v1 of it",
        ),
        (
            "deny[msg] { msg := \"x\" }",
            "`opa fmt --v0-v1 --write FILE` makes Rego v1 of it",
        ),
    ] {
        let module = format!("package gatewright\n\n{rules}");
        let written = json!({ "module": module, "data": { "given": { "x": [] } } });
        let error = serde_json::from_value::<Settings>(written).map(|_| ());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(right), "{rules}: {error}");
    }
}

#[test]
fn what_means_what_it_says_is_taken() {
    for rules in [
        "import future.keywords.in\nallow if \"a\" in data.given.x",
        "import rego.v1\nimport data.given\nallow if given.x",
        "import data.gatewright.helper\nallow if helper\nhelper := true",
        "allow if data.gatewright.helper\nhelper := true",
        "allow if { some i, v in data.given.x; i == v }",
        "allow if 0, \"a\" in [\"a\"]",
        "allow if \"k\", 1 in {\"k\": 1}",
        "allow if data[input.arguments.x]",
        "allow if { \"read-only\" in input.action.hints; input.subject.proof != \"none\" }",
        "p[q].r contains s if { q := \"b\"; s := \"c\" }\nallow if p.b.r.c",
        "check if data.lib.x\nallow if check with data.lib as {\"x\": true}",
        "allow if [x | x := 1; check with data.lib.x as x]\ncheck if data.lib.x",
        "allow if regex.match(input.arguments.x, \"a\")",
    ] {
        let module = format!("package gatewright\n\n{rules}");
        let written = json!({ "module": module, "data": { "given": { "x": [] } } });
        let settings = serde_json::from_value::<Settings>(written);
        assert!(settings.is_ok(), "{rules}: {:?}", settings.err());
    }
}

#[test]
fn a_table_stands_below_a_name_where_no_call_copies_it() {
    let table: serde_json::Map<_, _> = (0..20_000)
        .map(|number| (format!("u{number}"), json!({ "role": "admin" })))
        .collect();
    let allow =
        |place: &str| format!("package gatewright\n\nallow if data{place}.u7.role == \"admin\"");
    let written = json!({ "module": allow(""), "data": table });
    let error = serde_json::from_value::<Settings>(written).map(|_| ());
    let error = error.unwrap_err().to_string();
    assert!(error.contains("`data` itself has 20000 members"), "{error}");
    assert!(error.contains("hint: put them below a name"), "{error}");
    let written = json!({ "module": allow(".users"), "documents": { "users": table } });
    let settings = serde_json::from_value::<Settings>(written);
    assert!(settings.is_ok(), "{:?}", settings.err());
}
