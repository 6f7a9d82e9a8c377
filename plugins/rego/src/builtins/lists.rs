//! Lists.

use regorus::Value;

use super::arguments::{BuiltinError, wrong};

/// The elements of lists in a list in their place; of those in these, no more.
pub(super) fn flatten(values: &[Value]) -> Result<Value, BuiltinError> {
    let Some(Value::Array(list)) = values.first() else {
        return Err(wrong("argument 1 is no list"));
    };
    let mut flat = Vec::new();
    for value in list.iter() {
        match value {
            Value::Array(inner) => flat.extend(inner.iter().cloned()),
            _ => flat.push(value.clone()),
        }
    }
    Ok(Value::from(flat))
}
