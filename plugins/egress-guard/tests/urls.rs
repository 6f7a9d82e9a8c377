//! What the guard refuses and what it lets through, URL by URL.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test code"
)]

use gatewright_egress_guard::{Answer, Refused, Settings, answer, check, check_host};
use gatewright_sdk::Request;
use serde_json::json;

fn settings(json: &str) -> Settings {
    serde_json::from_str(json).unwrap()
}

#[track_caller]
fn refused(settings: &Settings, cases: &[(&str, Refused)]) {
    for (url, expected) in cases {
        assert_eq!(
            check(settings, url).as_ref().unwrap_err(),
            expected,
            "{url:?}"
        );
    }
}

#[track_caller]
fn fine(settings: &Settings, urls: &[&str]) {
    for url in urls {
        assert!(
            check(settings, url).is_ok(),
            "{url}: {:?}",
            check(settings, url)
        );
    }
}

#[test]
fn every_spelling_of_an_inner_address_is_refused() {
    let public = settings(r#"{"addresses": "public"}"#);
    for address in [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "169.254.0.1",
        "192.0.0.1",
        "203.0.113.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[fd12::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::ffff:0:127.0.0.1]",
        "[2001:db8::1]",
        "[2001::1]",
        "[0:0:0:0:0:ffff:10.0.0.1]",
        "[::ffff:8.8.8.8]",
    ] {
        refused(
            &public,
            &[(&format!("https://{address}/"), Refused::Internal)],
        );
    }
    for address in [
        "127.1",
        "127.0.1",
        "2130706433",
        "017700000001",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "0x7f.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "127.0.0.0x1",
        "0",
        "0x",
        "a.0x",
        "example.123",
        "00000177.0.0.1",
        "[::1%25eth0]",
        "[fe80::1%eth0]",
        "[127.0.0.1]",
        "[1::2::3]",
    ] {
        refused(
            &public,
            &[(&format!("https://{address}/"), Refused::OddAddress)],
        );
    }
    for address in [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "168.63.129.16",
        "[fd00:ec2::254]",
        "[::ffff:169.254.169.254]",
        "metadata.google.internal",
        "METADATA.google.INTERNAL",
    ] {
        refused(
            &public,
            &[(&format!("https://{address}/latest"), Refused::Metadata)],
        );
    }
    fine(
        &public,
        &[
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://1.1.1.1:443/x",
        ],
    );
}

#[test]
fn metadata_stays_closed_even_when_listed() {
    let listed = settings(
        r#"{"hosts": {"allowed": ["169.254.169.254", "metadata.google.internal", "*.internal"]}}"#,
    );
    refused(
        &listed,
        &[
            ("https://169.254.169.254/", Refused::Metadata),
            ("https://metadata.google.internal/", Refused::Metadata),
        ],
    );
}

#[test]
fn tricks_are_refused_by_their_names() {
    refused(
        &settings("{}"),
        &[
            ("http://example.com/", Refused::Scheme("http".into())),
            ("file:///etc/passwd", Refused::NoHost),
            ("javascript:alert(1)", Refused::NoHost),
            ("gopher://example.com/", Refused::Scheme("gopher".into())),
            ("ftp://example.com/", Refused::Scheme("ftp".into())),
            ("//example.com/", Refused::NoScheme),
            ("\\\\example.com/", Refused::NoScheme),
            ("/\\example.com/", Refused::NoScheme),
            ("example.com/", Refused::NoScheme),
            ("https:example.com", Refused::NoHost),
            ("https:/example.com", Refused::NoHost),
            ("https:///example.com", Refused::NoHost),
            ("https://", Refused::NoHost),
            ("https://?x", Refused::NoHost),
            ("https:\\\\example.com", Refused::Backslash),
            ("https://example.com\\@evil.test", Refused::Backslash),
            ("https://example.com/a\\b", Refused::Backslash),
            ("https://user:pw@example.com/", Refused::Credentials),
            ("https://user@example.com/", Refused::Credentials),
            ("https://@example.com/", Refused::Credentials),
            ("https://good.example.com@evil.com/", Refused::Credentials),
            (
                "https://good.example.com:443@evil.com/",
                Refused::Credentials,
            ),
            ("https://example.com%2f@evil.com/", Refused::Credentials),
            ("https://example%2ecom/", Refused::Encoded),
            ("https://%31%32%37.0.0.1/", Refused::Encoded),
            ("https://exa\nmple.com/", Refused::Whitespace),
            ("https://exa\tmple.com/", Refused::Whitespace),
            (" https://example.com/", Refused::Whitespace),
            ("https://example.com/a b", Refused::Whitespace),
            ("https://example.com/\0", Refused::Whitespace),
            ("https://exаmple.com/", Refused::NotAscii),
            ("https://example.com\u{2215}.evil.com/", Refused::NotAscii),
            ("https://example\u{3002}com/", Refused::NotAscii),
            ("https://１２７.0.0.1/", Refused::NotAscii),
            ("https://ⓔxample.com/", Refused::NotAscii),
            ("https://exam\u{ad}ple.com/", Refused::NotAscii),
            ("https://xn--exmple-cua.com/", Refused::Punycode),
            ("https://example.com./", Refused::TrailingDot),
            ("https://localhost./", Refused::TrailingDot),
            ("https://localhost/", Refused::Internal),
            ("https://a.localhost/", Refused::Internal),
            ("https://printer.local/", Refused::Internal),
            ("https://intranet/", Refused::Internal),
            ("https://db.corp.internal/", Refused::Internal),
            ("https://127.0.0.1.nip.io/", Refused::Internal),
            ("https://localtest.me/", Refused::Internal),
            ("https://8.8.8.8/", Refused::Address),
            ("https://example.com:22/", Refused::Port),
            ("https://example.com:/", Refused::Port),
            ("https://example.com:0443/", Refused::Port),
            ("https://example.com:443a/", Refused::Port),
            ("https://example.com:65536/", Refused::Port),
            ("https://example.com:443:80/", Refused::Port),
            ("https://a..com/", Refused::NoHost),
            ("https://.example.com/", Refused::NoHost),
            ("https://-a.com/", Refused::NoHost),
            ("https://a;b.com/", Refused::NoHost),
            ("https://a,b.com/", Refused::NoHost),
            ("https://a'b.com/", Refused::NoHost),
            ("https://[::1/", Refused::NoHost),
            ("https://[::1]x/", Refused::NoHost),
            (
                &format!("https://example.com/{}", "a".repeat(2048)),
                Refused::TooLong,
            ),
            (&format!("https://{}.com/", "a".repeat(64)), Refused::NoHost),
        ],
    );
}

#[test]
fn honest_urls_pass() {
    fine(
        &settings("{}"),
        &[
            "https://example.com",
            "https://example.com/",
            "HTTPS://Example.COM:443/a/b?c=d&e=@f#g",
            "https://sub.example.co.uk/a%20b?x=%2F%2F",
            "https://example.com/~user/@handle",
            "https://example.com?x=https://other.example.org",
            "https://de.wikipedia.org/wiki/Größe",
            "https://a_b.example.com/",
        ],
    );
}

#[test]
fn hosts_are_allowed_by_name_and_denied_with_all_below() {
    let listed = settings(
        r#"{"hosts": {"allowed": ["api.example.com", "*.example.org", "xn--bcher-kva.example", "10.1.2.3", "db.corp.internal"],
                      "denied": ["bad.example.org"]}}"#,
    );
    refused(
        &listed,
        &[
            ("https://example.com/", Refused::Host),
            ("https://x.api.example.com/", Refused::Host),
            ("https://example.org/", Refused::Host),
            ("https://evilexample.org/", Refused::Host),
            ("https://example.org.evil.com/", Refused::Host),
            ("https://bad.example.org/", Refused::Host),
            ("https://x.bad.example.org/", Refused::Host),
            ("https://xn--a.example.org/", Refused::Punycode),
            ("https://10.1.2.4/", Refused::Internal),
            ("https://cache.corp.internal/", Refused::Internal),
        ],
    );
    fine(
        &listed,
        &[
            "https://api.example.com/",
            "https://a.b.example.org/",
            "https://xn--bcher-kva.example/",
            "https://10.1.2.3/",
            "https://db.corp.internal/",
        ],
    );
}

#[test]
fn bare_hosts_are_judged_like_urls() {
    let settings = settings("{}");
    for (host, expected) in [
        ("localhost", Refused::Internal),
        ("127.1", Refused::OddAddress),
        ("169.254.169.254", Refused::Metadata),
        ("example.com:22", Refused::Port),
        ("a@example.com", Refused::Credentials),
        ("example.com/x", Refused::NoHost),
        ("", Refused::NoHost),
        ("https://example.com", Refused::Port),
    ] {
        assert_eq!(check_host(&settings, host).unwrap_err(), expected, "{host}");
    }
    assert!(check_host(&settings, "example.com:443").is_ok());
}

#[test]
fn urls_are_found_anywhere_in_the_arguments() {
    let settings = settings("{}");
    let judged = |arguments: serde_json::Value| {
        answer(&settings, &Request::tool("t").with_arguments(arguments))
    };
    for arguments in [
        json!({"url": "http://169.254.169.254/"}),
        json!({"a": [{"b": {"c": "see https://127.0.0.1/x for more"}}]}),
        json!({"https://localhost/": 1}),
        json!({"text": "x='http:/\\169.254.169.254'"}),
        json!({"text": "curl http:10.0.0.1"}),
        json!({"text": "(https://localhost)."}),
        json!({"text": "first https://example.com then https://localhost"}),
        json!({"text": "https://example.com\".evil.com/"}),
        json!({"text": "https://exam\nple.com/"}),
        json!({"text": "ht\ntps://example.com/"}),
        json!({"url": "https://example.com @evil.com/"}),
        json!({"url": "https://example.com x @evil.com"}),
        json!({"url": "//localhost/x"}),
        json!({"url": "\\\\server\\share"}),
        json!({"url": "javascript:alert(1)"}),
        json!({"url": "file:/etc/passwd"}),
        json!({"url": "data:text/html,x"}),
        json!({"url": "\u{1}https://localhost"}),
        json!({"text": "git clone ssh://git@example.com/x"}),
        json!({"text": "nothttp://localhost"}),
        json!({"text": "1http://localhost"}),
    ] {
        assert!(
            matches!(judged(arguments.clone()), Answer::Refused(_)),
            "{arguments}"
        );
    }
    for arguments in [
        json!({}),
        json!({"text": "no link: here, at 10:30, a::b, // comment", "n": 3, "x": null}),
        json!({"text": "see https://example.com/a, (https://example.org/b) and \"https://example.net\"."}),
        json!({"text": "data: 3, file: x.txt, http: the protocol"}),
        json!({"text": "// https is fine\nlet x = y;"}),
        json!({"time": "2026-01-01T10:00:00Z", "path": "/a/b", "c": "C:\\dir"}),
    ] {
        assert_eq!(judged(arguments.clone()), Answer::NotMine, "{arguments}");
    }
}

#[test]
fn named_arguments_must_be_urls() {
    let settings = settings(
        r#"{"tools": [{"tool": "fetch", "urls": ["/url", "/more"], "hosts": ["/host"], "ignore": ["/note"]}]}"#,
    );
    let judged = |arguments: serde_json::Value| {
        answer(&settings, &Request::tool("fetch").with_arguments(arguments))
    };
    for arguments in [
        json!({"url": "example.com"}),
        json!({"url": 3}),
        json!({"url": null}),
        json!({"url": {"href": "https://example.com"}}),
        json!({}),
        json!({"more": ["https://example.com", "https://localhost"]}),
        json!({"more": []}),
        json!({"host": "localhost"}),
        json!({"url": "https://example.com", "other": "https://localhost"}),
    ] {
        assert!(
            matches!(judged(arguments.clone()), Answer::Refused(_)),
            "{arguments}"
        );
    }
    assert_eq!(
        judged(json!({"url": "https://example.com", "note": "http://localhost"})),
        Answer::Fine
    );
    assert_eq!(judged(json!({"host": "example.com:443"})), Answer::Fine);
    assert_eq!(
        answer(
            &settings,
            &Request::of_method("tools/list", "")
                .with_arguments(json!({"cursor": "http://localhost"}))
        ),
        Answer::NotMine
    );
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    for (json, word) in [
        (r#"{"hosts": {"allowed": ["Example.com"]}}"#, "lower case"),
        (
            r#"{"hosts": {"allowed": ["https://example.com"]}}"#,
            "host pattern",
        ),
        (r#"{"hosts": {"allowed": ["bücher.example"]}}"#, "xn--"),
        (r#"{"hosts": {"allowed": ["a*.com"]}}"#, "host pattern"),
        (r#"{"schemes": ["https://"]}"#, "scheme"),
        (r#"{"scan": false}"#, "nothing"),
        (r#"{"tools": [{"tool": "x"}]}"#, "says nothing"),
        (r#"{"tools": [{"tool": "x", "urls": ["url"]}]}"#, "Pointer"),
        (r#"{"host": []}"#, "host"),
    ] {
        let error = serde_json::from_str::<Settings>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{json}: {error}");
    }
}
