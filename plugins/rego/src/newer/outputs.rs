//! Calls with their value as a last argument, `io.jwt.decode(token, parts)`: the interpreter
//! knows them of its own builtins alone.

use super::tree::{Group, Item, items};
use crate::builtins;
use crate::token::{Kind, tokens};

/// The module with `parts = io.jwt.decode(token)` in place of these.
pub(super) fn translated(module: &str) -> String {
    let tokens = tokens(module);
    let items = items(module, &tokens);
    let mut written = String::with_capacity(module.len());
    level(module, &items, 0, module.len(), &mut written);
    written
}

fn level(text: &str, items: &[Item<'_>], from: usize, to: usize, written: &mut String) {
    let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let mut end = from;
    let mut place = 0;
    while let Some(item) = items.get(place) {
        written.push_str(slice(end, item.from()));
        if let Some((count, name, group)) = call(items, place)
            && let Some(comma) = output(&name, group)
        {
            // A builtin without arguments has no comma before its value.
            if comma == group.items.len() {
                let value = slice(group.from + 1, group.to);
                written.push_str(&format!("{} = {name}()", value.trim()));
                let cut = value.matches('\n').count() - value.trim().matches('\n').count();
                written.push_str(&"\n".repeat(cut));
                end = (group.to + 1).min(text.len());
                place += count;
                continue;
            }
            let mut output = String::new();
            let (inner, behind) = group.items.split_at(comma);
            let mut behind = behind.get(1..).unwrap_or_default();
            let after_comma = group.items.get(comma).map_or(group.to, |it| it.to(text));
            let comma = group.items.get(comma).map_or(group.to, Item::from);
            let mut to = group.to;
            if let Some((last, rest)) = behind.split_last().filter(|(last, _)| last.is_sign(',')) {
                to = last.from();
                behind = rest;
            }
            level(text, behind, after_comma, to, &mut output);
            let lines = output.matches('\n').count();
            written.push_str(output.trim());
            written.push_str(" = ");
            written.push_str(&name);
            written.push('(');
            level(text, inner, group.from + 1, comma, written);
            written.push(')');
            // Lines stay, if not in their places.
            let kept = output.trim().matches('\n').count();
            let cut = slice(to, group.to).matches('\n').count();
            written.push_str(&"\n".repeat(lines - kept + cut));
            end = (group.to + 1).min(text.len());
            place += count;
            continue;
        }
        match item {
            Item::Token(_) => written.push_str(slice(item.from(), item.to(text))),
            Item::Group(group) => {
                written.push_str(slice(group.from, group.from + 1));
                level(text, &group.items, group.from + 1, group.to, written);
                written.push_str(slice(group.to, item.to(text)));
            }
        }
        end = item.to(text);
        place += 1;
    }
    written.push_str(slice(end, to));
}

/// A call that begins here: how many items it has, its name, its arguments.
fn call<'a, 'b>(items: &'b [Item<'a>], place: usize) -> Option<(usize, String, &'b Group<'a>)> {
    let is_member = place
        .checked_sub(1)
        .and_then(|before| items.get(before))
        .is_some_and(|before| before.is_sign('.'));
    if is_member {
        return None;
    }
    let mut name = String::new();
    for (count, item) in items.get(place..)?.iter().enumerate() {
        match item {
            Item::Token(token) if count == 0 || token.follows => match token.kind {
                Kind::Name(part) => name.push_str(part),
                Kind::Sign('.') if count > 0 => name.push('.'),
                Kind::Sign(_) | Kind::Text(_) => return None,
            },
            Item::Group(group) if group.bracket == '(' && group.follows && count > 0 => {
                return Some((count + 1, name, group));
            }
            Item::Token(_) | Item::Group(_) => return None,
        }
    }
    None
}

/// The comma before the argument that is one more than the builtin has; the end, where it
/// has none.
fn output(name: &str, group: &Group<'_>) -> Option<usize> {
    let arguments = builtins::arguments(name)?;
    // A comma may stand behind the last one.
    let end = match group.items.last() {
        Some(last) if last.is_sign(',') => group.items.len() - 1,
        Some(_) | None => group.items.len(),
    };
    let items = group.items.iter().take(end).enumerate();
    let commas: Vec<usize> = items
        .filter_map(|(place, item)| item.is_sign(',').then_some(place))
        .collect();
    let given = if group.items.is_empty() {
        0
    } else {
        commas.len() + 1
    };
    if given != usize::from(arguments) + 1 {
        return None;
    }
    match arguments {
        0 => Some(group.items.len()),
        _ => commas.last().copied(),
    }
}
