//! Text that is not a pack manifest.

use serde_json::{Value, json};

use super::fixture::unsigned;
use crate::{ManifestError, PackManifest};

fn value() -> Value {
    serde_json::from_slice(unsigned(1).pack_manifest()).unwrap()
}

fn error(value: &Value) -> ManifestError {
    let bytes = serde_json_canonicalizer::to_vec(value).unwrap();
    PackManifest::parse(&bytes).unwrap_err()
}

#[test]
fn only_the_canonical_text_is_a_manifest() {
    let layout = unsigned(1);
    let bytes = layout.pack_manifest();
    let manifest = PackManifest::parse(bytes).unwrap();
    assert_eq!(manifest.to_bytes().unwrap(), bytes);
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    for other in [
        format!(" {text}"),
        format!("{text}\n"),
        text.replace("\"version\":1", "\"version\": 1"),
        text.replace("\"version\":1", "\"version\":1e0"),
        text.replace("acme/guards", "acme\\/guards"),
        text.replace(
            "{\"type\":\"object\"}",
            "{\"type\":\"array\",\"type\":\"object\"}",
        ),
    ] {
        assert_ne!(other, text);
        assert!(PackManifest::parse(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn what_no_pack_may_say_is_refused() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 19] = [
        ("unknown member", |value| value["unknown"] = json!(1)),
        ("unknown member of a policy", |value| {
            value["policies"][0]["unknown"] = json!(1);
        }),
        ("version 0", |value| value["version"] = json!(0)),
        ("version of text", |value| value["version"] = json!("1")),
        ("version that is not exact", |value| {
            value["version"] = json!(1_u64 << 60);
        }),
        ("name", |value| value["name"] = json!("../guards")),
        ("revision", |value| value["revision"] = json!("")),
        ("revision with a space", |value| {
            value["revision"] = json!("1 2");
        }),
        ("contract", |value| value["contract"] = json!("wasi:http@1")),
        ("expires", |value| value["expires"] = json!("tomorrow")),
        ("description", |value| {
            value["description"] = json!("\u{1b}[2J");
        }),
        ("no policy", |value| value["policies"] = json!([])),
        ("too many policies", |value| {
            let policy = value["policies"][0].clone();
            value["policies"] = Value::Array(vec![policy; crate::POLICIES_MAX + 1]);
        }),
        ("a policy twice", |value| {
            value["policies"][1]["name"] = value["policies"][0]["name"].clone();
        }),
        ("policy name", |value| {
            value["policies"][0]["name"] = json!("a/b");
        }),
        ("world", |value| {
            value["policies"][0]["world"] = json!("judge");
        }),
        ("a power that does not exist", |value| {
            value["policies"][0]["authority"] = json!(["everything"]);
        }),
        ("a power twice", |value| {
            value["policies"][0]["authority"] = json!(["deny", "deny"]);
        }),
        ("a settings integer that is not exact", |value| {
            value["policies"][0]["settings"] = json!({ "a": [1_u64 << 60] });
        }),
    ];
    for (what, change) in changes {
        let mut value = value();
        change(&mut value);
        let error = error(&value);
        assert!(!error.to_string().is_empty(), "{what}");
    }
    let mut later = value();
    later["format"] = json!("gatewright.pack.v2");
    later["news"] = json!(1);
    let error = error(&later);
    assert_eq!(
        error,
        ManifestError::Format("gatewright.pack.v2".to_owned())
    );
}

#[test]
fn a_manifest_that_is_too_long_is_not_read() {
    let long = vec![b' '; crate::PACK_MANIFEST_BYTES_MAX + 1];
    let error = PackManifest::parse(&long).unwrap_err();
    assert!(matches!(error, ManifestError::TooLarge(_)), "{error}");
    // Deep nesting ends the parser, not the stack.
    let deep = format!("{{\"policies\":{}", "[".repeat(1 << 20));
    assert!(PackManifest::parse(deep.as_bytes()).is_err());
}
