//! What a scope admits.

use serde_json::json;

use crate::written::{admits, document, scope};

#[test]
fn each_kind_admits_what_it_says_and_nothing_else() {
    for (rule, admitted, refused) in [
        (
            r#"{"type":"exact","value":100}"#,
            vec!["100", "1e2", "100.0", "1000e-1"],
            vec![
                "101",
                "\"100\"",
                "100.00000000000000000001",
                "[100]",
                "null",
                "-100",
            ],
        ),
        (
            r#"{"type":"exact","value":{"a":[1,"x"],"b":null}}"#,
            vec![r#"{"b":null,"a":[1.0,"\u0078"]}"#],
            vec![
                r#"{"a":[1,"x"]}"#,
                r#"{"a":["x",1],"b":null}"#,
                r#"{"a":[1,"x"],"b":null,"c":1}"#,
            ],
        ),
        (
            r#"{"type":"exact","value":9007199254740992}"#,
            vec!["9007199254740992"],
            vec!["9007199254740993", "9007199254740992.5"],
        ),
        (
            r#"{"type":"range","min":-1.5,"max":1e2}"#,
            vec!["0", "-1.5", "100", "100.0", "-0"],
            vec![
                "1e-999",
                "-1.50000000000000000001",
                "100.0000000000000000001",
                "1e999",
                "\"1\"",
                "true",
                "null",
                "[1]",
            ],
        ),
        (
            r#"{"type":"range","max":10}"#,
            vec!["-1e300", "10"],
            vec!["11", "-1e999", "1e99999999999999999999999"],
        ),
        (
            r#"{"type":"one_of","values":["a",1]}"#,
            vec!["\"a\"", "1.0"],
            vec!["\"A\"", "\"1\"", "[\"a\"]", "true"],
        ),
        (
            r#"{"type":"not_one_of","values":["a",1]}"#,
            vec!["\"A\"", "2", "null", "{}"],
            vec![
                "\"a\"",
                "\"\\u0061\"",
                "1",
                "10e-1",
                "1.00000000000000000001",
                "[1e-400]",
            ],
        ),
        (
            r#"{"type":"contains","values":["a","b"]}"#,
            vec![r#"["b","c","a"]"#],
            vec![r#"["a"]"#, "\"ab\"", r#"{"a":1,"b":1}"#, "[]"],
        ),
        (
            r#"{"type":"subset","values":["a",1]}"#,
            vec!["[]", r#"["a","a"]"#, "[1.0]"],
            vec![r#"["a","b"]"#, "\"a\"", "{}", "null"],
        ),
        (
            r#"{"type":"wildcard"}"#,
            vec!["null", "{}", "\"../..\""],
            vec!["1e999"],
        ),
        (
            r#"{"type":"wildcard","pattern":"/srv/*.txt"}"#,
            vec!["\"/srv/a.txt\"", "\"/srv/b/c.txt\"", "\"/srv/...txt\""],
            vec![
                "\"/srv/a.md\"",
                "\"/etc/a.txt\"",
                "\"/srv/../etc/a.txt\"",
                "\"/srv/..\\\\..\\\\a.txt\"",
                "\"/SRV/a.txt\"",
                "1",
                "[\"/srv/a.txt\"]",
            ],
        ),
        (
            r#"{"type":"wildcard","pattern":"/srv/a.txt"}"#,
            vec!["\"/srv/a.txt\""],
            vec!["\"/srv/b.txt\""],
        ),
        (
            r#"{"type":"all","constraints":[{"type":"range","min":1},{"type":"not_one_of","values":[5]}]}"#,
            vec!["1", "6"],
            vec!["5", "0"],
        ),
        (
            r#"{"type":"any","constraints":[{"type":"range","min":1},{"type":"exact","value":null}]}"#,
            vec!["1", "null"],
            vec!["0", "\"\""],
        ),
    ] {
        for value in admitted {
            assert!(admits(rule, value), "{rule} {value}");
        }
        for value in refused {
            assert!(!admits(rule, value), "{rule} {value}");
        }
    }
}

#[test]
fn arguments_that_are_not_named_are_refused_and_named_ones_must_be_there() {
    let closed = json!({
        "/path": { "type": "wildcard", "pattern": "/srv/*" },
        "/limit": { "type": "range", "max": 10, "optional": true },
        "/in/a": { "type": "exact", "value": 1, "optional": true },
    });
    for (arguments, others, refused) in [
        (r#"{"path":"/srv/a"}"#, false, None),
        (r#"{"path":"/srv/a","limit":10,"in":{"a":1}}"#, false, None),
        (r#"{"path":"/srv/a","in":{}}"#, false, None),
        (r#"{}"#, false, Some("/path")),
        (r#"{"path":"/etc/a"}"#, false, Some("/path")),
        (r#"{"path":"/srv/a","limit":11}"#, false, Some("/limit")),
        (r#"{"path":"/srv/a","limit":null}"#, false, Some("/limit")),
        (r#"{"path":"/srv/a","Path":"/etc/a"}"#, false, Some("")),
        (r#"{"path":"/srv/a","force":true}"#, false, Some("")),
        (r#"{"path":"/srv/a","in":{"b":1}}"#, false, Some("/in")),
        (r#"{"path":"/srv/a","in":[1]}"#, false, Some("/in")),
        (r#"{"path":"/srv/a","in":7}"#, false, Some("/in")),
        (r#"[]"#, false, Some("/path")),
        (r#""/srv/a""#, false, Some("")),
        (r#"null"#, true, Some("")),
        (r#"{"path":"/srv/a","force":true,"in":{"b":1}}"#, true, None),
        (r#"{"path":"/srv/a","in":{"a":2}}"#, true, Some("/in/a")),
        (r#"{"force":true}"#, true, Some("/path")),
    ] {
        let result = scope(&closed, others).admit(&document(arguments));
        let pointer = result.err().map(|beyond| beyond.pointer);
        assert_eq!(pointer.as_deref(), refused, "{arguments} {others}");
    }
    let nothing = scope(&json!({}), false);
    nothing.admit(&document("{}")).unwrap();
    nothing.admit(&document(r#"{"a":1}"#)).unwrap_err();
}

#[test]
fn elements_of_a_list_can_be_named() {
    let first = json!({ "/to/0": { "type": "exact", "value": "a" } });
    let scope = scope(&first, false);
    scope.admit(&document(r#"{"to":["a"]}"#)).unwrap();
    for arguments in [
        r#"{"to":["a","b"]}"#,
        r#"{"to":[]}"#,
        r#"{"to":["b"]}"#,
        r#"{"to":"a"}"#,
    ] {
        scope.admit(&document(arguments)).unwrap_err();
    }
}
