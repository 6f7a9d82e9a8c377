//! Names that stand beside their value, as the value of another member.

use crate::names::{NAME_MAX, Strength};
use crate::value::Values;

/// A name of a pair stands at most so far from its value.
const PAIR_MAX: usize = 200;

/// The strength of a value whose name is the value of a neighbour:
/// `"name": "DB_PASSWORD", "value": "…"`.
pub(crate) fn pair(text: &str, at: usize, name: &str, values: &Values) -> Option<Strength> {
    let is_value = [
        "value",
        "content",
        "stringvalue",
        "parametervalue",
        "val",
        "currentvalue",
        "plainvalue",
        "text",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known));
    if !is_value {
        return None;
    }
    let before = text.get(text.floor_char_boundary(at.saturating_sub(PAIR_MAX))..at)?;
    // Not beyond the object before.
    let before = before.rsplit(['{', '}', '<']).next()?;
    let after = text.get(at..text.floor_char_boundary(at.saturating_add(PAIR_MAX)))?;
    let after = after.split(['}', '>']).next()?;
    [before, after]
        .into_iter()
        .filter_map(named)
        .find_map(|name| beside(name, values))
}

/// What a name beside a value says about it.
pub(crate) fn beside(name: &str, values: &Values) -> Option<Strength> {
    let is_header = ["authorization", "proxy-authorization"]
        .iter()
        .any(|header| name.eq_ignore_ascii_case(header));
    values
        .names
        .strength(name)
        .or_else(|| is_header.then_some(Strength::Secret))
}

/// The value of `name` or `key` in a part of an object.
fn named(part: &str) -> Option<&str> {
    let lower = part.to_ascii_lowercase();
    [
        "name",
        "key",
        "variable",
        "field",
        "label",
        "parameterkey",
        "id",
        "option_name",
    ]
    .iter()
    .find_map(|known| {
        lower.match_indices(known).find_map(|(place, _)| {
            let before = part.as_bytes().get(place.checked_sub(1).unwrap_or(place));
            if place > 0 && before.is_some_and(u8::is_ascii_lowercase) {
                return None;
            }
            let tail = part.get(place + known.len()..)?;
            let tail = tail.trim_start_matches(['"', '\'', ' ']);
            let tail = tail.strip_prefix([':', '='])?;
            let tail = tail.trim_start_matches([' ', '"', '\'']);
            let end =
                tail.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}' | ';'));
            tail.get(..end.unwrap_or(tail.len()).min(NAME_MAX))
                .filter(|name| !name.is_empty())
        })
    })
}
