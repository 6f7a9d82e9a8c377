//! Numbers from texts and to them.

use num_bigint::BigInt;
use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};

/// The whole number below; of what is between -1 and 0 it is 0, in OPA.
pub(super) fn floor(values: &[Value]) -> Result<Value, BuiltinError> {
    match values.first() {
        Some(value) if is_near_zero(value) => Ok(Value::from(0_u64)),
        Some(Value::Number(number)) => Ok(Value::from(number.floor())),
        _ => Err(wrong("argument 1 is no number")),
    }
}

/// The whole number above; of what is between -1 and 0 it is 1, in OPA.
pub(super) fn ceil(values: &[Value]) -> Result<Value, BuiltinError> {
    match values.first() {
        Some(value) if is_near_zero(value) => Ok(Value::from(1_u64)),
        Some(Value::Number(number)) => Ok(Value::from(number.ceil())),
        _ => Err(wrong("argument 1 is no number")),
    }
}

fn is_near_zero(value: &Value) -> bool {
    value.as_f64().is_ok_and(|size| -1.0 < size && size < 0.0)
}

/// A whole number in digits of base 2, 8, 10 or 16; what stands behind the point is dropped.
pub(super) fn format_int(values: &[Value]) -> Result<Value, BuiltinError> {
    let radix = values.get(1).and_then(|value| value.as_u32().ok());
    let radix = radix.filter(|radix| [2, 8, 10, 16].contains(radix));
    let radix = radix.ok_or_else(|| wrong("argument 2 is none of 2, 8, 10 and 16"))?;
    let Some(Value::Number(number)) = values.first() else {
        return Err(wrong("argument 1 is no number"));
    };
    let written = number.format_decimal();
    let whole = written.split('.').next().unwrap_or(&written);
    let whole: BigInt = whole
        .parse()
        .map_err(|_| unread("the number is out of range"))?;
    Ok(Value::from(whole.to_str_radix(radix)))
}

/// The number that a text is, as Go reads one of 64 bits: `+1`, `.5` and `01` are some.
pub(super) fn to_number(values: &[Value]) -> Result<Value, BuiltinError> {
    match values.first() {
        Some(Value::Null | Value::Bool(false)) => return Ok(Value::from(0_u64)),
        Some(Value::Bool(true)) => return Ok(Value::from(1_u64)),
        Some(number @ Value::Number(_)) => return Ok(number.clone()),
        _ => {}
    }
    let written = text(values, 0)?;
    let no_number = || wrong("the text is no number");
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|it| it.is_ascii_digit());
    let is_exponent = |text: &str| {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && are_digits(digits)
    };
    let is_number =
        are_digits(whole) && are_digits(after) && !(whole.is_empty() && after.is_empty());
    if !is_number || !exponent.is_none_or(is_exponent) {
        // Go knows some more, and OPA compares them as nothing else.
        let is_hexadecimal = unsigned.starts_with("0x") && unsigned.contains('p');
        return match unsigned.contains('_') || is_hexadecimal {
            true => Err(unread("the text may be a number")),
            false => Err(no_number()),
        };
    }
    let size: f64 = unsigned.parse().map_err(|_| no_number())?;
    if !size.is_finite() {
        return Err(wrong("the number is out of range"));
    }
    let sign = if written.starts_with('-') { "-" } else { "" };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let after = match after {
        "" => String::new(),
        after => format!(".{after}"),
    };
    let exponent = exponent.map(|it| format!("e{it}")).unwrap_or_default();
    Value::from_json_str(&format!("{sign}{whole}{after}{exponent}"))
        .map_err(|error| BuiltinError::new(format!("{error:#}")))
}
