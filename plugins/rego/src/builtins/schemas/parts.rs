//! What stands in a schema, by keyword or by a reference such as `#/definitions/path`.

use regorus::Value;

use crate::builtins::arguments::{BuiltinError, unread, wrong};
use crate::builtins::uris::decoded_fragment;

/// What a reference names; one that leaves the schema is not followed.
pub(super) fn at<'a>(root: &'a Value, reference: &str) -> Result<&'a Value, BuiltinError> {
    let elsewhere = || unread("a `$ref` that is no place in the schema");
    let pointer = reference.strip_prefix('#').ok_or_else(elsewhere)?;
    let pointer = decoded_fragment(pointer)?;
    if pointer.is_empty() {
        return Ok(root);
    }
    let names = pointer.strip_prefix('/').ok_or_else(elsewhere)?;
    names.split('/').try_fold(root, |value, name| {
        let name = name.replace("~1", "/").replace("~0", "~");
        let found = match value {
            Value::Object(members) => members.get(&Value::from(name)),
            Value::Array(elements) => name.parse().ok().and_then(|at: usize| elements.get(at)),
            _ => None,
        };
        found.ok_or_else(elsewhere)
    })
}

pub(super) fn keyword<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.as_object().ok()?.get(&Value::from(name))
}

pub(super) fn list<'a>(schema: &'a Value, name: &str) -> Option<Vec<&'a Value>> {
    Some(keyword(schema, name)?.as_array().ok()?.iter().collect())
}

pub(super) fn members_of<'a>(
    schema: &'a Value,
    name: &str,
) -> impl Iterator<Item = (&'a Value, &'a Value)> + use<'a> {
    let members = keyword(schema, name).and_then(|it| it.as_object().ok());
    members
        .into_iter()
        .flat_map(|members| members.iter_sorted())
}

pub(super) fn name_of(name: &Value) -> Result<String, BuiltinError> {
    match name {
        Value::String(name) => Ok(name.to_string()),
        _ => Err(wrong("a name that is no text")),
    }
}
