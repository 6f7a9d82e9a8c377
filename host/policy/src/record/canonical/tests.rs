//! Texts of values, held against another implementation.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serializer;
use serde_json::{Number, Value, json};

use super::*;
use crate::integer::EXACT_MAX;

fn text(value: &impl Serialize) -> Result<String> {
    let mut canonical = Canonical::new();
    value.serialize(&mut canonical)?;
    Ok(String::from_utf8(canonical.into_text()).unwrap())
}

#[derive(Serialize)]
enum Every {
    Unit,
    New(u8),
    Two(u8, &'static str),
    Named { z: u8, a: Box<Every> },
}

#[derive(Serialize)]
struct Twice {
    a: u8,
    #[serde(flatten)]
    more: BTreeMap<&'static str, u8>,
}

#[test]
fn every_form_of_a_value_is_json() {
    let named = Every::Named {
        z: 1,
        a: Box::new(Every::Two(2, "\u{7f}\u{1}/")),
    };
    for (written, expected) in [
        (
            text(&named),
            "{\"Named\":{\"a\":{\"Two\":[2,\"\u{7f}\\u0001/\"]},\"z\":1}}",
        ),
        (
            text(&(Every::Unit, Every::New(0), ())),
            r#"["Unit",{"New":0},null]"#,
        ),
        (text(&(Some('x'), None::<u8>, true)), r#"["x",null,true]"#),
        (text(&[i64::MIN, -1]), r#"["-9223372036854775808",-1]"#),
        (
            text(&[EXACT_MAX, EXACT_MAX + 1, u64::MAX]),
            r#"[9007199254740991,"9007199254740992","18446744073709551615"]"#,
        ),
        (text(&BTreeMap::<String, u8>::new()), "{}"),
        (
            text(&BTreeMap::from([('\n', "a"), ('"', "b"), ('a', "c")])),
            r#"{"\n":"a","\"":"b","a":"c"}"#,
        ),
        (
            text(&BTreeMap::from([('\u{e000}', "a"), ('\u{10000}', "b")])),
            "{\"\u{10000}\":\"b\",\"\u{e000}\":\"a\"}",
        ),
    ] {
        assert_eq!(written.unwrap(), expected);
    }
}

#[test]
fn what_has_no_canonical_text_is_refused() {
    assert!(text(&1.5).is_err());
    assert!(text(&f32::NAN).is_err());
    assert!(text(&BTreeMap::from([(1, 2)])).is_err());
    for more in [
        &[("a", 1)][..],
        &[("A", 1), ("a", 2)],
        &[("A", 1), ("B", 2), ("a", 3)],
    ] {
        let more = more.iter().copied().collect();
        assert!(text(&Twice { a: 0, more }).is_err());
    }
}

#[test]
fn a_member_that_comes_later_has_its_place() {
    for (value, expected) in [
        (json!({"at": 1, "z": 2}), r#"{"at":1,"m":0,"n":9,"z":2}"#),
        (
            json!({"z": {"a": 1}, "b": [{"y": 2}]}),
            r#"{"b":[{"y":2}],"m":0,"n":9,"z":{"a":1}}"#,
        ),
        (json!({"a": "m"}), r#"{"a":"m","m":0,"n":9}"#),
        (json!({"z": "m"}), r#"{"m":0,"n":9,"z":"m"}"#),
        (json!({"m ": 1, "mm": 2}), r#"{"m":0,"m ":1,"mm":2,"n":9}"#),
        (
            json!({"\n": 1, "\u{e9}": 2}),
            "{\"\\n\":1,\"m\":0,\"n\":9,\"\u{e9}\":2}",
        ),
    ] {
        let mut canonical = Canonical::new();
        value.serialize(&mut canonical).unwrap();
        canonical.add("n", &9).unwrap();
        canonical.add("m", &0).unwrap();
        let text = String::from_utf8(canonical.into_text()).unwrap();
        assert_eq!(text, expected);
    }
}

#[test]
fn a_member_that_is_there_does_not_come_later() {
    for value in [
        json!({"m": 1}),
        json!({"a": 1, "m": {"z": 1}}),
        json!({"m": 1, "z": 2}),
        json!({"a": {"b": 1}, "m": 1, "ma": 2}),
    ] {
        let mut canonical = Canonical::new();
        value.serialize(&mut canonical).unwrap();
        assert!(canonical.place_of("m").is_err(), "{value}");
        assert!(canonical.add("m", &0).is_err(), "{value}");
        assert!(canonical.place_of("n").is_ok(), "{value}");
    }
}

/// A variant has its tag first, wherever it belongs.
#[derive(Serialize)]
#[serde(tag = "m")]
enum Tagged {
    Alone,
    Before { n: u8, z: Box<Tagged> },
    Between { a: u8, b: (), z: u8 },
    After { a: Box<Tagged>, b: u8 },
    Wrong { z: u8, a: u8 },
}

#[test]
fn a_tag_goes_where_it_belongs() {
    use Tagged::{After, Alone, Before, Between, Wrong};
    for (value, expected, sorts) in [
        (Alone, r#"{"m":"Alone"}"#, 0),
        (
            Before {
                n: 1,
                z: Box::new(Alone),
            },
            r#"{"m":"Before","n":1,"z":{"m":"Alone"}}"#,
            0,
        ),
        (
            Between { a: 1, b: (), z: 2 },
            r#"{"a":1,"b":null,"m":"Between","z":2}"#,
            0,
        ),
        (
            After {
                a: Box::new(Between { a: 1, b: (), z: 2 }),
                b: 3,
            },
            r#"{"a":{"a":1,"b":null,"m":"Between","z":2},"b":3,"m":"After"}"#,
            0,
        ),
        (Wrong { z: 1, a: 2 }, r#"{"a":2,"m":"Wrong","z":1}"#, 1),
    ] {
        let mut canonical = Canonical::new();
        value.serialize(&mut canonical).unwrap();
        assert_eq!(canonical.sorts, sorts, "{expected}");
        let text = String::from_utf8(canonical.into_text()).unwrap();
        assert_eq!(text, expected);
    }
}

#[test]
fn a_text_is_looked_at_to_its_end() {
    for length in 0..40 {
        for at in 0..length {
            for odd in ["\"", "\\", "\u{1}", "\u{1f}", "\u{7f}", "\u{e9}", "!"] {
                let mut value = "x".repeat(length);
                value.replace_range(at..=at, odd);
                let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
                assert_eq!(text(&value).unwrap(), theirs);
            }
        }
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0..=EXACT_MAX).prop_map(|number| Value::Number(Number::from(number))),
        any::<String>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let name = prop_oneof![any::<String>(), "[a-c\\\\\"]{0,9}", "\u{e000}|\u{10000}|\n"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn another_implementation_agrees(value in value()) {
        let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
        prop_assert_eq!(text(&Shuffled(&value)).unwrap(), theirs);
    }
}

/// A value whose members come in another order than that of their bytes.
struct Shuffled<'a>(&'a Value);

impl Serialize for Shuffled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            Value::Array(elements) => serializer.collect_seq(elements.iter().map(Shuffled)),
            Value::Object(members) => {
                let members = members.iter().rev();
                serializer.collect_map(members.map(|(name, value)| (name, Shuffled(value))))
            }
            other => other.serialize(serializer),
        }
    }
}
