//! Canonical JSON (RFC 8785): one text for one value, whatever it was written like,
//! so that two programs get the same digest of it.

use super::decimal::Decimal;
use super::{Kind, Value};

/// A value that has no canonical text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number that a double does not hold exactly has no canonical form")]
pub struct CanonicalError;

/// The canonical text of a value; of an object, without the members of these names.
///
/// RFC 8785 takes every number for a double. One that a double does not hold exactly is
/// an error here: another number would have the same text.
pub fn canonical(value: Value<'_>, without: &[&str]) -> Result<String, CanonicalError> {
    let mut out = String::with_capacity(value.json().len());
    write(value, without, &mut out)?;
    Ok(out)
}

fn write(value: Value<'_>, without: &[&str], out: &mut String) -> Result<(), CanonicalError> {
    match value.kind() {
        Kind::Null | Kind::Boolean(_) => out.push_str(value.json()),
        Kind::Number => out.push_str(&number(value.json())?),
        Kind::Text => out.push_str(&text(&value.string())),
        Kind::Array(_) => {
            out.push('[');
            for (at, element) in value.elements().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(element, &[], out)?;
            }
            out.push(']');
        }
        Kind::Object(_) => {
            let mut members: Vec<_> = value
                .members()
                .filter(|(name, _)| !without.contains(&name.as_ref()))
                .collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (at, (name, member)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&text(&name));
                out.push(':');
                write(member, &[], out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// `serde_json` escapes what RFC 8785 wants escaped, and nothing else.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn number(written: &str) -> Result<String, CanonicalError> {
    let exact = held_by_double(written).ok_or(CanonicalError)?;
    Ok(exact.to_string())
}

/// A number that a double holds as it is written: whoever reads it, with or without a
/// double in between, reads the same. None for any other.
pub fn held_by_double(written: &str) -> Option<Decimal> {
    let double: f64 = written.parse().ok()?;
    let exact = Decimal::parse(written)?;
    // The shortest digits that give this double, and of two that are as near the even ones,
    // as ECMAScript has them: Rust's own text takes others there. `null` for one that is not
    // finite, which is no number.
    let held = Decimal::parse(&serde_json::Value::from(double).to_string())?;
    (held == exact).then_some(exact)
}

#[cfg(test)]
mod tests {
    use super::super::{Document, JsonLimits};
    use super::*;
    use proptest::prelude::*;

    fn canonical_of(text: &str) -> Result<String, CanonicalError> {
        canonical(
            Document::parse(text, &JsonLimits::default())
                .unwrap()
                .root(),
            &[],
        )
    }

    /// The numbers of RFC 8785, appendix B, that its own text writes exactly.
    #[test]
    fn numbers_are_written_as_ecmascript_writes_them() {
        for (written, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("5e-324", "5e-324"),
            ("-5e-324", "-5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("9007199254740992", "9007199254740992"),
            ("-9007199254740992", "-9007199254740992"),
            ("295147905179352830000", "295147905179352830000"),
            ("9.999999999999997e22", "9.999999999999997e+22"),
            ("1e23", "1e+23"),
            ("999999999999999700000", "999999999999999700000"),
            ("999999999999999900000", "999999999999999900000"),
            ("1e21", "1e+21"),
            ("9.999999999999997e-7", "9.999999999999997e-7"),
            ("0.000001", "0.000001"),
            ("333333333.3333332", "333333333.3333332"),
            ("-0.0000033333333333333333", "-0.0000033333333333333333"),
            ("100", "100"),
            ("1e2", "100"),
            ("100.0", "100"),
            ("1424953923781206.2", "1424953923781206.2"),
            ("205323596781649.12", "205323596781649.12"),
        ] {
            assert_eq!(canonical_of(written).as_deref(), Ok(expected), "{written}");
        }
    }

    #[test]
    fn two_numbers_never_have_one_text() {
        for written in [
            "9007199254740993",
            // As near to their double as texts that end in 2: ECMAScript takes the even one.
            "1424953923781206.3",
            "205323596781649.13",
            "0.1000000000000000055",
            "1e999",
            "1e-999",
            "1e99999999999999999999",
            "123456789012345678901234567890",
        ] {
            assert_eq!(canonical_of(written), Err(CanonicalError), "{written}");
            assert_eq!(canonical_of(&format!("[{written}]")), Err(CanonicalError));
        }
    }

    #[test]
    fn members_are_sorted_and_named_ones_left_out_at_the_top_only() {
        let text = r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"_meta":{"b":1},"a":{"_meta":1}}"#;
        let document = Document::parse(text, &JsonLimits::default()).unwrap();
        assert_eq!(
            canonical(document.root(), &["_meta"]).unwrap(),
            "{\"\\r\":2,\"1\":4,\"a\":{\"_meta\":1},\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    proptest! {
        #[test]
        fn another_implementation_agrees(
            texts in prop::collection::vec(any::<String>(), 0..4),
            numbers in prop::collection::vec(any::<f64>(), 0..4),
        ) {
            let value = serde_json::json!({ "t": texts, "n": numbers, "m": { "z": texts, "a": null } });
            let ours = canonical_of(&value.to_string());
            let theirs = serde_json_canonicalizer::to_string(&value).unwrap();
            prop_assert_eq!(ours, Ok(theirs));
        }
    }
}
