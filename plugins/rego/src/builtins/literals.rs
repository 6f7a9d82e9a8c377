//! Values as Rego writes them, and numbers and texts as Go does.

use std::sync::LazyLock;

use regex::Regex;
use regorus::Value;

/// From this exponent on, the fewest digits are written with it.
const SHORT_EXPONENT_MAX: i32 = 6;

/// What is written as it is between quotes: `strconv.IsPrint` of Go. The pattern is one, so
/// it is always there.
static PRINTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$").ok());

/// A value as Rego writes it; a text without its quotes.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_string(),
        _ => literal(value),
    }
}

fn literal(value: &Value) -> String {
    let list = |values: &mut dyn Iterator<Item = &Value>| {
        let values: Vec<_> = values.map(literal).collect();
        values.join(", ")
    };
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.format_decimal(),
        Value::String(text) => quoted(text),
        Value::Array(values) => format!("[{}]", list(&mut values.iter())),
        Value::Set(values) if values.is_empty() => "set()".to_owned(),
        Value::Set(values) => format!("{{{}}}", list(&mut values.iter())),
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<_> = members
                .map(|(name, value)| format!("{}: {}", literal(name), literal(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Undefined => "undefined".to_owned(),
    }
}

/// A text in quotes, as Go's `strconv.Quote` writes it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            _ => escape(letter, &mut quoted),
        }
    }
    quoted.push('"');
    quoted
}

/// A letter in quotes, as `strconv.QuoteRune` writes it.
pub(super) fn quoted_letter(letter: char) -> String {
    let mut quoted = String::from("'");
    match letter {
        '\'' => quoted.push_str("\\'"),
        _ => escape(letter, &mut quoted),
    }
    quoted.push('\'');
    quoted
}

fn escape(letter: char, quoted: &mut String) {
    match letter {
        '\\' => quoted.push_str("\\\\"),
        '\n' => quoted.push_str("\\n"),
        '\r' => quoted.push_str("\\r"),
        '\t' => quoted.push_str("\\t"),
        '\u{7}' => quoted.push_str("\\a"),
        '\u{8}' => quoted.push_str("\\b"),
        '\u{b}' => quoted.push_str("\\v"),
        '\u{c}' => quoted.push_str("\\f"),
        ' '..='~' => quoted.push(letter),
        _ if is_printed(letter) => quoted.push(letter),
        _ => quoted.push_str(&match u32::from(letter) {
            code @ ..=0x7f => format!("\\x{code:02x}"),
            code @ ..=0xffff => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        }),
    }
}

fn is_printed(letter: char) -> bool {
    let mut bytes = [0; 4];
    let letter = letter.encode_utf8(&mut bytes);
    PRINTED.as_ref().is_some_and(|it| it.is_match(letter))
}

/// `1.5e2` as Go writes it: `1.5e+02`.
pub(super) fn scientific(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// A size as `%g` writes it: so many digits, or the fewest that give the number.
pub(super) fn general(size: f64, digits: Option<usize>) -> String {
    let text = match digits {
        Some(digits) => format!("{size:.*e}", digits.max(1) - 1),
        None => format!("{size:e}"),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = match mantissa.contains('.') {
        true => mantissa.trim_end_matches('0').trim_end_matches('.'),
        false => mantissa,
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let written = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let written = i32::try_from(written).unwrap_or(i32::MAX);
    let large = match digits.map(|digits| i32::try_from(digits.max(1)).unwrap_or(i32::MAX)) {
        None => SHORT_EXPONENT_MAX,
        Some(digits) if digits > written && written > exponent => written,
        Some(digits) => digits,
    };
    if exponent < -4 || exponent >= large {
        return scientific(&format!("{mantissa}e{exponent}"));
    }
    let after = usize::try_from(written - 1 - exponent).unwrap_or_default();
    match format!("{mantissa}e{exponent}").parse::<f64>() {
        Ok(rounded) => format!("{rounded:.after$}"),
        Err(_) => text,
    }
}
