//! Members of a result that their name makes secrets.

use serde_json::{Map, Value};

use crate::header::{is_cookie, is_credentials, scheme};
use crate::key::is_private_member;
use crate::kind::Kind;
use crate::mark;
use crate::names::{NAME_MAX, Names, Strength};
use crate::pair::beside;
use crate::scan::Scanner;
use crate::shape::is_date;
use crate::text::found;
use crate::value::{Values, Writing};

/// How the names of members end that describe a secret, and are none.
const DESCRIBING: [&str; 24] = [
    "name",
    "id",
    "url",
    "uri",
    "path",
    "arn",
    "at",
    "date",
    "time",
    "version",
    "type",
    "kind",
    "ref",
    "namespace",
    "label",
    "labels",
    "description",
    "title",
    "uid",
    "hint",
    "status",
    "format",
    "pattern",
    "key",
];
/// The members of a value in a schema, an output or a store.
const VALUES: [&str; 4] = ["value", "default", "plaintext", "current"];
/// A shorter part of a JWK is no key.
const JWK_MIN: usize = 20;

/// What a member is the key to as a whole.
pub(crate) fn kind(
    scanner: &Scanner,
    members: &Map<String, Value>,
    name: &str,
    value: &Value,
) -> Option<Kind> {
    if is_jwk(members, name, value) && !scanner.skips(&Kind::PRIVATE_KEY) {
        return Some(Kind::PRIVATE_KEY);
    }
    let values = scanner.assignments()?;
    let is_leaf = match value {
        Value::String(text) if is_header(name) => {
            is_header_secret(name, text, values) && has_no_form(scanner, text)
        }
        Value::String(_) | Value::Number(_) => {
            let strength = values
                .names
                .strength(name)
                .or_else(|| neighbour(members, name, values));
            strength.is_some_and(|strength| is_secret_leaf(scanner, value, strength))
        }
        Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) => false,
    };
    is_leaf.then(|| match Names::is_aws(name) {
        true => Kind::AWS_ACCESS_KEY,
        false => Kind::PASSWORD,
    })
}

/// How strongly a name says that what is nested in it are secrets.
pub(crate) fn strength_within(scanner: &Scanner, name: &str, value: &Value) -> Option<Strength> {
    let values = scanner.assignments()?;
    if !value.is_array() && !value.is_object() {
        return None;
    }
    let one = name.strip_suffix('s').unwrap_or(name);
    values
        .names
        .strength(name)
        .or_else(|| values.names.strength(one))
}

/// Whether a text or number of such a name is a secret. What has a form of its
/// own gets its own name.
pub(crate) fn is_secret_leaf(scanner: &Scanner, value: &Value, strength: Strength) -> bool {
    let Some(values) = scanner.assignments() else {
        return false;
    };
    match value {
        Value::String(text) => {
            values.is_secret(text, strength, Writing::Member)
                && !is_date(text)
                && has_no_form(scanner, text)
        }
        Value::Number(number) => strength == Strength::Password && number.to_string().len() >= 4,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether the text at a place of a list is a secret, by the one before it: the second of
/// `["password", "x"]`, and what stands behind the name of a header in any list.
pub(crate) fn is_behind_a_name(scanner: &Scanner, elements: &[Value], index: usize) -> bool {
    let before = index.checked_sub(1).and_then(|before| elements.get(before));
    let (Some(values), Some(Value::String(name)), Some(Value::String(text))) =
        (scanner.assignments(), before, elements.get(index))
    else {
        return false;
    };
    let is_secret = match name.len() <= NAME_MAX && is_header(name) {
        true => is_header_secret(name, text, values),
        false => {
            elements.len() == 2
                && values.names.strength(name).is_some()
                && values.is_secret(text, Strength::Weak, Writing::Member)
                && !is_date(text)
        }
    };
    is_secret && has_no_form(scanner, text)
}

/// Whether a member describes a secret: its name, its place, its type.
pub(crate) fn is_described(members: &Map<String, Value>, name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_schema = ["type", "$ref", "description", "minLength"]
        .iter()
        .any(|member| members.contains_key(*member));
    DESCRIBING.iter().any(|ending| lower.ends_with(ending))
        || (is_schema && !VALUES.contains(&lower.as_str()))
}

fn has_no_form(scanner: &Scanner, text: &str) -> bool {
    found(scanner, text).is_empty()
}

/// The strength of the name beside a value: `{"name": "DB_PASSWORD", "value": "…"}`.
fn neighbour(members: &Map<String, Value>, name: &str, values: &Values) -> Option<Strength> {
    let is_value = [
        "value",
        "Value",
        "content",
        "stringValue",
        "ParameterValue",
        "currentValue",
        "plainValue",
        "val",
        "VALUE",
    ]
    .contains(&name);
    if !is_value {
        return None;
    }
    [
        "name",
        "Name",
        "key",
        "Key",
        "variable",
        "field",
        "label",
        "ParameterKey",
        "id",
        "NAME",
        "KEY",
    ]
    .iter()
    .filter_map(|name| members.get(*name)?.as_str())
    .find_map(|name| beside(name, values))
}

fn is_header(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.ends_with("authorization") || lower.ends_with("cookie")
}

fn is_header_secret(name: &str, text: &str, values: &Values) -> bool {
    if name.to_ascii_lowercase().ends_with("cookie") {
        return text
            .split(';')
            .filter_map(|pair| pair.split_once('='))
            .any(|(name, value)| is_cookie(name, value.trim(), values));
    }
    let credentials = text.get(scheme(text)..).unwrap_or_default().trim();
    is_credentials(credentials, values)
}

fn is_jwk(members: &Map<String, Value>, name: &str, value: &Value) -> bool {
    is_private_member(name)
        && members.get("kty").is_some_and(Value::is_string)
        && value
            .as_str()
            .is_some_and(|text| text.len() >= JWK_MIN && !mark::is_in(text))
}
