//! `json.match_schema`, `json.verify_schema` and `yaml.*`: what OPA answers.

use gatewright_rego::{Settings, judge};
use gatewright_sdk::{Request, Verdict};
use serde_json::{Value, json};

use super::{FAULT, reach, settings};

/// The descriptions of what does not fit, as OPA words them.
fn unfit(schema: &Value, document: &Value) -> Vec<String> {
    let module = "package p\n\nvalue := json.match_schema(data.document, data.schema)
deny contains concat(\"|\", [error.error | some error in value[1]]) if not value[0]
allow if value[0]";
    let settings = settings(json!({
        "module": module, "query": "data.p",
        "data": { "schema": schema, "document": document },
    }));
    match judge(&settings, &Request::tool("x")).unwrap().verdict {
        Verdict::Deny(denial) => denial.message.split('|').map(str::to_owned).collect(),
        Verdict::Allow | Verdict::Ask(_) | Verdict::Abstain => Vec::new(),
    }
}

#[test]
fn documents_are_judged_as_opa_judges_them() {
    let tree = json!({
        "definitions": { "node": {
            "type": "object",
            "properties": { "next": { "$ref": "#/definitions/node" }, "n": { "type": "integer" } },
            "additionalProperties": false,
        } },
        "$ref": "#/definitions/node",
    });
    let condition = json!({
        "if": { "properties": { "kind": { "const": "a" } } },
        "then": { "required": ["x"] }, "else": { "required": ["y"] },
    });
    for (schema, document, wanted) in [
        (
            tree.clone(),
            json!({ "next": { "next": { "n": 1 } } }),
            vec![],
        ),
        (
            tree,
            json!({ "next": { "n": "1" } }),
            vec!["next.n: Invalid type. Expected: integer, given: string"],
        ),
        (
            condition.clone(),
            json!({ "kind": "a" }),
            vec![
                "(Root): Must validate \"then\" as \"if\" was valid",
                "(Root): x is required",
            ],
        ),
        (condition, json!({ "kind": "b", "y": 1 }), vec![]),
        (
            json!({ "patternProperties": { "^x_": { "type": "string" } }, "additionalProperties": false }),
            json!({ "x_a": 1, "b": 2 }),
            vec![
                "(Root): Additional property b is not allowed",
                "x_a: Invalid type. Expected: string, given: integer",
            ],
        ),
        (
            json!({ "contains": { "type": "string" } }),
            json!([1, 2]),
            vec![
                "(Root): At least one of the items must match",
                "0: Invalid type. Expected: string, given: integer",
            ],
        ),
        (
            json!({ "properties": { "n": { "multipleOf": 0.1 } } }),
            json!({ "n": 0.3 }),
            vec![],
        ),
        (
            json!({ "properties": { "n": { "maximum": 1_000_000 } } }),
            json!({ "n": 2_000_000 }),
            vec!["n: Must be less than or equal to 1e+06"],
        ),
        (
            json!({ "properties": { "a": { "format": "ipv4" }, "d": { "format": "date" } } }),
            json!({ "a": "127.0.0.1", "d": "2026-13-01" }),
            vec!["d: Does not match format 'date'"],
        ),
        (
            json!({ "dependencies": { "a": ["b"] }, "propertyNames": { "maxLength": 3 } }),
            json!({ "a": 1, "long" : 2 }),
            vec![
                "(Root): Has a dependency on b",
                "(Root): Property name of \"long\" does not match",
                "(Root): String length must be less than or equal to 3",
            ],
        ),
        (
            json!({ "properties": { "a": { "type": ["string", "null"] } } }),
            json!({ "a": 1 }),
            vec!["a: Invalid type. Expected: [string,null], given: integer"],
        ),
    ] {
        assert_eq!(unfit(&schema, &document), wanted, "{schema} {document}");
    }
}

/// The verdict where a builtin gives something, and `denies` would be passed over.
fn with_opa_errors(condition: &str, arguments: Value) -> u8 {
    let module =
        format!("package gatewright\n\ndeny contains \"no\" if {condition}\n\nallow := true\n");
    let written = json!({ "module": module, "builtin-errors": "undefined" });
    let settings = serde_json::from_value::<Settings>(written).unwrap();
    reach(&judge(
        &settings,
        &Request::tool("x").with_arguments(arguments),
    ))
}

/// What OPA reads and is not read here is a fault, however builtins fail.
#[test]
fn no_rule_passes_over_what_is_not_read() {
    for (condition, arguments) in [
        (
            "json.match_schema(input.arguments.d, {\"unevaluatedProperties\": false})[0]",
            json!({ "d": {} }),
        ),
        (
            "json.match_schema(input.arguments.d, {\"items\": {\"format\": \"email\"}})[0]",
            json!({ "d": ["\"a b\"@c"] }),
        ),
        (
            "json.unmarshal(input.arguments.d).n > 1",
            json!({ "d": "{\"n\": 1e400}" }),
        ),
        (
            "strings.render_template(input.arguments.d, {})",
            json!({ "d": "{{range .}}{{end}}" }),
        ),
        (
            "yaml.unmarshal(input.arguments.d).a",
            json!({ "d": "a: [\n1\n]" }),
        ),
        (
            "yaml.unmarshal(input.arguments.d).a",
            json!({ "d": "a: \"\\/\"" }),
        ),
        (
            "yaml.unmarshal(input.arguments.d).a",
            json!({ "d": "a: !!binary aGk=" }),
        ),
        (
            "regex.match(input.arguments.d, \"x\")",
            json!({ "d": "\\Bx" }),
        ),
    ] {
        assert_eq!(with_opa_errors(condition, arguments), FAULT, "{condition}");
    }
    for (condition, arguments) in [
        (
            "json.unmarshal(input.arguments.d).n > 1",
            json!({ "d": "{" }),
        ),
        (
            "yaml.unmarshal(input.arguments.d).a",
            json!({ "d": "a: [" }),
        ),
        ("regex.match(input.arguments.d, \"x\")", json!({ "d": "(" })),
    ] {
        assert_eq!(with_opa_errors(condition, arguments), 3, "{condition}");
    }
}

#[test]
fn yaml_is_read_as_opa_reads_it() {
    for (text, wanted) in [
        (
            "a: 1\nb: [x, ~, yes]",
            json!({ "a": 1, "b": ["x", null, "yes"] }),
        ),
        (
            "base: &b {x: 1, y: 2}\nd:\n  <<: *b\n  y: 3",
            json!({ "base": { "x": 1, "y": 2 }, "d": { "x": 1, "y": 3 } }),
        ),
        ("1: a\ntrue: b", json!({ "1": "a", "true": "b" })),
        (
            "a: '1'\nb: \"0x1f\"\nc: 0x1f",
            json!({ "a": "1", "b": "0x1f", "c": 31 }),
        ),
        ("a: 1\n---\nb: 2\n", json!({ "a": 1 })),
        ("k: |\n  x\n  y\n", json!({ "k": "x\ny\n" })),
        ("k: |\n  x\n  y", json!({ "k": "x\ny" })),
        ("a: 1\na: 2", json!({ "a": 2 })),
        ("", json!(null)),
    ] {
        let condition = "yaml.unmarshal(input.arguments.d) == input.arguments.wanted";
        let arguments = json!({ "d": text, "wanted": wanted });
        assert_eq!(with_opa_errors(condition, arguments), 0, "{text}");
    }
    let is_valid = |text: &str| {
        let arguments = json!({ "d": text });
        with_opa_errors("yaml.is_valid(input.arguments.d)", arguments) == 0
    };
    assert!(is_valid("a: 1") && !is_valid("a: {") && !is_valid("[a, b]: 1"));
    // An alias that repeats itself without end, in few bytes.
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let condition = "yaml.unmarshal(input.arguments.d)";
    assert_eq!(with_opa_errors(condition, json!({ "d": bomb })), FAULT);
}
