//! What an expression evaluates to: a constant, or a sum of columns in one form.

use std::collections::BTreeMap;

use sqlparser::ast::Value as Literal;

use crate::truth::Holds;

/// What an expression evaluates to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// The same for every row, but not known.
    Constant,
    /// Different from row to row: a sum of unknowns and a number.
    Row(Sum),
}

/// `2 * a + b + 1`; the unknowns by their canonical text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) unknowns: BTreeMap<String, f64>,
    pub(crate) number: f64,
}

impl Sum {
    pub(crate) fn unknown(name: String) -> Self {
        Self {
            unknowns: BTreeMap::from([(name, 1.0)]),
            number: 0.0,
        }
    }

    pub(crate) fn number(number: f64) -> Self {
        Self {
            unknowns: BTreeMap::new(),
            number,
        }
    }

    /// `self + factor * other`.
    pub(crate) fn plus(&self, factor: f64, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.number += factor * other.number;
        for (name, times) in &other.unknowns {
            *sum.unknowns.entry(name.clone()).or_default() += factor * times;
        }
        sum.unknowns.retain(|_, times| *times != 0.0);
        sum
    }

    pub(crate) fn value(self) -> Value {
        if self.unknowns.is_empty() {
            Value::Number(self.number)
        } else {
            Value::Row(self)
        }
    }

    /// Whether the number divides each part without a rest.
    pub(crate) fn is_multiple_of(&self, by: f64) -> bool {
        let mut parts = self.unknowns.values().chain(std::iter::once(&self.number));
        by != 0.0 && by.fract() == 0.0 && parts.all(|part| (part / by).fract() == 0.0)
    }

    /// The one unknown, where the sum is nothing else.
    pub(crate) fn only(&self) -> Option<&str> {
        match self.unknowns.first_key_value() {
            Some((name, times))
                if self.unknowns.len() == 1 && *times == 1.0 && self.number == 0.0 =>
            {
                Some(name)
            }
            Some(_) | None => None,
        }
    }
}

impl Value {
    pub(crate) fn sum(&self) -> Option<Sum> {
        match self {
            Self::Number(number) => Some(Sum::number(*number)),
            Self::Row(sum) => Some(sum.clone()),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::Constant => None,
        }
    }

    pub(crate) fn is_constant(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Constant => true,
            Self::Row(_) => false,
        }
    }
}

pub(crate) fn literal_value(literal: &Literal) -> Value {
    match literal {
        Literal::Number(digits, _) => digits.parse().map_or(Value::Constant, Value::Number),
        Literal::SingleQuotedString(text)
        | Literal::DoubleQuotedString(text)
        | Literal::EscapedStringLiteral(text)
        | Literal::NationalStringLiteral(text)
        | Literal::UnicodeStringLiteral(text)
        | Literal::SingleQuotedRawStringLiteral(text)
        | Literal::DoubleQuotedRawStringLiteral(text) => Value::Text(text.clone()),
        // Of MySQL and SQLite a text too: `LIKE x'25'`.
        Literal::HexStringLiteral(digits) => {
            text_of_hex(digits).map_or(Value::Constant, Value::Text)
        }
        Literal::DollarQuotedString(text) => Value::Text(text.value.clone()),
        Literal::Boolean(truth) => Value::Bool(*truth),
        Literal::Null => Value::Null,
        // The enum is the parser's.
        _ => Value::Constant,
    }
}

/// The number that a text says, which is one beside a number.
pub(crate) fn numeral(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+');
    (!text.is_empty() && text.bytes().all(is_plain))
        .then(|| text.parse().ok())
        .flatten()
}

/// The text that the bytes are.
pub(crate) fn text_of_hex(digits: &str) -> Option<String> {
    // `from_str_radix` would take a sign.
    let are_pairs =
        digits.len().is_multiple_of(2) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !are_pairs {
        return None;
    }
    let bytes = digits.as_bytes().chunks(2).map(|pair| {
        let pair = str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}

pub(crate) fn truth_of_value(value: &Value) -> Holds {
    match value {
        Value::Null => Holds::Never,
        Value::Bool(truth) => Holds::of(*truth),
        Value::Number(number) => Holds::of(*number != 0.0),
        Value::Text(text) => match text.to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => Holds::Always,
            _ => Holds::Alike,
        },
        Value::Constant => Holds::Alike,
        Value::Row(_) => Holds::Depends,
    }
}
