//! Numbers as they are written, compared exactly: a double has no room for
//! `9007199254740993`, and none for `1e999`.

/// A number: its digits, without zeros at either end, times a power of ten. Zero
/// has no digits.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

/// Whether two texts are JSON numbers (RFC 8259) of the same value. A number that
/// is too large or too small for an exponent of 64 bits is equal to itself only.
pub(crate) fn are_equal(one: &str, other: &str) -> bool {
    match (Decimal::parse(one), Decimal::parse(other)) {
        (Some(one), Some(other)) => one == other,
        (Some(_) | None, Some(_) | None) => one == other,
    }
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, power(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, digits(fraction)?),
            None => (mantissa, ""),
        };
        let whole = digits(whole)?;
        if whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let significant = all.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self {
                is_negative: false,
                digits: String::new(),
                exponent: 0,
            });
        }
        let dropped = i64::try_from(all.len() - significant.len()).ok()?;
        let places = i64::try_from(fraction.len()).ok()?;
        Some(Self {
            is_negative,
            digits: significant.trim_start_matches('0').to_owned(),
            exponent: exponent.checked_sub(places)?.checked_add(dropped)?,
        })
    }
}

/// At least one digit, and nothing else.
fn digits(text: &str) -> Option<&str> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then_some(text)
}

fn power(text: &str) -> Option<i64> {
    let (is_negative, text) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let size: i64 = digits(text)?.parse().ok()?;
    Some(if is_negative { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::are_equal;

    #[test]
    fn numbers_are_equal_when_their_values_are_and_only_then() {
        for (one, other, expected) in [
            ("42", "42.0", true),
            ("42", "4.2e1", true),
            ("42", "420E-1", true),
            ("-0", "0", true),
            ("0.0", "0e5", true),
            ("0.010", "1e-2", true),
            ("100", "1e+2", true),
            ("-7", "7", false),
            ("9007199254740993", "9007199254740992", false),
            ("0.1", "0.1000000000000000055511151231257827", false),
            ("1e999", "1e998", false),
            ("1e999", "10e998", true),
            ("infinity", "1e999", false),
            ("inf", "1e999", false),
            ("NaN", "0", false),
            ("1e99999999999999999999", "1e99999999999999999998", false),
            ("1e99999999999999999999", "1e99999999999999999999", true),
            ("1e9223372036854775807", "10e9223372036854775806", true),
            ("+1", "1", false),
            ("01", "1", false),
            ("1.", "1", false),
            (".5", "0.5", false),
            (" 1", "1", false),
            ("0x10", "16", false),
            ("1_0", "10", false),
            ("", "0", false),
        ] {
            assert_eq!(are_equal(one, other), expected, "{one} {other}");
            assert_eq!(are_equal(other, one), expected, "{other} {one}");
        }
    }
}
