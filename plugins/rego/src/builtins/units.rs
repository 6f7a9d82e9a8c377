//! Numbers with units: `10Ki`, `1.5GB`. Exact, and within bounds: what an agent writes must
//! not become a number of a million digits.

use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};

/// Most digits of a number, and largest exponent.
const DIGITS_MAX: usize = 18;
const EXPONENT_MAX: i32 = 18;

/// Digits after the point that a fraction keeps, as in OPA.
const FRACTION_DIGITS: usize = 10;

/// `1.5Ki` is 1536; `m` is a thousandth, every other unit may be of either case.
pub(super) fn parse(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?.replace('"', "");
    let (number, unit) = split(&text)?;
    let (above, below) = match unit {
        "m" => (1, 1000),
        _ => (factor(&unit.to_ascii_lowercase())?, 1),
    };
    let (above, below) = (number.0.checked_mul(above), number.1.checked_mul(below));
    match (above, below) {
        (Some(above), Some(below)) => value(above, below),
        _ => Err(out_of_range()),
    }
}

/// The same in whole bytes, and with a `b` behind the unit.
pub(super) fn parse_bytes(values: &[Value]) -> Result<Value, BuiltinError> {
    let text = text(values, 0)?.replace('"', "");
    let (number, unit) = split(&text)?;
    let unit = unit.to_ascii_lowercase();
    // Bytes alone have no unit.
    let unit = match unit.strip_suffix('b') {
        Some("") | None => &unit,
        Some(unit) => unit,
    };
    let above = number.0.checked_mul(factor(unit)?);
    value(above.ok_or_else(out_of_range)? / number.1, 1)
}

/// A fraction, and its unit.
fn split(text: &str) -> Result<((i128, i128), &str), BuiltinError> {
    let is_of_number = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+');
    let end = text
        .find(|letter| !is_of_number(letter))
        .unwrap_or(text.len());
    let (mantissa, rest) = text.split_at(end);
    let (exponent, unit) = exponent(rest);
    let (sign, digits) = match (mantissa.strip_prefix('-'), mantissa.strip_prefix('+')) {
        (Some(digits), _) => (-1, digits),
        (_, Some(digits)) => (1, digits),
        (None, None) => (1, mantissa),
    };
    let (whole, after) = digits.split_once('.').unwrap_or((digits, ""));
    let all = format!("{whole}{after}");
    if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong("not a number with a unit"));
    }
    if all.len() > DIGITS_MAX {
        return Err(out_of_range());
    }
    let number: i128 = all.parse().map_err(|_| out_of_range())?;
    let exponent: i32 = match exponent {
        "" => 0,
        text => text.parse().map_err(|_| out_of_range())?,
    };
    let after = i32::try_from(after.len()).map_err(|_| out_of_range())?;
    if exponent.abs() > EXPONENT_MAX {
        return Err(out_of_range());
    }
    let power = |exponent: i32| {
        let exponent = u32::try_from(exponent).unwrap_or_default();
        10_i128.checked_pow(exponent).ok_or_else(out_of_range)
    };
    let above = power((exponent - after).max(0))?;
    let above = number.checked_mul(above).ok_or_else(out_of_range)?;
    Ok(((sign * above, power((after - exponent).max(0))?), unit))
}

/// The exponent that a text begins with, if it does: `e5`, and not the unit `e`.
fn exponent(text: &str) -> (&str, &str) {
    let Some(rest) = text.strip_prefix(['e', 'E']) else {
        return ("", text);
    };
    let signed = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let sign = rest.len() - signed.len();
    let digits = signed.bytes().take_while(u8::is_ascii_digit).count();
    match digits {
        0 => ("", text),
        _ => rest.split_at(sign + digits),
    }
}

fn factor(unit: &str) -> Result<i128, BuiltinError> {
    let (base, power) = match unit {
        "" => (1, 0),
        "k" => (1000, 1),
        "m" => (1000, 2),
        "g" => (1000, 3),
        "t" => (1000, 4),
        "p" => (1000, 5),
        "e" => (1000, 6),
        "ki" => (1024, 1),
        "mi" => (1024, 2),
        "gi" => (1024, 3),
        "ti" => (1024, 4),
        "pi" => (1024, 5),
        "ei" => (1024, 6),
        _ => return Err(BuiltinError::new(format!("`{unit}` is not a unit"))),
    };
    1_i128
        .checked_mul(i128::pow(base, power))
        .ok_or_else(out_of_range)
}

fn value(above: i128, below: i128) -> Result<Value, BuiltinError> {
    let written = match above % below {
        0 => (above / below).to_string(),
        _ => fraction(above, below)?,
    };
    Value::from_json_str(&written).map_err(|error| BuiltinError::new(format!("{error:#}")))
}

fn fraction(above: i128, below: i128) -> Result<String, BuiltinError> {
    let sign = if above < 0 { "-" } else { "" };
    let (whole, mut rest) = (above.abs() / below, above.abs() % below);
    let mut digits = String::new();
    for _ in 0..FRACTION_DIGITS {
        rest = rest.checked_mul(10).ok_or_else(out_of_range)?;
        digits.push_str(&(rest / below).to_string());
        rest %= below;
    }
    Ok(format!("{sign}{whole}.{digits}"))
}

fn out_of_range() -> BuiltinError {
    unread("the number is out of range")
}
