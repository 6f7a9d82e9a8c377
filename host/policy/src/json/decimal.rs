//! Numbers as they are written, compared exactly: a double has no room for
//! `9007199254740993`, and none for `1e999`.

use std::cmp::Ordering;
use std::fmt;

/// A number: its digits, without zeros at either end, times a power of ten. Zero
/// has no digits. Two of the same value are equal, however they were written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

/// Largest power of ten, either way. A number beyond it is none of these.
const EXPONENT_MAX: i128 = 1 << 60;

/// Whether two texts are JSON numbers (RFC 8259) of the same value. A number that
/// is too large or too small for [`Decimal`] is equal to itself only.
pub fn are_equal(one: &str, other: &str) -> bool {
    match (Decimal::parse(one), Decimal::parse(other)) {
        (Some(one), Some(other)) => one == other,
        (Some(_) | None, Some(_) | None) => one == other,
    }
}

impl Decimal {
    /// Reads a JSON number. `None` for other text, and for one that is too large or
    /// too small: which of the two depends on the value, never on how it is written.
    pub fn parse(text: &str) -> Option<Self> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, Some(power)),
            None => (text, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, digits(fraction)?),
            None => (mantissa, ""),
        };
        let whole = digits(whole)?;
        if whole.len() > 1 && whole.starts_with('0') {
            return None;
        }
        let (is_small, power) = power.map_or(Some((false, "0")), signed)?;
        let all = format!("{whole}{fraction}");
        let significant = all.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self {
                is_negative: false,
                digits: String::new(),
                exponent: 0,
            });
        }
        let power = size(power)?;
        let power = if is_small { -power } else { power };
        let dropped = i128::try_from(all.len() - significant.len()).ok()?;
        let places = i128::try_from(fraction.len()).ok()?;
        let exponent = power.checked_sub(places)?.checked_add(dropped)?;
        Some(Self {
            is_negative,
            digits: significant.trim_start_matches('0').to_owned(),
            exponent: (-EXPONENT_MAX..=EXPONENT_MAX)
                .contains(&exponent)
                .then(|| i64::try_from(exponent).ok())
                .flatten()?,
        })
    }

    /// Which of two positive numbers is larger.
    fn size_against(&self, other: &Self) -> Ordering {
        let point = |number: &Self| {
            let count = i64::try_from(number.digits.len()).unwrap_or(i64::MAX);
            number.exponent.saturating_add(count)
        };
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            // No digits end in a zero, so a prefix of others is the smaller number.
            (false, false) => point(self)
                .cmp(&point(other))
                .then_with(|| self.digits.cmp(&other.digits)),
        }
    }
}

/// By value.
impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative, other.is_negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size_against(other),
            (true, true) => other.size_against(self),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// As ECMAScript writes a number, which RFC 8785 asks for where a double holds it.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative { "-" } else { "" };
        let count = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        // Digits before the point.
        let point = self.exponent.saturating_add(count);
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let body = match point {
            _ if count == 0 => "0".to_owned(),
            _ if count <= point && point <= 21 => {
                format!("{}{}", self.digits, zeros(point - count))
            }
            1..=21 => {
                let at = usize::try_from(point).unwrap_or_default();
                let (whole, fraction) = self.digits.split_at(at);
                format!("{whole}.{fraction}")
            }
            -5..=0 => format!("0.{}{}", zeros(-point), self.digits),
            _ => {
                let (first, rest) = self.digits.split_at(1);
                let point_sign = if rest.is_empty() { "" } else { "." };
                format!("{first}{point_sign}{rest}e{:+}", point - 1)
            }
        };
        write!(f, "{sign}{body}")
    }
}

/// At least one digit, and nothing else.
fn digits(text: &str) -> Option<&str> {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then_some(text)
}

/// Whether a power is negative, and its digits.
fn signed(text: &str) -> Option<(bool, &str)> {
    match text.strip_prefix(['+', '-']) {
        Some(rest) => Some((text.starts_with('-'), digits(rest)?)),
        None => Some((false, digits(text)?)),
    }
}

/// What digits say, unless nobody could count so far.
fn size(digits: &str) -> Option<i128> {
    let digits = digits.trim_start_matches('0');
    match digits {
        "" => Some(0),
        _ if digits.len() > 30 => None,
        _ => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("1e1152921504606846975", "10e1152921504606846974", true),
            ("1e9223372036854775807", "10e9223372036854775806", false),
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

    #[test]
    fn numbers_are_ordered_by_value() {
        let ascending = [
            "-1e999",
            "-100",
            "-99.5",
            "-1",
            "-1e-999",
            "0",
            "1e-999",
            "0.1",
            "0.1000000000000000000001",
            "1",
            "99",
            "100",
            "100.00000000000000000000001",
            "9007199254740992",
            "9007199254740993",
            "1e999",
            "2e999",
        ];
        let numbers: Vec<_> = ascending.map(|text| Decimal::parse(text).unwrap()).into();
        for (at, one) in numbers.iter().enumerate() {
            for (other_at, other) in numbers.iter().enumerate() {
                assert_eq!(one.cmp(other), at.cmp(&other_at), "{one} {other}");
            }
            assert_eq!(Decimal::parse(&one.to_string()).as_ref(), Some(one));
        }
    }

    #[test]
    fn what_nobody_can_count_to_is_no_number_however_it_is_written() {
        for text in [
            "1e99999999999999999999",
            "10e99999999999999999998",
            "1e-99999999999999999999",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        for text in ["0e99999999999999999999", "-0e-99999999999999999999", "0.00"] {
            assert_eq!(Decimal::parse(text), Decimal::parse("0"), "{text}");
        }
        let padded = format!("1e{}2", "0".repeat(100));
        assert_eq!(Decimal::parse(&padded), Decimal::parse("100"));
    }
}
