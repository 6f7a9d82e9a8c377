//! `sprintf`, as Go's `fmt` writes what OPA gives it. Where Go writes that a verb does not fit
//! (`%!d(string=x)`), or that too much or too little is given, there is an error that no rule
//! passes over: a message or a key with a mistake in it helps nobody.

use std::fmt::Write as _;

use num_bigint::{BigInt, Sign};
use regorus::Value;

use super::arguments::{BuiltinError, text, unread, wrong};
use super::literals::{general, plain, quoted, quoted_letter, scientific};

/// Widest that anything is written: what an agent sends must not become a width.
const WIDTH_MAX: usize = 4096;

/// What stands for a letter that is none.
const NO_LETTER: char = '\u{fffd}';

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
                    .ok_or_else(|| unread(&format!("nothing is given for `%{verb}`")))?;
                written.push_str(&form.written(verb, value)?);
            }
            None => return Err(unread("a `%` stands at the end")),
        }
    }
    match given.next() {
        None => Ok(Value::from(written)),
        Some(_) => Err(unread("more is given than the format has verbs")),
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
        // Which only `%v` and `%x` know, or which are of Go.
        let is_odd = self.sharp && !matches!(verb, 'x' | 'X' | 'o' | 'O' | 'b' | 'd');
        if is_odd {
            return Err(unread(&format!("`#` does not go with `%{verb}`")));
        }
        match (verb, value) {
            ('v' | 's', Value::String(text)) => Ok(self.padded(&self.cut(text))),
            // What Go says of a number that is to be written as text.
            ('s', Value::Number(_)) => self.number_as_text(value),
            ('v', Value::Number(number)) => match number.as_i128() {
                Some(_) => self.without_plus().integer('d', value),
                None if number.is_integer() => self.integer('d', value),
                None => self.without_plus().float('g', value),
            },
            ('t', Value::Bool(flag)) => Ok(self.padded(&flag.to_string())),
            ('q', _) if self.plus => Err(self.unfit(verb, value)),
            ('q', Value::Number(_)) => Ok(self.padded(&quoted_letter(self.letter(verb, value)?))),
            ('c', Value::Number(_)) => Ok(self.padded(&self.letter(verb, value)?.to_string())),
            ('q', _) => Ok(self.padded(&quoted(&self.cut(&plain(value))))),
            ('d' | 'b' | 'o' | 'O' | 'x' | 'X', Value::Number(_)) => self.integer(verb, value),
            ('e' | 'E' | 'f' | 'F' | 'g' | 'G', Value::Number(_)) => self.float(verb, value),
            ('v' | 's', _) => Ok(self.padded(&self.cut(&plain(value)))),
            ('x' | 'X', _) => self.bytes(verb, &plain(value)),
            _ => Err(self.unfit(verb, value)),
        }
    }

    /// In `%v`, the sign asks for names of members, which no value of OPA has.
    const fn without_plus(&self) -> Self {
        Self {
            plus: false,
            ..*self
        }
    }

    fn number_as_text(&self, value: &Value) -> Result<String, BuiltinError> {
        let Value::Number(number) = value else {
            return Err(self.unfit('s', value));
        };
        Ok(match (number.is_integer(), number.as_i64()) {
            (true, Some(_)) => format!("%!s(int64={})", self.integer('d', value)?),
            (true, None) => self.integer('d', value)?,
            (false, _) => format!("%!s(float64={})", self.float('g', value)?),
        })
    }

    fn letter(&self, verb: char, value: &Value) -> Result<char, BuiltinError> {
        let code = match value {
            Value::Number(number) if number.is_integer() => number.as_i64(),
            _ => None,
        };
        let code = code.ok_or_else(|| self.unfit(verb, value))?;
        Ok(u32::try_from(code)
            .ok()
            .and_then(char::from_u32)
            .unwrap_or(NO_LETTER))
    }

    /// The bytes of a text in hexadecimal digits.
    fn bytes(&self, verb: char, text: &str) -> Result<String, BuiltinError> {
        let mark = match (self.sharp, verb) {
            (false, _) => "",
            (true, 'x') => "0x",
            (true, _) => "0X",
        };
        let mut digits = String::new();
        let bytes = text.bytes().take(self.precision.unwrap_or(usize::MAX));
        for (place, byte) in bytes.enumerate() {
            match (place, self.space) {
                (0, _) => digits.push_str(mark),
                (_, true) => digits.extend([" ", mark]),
                (_, false) => {}
            }
            match verb {
                'x' => write!(digits, "{byte:02x}"),
                _ => write!(digits, "{byte:02X}"),
            }
            .map_err(|error| wrong(&error.to_string()))?;
        }
        Ok(self.padded(&digits))
    }

    fn integer(&self, verb: char, value: &Value) -> Result<String, BuiltinError> {
        let whole = match value {
            Value::Number(number) if number.is_integer() => number.format_decimal().parse().ok(),
            _ => None,
        };
        let whole: BigInt = whole.ok_or_else(|| self.unfit(verb, value))?;
        let radix = match verb {
            'b' => 2,
            'o' | 'O' => 8,
            'x' | 'X' => 16,
            _ => 10,
        };
        let mut digits = whole.magnitude().to_str_radix(radix);
        if verb == 'X' {
            digits.make_ascii_uppercase();
        }
        let sign = self.sign(whole.sign() == Sign::Minus);
        if digits == "0" && self.precision == Some(0) {
            return Ok(" ".repeat(self.width));
        }
        // A width of 64 bits is of the digits, a wider one of all that is written.
        let is_wide = i64::try_from(&whole).is_err();
        let has_zeros = self.zeros && !self.left && self.precision.is_none();
        let mark = match (verb, self.sharp) {
            ('O', _) => "0o",
            ('b', true) => "0b",
            ('x', true) => "0x",
            ('X', true) => "0X",
            ('o', true) if is_wide => "0",
            _ => "",
        };
        let length = match (self.precision, has_zeros) {
            (Some(precision), _) => precision,
            (None, true) if is_wide => self.width.saturating_sub(sign.len() + mark.len()),
            (None, true) => self.width.saturating_sub(sign.len()),
            (None, false) => 0,
        };
        let mut digits = format!("{digits:0>length$}");
        if radix == 8 && self.sharp && !is_wide && !digits.starts_with('0') {
            digits.insert(0, '0');
        }
        Ok(self.spaced(&format!("{sign}{mark}{digits}")))
    }

    fn float(&self, verb: char, value: &Value) -> Result<String, BuiltinError> {
        // Integers of more digits than a float holds are rounded, as in Go.
        let number = value.as_f64().or_else(|_| plain(value).parse());
        let number: f64 = number.map_err(|_| self.unfit(verb, value))?;
        let size = number.abs();
        let digits = match verb {
            'f' | 'F' => format!("{size:.*}", self.precision.unwrap_or(6)),
            'e' | 'E' => scientific(&format!("{size:.*e}", self.precision.unwrap_or(6))),
            _ => general(size, self.precision),
        };
        let digits = match verb {
            'E' | 'G' => digits.to_uppercase(),
            _ => digits,
        };
        let sign = self.sign(number.is_sign_negative());
        let length = match self.zeros && !self.left {
            true => self.width.saturating_sub(sign.len()),
            false => 0,
        };
        Ok(self.spaced(&format!("{sign}{digits:0>length$}")))
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

    fn padded(&self, text: &str) -> String {
        let width = self.width;
        match self.zeros && !self.left {
            true => format!("{text:0>width$}"),
            false => self.spaced(text),
        }
    }

    fn spaced(&self, text: &str) -> String {
        let width = self.width;
        match self.left {
            true => format!("{text:<width$}"),
            false => format!("{text:>width$}"),
        }
    }

    fn unfit(&self, verb: char, value: &Value) -> BuiltinError {
        unread(&format!("`%{verb}` does not fit `{}`", plain(value)))
    }
}
