//! Cedar in its JSON format, a word at a time.

use serde_json::{Value as Json, json};

/// `principal`, `action`, `resource` or `context`.
pub(super) fn variable(name: &str) -> Json {
    json!({ "Var": name })
}

pub(super) fn text(text: &str) -> Json {
    json!({ "Value": text })
}

pub(super) fn entity(kind: &str, id: &str) -> Json {
    json!({ "Value": { "__entity": { "type": kind, "id": id } } })
}

pub(super) fn set(elements: Vec<Json>) -> Json {
    json!({ "Set": elements })
}

/// `left.attr`, for each name in turn.
pub(super) fn path(left: Json, names: &[&str]) -> Json {
    names.iter().fold(
        left,
        |left, attr| json!({ ".": { "left": left, "attr": attr } }),
    )
}

pub(super) fn has(left: &Json, attr: &str) -> Json {
    json!({ "has": { "left": left, "attr": attr } })
}

/// An operator between two expressions.
pub(super) fn binary(operator: &str, left: Json, right: Json) -> Json {
    json!({ operator: { "left": left, "right": right } })
}

pub(super) fn when(body: Json) -> Json {
    json!({ "kind": "when", "body": body })
}

pub(super) fn unless(body: Json) -> Json {
    json!({ "kind": "unless", "body": body })
}

/// The call is made for this user.
pub(super) fn user_is(id: &str) -> Json {
    let principal = variable("principal");
    let is = binary("==", path(principal.clone(), &["user"]), entity("User", id));
    binary("&&", has(&principal, "user"), is)
}

/// The only member of an object, as operators have it.
pub(super) fn only(expression: &Json) -> Option<(&str, &Json)> {
    let members = expression.as_object()?;
    match members.len() {
        1 => members.iter().next().map(|(name, it)| (name.as_str(), it)),
        _ => None,
    }
}

/// The type and id of an entity in a scope.
pub(super) fn type_and_id(entity: &Json) -> Option<(&str, &str)> {
    let entity = entity.get("__entity").unwrap_or(entity);
    Some((entity.get("type")?.as_str()?, entity.get("id")?.as_str()?))
}
