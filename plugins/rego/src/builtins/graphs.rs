//! Paths in graphs.

use std::collections::BTreeSet;

use regorus::Value;

use super::arguments::{BuiltinError, wrong};

/// The paths from some nodes of a graph to where it goes on no more, or comes back. One that
/// comes back to where it began has that node twice.
pub(super) fn reachable_paths(values: &[Value]) -> Result<Value, BuiltinError> {
    let Some(graph @ Value::Object(_)) = values.first() else {
        return Err(wrong("argument 1 is no object"));
    };
    let (Some(initial), Some(Value::Array(_) | Value::Set(_))) = (values.get(1), values.get(1))
    else {
        return Err(wrong("argument 2 is neither a list nor a set"));
    };
    let mut paths = BTreeSet::new();
    for node in nodes(initial) {
        let Some(edges) = edges(graph, node) else {
            continue;
        };
        let neighbours = nodes(edges);
        if neighbours.is_empty() {
            paths.insert(Value::from(vec![node.clone()]));
        }
        for neighbour in neighbours {
            follow(
                graph,
                neighbour,
                &mut vec![node.clone()],
                &mut vec![node],
                &mut paths,
            );
        }
    }
    Ok(Value::from(paths))
}

fn follow<'a>(
    graph: &'a Value,
    node: &'a Value,
    path: &mut Vec<Value>,
    passed: &mut Vec<&'a Value>,
    paths: &mut BTreeSet<Value>,
) {
    let Some(edges) = edges(graph, node) else {
        paths.insert(Value::from(path.clone()));
        return;
    };
    path.push(node.clone());
    passed.push(node);
    let neighbours = nodes(edges);
    if neighbours.is_empty() {
        paths.insert(Value::from(path.clone()));
    }
    for neighbour in neighbours {
        match passed.contains(&neighbour) {
            true => {
                paths.insert(Value::from(path.clone()));
            }
            false => follow(graph, neighbour, path, passed, paths),
        }
    }
    passed.pop();
    path.pop();
}

fn edges<'a>(graph: &'a Value, node: &Value) -> Option<&'a Value> {
    match graph {
        Value::Object(members) => members.get(node),
        _ => None,
    }
}

/// The elements of a list or a set; anything else has none.
fn nodes(values: &Value) -> Vec<&Value> {
    match values {
        Value::Array(elements) => elements.iter().collect(),
        Value::Set(elements) => elements.iter_sorted().collect(),
        _ => Vec::new(),
    }
}
