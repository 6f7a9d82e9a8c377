//! The order of values: in OPA sets come last, behind objects, and the interpreter has it
//! the other way round.

use std::cmp::Ordering;

use regorus::Value;

use super::arguments::{BuiltinError, wrong};

pub(super) fn sort(values: &[Value]) -> Result<Value, BuiltinError> {
    let sorted = sorted(elements(values)?.into_iter());
    Ok(Value::from(sorted.into_iter().cloned().collect::<Vec<_>>()))
}

/// Nothing, where there are none.
pub(super) fn max(values: &[Value]) -> Result<Value, BuiltinError> {
    let greatest = elements(values)?.into_iter().max_by(|a, b| order(a, b));
    Ok(greatest.cloned().unwrap_or(Value::Undefined))
}

/// Nothing, where there are none.
pub(super) fn min(values: &[Value]) -> Result<Value, BuiltinError> {
    let least = elements(values)?.into_iter().min_by(|a, b| order(a, b));
    Ok(least.cloned().unwrap_or(Value::Undefined))
}

/// Values in their order.
pub(super) fn sorted<'a>(values: impl Iterator<Item = &'a Value>) -> Vec<&'a Value> {
    let mut values: Vec<_> = values.collect();
    values.sort_by(|a, b| order(a, b));
    values
}

fn elements(values: &[Value]) -> Result<Vec<&Value>, BuiltinError> {
    match values.first() {
        Some(Value::Array(elements)) => Ok(elements.iter().collect()),
        Some(Value::Set(elements)) => Ok(elements.iter().collect()),
        _ => Err(wrong("argument 1 is neither a list nor a set")),
    }
}

fn order(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => order_of_lists(one.iter(), other.iter()),
        (Value::Set(one), Value::Set(other)) => {
            let (one, other) = (sorted(one.iter()), sorted(other.iter()));
            order_of_lists(one.into_iter(), other.into_iter())
        }
        (Value::Object(one), Value::Object(other)) => {
            let flat = |members: Vec<(&'_ Value, &'_ Value)>| -> Vec<Value> {
                let mut members = members;
                members.sort_by(|(a, _), (b, _)| order(a, b));
                let members = members.into_iter();
                members.flat_map(|(a, b)| [a.clone(), b.clone()]).collect()
            };
            let (one, other) = (flat(one.iter().collect()), flat(other.iter().collect()));
            order_of_lists(one.iter(), other.iter())
        }
        (Value::Object(_), Value::Set(_)) => Ordering::Less,
        (Value::Set(_), Value::Object(_)) => Ordering::Greater,
        _ => one.cmp(other),
    }
}

/// By the first that are not the same; the shorter one, where all of it is.
fn order_of_lists<'a>(
    mut one: impl Iterator<Item = &'a Value>,
    mut other: impl Iterator<Item = &'a Value>,
) -> Ordering {
    loop {
        match (one.next(), other.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(one), Some(other)) => match order(one, other) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}
