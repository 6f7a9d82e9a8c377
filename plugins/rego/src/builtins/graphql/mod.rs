//! `graphql.*`: documents of GraphQL, as gqlparser describes them. Whether a query fits a
//! schema is not answered.

mod node;
mod queries;
mod schemas;
mod valid;
mod words;

use regorus::Value;

use super::arguments::{BuiltinError, text};
use words::Words;

pub(super) fn parse_query(values: &[Value]) -> Result<Value, BuiltinError> {
    let mut words = Words::read(text(values, 0)?)?;
    queries::document(&mut words)
}

pub(super) fn parse_schema(values: &[Value]) -> Result<Value, BuiltinError> {
    let mut words = Words::read(text(values, 0)?)?;
    schemas::document(&mut words)
}

/// A text, or what `graphql.parse_schema` gives.
pub(super) fn schema_is_valid(values: &[Value]) -> Result<Value, BuiltinError> {
    let schema = match values.first() {
        Some(Value::String(text)) => {
            Words::read(text).and_then(|mut words| schemas::document(&mut words))
        }
        Some(schema @ Value::Object(_)) => Ok(schema.clone()),
        _ => return Ok(Value::from(false)),
    };
    match schema {
        Ok(schema) => Ok(Value::from(valid::is_valid(&schema)?)),
        Err(_) => Ok(Value::from(false)),
    }
}
