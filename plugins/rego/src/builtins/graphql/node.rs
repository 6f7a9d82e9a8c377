//! Nodes of a document.

use std::collections::BTreeMap;

use regorus::Value;

/// Members of a node; those that are null, or an empty list, are left out.
pub(super) fn node(members: Vec<(&str, Value)>) -> Value {
    let members = members.into_iter().filter(|(_, value)| match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty(),
        _ => true,
    });
    let members = members.map(|(name, value)| (Value::from(name), value));
    Value::from(members.collect::<BTreeMap<_, _>>())
}
