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

/// Whole numbers from one to another, both included.
pub(super) fn range_step(values: &[Value]) -> Result<Value, BuiltinError> {
    let whole = |place: usize| {
        let value = values.get(place).and_then(|value| value.as_i128().ok());
        value.ok_or_else(|| BuiltinError::new(format!("argument {} is no whole number", place + 1)))
    };
    let (from, to, step) = (whole(0)?, whole(1)?, whole(2)?);
    if step <= 0 {
        return Err(wrong("the step is not above zero"));
    }
    let step = if from <= to { step } else { -step };
    let mut numbers = Vec::new();
    let mut next = Some(from);
    while let Some(number) = next
        && ((from <= to && number <= to) || (from > to && number >= to))
    {
        numbers.push(Value::from(number));
        next = number.checked_add(step);
    }
    Ok(Value::from(numbers))
}
