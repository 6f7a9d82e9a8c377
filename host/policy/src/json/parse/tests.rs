//! What is JSON here, and what it says.

use super::super::{Document, JsonLimits};
use super::*;

fn parse(text: &str) -> Result<Document, JsonError> {
    Document::parse(text, &JsonLimits::default())
}

#[test]
fn text_that_parsers_read_differently_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "Infinity",
        "0x1",
        "tru",
        "nul",
        "[1 2]",
        "{\"a\" 1}",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"a",
        "1 2",
        "\u{feff}{}",
        "{}\u{0}",
        "// c\n1",
        "\"\\u+123\"",
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800\u0041""#,
        r#""\ud800x""#,
    ] {
        assert!(parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn duplicates_are_found_in_large_objects_too() {
    let mut members: Vec<String> = (0..100).map(|n| format!("\"m{n}\":{n}")).collect();
    assert!(parse(&format!("{{{}}}", members.join(","))).is_ok());
    members.push("\"m3\":0".into());
    let error = parse(&format!("{{{}}}", members.join(","))).unwrap_err();
    assert!(matches!(error, JsonError::DuplicateMember { name, .. } if name == "m3"));
}

#[test]
fn limits_hold() {
    let limits = JsonLimits {
        bytes_max: 64,
        depth_max: 3,
        nodes_max: 8,
    };
    let case = |text: &str| Document::parse(text, &limits).map(|_| ());
    assert_eq!(case("[[[1]]]"), Ok(()));
    assert!(matches!(case("[[[[]]]]"), Err(JsonError::TooDeep { .. })));
    assert!(matches!(
        case("[1,2,3,4,5,6,7,8]"),
        Err(JsonError::TooManyValues { .. })
    ));
    assert!(matches!(
        case(&" ".repeat(65)),
        Err(JsonError::TooLong { .. })
    ));
    assert!(matches!(
        Document::parse_bytes(b"\"\xff\"", &limits).map(|_| ()),
        Err(JsonError::NotUtf8 { offset: 1 })
    ));
}

#[test]
fn strings_are_unescaped() {
    let document = parse(r#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z""#).unwrap();
    assert_eq!(
        document.root().as_text().unwrap(),
        "a\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1f600}z"
    );
}

#[test]
fn numbers_keep_their_digits() {
    let document = parse("[12345678901234567890123, 9223372036854775807, -0, 1.0]").unwrap();
    let numbers: Vec<_> = document.root().elements().collect();
    assert_eq!(numbers[0].json(), "12345678901234567890123");
    assert_eq!(numbers[0].as_i64(), None);
    assert_eq!(numbers[1].as_i64(), Some(i64::MAX));
    assert_eq!(numbers[2].as_i64(), None);
    assert_eq!(numbers[3].as_i64(), None);
}

#[test]
fn a_value_becomes_a_document_of_its_own() {
    let document = parse(r#"{"x":[1],"params":{"a":[1,{"b":"c"}]},"y":2}"#).unwrap();
    let params = document.root().get("params").unwrap().to_document();
    assert_eq!(params.text(), r#"{"a":[1,{"b":"c"}]}"#);
    let pointer = super::super::Pointer::parse("/a/1/b").unwrap();
    assert_eq!(params.at(&pointer).unwrap().as_text().unwrap(), "c");
}

proptest::proptest! {
    /// Whatever serde_json writes, this parser reads, with the same content.
    #[test]
    fn agrees_with_serde_json(value in json_value()) {
        let text = serde_json::to_string(&value).unwrap();
        let document = parse(&text).unwrap();
        proptest::prop_assert_eq!(to_serde(document.root()), value);
    }

    /// Whatever this parser accepts, serde_json accepts.
    #[test]
    fn accepts_no_more_than_serde_json(text in r#"[\[\]{}",:0-9a-z\\u.eE+\- ]{0,24}"#) {
        if parse(&text).is_ok() {
            proptest::prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}

fn json_value() -> impl proptest::strategy::Strategy<Value = serde_json::Value> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..8)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn to_serde(value: super::super::Value<'_>) -> serde_json::Value {
    match value.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Boolean(flag) => flag.into(),
        Kind::Number => value.as_i64().unwrap().into(),
        Kind::Text => value.as_text().unwrap().into_owned().into(),
        Kind::Array(_) => value.elements().map(to_serde).collect(),
        Kind::Object(_) => serde_json::Value::Object(
            value
                .members()
                .map(|(name, value)| (name.into_owned(), to_serde(value)))
                .collect(),
        ),
    }
}
