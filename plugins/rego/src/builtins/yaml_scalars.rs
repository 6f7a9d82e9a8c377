//! Scalars of YAML without quotes, as go-yaml reads them.

use regorus::Value;

/// Whole numbers up to this one are doubles exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// What a scalar says.
pub(super) enum Scalar {
    Value(Value),
    /// `<<`
    Merge,
}

/// None for a number that is not finite.
pub(super) fn plain(text: &str) -> Option<Scalar> {
    Some(Scalar::Value(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::from(true),
        "false" | "False" | "FALSE" => Value::from(false),
        "<<" => return Some(Scalar::Merge),
        ".nan" | ".NaN" | ".NAN" => return None,
        _ if is_infinite(text) => return None,
        _ => number(text).unwrap_or_else(|| Value::from(text)),
    }))
}

fn is_infinite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF")
}

/// None where it is a text; so is a number that no double holds.
fn number(text: &str) -> Option<Value> {
    let first = text.chars().next()?;
    if first == '.' {
        return float(text);
    }
    if !first.is_ascii_digit() && !matches!(first, '+' | '-') {
        return None;
    }
    // A date is a text.
    if is_date(text) {
        return None;
    }
    let text = text.replace('_', "");
    whole(&text).or_else(|| float(&text))
}

/// `10`, `0x1f`, `0b11`, `0o17` and `017`.
fn whole(text: &str) -> Option<Value> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (digits, base) = match lower.split_at_checked(2) {
        Some(("0x", digits)) => (digits, 16),
        Some(("0b", digits)) => (digits, 2),
        Some(("0o", digits)) => (digits, 8),
        _ => match lower.strip_prefix('0') {
            Some(digits) if !digits.is_empty() => (digits, 8),
            Some(_) | None => (lower.as_str(), 10),
        },
    };
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    let size = u64::from_str_radix(digits, base).ok()?;
    match is_negative {
        true => {
            let least = i128::from(size).checked_neg()?;
            i64::try_from(least).ok().map(Value::from)
        }
        false => Some(Value::from(size)),
    }
}

/// Four digits, a `-`, and what goes on as a date.
fn is_date(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    digits == 4 && text.as_bytes().get(4) == Some(&b'-')
}

/// `1.5`, `.5`, `1.`, `1e3`.
fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = match mantissa.split_once('.') {
        Some((whole, part)) => {
            is_digits(whole) && is_digits(part) && !(whole.is_empty() && part.is_empty())
        }
        None => !mantissa.is_empty() && is_digits(mantissa),
    };
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && is_digits(digits)
    });
    is_mantissa && is_exponent
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole numbers that a double holds exactly"
)]
fn float(text: &str) -> Option<Value> {
    let size: f64 = is_float(text).then(|| text.parse().ok())??;
    match size {
        _ if !size.is_finite() => None,
        _ if size.fract() == 0.0 && size.abs() < EXACT_MAX => Some(Value::from(size as i64)),
        _ => Some(Value::from(size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_read_as_go_yaml_does() {
        for (text, value) in [
            ("yes", "\"yes\""),
            ("True", "true"),
            ("~", "null"),
            ("017", "15"),
            ("08", "8"),
            ("0o17", "15"),
            ("-0x1F", "-31"),
            ("1_000", "1000"),
            ("1e3", "1000"),
            ("1.50", "1.5"),
            (".5", "0.5"),
            ("2026-11-28", "\"2026-11-28\""),
            ("1:30", "\"1:30\""),
            ("1.2.3", "\"1.2.3\""),
            ("18446744073709551615", "18446744073709551615"),
            ("1e999", "\"1e999\""),
            ("-", "\"-\""),
        ] {
            let Some(Scalar::Value(read)) = plain(text) else {
                panic!("{text}");
            };
            assert_eq!(read.to_json_str().unwrap(), value, "{text}");
        }
        for text in [".inf", "-.Inf", ".nan"] {
            assert!(plain(text).is_none(), "{text}");
        }
    }
}
