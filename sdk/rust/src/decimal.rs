//! Decimals in arguments and settings, read exactly: no amount goes through a float.

use std::fmt;

/// Longest text that is read as a number.
const TEXT_BYTES_MAX: usize = 64;

/// Most digits of a value: a `u128` holds them all.
const DIGITS_MAX: usize = 38;

/// What makes something no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Not a decimal as everybody reads it: `1,000`, `0x10`, `NaN`, `5 EUR`.
    NoDecimal,
    /// A sign in front.
    Negative,
    /// More decimals than there are units for.
    TooFine,
    /// More digits than are counted.
    TooLarge,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoDecimal => "no decimal in plain digits",
            Self::Negative => "negative",
            Self::TooFine => "more decimals than are counted",
            Self::TooLarge => "more digits than are counted",
        })
    }
}

impl std::error::Error for DecimalError {}

/// A JSON number, exactly as written, in units of `10^-decimals`. Its exponent is part
/// of its value.
pub fn of_number(text: &str, decimals: u32) -> Result<u128, DecimalError> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        None => (text, "0"),
        Some((mantissa, exponent)) => (mantissa, exponent),
    };
    let falls = exponent.starts_with('-');
    let size = exponent.trim_start_matches(['+', '-']);
    if !is_digits(size) {
        return Err(DecimalError::NoDecimal);
    }
    // Larger exponents are all alike: too large, or too fine.
    let size: i64 = match size.trim_start_matches('0') {
        "" => 0,
        size if size.len() > 4 => 10_000,
        size => size.parse().map_err(|_| DecimalError::NoDecimal)?,
    };
    let exponent = if falls { -size } else { size };
    match mantissa.strip_prefix('-') {
        Some(rest) => scaled(rest, exponent, decimals).and(Err(DecimalError::Negative)),
        None => scaled(mantissa, exponent, decimals),
    }
}

/// A whole number, in units of `10^-decimals`.
pub fn of_integer(number: u64, decimals: u32) -> Result<u128, DecimalError> {
    times_ten(u128::from(number), i64::from(decimals))
}

/// A text, in units of `10^-decimals`: digits, and a point with digits behind it or none.
/// An exponent, a sign, blanks and leading zeros are read differently by different
/// programs, and so by nobody here.
pub fn of_text(text: &str, decimals: u32) -> Result<u128, DecimalError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(DecimalError::NoDecimal);
    }
    match text.strip_prefix('-') {
        Some(rest) => scaled(rest, 0, decimals).and(Err(DecimalError::Negative)),
        None => scaled(text, 0, decimals),
    }
}

/// Units as a person writes them: `100050` with two decimals is `1000.50`.
pub fn written(units: u128, decimals: u32) -> String {
    let digits = units.to_string();
    let decimals = decimals as usize;
    if decimals == 0 {
        return digits;
    }
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, rest) = digits.split_at(digits.len() - decimals);
    format!("{whole}.{rest}")
}

fn scaled(mantissa: &str, exponent: i64, decimals: u32) -> Result<u128, DecimalError> {
    let (whole, rest) = match mantissa.split_once('.') {
        None => (mantissa, ""),
        Some((whole, rest)) if is_digits(rest) => (whole, rest),
        Some(_) => return Err(DecimalError::NoDecimal),
    };
    if !is_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(DecimalError::NoDecimal);
    }
    // Zeros at the end are counted, not multiplied: they need no decimals.
    let rest = rest.trim_end_matches('0');
    let kept = match rest.is_empty() {
        true => whole.trim_end_matches('0'),
        false => whole,
    };
    let size = |length: usize| i64::try_from(length).map_err(|_| DecimalError::TooLarge);
    let zeros = size(whole.len() - kept.len())?;
    let value = value_of(kept, rest)?;
    if value == 0 {
        return Ok(0);
    }
    let power = exponent - size(rest.len())? + zeros + i64::from(decimals);
    match power < 0 {
        true => Err(DecimalError::TooFine),
        false => times_ten(value, power),
    }
}

/// The value of the digits, one behind the other.
fn value_of(whole: &str, rest: &str) -> Result<u128, DecimalError> {
    // So many digits fit into 64 bits, which are counted faster.
    const PART_MAX: usize = 18;
    let digits = whole.bytes().chain(rest.bytes());
    let mut digits = digits.skip_while(|digit| *digit == b'0');
    let mut value: u128 = 0;
    loop {
        let (mut part, mut length): (u64, usize) = (0, 0);
        for digit in digits.by_ref().take(PART_MAX) {
            part = part * 10 + u64::from(digit - b'0');
            length += 1;
        }
        if length == 0 {
            return Ok(value);
        }
        if value > 0 {
            let size = i64::try_from(length).map_err(|_| DecimalError::TooLarge)?;
            value = times_ten(value, size)?;
        }
        value += u128::from(part);
    }
}

/// Powers of ten with no more digits than are counted.
static POWERS: [u128; DIGITS_MAX] = {
    let mut powers = [1; DIGITS_MAX];
    let mut at = 1;
    while at < DIGITS_MAX {
        #[expect(clippy::indexing_slicing, reason = "both are below the length")]
        {
            powers[at] = powers[at - 1] * 10;
        }
        at += 1;
    }
    powers
};

/// The first value that has more digits than are counted.
const END: u128 = 10_u128.pow(38);

/// `value * 10^power`, as long as it has no more digits than are counted.
fn times_ten(value: u128, power: i64) -> Result<u128, DecimalError> {
    let power = usize::try_from(power).ok();
    let factor = power.and_then(|power| POWERS.get(power));
    let factor = factor.ok_or(DecimalError::TooLarge)?;
    let small = u64::try_from(value).ok().zip(u64::try_from(*factor).ok());
    if let Some(product) = small.and_then(|(value, factor)| value.checked_mul(factor)) {
        return Ok(u128::from(product));
    }
    let value = value.checked_mul(*factor);
    value
        .filter(|value| *value < END)
        .ok_or(DecimalError::TooLarge)
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
            ("12345e-3", Err(DecimalError::TooFine)),
            ("0.1e1", Ok(100)),
            ("0.01", Ok(1)),
            ("0.001", Err(DecimalError::TooFine)),
            ("0.0", Ok(0)),
            ("0e999999999999", Ok(0)),
            ("1e999999999999", Err(DecimalError::TooLarge)),
            ("1e-999999999999", Err(DecimalError::TooFine)),
            (
                "1e35",
                Ok(10_000_000_000_000_000_000_000_000_000_000_000_000),
            ),
            ("1e36", Err(DecimalError::TooLarge)),
            ("9007199254740993", Ok(900_719_925_474_099_300)),
            ("18446744073709551616", Ok(1_844_674_407_370_955_161_600)),
            ("-1", Err(DecimalError::Negative)),
            ("-0", Err(DecimalError::Negative)),
            ("-1e9", Err(DecimalError::Negative)),
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
            ("-5", Err(DecimalError::Negative)),
            ("5.005", Err(DecimalError::TooFine)),
            (
                "99999999999999999999999999999999999999",
                Err(DecimalError::TooLarge),
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
            assert_eq!(of_text(text, 2), Err(DecimalError::NoDecimal), "{text:?}");
        }
        assert_eq!(of_text(&"1".repeat(65), 2), Err(DecimalError::NoDecimal));
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
        fn a_whole_number_is_what_is_written(number in 0u64..=u64::MAX, decimals in 0u32..24) {
            let written = of_number(&number.to_string(), decimals);
            proptest::prop_assert_eq!(of_integer(number, decimals), written);
        }

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
