//! Typed access to arguments and results.

use std::fmt;

use serde::de::value::Error as MissingError;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

/// Why there is no value of the wanted type. Becomes a `invalid-arguments`
/// denial when a policy returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentError {
    /// Nothing stands there.
    Missing {
        /// Where.
        pointer: String,
    },
    /// Something else stands there.
    Unexpected {
        /// Where.
        pointer: String,
        /// What is wrong with it.
        detail: String,
    },
}

/// Reads JSON text as a `T`. Where there is no text, only a `T` that can be
/// absent (an `Option`) has a value.
pub(crate) fn read<T: DeserializeOwned>(
    pointer: &str,
    json: Option<String>,
) -> Result<T, ArgumentError> {
    match json {
        Some(json) => serde_json::from_str(&json).map_err(|error| ArgumentError::Unexpected {
            pointer: pointer.to_owned(),
            detail: without_place(&error),
        }),
        None => T::deserialize(Absent).map_err(|_| ArgumentError::Missing {
            pointer: pointer.to_owned(),
        }),
    }
}

/// Line and column in a message of one value help nobody.
pub(crate) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// Nothing: an `Option` reads it as `None`, everything else refuses it.
struct Absent;

impl<'de> Deserializer<'de> for Absent {
    type Error = MissingError;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, MissingError> {
        Err(serde::de::Error::custom("missing"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, MissingError> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

// === impl ArgumentError ===

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { pointer } => write!(f, "the argument `{pointer}` is missing"),
            Self::Unexpected { pointer, detail } if pointer.is_empty() => {
                write!(f, "the arguments do not fit: {detail}")
            }
            Self::Unexpected { pointer, detail } => {
                write!(f, "the argument `{pointer}` does not fit: {detail}")
            }
        }
    }
}

impl std::error::Error for ArgumentError {}
