//! Canonical JSON (RFC 8785): one text for one value, so that a digest names a
//! value.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The largest integer that every reader of JSON holds exactly.
pub(crate) const INTEGER_MAX: u64 = (1 << 53) - 1;

/// Why text is not the canonical form of a `T`.
#[derive(Debug)]
pub(crate) enum NotCanonical {
    /// It is not JSON of this shape; what the parser says.
    Shape(String),
    /// It says the same as the canonical text, and is another one.
    Form,
}

/// The canonical text of a value.
pub(crate) fn to_vec(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    serde_json_canonicalizer::to_vec(value)
}

/// Reads a value whose text must be the canonical one. A duplicate member, a
/// space or another order of members is refused.
pub(crate) fn from_slice<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, NotCanonical> {
    let shape = |error: serde_json::Error| NotCanonical::Shape(error.to_string());
    let value: T = serde_json::from_slice(bytes).map_err(shape)?;
    if to_vec(&value).map_err(shape)? == bytes {
        Ok(value)
    } else {
        Err(NotCanonical::Form)
    }
}

/// Whether the canonical text holds every number of a value exactly.
pub(crate) fn is_exact(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => {
            number.is_f64()
                || number
                    .as_i64()
                    .is_some_and(|integer| integer.unsigned_abs() <= INTEGER_MAX)
        }
        Value::Array(elements) => elements.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
    }
}
