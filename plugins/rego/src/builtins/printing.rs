//! `sprintf`, as Go's `fmt` writes what OPA gives it. A verb that does not fit what it is
//! given is an error: a message or a key with a mistake in it helps nobody.

use std::fmt::Write as _;

use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};

/// Widest that anything is written: what an agent sends must not become a width.
const WIDTH_MAX: usize = 4096;

/// Flags, width and precision of a verb.
#[derive(Default)]
struct Form {
    left: bool,
    plus: bool,
    space: bool,
    zeros: bool,
    sharp: bool,
    width: usize,
    precision: Option<usize>,
}

pub(super) fn sprintf(values: &[Value]) -> Result<Value, BuiltinError> {
    let format = text(values, 0)?;
    let Some(Value::Array(given)) = values.get(1) else {
        return Err(wrong("argument 2 is no list"));
    };
    let mut written = String::with_capacity(format.len());
    let mut given = given.iter();
    let mut letters = format.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            written.push(letter);
            continue;
        }
        let mut form = Form::default();
        while let Some(flag) = letters.next_if(|it| matches!(it, '-' | '+' | ' ' | '0' | '#')) {
            match flag {
                '-' => form.left = true,
                '+' => form.plus = true,
                ' ' => form.space = true,
                '0' => form.zeros = true,
                _ => form.sharp = true,
            }
        }
        form.width = number(&mut letters)?.unwrap_or_default();
        if letters.next_if_eq(&'.').is_some() {
            form.precision = Some(number(&mut letters)?.unwrap_or_default());
        }
        match letters.next() {
            Some('%') => written.push('%'),
            Some(verb) => {
                let value = given
                    .next()
                    .ok_or_else(|| BuiltinError::new(format!("nothing is given for `%{verb}`")))?;
                written.push_str(&form.written(verb, value)?);
            }
            None => return Err(wrong("a `%` stands at the end")),
        }
    }
    match given.next() {
        None => Ok(Value::from(written)),
        Some(_) => Err(wrong("more is given than the format has verbs")),
    }
}

fn number(
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Result<Option<usize>, BuiltinError> {
    let mut number = None;
    while let Some(digit) = letters.peek().and_then(|letter| letter.to_digit(10)) {
        letters.next();
        let so_far = number.unwrap_or_default();
        let next = usize::try_from(digit).map(|digit| so_far * 10 + digit);
        match next {
            Ok(next) if next <= WIDTH_MAX => number = Some(next),
            Ok(_) | Err(_) => return Err(unread("a width is too large")),
        }
    }
    Ok(number)
}

// === impl Form ===

impl Form {
    fn written(&self, verb: char, value: &Value) -> Result<String, BuiltinError> {
        match (verb, value) {
            ('v' | 's', Value::String(text)) => Ok(self.padded(&self.cut(text), false)),
            // What Go says of a number that is to be written as text.
            ('s', Value::Number(number)) => {
                let digits = self.padded(&plain(value), true);
                Ok(match (number.is_integer(), number.as_i64()) {
                    (true, Some(_)) => format!("%!s(int={digits})"),
                    (true, None) => digits,
                    (false, _) => format!("%!s(float64={digits})"),
                })
            }
            ('v' | 's', _) => Ok(self.padded(&plain(value), false)),
            ('q', Value::String(text)) => Ok(self.padded(&quoted(&self.cut(text)), false)),
            ('t', Value::Bool(flag)) => Ok(self.padded(&flag.to_string(), false)),
            ('x' | 'X', Value::String(text)) => {
                let mut digits = String::new();
                for byte in text.bytes() {
                    write!(digits, "{byte:02x}").map_err(|error| wrong(&error.to_string()))?;
                }
                let digits = match verb {
                    'X' => digits.to_uppercase(),
                    _ => digits,
                };
                Ok(self.padded(&digits, false))
            }
            ('c', Value::Number(_)) => {
                let letter = value.as_u32().ok().and_then(char::from_u32);
                let letter = letter.ok_or_else(|| self.unfit(verb, value))?;
                Ok(self.padded(&letter.to_string(), false))
            }
            ('d' | 'b' | 'o' | 'O' | 'x' | 'X', Value::Number(_)) => self.integer(verb, value),
            ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Value::Number(_)) => self.float(verb, value),
            _ => Err(self.unfit(verb, value)),
        }
    }

    fn integer(&self, verb: char, value: &Value) -> Result<String, BuiltinError> {
        let Value::Number(number) = value else {
            return Err(self.unfit(verb, value));
        };
        if !number.is_integer() {
            return Err(self.unfit(verb, value));
        }
        let digits = match number.as_i128() {
            Some(number) => {
                let size = number.unsigned_abs();
                let digits = match verb {
                    'd' => size.to_string(),
                    'b' => format!("{size:b}"),
                    'o' if self.sharp => format!("0{size:o}"),
                    'o' => format!("{size:o}"),
                    'O' => format!("0o{size:o}"),
                    'x' if self.sharp => format!("{size:#x}"),
                    'x' => format!("{size:x}"),
                    _ if self.sharp => format!("0X{size:X}"),
                    _ => format!("{size:X}"),
                };
                return Ok(self.padded(&format!("{}{digits}", self.sign(number < 0)), true));
            }
            None if verb == 'd' => number.format_decimal(),
            None => return Err(self.unfit(verb, value)),
        };
        Ok(self.padded(&digits, true))
    }

    fn float(&self, verb: char, value: &Value) -> Result<String, BuiltinError> {
        // Integers of more digits than a float holds are rounded, as in Go.
        let number = value.as_f64().or_else(|_| plain(value).parse());
        let number: f64 = number.map_err(|_| self.unfit(verb, value))?;
        let size = number.abs();
        let digits = match verb {
            'f' | 'F' => format!("{size:.*}", self.precision.unwrap_or(6)),
            'e' | 'E' => scientific(&format!("{size:.*e}", self.precision.unwrap_or(6))),
            _ => match self.precision {
                None => shortest(size),
                Some(_) => return Err(unread("a precision does not go with `%g`")),
            },
        };
        let digits = match verb {
            'E' | 'G' => digits.to_uppercase(),
            _ => digits,
        };
        let sign = self.sign(number.is_sign_negative());
        Ok(self.padded(&format!("{sign}{digits}"), true))
    }

    const fn sign(&self, is_negative: bool) -> &'static str {
        match (is_negative, self.plus, self.space) {
            (true, ..) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    fn cut(&self, text: &str) -> String {
        match self.precision {
            Some(letters) => text.chars().take(letters).collect(),
            None => text.to_owned(),
        }
    }

    fn padded(&self, text: &str, is_number: bool) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        match (self.left, self.zeros) {
            (true, _) => format!("{text}{}", " ".repeat(missing)),
            (false, true) => {
                let digits = match is_number {
                    true => text.trim_start_matches(['-', '+', ' ']),
                    false => text,
                };
                let sign = text.strip_suffix(digits).unwrap_or_default();
                format!("{sign}{}{digits}", "0".repeat(missing))
            }
            (false, false) => format!("{}{text}", " ".repeat(missing)),
        }
    }

    fn unfit(&self, verb: char, value: &Value) -> BuiltinError {
        BuiltinError::new(format!("`%{verb}` does not fit `{}`", plain(value)))
    }
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

/// The fewest digits that give the number, as `%g` writes them.
fn shortest(size: f64) -> String {
    let text = format!("{size:e}");
    let exponent = text.split_once('e').and_then(|(_, it)| it.parse().ok());
    let exponent: i32 = exponent.unwrap_or_default();
    match (-4..21).contains(&exponent) {
        true => format!("{size}"),
        false => scientific(&text),
    }
}

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
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            _ if letter.is_ascii_control() => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(letter)));
            }
            _ if letter.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
