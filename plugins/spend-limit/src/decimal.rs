//! Decimals, read exactly: no amount goes through a float.

/// Longest text that is read as a number.
const TEXT_BYTES_MAX: usize = 64;

/// Most digits of a value: a `u128` holds them all.
const DIGITS_MAX: u32 = 38;

/// What makes something no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Not a decimal as everybody reads it: `1,000`, `0x10`, `NaN`, `5 EUR`.
    NoDecimal,
    /// A sign in front.
    Negative,
    /// More decimals than there are units for.
    TooFine,
    /// More digits than are counted.
    TooLarge,
}

/// A JSON number, exactly as written, in units of `10^-decimals`. Its exponent is part
/// of its value.
pub(crate) fn of_number(text: &str, decimals: u32) -> Result<u128, Wrong> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        None => (text, "0"),
        Some((mantissa, exponent)) => (mantissa, exponent),
    };
    let falls = exponent.starts_with('-');
    let size = exponent.trim_start_matches(['+', '-']);
    if !is_digits(size) {
        return Err(Wrong::NoDecimal);
    }
    // Larger exponents are all alike: too large, or too fine.
    let size: i64 = match size.trim_start_matches('0') {
        "" => 0,
        size if size.len() > 4 => 10_000,
        size => size.parse().map_err(|_| Wrong::NoDecimal)?,
    };
    let exponent = if falls { -size } else { size };
    match mantissa.strip_prefix('-') {
        Some(rest) => scaled(rest, exponent, decimals).and(Err(Wrong::Negative)),
        None => scaled(mantissa, exponent, decimals),
    }
}

/// A text, in units of `10^-decimals`: digits, and a point with digits behind it or none.
/// An exponent, a sign, blanks and leading zeros are read differently by different
/// programs, and so by nobody here.
pub(crate) fn of_text(text: &str, decimals: u32) -> Result<u128, Wrong> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Wrong::NoDecimal);
    }
    match text.strip_prefix('-') {
        Some(rest) => scaled(rest, 0, decimals).and(Err(Wrong::Negative)),
        None => scaled(text, 0, decimals),
    }
}

/// Units as a person writes them: `100050` with two decimals is `1000.50`.
pub(crate) fn written(units: u128, decimals: u32) -> String {
    let digits = units.to_string();
    let decimals = decimals as usize;
    if decimals == 0 {
        return digits;
    }
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, rest) = digits.split_at(digits.len() - decimals);
    format!("{whole}.{rest}")
}

fn scaled(mantissa: &str, exponent: i64, decimals: u32) -> Result<u128, Wrong> {
    let (whole, rest) = match mantissa.split_once('.') {
        None => (mantissa, ""),
        Some((whole, rest)) if is_digits(rest) => (whole, rest),
        Some(_) => return Err(Wrong::NoDecimal),
    };
    if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(Wrong::NoDecimal);
    }
    // Zeros at the end are counted, not multiplied: they need no decimals.
    let (mut value, mut zeros): (u128, i64) = (0, 0);
    for digit in whole.bytes().chain(rest.bytes()) {
        if digit == b'0' {
            zeros += 1;
            continue;
        }
        if value > 0 {
            value = times_ten(value, zeros + 1)?;
        }
        value += u128::from(digit - b'0');
        zeros = 0;
    }
    if value == 0 {
        return Ok(0);
    }
    let fraction = i64::try_from(rest.len()).map_err(|_| Wrong::TooLarge)?;
    let power = exponent - fraction + zeros + i64::from(decimals);
    match power < 0 {
        true => Err(Wrong::TooFine),
        false => times_ten(value, power),
    }
}

/// `value * 10^power`, as long as it has no more digits than are counted.
fn times_ten(value: u128, power: i64) -> Result<u128, Wrong> {
    let power = u32::try_from(power)
        .ok()
        .filter(|power| *power < DIGITS_MAX);
    let power = power.ok_or(Wrong::TooLarge)?;
    let value = value.checked_mul(10_u128.pow(power));
    value
        .filter(|value| *value < 10_u128.pow(DIGITS_MAX))
        .ok_or(Wrong::TooLarge)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly() {
        for (text, right) in [
            ("0", Ok(0)),
            ("5", Ok(500)),
            ("5.1", Ok(510)),
            ("5.10", Ok(510)),
            (
                "5.1000000000000000000000000000000000000000000000000000",
                Ok(510),
            ),
            ("1e3", Ok(100_000)),
            ("1E+3", Ok(100_000)),
            ("100e-2", Ok(100)),
            ("12345e-3", Err(Wrong::TooFine)),
            ("0.1e1", Ok(100)),
            ("0.01", Ok(1)),
            ("0.001", Err(Wrong::TooFine)),
            ("0.0", Ok(0)),
            ("0e999999999999", Ok(0)),
            ("1e999999999999", Err(Wrong::TooLarge)),
            ("1e-999999999999", Err(Wrong::TooFine)),
            (
                "1e35",
                Ok(10_000_000_000_000_000_000_000_000_000_000_000_000),
            ),
            ("1e36", Err(Wrong::TooLarge)),
            ("9007199254740993", Ok(900_719_925_474_099_300)),
            ("18446744073709551616", Ok(1_844_674_407_370_955_161_600)),
            ("-1", Err(Wrong::Negative)),
            ("-0", Err(Wrong::Negative)),
            ("-1e9", Err(Wrong::Negative)),
        ] {
            assert_eq!(of_number(text, 2), right, "{text}");
        }
    }

    #[test]
    fn texts_are_plain_decimals_or_nothing() {
        for (text, right) in [
            ("5", Ok(500)),
            ("5.50", Ok(550)),
            ("1000000", Ok(100_000_000)),
            ("-5", Err(Wrong::Negative)),
            ("5.005", Err(Wrong::TooFine)),
            (
                "99999999999999999999999999999999999999",
                Err(Wrong::TooLarge),
            ),
        ] {
            assert_eq!(of_text(text, 2), right, "{text}");
        }
        for text in [
            "",
            " ",
            "5 ",
            " 5",
            "+5",
            "5.",
            ".5",
            "05",
            "00",
            "1,000",
            "1.000,50",
            "1_000",
            "1 000",
            "0x10",
            "0b1",
            "1e3",
            "1E3",
            "NaN",
            "nan",
            "Infinity",
            "-Infinity",
            "inf",
            "five",
            "€5",
            "5€",
            "5 EUR",
            "$5",
            "５",
            "٥",
            "5\u{200b}",
            "5\0",
            "5\n",
            "--5",
            "5-",
            "1/2",
            "5%",
            "1.2.3",
            "-",
            "true",
            "null",
            "[5]",
            "−5",
        ] {
            assert_eq!(of_text(text, 2), Err(Wrong::NoDecimal), "{text:?}");
        }
        assert_eq!(of_text(&"1".repeat(65), 2), Err(Wrong::NoDecimal));
    }

    #[test]
    fn units_are_written_as_they_were_read() {
        for (units, decimals, text) in [
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (100_050, 2, "1000.50"),
            (7, 0, "7"),
        ] {
            assert_eq!(written(units, decimals), text);
            assert_eq!(of_text(text, decimals), Ok(units));
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(units in 0u128..u128::from(u64::MAX), decimals in 0u32..9) {
            proptest::prop_assert_eq!(of_text(&written(units, decimals), decimals), Ok(units));
            proptest::prop_assert_eq!(of_number(&written(units, decimals), decimals), Ok(units));
        }

        #[test]
        fn no_text_makes_it_stumble(text in ".{0,20}", decimals in 0u32..19) {
            let (_, _) = (of_text(&text, decimals), of_number(&text, decimals));
        }
    }
}
