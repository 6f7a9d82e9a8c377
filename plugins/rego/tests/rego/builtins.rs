//! Builtins, which answer as those of OPA or not at all.

use gatewright_sdk::Request;

use super::{FAULT, judged, reach};

/// What OPA answers, where the interpreter lacks a builtin or had its own idea.
#[test]
fn builtins_answer_as_opas_do() {
    for (expression, expected) in [
        (r#"sprintf("%f", [1e2])"#, r#""100.000000""#),
        (
            r#"sprintf("%.2f|%8.3f|%-8.1f|%08.2f", [1.005, 1.5, 2.25, -3.5])"#,
            r#""1.00|   1.500|2.2     |-0003.50""#,
        ),
        (
            r#"sprintf("%d|%5d|%-5d|%05d|%+d", [-5, 42, 42, -42, 1])"#,
            r#""-5|   42|42   |-0042|+1""#,
        ),
        (
            r#"sprintf("%x %X %b %o %c", [255, 255, 5, 8, 65])"#,
            r#""ff FF 101 10 A""#,
        ),
        (r#"sprintf("%x", ["ab"])"#, r#""6162""#),
        (
            r#"sprintf("%e %g %g", [150, 1.5, 1e21])"#,
            r#""1.500000e+02 1.5 1e+21""#,
        ),
        (
            r#"sprintf("%s|%5s|%-5s|%.2s|%q", ["a", "b", "c", "def", "x\"y"])"#,
            r#""a|    b|c    |de|\"x\\\"y\"""#,
        ),
        (
            r#"sprintf("%v %v %v %v %v", [[1, "a"], {"b": 2.5}, {"s"}, set(), null])"#,
            r#""[1, \"a\"] {\"b\": 2.5} {\"s\"} set() null""#,
        ),
        (r#"sprintf("%d%% of %v", [5, "x"])"#, r#""5% of x""#),
        (r#"units.parse("1.5Ki")"#, "1536"),
        (r#"units.parse("100m")"#, "0.1"),
        (r#"units.parse("10M")"#, "10000000"),
        (r#"units.parse("1e3")"#, "1000"),
        (r#"units.parse("1E")"#, "1000000000000000000"),
        (r#"units.parse("-2.5e-1K")"#, "-250"),
        (r#"units.parse("8Ei")"#, "9223372036854775808"),
        (r#"units.parse_bytes("1.5KiB")"#, "1536"),
        (r#"units.parse_bytes("10mb")"#, "10000000"),
        (r#"units.parse_bytes("0.5")"#, "0"),
        (r#"strings.count("11111", "11")"#, "2"),
        (r#"strings.count("dummy", "")"#, "6"),
        (r#"strings.count("cheese", "e")"#, "3"),
        (
            r#"strings.replace_n({"a": "b", "b": "a"}, "abba")"#,
            r#""baab""#,
        ),
        (
            r#"strings.replace_n({"<": "&lt;", ">": "&gt;"}, "<b>")"#,
            r#""&lt;b&gt;""#,
        ),
        (r#"strings.replace_n({"": "-"}, "ab")"#, r#""-a-b-""#),
        (r#"strings.replace_n({}, "ab")"#, r#""ab""#),
        (r#"urlquery.encode("a=b c/ü~")"#, r#""a%3Db+c%2F%C3%BC~""#),
        (r#"urlquery.decode("a%3Db+c%2F%C3%BC")"#, r#""a=b c/ü""#),
        (
            r#"urlquery.encode_object({"b": "1 2", "a": ["x", "y"], "c": {"z"}})"#,
            r#""a=x&a=y&b=1+2&c=z""#,
        ),
        (
            r#"urlquery.decode_object("a=x&b=1+2&a=y&c")"#,
            r#"{"a": ["x", "y"], "b": ["1 2"], "c": [""]}"#,
        ),
        (r#"net.cidr_is_valid("10.0.0.0/8")"#, "true"),
        (r#"net.cidr_is_valid("10.0.0.0/33")"#, "false"),
        (r#"net.cidr_is_valid("010.0.0.0/8")"#, "false"),
        (r#"net.cidr_is_valid("10.0.0.0")"#, "false"),
        (r#"net.cidr_contains("10.0.0.0/8", "10.1.2.3")"#, "true"),
        (
            r#"net.cidr_contains("10.0.0.0/8", "::ffff:10.1.2.3")"#,
            "true",
        ),
        (r#"net.cidr_contains("10.9.9.9/8", "10.1.0.0/16")"#, "true"),
        (r#"net.cidr_contains("10.0.0.0/16", "10.0.0.0/8")"#, "false"),
        (r#"net.cidr_contains("10.0.0.0/8", "11.0.0.1")"#, "false"),
        (r#"net.cidr_contains("0.0.0.0/0", "::1")"#, "false"),
        (
            r#"net.cidr_contains("2001:db8::/32", "2001:db8::1")"#,
            "true",
        ),
        (r#"net.cidr_contains("::/0", "2001:db8::1")"#, "true"),
        (
            r#"net.cidr_intersects("10.0.0.0/8", "10.1.0.0/16")"#,
            "true",
        ),
        (
            r#"net.cidr_intersects("10.0.0.0/8", "11.0.0.0/8")"#,
            "false",
        ),
        (
            r#"time.parse_rfc3339_ns("1970-01-01T00:00:01.5Z")"#,
            "1500000000",
        ),
        (
            r#"time.parse_rfc3339_ns("2026-11-28T13:00:00+01:00")"#,
            "1795867200000000000",
        ),
        (r#"time.parse_duration_ns("1h30m")"#, "5400000000000"),
        (r#"time.parse_duration_ns("-1.5s")"#, "-1500000000"),
        ("time.date(1795867200000000000)", "[2026, 11, 28]"),
        (r#"time.date([951782400000000000, "UTC"])"#, "[2000, 2, 29]"),
        ("time.date(-1)", "[1969, 12, 31]"),
        ("time.clock(1795867200000000000)", "[12, 0, 0]"),
        ("time.weekday(1795867200000000000)", r#""Saturday""#),
        ("time.weekday(-1)", r#""Wednesday""#),
        (
            "time.date(time.add_date(1706659200000000000, 0, 1, 0))",
            "[2024, 3, 2]",
        ),
        (
            "time.date(time.add_date(1706659200000000000, -1, 0, 1))",
            "[2023, 2, 1]",
        ),
        ("time.format(1500000000)", r#""1970-01-01T00:00:01.5Z""#),
        ("time.now_ns()", "1795867200000000000"),
        (r#"crypto.hmac.equal("a", "b")"#, "false"),
        (
            r#"crypto.md5("lorem ipsum")"#,
            r#""80a751fde577028640c419000e33eba6""#,
        ),
        (
            r#"crypto.sha1("lorem ipsum")"#,
            r#""bfb7759a67daeb65410490b4d98bb9da7d1ea2ce""#,
        ),
        (
            r#"crypto.sha256("lorem ipsum")"#,
            r#""5e2bf57d3f40c4b6df69daf1936cb766f832374b4fc0259a7cbff06e2f70f269""#,
        ),
        (
            r#"crypto.hmac.md5("what do ya want for nothing?", "Jefe")"#,
            r#""750c783e6ab0b503eaa86e310a5db738""#,
        ),
        (
            r#"crypto.hmac.sha1("what do ya want for nothing?", "Jefe")"#,
            r#""effcdf6ae5eb2fa2d27416d5f184df9c259a7c79""#,
        ),
        (
            r#"crypto.hmac.sha256("what do ya want for nothing?", "Jefe")"#,
            r#""5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843""#,
        ),
        (
            r#"count(crypto.hmac.sha512("what do ya want for nothing?", "Jefe"))"#,
            "128",
        ),
        (
            r#"io.jwt.decode("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImFkbWluIjp0cnVlfQ.AQI")"#,
            r#"[{"alg": "HS256"}, {"sub": "alice", "admin": true}, "0102"]"#,
        ),
        (
            r#"io.jwt.verify_hs256("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "another key")"#,
            "false",
        ),
        (
            r#"io.jwt.verify_hs256("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.un3lFcaDGSbFTQq1BWPNv5DnHVph87UOs2fYcwZa5QU", "key")"#,
            "true",
        ),
        (
            r#"io.jwt.verify_hs256("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.un3lFcaDGSbFTQq1BWPNv5DnHVph87UOs2fYcwZa5QU", "other")"#,
            "false",
        ),
        (
            r#"io.jwt.verify_hs384("eyJhbGciOiJIUzM4NCJ9.eyJzdWIiOiJhbGljZSJ9.HfcqyZ4D0nR1WQGJFMt1_v_SzkrSAg79hFp2f9OzvGBfX2p6hhETiVACkPalLxn0", "key")"#,
            "true",
        ),
        (
            r#"io.jwt.verify_hs512("eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJhbGljZSJ9.lKk14UMCWJ-4NsMwv3qw-3YTIhfGnfEAP4kkNKTiqgg8XB_wpZ3zsXopPYaAuVU9Dotd5lrhCmal-lDRprT9IQ", "key")"#,
            "true",
        ),
        (
            r#"array.flatten([1, [2, [3]], "a"])"#,
            r#"[1, 2, [3], "a"]"#,
        ),
        (
            r#"net.cidr_expand("192.0.2.0/30")"#,
            r#"{"192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3"}"#,
        ),
        (
            r#"net.cidr_expand("2001:db8::/127")"#,
            r#"{"2001:db8::", "2001:db8::1"}"#,
        ),
        (
            r#"net.cidr_merge(["192.0.128.0/24", "192.0.129.0/24", "192.0.128.7"])"#,
            r#"{"192.0.128.0/23"}"#,
        ),
        (
            r#"net.cidr_merge({"10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/10", "::1/128", "11.0.0.0/8"})"#,
            r#"{"10.0.0.0/7", "::1/128"}"#,
        ),
    ] {
        let rule = format!("allow if {{ {expression} == {expected} }}");
        let request = Request::tool("read").at_time(1_795_867_200_000);
        let verdict = judged(&rule, &request);
        assert_eq!(reach(&verdict), 3, "{expression}: {verdict:?}");
    }
}

/// An argument that a builtin cannot read is an error, and no rule is passed over.
#[test]
fn what_a_builtin_cannot_read_is_a_fault() {
    for expression in [
        "strings.count(x, 1)",
        "sprintf(\"%d\", [sprintf(\"%v\", [x])])",
        "sprintf(\"%s %s\", [x])",
        "sprintf(\"%s\", [x, x])",
        "sprintf(\"%9999999d\", [x])",
        "sprintf(\"%t\", [x])",
        "units.parse(sprintf(\"%ve10000000Ei\", [x]))",
        "units.parse_bytes(sprintf(\"%ve10000000Ei\", [x]))",
        "units.parse(sprintf(\"%v parsec\", [x]))",
        "units.parse(sprintf(\"%v%v\", [999999999999999999, x]))",
        "strings.replace_n({\"a\": x}, \"a\")",
        "urlquery.decode(sprintf(\"%%%v\", [x]))",
        "net.cidr_contains(\"10.0.0.0/8\", sprintf(\"a%v\", [x]))",
        "time.parse_rfc3339_ns(sprintf(\"2026-02-30T00:00:0%vZ\", [x]))",
        "time.parse_duration_ns(sprintf(\"%vq\", [x]))",
        "time.date([x, \"Europe/Nowhere\"])",
        "io.jwt.decode(sprintf(\"%v\", [x]))",
        "io.jwt.decode(sprintf(\"MQ.MQ.%v\", [x]))",
        "net.cidr_expand(sprintf(\"%v0.0.0.0/8\", [x]))",
        "crypto.sha256(x)",
        "time.add_date(x, 9999999, 0, 0)",
    ] {
        let rule = format!(
            "deny contains \"no\" if {{ x := input.arguments.n; {expression} }}\nallow := true"
        );
        let verdict = judged(&rule, &Request::tool("read").with_argument("/n", 1));
        assert_eq!(reach(&verdict), FAULT, "{expression}: {verdict:?}");
    }
}

/// Patterns are those of RE2 and of OPA's globs.
#[test]
fn patterns_match_what_they_match_in_opa() {
    for (expression, expected) in [
        (r#"regex.match("^\\d+$", "12")"#, "true"),
        (r#"regex.match("^\\d+$", "١٢")"#, "false"),
        (r#"regex.match("^\\w+$", "é")"#, "false"),
        (r#"regex.match("^[\\w.]+$", "a_1.b")"#, "true"),
        (r#"regex.match("^[^\\d]+$", "ab")"#, "true"),
        (r#"regex.match("^\\S+\\s\\D$", "a\tb")"#, "true"),
        (r#"regex.match("\\bé\\b", "é")"#, "false"),
        (r#"regex.match("(?i)^AB$", "aB")"#, "true"),
        (r#"regex.match("^\\pL$", "é")"#, "true"),
        (r#"regex.match("^[[:alpha:]]$", "a")"#, "true"),
        (r#"regex.match("^[a[]$", "[")"#, "true"),
        (r#"regex.match("^[]a]$", "]")"#, "true"),
        (r#"regex.match("^[a&&b]+$", "a&b")"#, "true"),
        (r#"regex.match("a.c", "a\nc")"#, "false"),
        (r#"regex.is_valid("(")"#, "false"),
        (r#"regex.is_valid("\\d")"#, "true"),
        (r#"regex.is_valid(1)"#, "false"),
        (r#"regex.split("-", "a-b-c")"#, r#"["a", "b", "c"]"#),
        (r#"regex.split("", "abc")"#, r#"["a", "b", "c"]"#),
        (r#"regex.split("-", "-a-")"#, r#"["", "a", ""]"#),
        (r#"regex.split("-", "")"#, r#"[""]"#),
        (
            r#"regex.replace("foo bar", "(\\w)\\w*", "$1.")"#,
            r#""f. b.""#,
        ),
        (r#"regex.find_n("\\d", "a1b2c3", 2)"#, r#"["1", "2"]"#),
        (r#"regex.find_n("\\d", "a1b2c3", -1)"#, r#"["1", "2", "3"]"#),
        (
            r#"regex.find_all_string_submatch_n("a(x*)b", "-axxb-ab-", -1)"#,
            r#"[["axxb", "xx"], ["ab", ""]]"#,
        ),
        (
            r#"regex.template_match("urn:foo:{.*}", "urn:foo:bar:baz", "{", "}")"#,
            "true",
        ),
        (
            r#"regex.template_match("u.n:{[a-z]{2}}", "u.n:ab", "{", "}")"#,
            "true",
        ),
        (
            r#"regex.template_match("u.n:{[a-z]+}", "uun:ab", "{", "}")"#,
            "false",
        ),
        (
            r#"glob.match("*.github.com", [], "api.github.com")"#,
            "true",
        ),
        (
            r#"glob.match("*.github.com", [], "a.api.github.com")"#,
            "false",
        ),
        (
            r#"glob.match("*.github.com", null, "a.api.github.com")"#,
            "true",
        ),
        (
            r#"glob.match("*:github:com", [":"], "api:github:com")"#,
            "true",
        ),
        (
            r#"glob.match("api.**.com", ["."], "api.cdn.github.com")"#,
            "true",
        ),
        (r#"glob.match("a/*", ["/"], "a/b/c")"#, "false"),
        (r#"glob.match("{**/,}x", null, "x")"#, "true"),
        (r#"glob.match("{cat,bat,[fr]at}", [], "rat")"#, "true"),
        (r#"glob.match("?at", [], "cat")"#, "true"),
        (r#"glob.match("?at", ["c"], "cat")"#, "false"),
        (r#"glob.match("[!a-c]at", [], "dat")"#, "true"),
        (r#"glob.match("[a-c]at", [], "dat")"#, "false"),
        (r#"glob.match("a\\*b", null, "a*b")"#, "true"),
        (r#"glob.match("a+(b)", null, "a+(b)")"#, "true"),
        (r#"glob.match("*", null, "a\nb")"#, "true"),
        (r#"glob.quote_meta("*.github.com")"#, r#""\\*.github.com""#),
    ] {
        let rule = format!("allow if {{ {expression} == {expected} }}");
        let opinion = judged(&rule, &Request::tool("read"));
        assert_eq!(reach(&opinion), 3, "{expression}: {opinion:?}");
    }
}
