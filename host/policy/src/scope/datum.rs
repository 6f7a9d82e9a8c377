//! One JSON value by what it means: numbers by their value, members in any order.

use std::collections::BTreeMap;
use std::fmt;

use crate::json::{Decimal, Kind, Value, held_by_double};

/// A JSON value. Two are equal when they mean the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Datum {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A number: `100`, `100.0` and `1e2` are one.
    Number(Decimal),
    /// A string.
    Text(String),
    /// An array.
    Array(Vec<Datum>),
    /// An object.
    Object(BTreeMap<String, Datum>),
}

impl Datum {
    /// Reads a value. `None` where a number in it is one that a double does not hold: a tool
    /// may read another number than the one that was compared, `0` for `1e-400`.
    pub fn read(value: Value<'_>) -> Option<Self> {
        Some(match value.kind() {
            Kind::Null => Self::Null,
            Kind::Boolean(boolean) => Self::Boolean(boolean),
            Kind::Number => Self::Number(held_by_double(value.json())?),
            Kind::Text => Self::Text(value.string().into_owned()),
            Kind::Array(_) => {
                let elements = value.elements().map(Self::read);
                Self::Array(elements.collect::<Option<_>>()?)
            }
            Kind::Object(_) => {
                let members = value
                    .members()
                    .map(|(name, member)| Some((name.into_owned(), Self::read(member)?)));
                Self::Object(members.collect::<Option<_>>()?)
            }
        })
    }

    /// Values in it, itself among them.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Boolean(_) | Self::Number(_) | Self::Text(_) => 1,
            Self::Array(elements) => 1 + elements.iter().map(Self::size).sum::<usize>(),
            Self::Object(members) => 1 + members.values().map(Self::size).sum::<usize>(),
        }
    }
}

/// As JSON.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Array(elements) => {
                f.write_str("[")?;
                for (at, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", comma(at))?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (at, (name, member)) in members.iter().enumerate() {
                    let name = serde_json::Value::from(name.as_str());
                    write!(f, "{}{name}:{member}", comma(at))?;
                }
                f.write_str("}")
            }
        }
    }
}

/// What stands before one of several things.
pub(super) const fn comma(at: usize) -> &'static str {
    if at == 0 { "" } else { "," }
}
