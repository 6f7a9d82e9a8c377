//! What people send: secrets in every writing, and what only looks like one.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use gatewright_sdk::{Finding, Request, Response};
use gatewright_secret_shield::{Settings, review};
use serde_json::{Value, json};

/// What comes of a result, as text.
fn answer(settings: &Value, result: &Value) -> String {
    let settings: Settings = serde_json::from_value(settings.clone()).unwrap();
    let response = Response::new(result.clone());
    let report = review(&settings, &Request::tool("read"), &response).unwrap();
    let Finding::Pass(edits) = report.finding else {
        panic!("withheld: {result}");
    };
    let mut result = json!([result]);
    for edit in edits {
        let json = serde_json::from_str(&edit.json.unwrap()).unwrap();
        *result.pointer_mut(&format!("/0{}", edit.pointer)).unwrap() = json;
    }
    result[0].to_string()
}

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

#[test]
fn code_prose_and_placeholders_stay_as_they_are() {
    let settings = json!({"assignments": true});
    for input in lines(include_str!("unchanged.jsonl")) {
        assert_eq!(answer(&settings, &input), input.to_string());
    }
}

#[test]
fn values_go_in_whatever_form_they_are_written() {
    let settings = json!({"assignments": true});
    for input in lines(include_str!("redacted.jsonl")) {
        let answer = answer(&settings, &input[1]);
        assert!(!answer.contains(input[0].as_str().unwrap()), "{answer}");
        assert!(answer.contains("[redacted: "), "{answer}");
    }
}

#[test]
fn no_escape_hides_a_token() {
    let body = "Q2wk7Rt3zP5mb4Xn6vJ8cD1fG9hL0sTyUeAo";
    let object = ["eyJ", "hbGciOiJIUzI1NiJ9"].concat();
    let jwt = [&object, ".", &object, ".", body, "abcdefg"].concat();
    let tokens = [
        format!("{}_{body}", "ghp"),
        format!("{}_1234_{jwt}", "ghs"),
        format!("{}-{}", "glpat", &body[..20]),
        format!("{}{}", "AKIA", "Q2WK7RT3ZP5MB4XN"),
        format!("{}-ant-api03-{body}", "sk"),
        jwt,
    ];
    let escapes = [
        "\u{1b}[32m@\u{1b}[0m",
        "\u{1b}[1;31m\u{1b}[K@\u{1b}[m",
        "\u{1b}(B@",
        "\u{9b}32m@",
        "[32m@[0m",
        r"a\n@\n",
        r"a\t@",
        r"a\r\n@",
        "a%20@%20b",
        "a%3D@",
        "a%22@%22",
        "%252F@",
        r"\u003d@",
        r"\x2f@",
        r"\u0022@\u0022",
        "```json\n{\"a\":\"x\\n@\"}\n```",
        r#"Result: {"a": "k\u003d@"}"#,
        r#"Result: {\"a\": \"x\\n@\"}"#,
        "&quot;@&quot;",
        "&#x3D;@",
        "&amp;quot;@",
        r"\033[32m@\033[0m",
        "env#012@#012x",
        "#011@",
        "#033[32m@#033[0m",
        r"a\0@\0",
        r"\x1b[32m@\x1b[0m",
        r"\u001b[31m@",
        r"\e[1m@",
        "\u{1b}]8;;@\u{7}x",
        r"$'\n@'",
    ];
    for token in &tokens {
        for escape in escapes {
            let text = escape.replace('@', token);
            let answer = answer(&json!({}), &json!(text));
            assert!(
                !answer.contains(&token[token.len() - 12..]),
                "{text}: {answer}"
            );
        }
    }
}

#[test]
fn what_is_redacted_goes_with_its_escapes_and_nothing_else() {
    for (text, expected) in [
        (
            r#"a: {"u":"https:\/\/hooks.slack.com\/services\/T0AAAAAAA\/B0AAAAAAA\/Q2wk7Rt3"}"#,
            r#"a: {"u":"https:\/\/[redacted: slack-token]"}"#,
        ),
        (
            "postgres%3A%2F%2Fapp%3As3cr3t%40db",
            "postgres%3A%2F%2Fapp%3A[redacted: connection-password]%40db",
        ),
    ] {
        let answer: Value = serde_json::from_str(&answer(&json!({}), &json!(text))).unwrap();
        assert_eq!(answer, json!(expected));
    }
}

#[test]
fn a_form_of_ones_own_is_found() {
    let settings = json!({"forms": [{"prefix": "acme_", "alphabet": "base62", "length": 32, "name": "acme token"}]});
    let token = "acme_Q2wk7Rt3zP5mb4Xn6vJ8cD1fG9hL0sTy";
    assert_eq!(
        answer(&settings, &json!(format!("a {token} b"))),
        "\"a [redacted: acme token] b\""
    );
    let skipped = json!({"forms": settings["forms"], "skip": ["acme token"]});
    assert_eq!(answer(&skipped, &json!(token)), json!(token).to_string());
    for (form, part) in [
        (
            json!({"prefix": "a", "alphabet": "hex", "length": 32, "name": "x"}),
            "`prefix`",
        ),
        (
            json!({"prefix": "ab_", "alphabet": "hex", "length": 2, "name": "x"}),
            "`length`",
        ),
        (
            json!({"prefix": "ab_", "alphabet": "hex", "length": 32, "name": "x]"}),
            "`name`",
        ),
    ] {
        let error = serde_json::from_value::<Settings>(json!({"forms": [form]})).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}
