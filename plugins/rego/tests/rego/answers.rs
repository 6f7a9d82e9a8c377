//! What builtins of later releases of OPA answer, by documents of the standards.

use gatewright_sdk::Request;

use super::{judged, reach};

/// RFC 7515, A.3.
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const EC_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

/// RFC 8037, A.4.
const EDDSA: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
const ED_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn holds(expression: &str) {
    let rule = format!("allow if {{ {expression} }}");
    let opinion = judged(&rule, &Request::tool("x"));
    assert_eq!(reach(&opinion), 3, "{expression}: {opinion:?}");
}

#[test]
fn tokens_are_verified_by_the_key_that_made_them() {
    let secret = r#"{"kty":"oct","k":"c2VjcmV0"}"#;
    for (expression, answer) in [
        (
            format!("io.jwt.verify_es256(`{ES256}`, `{EC_KEY}`)"),
            "true",
        ),
        (
            format!("io.jwt.verify_es256(`{ES256}`, `{{\"keys\":[{EC_KEY}]}}`)"),
            "true",
        ),
        (
            format!("io.jwt.verify_es256(`{ES256}`, `{ED_KEY}`)"),
            "false",
        ),
        (
            format!(
                "io.jwt.verify_es256(`{}`, `{EC_KEY}`)",
                ES256.replace("DtEh", "DtEi")
            ),
            "false",
        ),
        (
            format!("io.jwt.verify_rs256(`{ES256}`, `{EC_KEY}`)"),
            "false",
        ),
        (
            format!("io.jwt.verify_eddsa(`{EDDSA}`, `{ED_KEY}`)"),
            "true",
        ),
        (
            format!(
                "io.jwt.verify_eddsa(`{}`, `{ED_KEY}`)",
                EDDSA.replace("hgyY", "hgyZ")
            ),
            "false",
        ),
        (
            format!(
                "io.jwt.decode_verify(`{ES256}`, {{\"cert\": `{EC_KEY}`, \"iss\": \"joe\", \"time\": 1300819379000000000}})[0]"
            ),
            "true",
        ),
        (
            format!(
                "io.jwt.decode_verify(`{ES256}`, {{\"cert\": `{EC_KEY}`, \"time\": 1300819380000000000}})[0]"
            ),
            "false",
        ),
        // By the time of the call, it is long over.
        (
            format!("io.jwt.decode_verify(`{ES256}`, {{\"cert\": `{EC_KEY}`}})"),
            "[false, {}, {}]",
        ),
        (
            format!(
                "io.jwt.decode_verify(`{ES256}`, {{\"cert\": `{EC_KEY}`, \"iss\": \"jo\", \"time\": 0}})[0]"
            ),
            "false",
        ),
        (
            format!(
                "io.jwt.decode_verify(`{ES256}`, {{\"cert\": `{EC_KEY}`, \"aud\": \"me\", \"time\": 0}})[0]"
            ),
            "false",
        ),
        (
            format!(
                "io.jwt.decode_verify(`{ES256}`, {{\"cert\": `{EC_KEY}`, \"alg\": \"RS256\", \"time\": 0}})[0]"
            ),
            "false",
        ),
        (
            format!(
                "io.jwt.verify_hs256(io.jwt.encode_sign({{\"alg\": \"HS256\"}}, {{\"a\": 1}}, {secret}), \"secret\")"
            ),
            "true",
        ),
        (
            format!(
                "io.jwt.verify_hs256(io.jwt.encode_sign({{\"alg\": \"HS256\"}}, {{\"a\": 1}}, {secret}), \"other\")"
            ),
            "false",
        ),
        (
            format!(
                "io.jwt.verify_eddsa(io.jwt.encode_sign({{\"alg\": \"EdDSA\"}}, {{\"a\": 1}}, {ED_KEY}), `{ED_KEY}`)"
            ),
            "true",
        ),
    ] {
        holds(&format!("{expression} == {answer}"));
    }
}

#[test]
fn builtins_of_later_releases_answer() {
    for expression in [
        r#"time.parse_ns("2006-01-02", "1970-01-02") == 86400000000000"#,
        r#"time.parse_ns("RFC1123Z", "Thu, 01 Jan 1970 01:00:00 +0100") == 0"#,
        r#"time.format([0, "Europe/Berlin"]) == "1970-01-01T01:00:00+01:00""#,
        r#"time.format([1782907140000000000, "Europe/Berlin", "Mon, 2 Jan 2006 3:04PM MST"]) == "Wed, 1 Jul 2026 1:59PM CEST""#,
        r#"time.clock([1782907140000000000, "America/New_York"]) == [7, 59, 0]"#,
        r#"time.weekday([1782907140000000000, "Pacific/Auckland"]) == "Wednesday""#,
        r#"time.diff(time.parse_ns("2006-01-02", "2020-02-02"), time.parse_ns("2006-01-02", "2020-03-01")) == [0, 0, 28, 0, 0, 0]"#,
        r#"uri.parse("https://a.example:8080/x%2Fy?q=1#top") == {"scheme": "https", "hostname": "a.example", "port": "8080", "path": "/x/y", "raw_path": "/x%2Fy", "raw_query": "q=1", "fragment": "top"}"#,
        r#"uri.is_valid("http://a<b@example.com/") == false"#,
        r#"uri.is_valid("http://[::1]:80/")"#,
        r#"uuid.parse("00000000-0000-4000-8000-000000000000") == {"variant": "RFC4122", "version": 4}"#,
        r#"not uuid.parse("0000")"#,
        r#"strings.split_n("a.b.c.d", ".", -2) == ["c", "d"]"#,
        r#"strings.split_n("a.b.c.d", ".", 2) == ["a", "b"]"#,
        r#"strings.render_template("a {{.b.c}} {{ .d }}", {"b": {"c": 1}}) == "a 1 <undefined>""#,
        r#"net.cidr_contains_matches(["10.0.0.0/8", "11.0.0.0/8"], {"11.1.1.1"}) == {[1, "11.1.1.1"]}"#,
        r#"json.match_schema({"id": "x"}, {"type": "object", "properties": {"id": {"type": "integer"}}}) == [false, [{"error": "id: Invalid type. Expected: integer, given: string", "type": "invalid_type", "field": "id", "desc": "Invalid type. Expected: integer, given: string"}]]"#,
        r#"json.match_schema({"id": 1}, {"required": ["id"], "properties": {"id": {"minimum": 1}}}) == [true, []]"#,
        r#"json.match_schema("[1, 1]", {"uniqueItems": true})[0] == false"#,
        r#"json.verify_schema({"type": "boolean"}) == [true, null]"#,
        r#"json.verify_schema({"type": "bool"})[0] == false"#,
        r#"json.is_valid(1) == false"#,
        r#"numbers.range_step(0, 10, 99999999999999999999) == [0]"#,
        r#"graphql.parse_query("{ a(b: 1) }").Operations[0].SelectionSet[0].Arguments[0].Value.Raw == "1""#,
        r#"graphql.schema_is_valid("type Query { a: Int }")"#,
        r#"graphql.schema_is_valid("type Query { a: Other }") == false"#,
        r#"graphql.schema_is_valid("input A { a: B } type B { c: Int }") == false"#,
        r#"providers.aws.sign_req({"method": "get", "url": "http://example.com"}, {"aws_access_key": "a", "aws_secret_access_key": "b", "aws_service": "s3", "aws_region": "r"}, 0).headers["x-amz-date"] == "19700101T000000Z""#,
    ] {
        holds(expression);
    }
}

/// The interpreter finds none where `walk` is no statement of its own.
#[test]
fn every_value_is_walked_through() {
    for (rule, reached) in [
        (
            "allow := true\ndeny contains \"x\" if { [_, v] := walk(input.arguments); v == \"drop\" }",
            0,
        ),
        (
            "allow := true\ndeny contains \"x\" if { walk(input.arguments, [_, v]); v == \"drop\" }",
            0,
        ),
        (
            "allow := true\ndeny contains \"x\" if { [_, v] := walk(input.arguments); v == \"other\" }",
            3,
        ),
        (
            "allow if count([v | [_, v] = walk(input.arguments); is_string(v)]) == 1",
            3,
        ),
    ] {
        let request = Request::tool("x").with_argument("/a", serde_json::json!([{ "b": "drop" }]));
        assert_eq!(reach(&judged(rule, &request)), reached, "{rule}");
    }
    let error = super::refused("package gatewright\n\nallow if count(walk(input.arguments)) > 1");
    assert!(
        error.contains("line 3: `walk(..)` gives nothing here"),
        "{error}"
    );
}
