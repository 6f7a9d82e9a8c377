//! What an object pattern is made of, and what it takes for a value to fit it.

use std::collections::BTreeSet;

use regorus::unstable::{Expr, Ref};

use crate::builtins::HAS_MEMBERS;

/// Whether a value is taken apart by this, with an object somewhere in it.
pub(super) fn takes_apart(pattern: &Ref<Expr>) -> bool {
    has_object(pattern) && has_name(pattern)
}

/// An object, or one in a list.
pub(super) fn has_object(pattern: &Ref<Expr>) -> bool {
    match pattern.as_ref() {
        Expr::Array { items, .. } => items.iter().any(has_object),
        Expr::Object { .. } => true,
        _ => false,
    }
}

/// A name that may be given a value.
pub(super) fn has_name(pattern: &Ref<Expr>) -> bool {
    match pattern.as_ref() {
        Expr::Var { .. } => true,
        Expr::Array { items, .. } => items.iter().any(has_name),
        Expr::Object { fields, .. } => fields.iter().any(|(_, _, value)| has_name(value)),
        _ => false,
    }
}

/// `_` in the place of one.
pub(super) fn has_wildcard(pattern: &Ref<Expr>) -> bool {
    match pattern.as_ref() {
        Expr::Var { span, .. } => span.text() == "_",
        Expr::Array { items, .. } => items.iter().any(has_wildcard),
        Expr::Object { fields, .. } => fields.iter().any(|(_, _, value)| has_wildcard(value)),
        _ => false,
    }
}

/// The names that may be given values, without `_`.
pub(super) fn names<'a>(pattern: &'a Ref<Expr>, found: &mut Vec<&'a str>) {
    match pattern.as_ref() {
        Expr::Var { span, .. } if span.text() != "_" => found.push(span.text()),
        Expr::Array { items, .. } => items.iter().for_each(|item| names(item, found)),
        Expr::Object { fields, .. } => {
            fields.iter().for_each(|(_, _, value)| names(value, found));
        }
        _ => {}
    }
}

/// Which of several patterns have a name that stands in one before.
pub(super) fn repeated(patterns: &[Ref<Expr>]) -> Vec<bool> {
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for pattern in patterns {
        let mut own = Vec::new();
        names(pattern, &mut own);
        found.push(own.iter().any(|name| known.contains(name)));
        known.extend(own);
    }
    found
}

/// What holds where each object of a pattern has the members of the value at its place, and
/// that value, `whole`, no others. Nothing, where that cannot be said.
pub(super) fn conditions(pattern: &Ref<Expr>, whole: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    ask(pattern, whole, &mut found).then_some(found)
}

fn ask(pattern: &Ref<Expr>, place: &str, found: &mut Vec<String>) -> bool {
    match pattern.as_ref() {
        Expr::Array { items, .. } => items
            .iter()
            .enumerate()
            .all(|(index, item)| ask(item, &format!("{place}[{index}]"), found)),
        Expr::Object { fields, .. } => {
            let keys: Option<Vec<String>> = fields.iter().map(|(_, key, _)| copied(key)).collect();
            let Some(keys) = keys else {
                return false;
            };
            found.push(format!("{HAS_MEMBERS}({place}, [{}])", keys.join(", ")));
            let members = fields.iter().zip(&keys);
            members
                .into_iter()
                .all(|((_, _, value), key)| ask(value, &format!("{place}[{key}]"), found))
        }
        _ => true,
    }
}

/// Whether two sides are lists or objects that are written out.
pub(super) fn are_written(left: &Ref<Expr>, right: &Ref<Expr>) -> bool {
    let is_written = |it: &Ref<Expr>| matches!(**it, Expr::Array { .. } | Expr::Object { .. });
    is_written(left) && is_written(right)
}

/// The conditions under which two sides fit that are both written out; nothing, where that
/// cannot be said.
pub(super) fn conditions_of_both(left: &Ref<Expr>, right: &Ref<Expr>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    ask_both(left, right, &mut found).then_some(found)
}

fn ask_both(left: &Ref<Expr>, right: &Ref<Expr>, found: &mut Vec<String>) -> bool {
    match (left.as_ref(), right.as_ref()) {
        (Expr::Array { items, .. }, Expr::Array { items: others, .. }) => {
            let mut pairs = items.iter().zip(others);
            items.len() == others.len() && pairs.all(|(left, right)| ask_both(left, right, found))
        }
        (Expr::Object { fields, .. }, Expr::Object { fields: others, .. }) => {
            let keys = |fields: &[(_, Ref<Expr>, _)]| -> Option<BTreeSet<String>> {
                fields.iter().map(|(_, key, _)| copied(key)).collect()
            };
            let (Some(keys), Some(other_keys)) = (keys(fields), keys(others)) else {
                return false;
            };
            let mut pairs = fields.iter().map(|(_, key, value)| {
                let other = others.iter().find(|(_, it, _)| copied(it) == copied(key));
                other.map(|(_, _, other)| (value, other))
            });
            keys == other_keys
                && keys.len() == fields.len()
                && keys.len() == others.len()
                && pairs.all(|pair| pair.is_some_and(|(left, right)| ask_both(left, right, found)))
        }
        _ => match (has_object(left), has_object(right)) {
            (false, false) => true,
            (true, true) => false,
            (true, false) => ask_at(left, right, found),
            (false, true) => ask_at(right, left, found),
        },
    }
}

fn ask_at(pattern: &Ref<Expr>, value: &Ref<Expr>, found: &mut Vec<String>) -> bool {
    match (value.as_ref(), copied(value)) {
        (Expr::Var { span, .. }, _) if span.text() == "_" => true,
        (_, Some(place)) => ask(pattern, &place, found),
        (_, None) => false,
    }
}

fn is_constant(expression: &Ref<Expr>) -> bool {
    matches!(
        expression.as_ref(),
        Expr::String { .. } | Expr::Number { .. } | Expr::Bool { .. } | Expr::Null { .. }
    )
}

/// The text of a constant, a name or a reference, which gives the same wherever it stands.
fn copied(expression: &Ref<Expr>) -> Option<String> {
    match expression.as_ref() {
        Expr::String { value, .. } | Expr::RawString { value, .. } => {
            return value.to_json_str().ok();
        }
        Expr::Var { .. } => {}
        Expr::RefDot { .. } | Expr::RefBrack { .. } if is_steady(expression) => {}
        _ if is_constant(expression) => {}
        _ => return None,
    }
    let text = expression.span().text();
    (text != "_" && !text.contains('\n')).then(|| text.to_owned())
}

fn is_steady(reference: &Ref<Expr>) -> bool {
    match reference.as_ref() {
        Expr::Var { span, .. } => span.text() != "_",
        Expr::RefDot { refr, .. } => is_steady(refr),
        Expr::RefBrack { refr, index, .. } => {
            is_steady(refr) && (is_constant(index) || is_steady(index))
        }
        _ => false,
    }
}
