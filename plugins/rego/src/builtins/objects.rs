//! Objects: what of one is in another, and parts of one by their paths.

use std::collections::{BTreeMap, BTreeSet};

use regorus::Value;

use super::arguments::{BuiltinError, wrong};

/// What paths lead to, by the names on them.
#[derive(Default)]
struct Selection {
    /// A path ends here: all of it is meant, whatever others say.
    is_whole: bool,
    inner: BTreeMap<Value, Self>,
}

/// Whether an object, a set or a list has all of another; a list may have that of a set.
pub(super) fn subset(values: &[Value]) -> Result<Value, BuiltinError> {
    let (Some(large), Some(small)) = (values.first(), values.get(1)) else {
        return Err(wrong("two arguments are needed"));
    };
    let answer = match (large, small) {
        (Value::Array(list), Value::Set(small)) => {
            // Each element of the list counts, also one that comes twice.
            let found = list.iter().filter(|it| small.contains(it)).count();
            !list.is_empty() && found >= small.len()
        }
        _ => holds(large, small).ok_or_else(|| wrong("the arguments are not of one type"))?,
    };
    Ok(Value::from(answer))
}

/// Nothing, where they are not of one type, or have no parts.
fn holds(large: &Value, small: &Value) -> Option<bool> {
    match (large, small) {
        (Value::Object(large), Value::Object(small)) => Some(small.iter().all(|(name, value)| {
            let other = large.get(name);
            other.is_some_and(|other| other == value || holds(other, value).unwrap_or_default())
        })),
        (Value::Set(large), Value::Set(small)) => Some(small.iter().all(|it| large.contains(it))),
        (Value::Array(large), Value::Array(small)) => {
            let (large, small) = (large.as_slice(), small.as_slice());
            Some(small.is_empty() || is_part(large, small))
        }
        _ => None,
    }
}

/// As OPA looks for it: where the beginning fits and the rest does not, it goes on one further.
fn is_part(large: &[Value], small: &[Value]) -> bool {
    large.windows(small.len()).any(|part| part == small)
}

/// Whether an object has the names of a list, and no others.
pub(super) fn has_members(values: &[Value]) -> Result<Value, BuiltinError> {
    let (Some(object), Some(Value::Array(names))) = (values.first(), values.get(1)) else {
        return Err(wrong("argument 2 is no list"));
    };
    let Value::Object(members) = object else {
        return Ok(Value::from(false));
    };
    let names: BTreeSet<&Value> = names.iter().collect();
    let has_all = names.iter().all(|name| members.contains_key(name));
    Ok(Value::from(has_all && names.len() == members.len()))
}

/// What paths lead to.
pub(super) fn filter(values: &[Value]) -> Result<Value, BuiltinError> {
    let (object, selection) = selected(values)?;
    filtered(object, &selection)
}

/// What no path leads to.
pub(super) fn remove(values: &[Value]) -> Result<Value, BuiltinError> {
    let (object, selection) = selected(values)?;
    // Without any path that has a name, all is left.
    Ok(rest(object, &selection))
}

fn filtered(value: &Value, selection: &Selection) -> Result<Value, BuiltinError> {
    if selection.is_whole {
        return Ok(value.clone());
    }
    Ok(match value {
        Value::Array(elements) => {
            let mut kept = Vec::new();
            for (place, element) in elements.iter().enumerate() {
                if let Some(inner) = selection.inner.get(&place_name(place)) {
                    kept.push(filtered(element, inner)?);
                }
            }
            Value::from(kept)
        }
        Value::Set(elements) => {
            let mut kept = BTreeSet::new();
            for element in elements.iter() {
                if let Some(inner) = selection.inner.get(element) {
                    kept.insert(filtered(element, inner)?);
                }
            }
            Value::from(kept)
        }
        Value::Object(members) => {
            let mut kept = BTreeMap::new();
            for (name, member) in members.iter() {
                if let Some(inner) = selection.inner.get(name) {
                    kept.insert(name.clone(), filtered(member, inner)?);
                }
            }
            Value::from(kept)
        }
        _ => value.clone(),
    })
}

fn rest(value: &Value, selection: &Selection) -> Value {
    let left = |name: &Value, value: &Value| match selection.inner.get(name) {
        Some(inner) if inner.is_whole => None,
        Some(inner) => Some(rest(value, inner)),
        None => Some(value.clone()),
    };
    match value {
        Value::Array(elements) => {
            let elements = elements.iter().enumerate();
            let left = elements.filter_map(|(place, value)| left(&place_name(place), value));
            Value::from(left.collect::<Vec<_>>())
        }
        Value::Set(elements) => {
            let left = elements.iter().filter_map(|value| left(value, value));
            Value::from(left.collect::<BTreeSet<_>>())
        }
        Value::Object(members) => {
            let members = members.iter();
            let left = members.filter_map(|(name, value)| Some((name.clone(), left(name, value)?)));
            Value::from(left.collect::<BTreeMap<_, _>>())
        }
        _ => value.clone(),
    }
}

/// Places in lists are texts in paths.
fn place_name(place: usize) -> Value {
    Value::from(place.to_string())
}

/// An object, and what paths select of it.
fn selected(values: &[Value]) -> Result<(&Value, Selection), BuiltinError> {
    let Some(object @ Value::Object(_)) = values.first() else {
        return Err(wrong("argument 1 is no object"));
    };
    let paths: Vec<&Value> = match values.get(1) {
        Some(Value::Array(paths)) => paths.iter().collect(),
        Some(Value::Set(paths)) => paths.iter_sorted().collect(),
        _ => return Err(wrong("argument 2 is neither a list nor a set")),
    };
    let mut selection = Selection::default();
    for written in paths {
        let names = path(written)?;
        // Behind a path that ends, nothing more is said.
        let mut place = &mut selection;
        let count = names.len();
        for name in names {
            place = place.inner.entry(name).or_default();
            if place.is_whole {
                break;
            }
        }
        if count > 0 {
            place.is_whole = true;
            place.inner.clear();
        }
    }
    Ok((object, selection))
}

/// The names of a path: a list of them, or a JSON Pointer, also one without its first slash.
fn path(written: &Value) -> Result<Vec<Value>, BuiltinError> {
    match written {
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        Value::String(text) => {
            let names = text.trim_start_matches('/').split('/');
            let names = names.map(|name| name.replace("~1", "/").replace("~0", "~"));
            Ok(names.map(Value::from).collect())
        }
        Value::Array(names) => Ok(names.iter().cloned().collect()),
        _ => Err(wrong("a path is neither a text nor a list")),
    }
}
