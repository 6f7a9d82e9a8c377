//! Texts, numbers and booleans that arguments are compared with.

use std::cmp::Ordering;
use std::fmt;

use gatewright_sdk::Value;
use serde::Deserialize;

/// A text, a number or a boolean.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "serde_json::Value")]
pub enum Scalar {
    /// `true` or `false`
    Boolean(bool),
    /// Any number; `1` and `1.0` are equal.
    Number(Number),
    /// Every character counts.
    Text(String),
}

/// A number. Integers are compared exactly, everything else as a double.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(from = "serde_json::Number")]
pub enum Number {
    /// Fits into 64 bits.
    Integer(i64),
    /// Any other.
    Decimal(f64),
}

// === impl Scalar ===

impl Scalar {
    /// The scalar that stands in the arguments, if it is one.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Boolean(flag) => Some(Self::Boolean(*flag)),
            Value::Integer(_) | Value::Number(_) => Number::of(value).map(Self::Number),
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// Whether both are texts, both numbers or both booleans.
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl TryFrom<serde_json::Value> for Scalar {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, &'static str> {
        match value {
            serde_json::Value::Bool(flag) => Ok(Self::Boolean(flag)),
            serde_json::Value::Number(number) => Ok(Self::Number(number.into())),
            serde_json::Value::String(text) => Ok(Self::Text(text)),
            serde_json::Value::Null
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_) => Err("expected a text, a number or a boolean"),
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(flag) => write!(f, "`{flag}`"),
            Self::Number(number) => write!(f, "`{number}`"),
            Self::Text(text) => write!(f, "`{text}`"),
        }
    }
}

// === impl Number ===

impl Number {
    /// The number that stands in the arguments, if it is one.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(integer) => Some(Self::Integer(*integer)),
            Value::Number(text) => text.parse().ok().map(Self::Decimal),
            Value::Null
            | Value::Boolean(_)
            | Value::Text(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        }
    }

    fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Decimal(decimal) => decimal,
        }
    }
}

impl From<serde_json::Number> for Number {
    fn from(number: serde_json::Number) -> Self {
        match number.as_i64() {
            Some(integer) => Self::Integer(integer),
            None => Self::Decimal(number.as_f64().unwrap_or(f64::NAN)),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(right)),
            (Self::Integer(_) | Self::Decimal(_), Self::Integer(_) | Self::Decimal(_)) => {
                self.as_f64().partial_cmp(&other.as_f64())
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => integer.fmt(f),
            Self::Decimal(decimal) => decimal.fmt(f),
        }
    }
}
