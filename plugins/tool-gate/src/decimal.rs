//! Decimals, read exactly: no amount goes through a float.

/// Decimals that count; an amount with more is unclear.
const DECIMALS: i64 = 12;

/// Longest text that is read as an amount.
const TEXT_BYTES_MAX: usize = 64;

/// Most digits of a value: a `u128` holds them all.
const DIGITS_MAX: usize = 38;

/// A JSON number that is not negative, in units of `10^-12`; none where it is negative, too
/// large or too fine.
pub(crate) fn of_number(text: &str) -> Option<u128> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return scaled(text, 0);
    };
    // Larger exponents than these are too large, or too fine, in any case.
    let exponent: i64 = exponent
        .parse()
        .ok()
        .filter(|size: &i64| size.abs() < 10_000)?;
    scaled(mantissa, exponent)
}

/// A text in plain digits, with a point and digits behind it or without.
pub(crate) fn of_text(text: &str) -> Option<u128> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    scaled(text, 0)
}

fn scaled(mantissa: &str, exponent: i64) -> Option<u128> {
    let (whole, rest) = match mantissa.split_once('.') {
        None => (mantissa, ""),
        Some((whole, rest)) if is_digits(rest) => (whole, rest),
        Some(_) => return None,
    };
    if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let all = format!("{whole}{rest}");
    let kept = all.trim_end_matches('0');
    let digits = kept.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let size = |length: usize| i64::try_from(length).ok();
    let power = exponent - size(rest.len())? + size(all.len() - kept.len())? + DECIMALS;
    let zeros = usize::try_from(power).ok()?;
    if digits.len().saturating_add(zeros) > DIGITS_MAX {
        return None;
    }
    format!("{digits}{}", "0".repeat(zeros)).parse().ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: u128 = 1_000_000_000_000;

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        for (text, right) in [
            ("5", Some(5 * ONE)),
            ("5.0", Some(5 * ONE)),
            ("1e3", Some(1000 * ONE)),
            ("1E+3", Some(1000 * ONE)),
            ("25e-1", Some(ONE * 5 / 2)),
            ("0.000000000001", Some(1)),
            ("0.0000000000001", None),
            ("0e0", Some(0)),
            ("9007199254740993", Some(9_007_199_254_740_993 * ONE)),
            ("1e25", Some(10_000_000_000_000_000_000_000_000 * ONE)),
            ("1e26", None),
            ("1e400", None),
            ("1e-400", None),
            ("1e99999999999999999999", None),
            ("-1", None),
            ("-0", None),
        ] {
            assert_eq!(of_number(text), right, "{text}");
        }
        for text in [
            "", "05", "+5", "5.", ".5", "1,000", "1e3", "NaN", "0x5", " 5", "５", "5 EUR",
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
        assert_eq!(of_text("1000.50"), Some(ONE * 2001 / 2));
        assert_eq!(of_text(&"1".repeat(65)), None);
    }
}
