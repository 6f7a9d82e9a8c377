//! `[path, value] := walk(x)`: the interpreter goes through all values only where they are
//! the last argument, `walk(x, [path, value])`, and finds none elsewhere.

use super::logic::{continues, ends_term};
use super::tree::{Group, Item, items};
use crate::token::tokens;

/// What the pair of a path and a value is called.
const PAIR: &str = "walked__";

/// Words that would mean something else, were the call before them.
const WHOLE: [&str; 5] = ["not", "every", "with", "and", "or"];

/// The module with each of these calls as a statement of its own.
pub(super) fn translated(module: &str) -> Result<String, String> {
    if !module.contains("walk(") {
        return Ok(module.to_owned());
    }
    let tokens = tokens(module);
    let items = items(module, &tokens);
    let mut walks = Walks {
        text: module,
        count: 0,
    };
    walks.level(&items, 0, module.len(), false)
}

/// A module, and how many calls were found in it.
struct Walks<'a> {
    text: &'a str,
    count: usize,
}

// === impl Walks ===

impl Walks<'_> {
    /// What stands between two brackets; statements, if it is a body.
    fn level(
        &mut self,
        items: &[Item<'_>],
        from: usize,
        to: usize,
        is_body: bool,
    ) -> Result<String, String> {
        let mut written = String::new();
        let mut end = from;
        let mut place = 0;
        while place < items.len() {
            let length = match is_body {
                true => statement(items, place),
                false => items.len() - place,
            };
            let part = items.get(place..place + length).unwrap_or_default();
            let first = part.first().map_or(to, Item::from);
            written.push_str(self.slice(end, first));
            written.push_str(&self.statement(part, is_body)?);
            end = part.last().map_or(end, |item| item.to(self.text));
            place += length;
        }
        written.push_str(self.slice(end, to));
        Ok(written)
    }

    fn statement(&mut self, items: &[Item<'_>], is_body: bool) -> Result<String, String> {
        let mut before = String::new();
        let mut written = String::new();
        let mut end = items.first().map_or(0, Item::from);
        let mut place = 0;
        while let Some(item) = items.get(place) {
            written.push_str(self.slice(end, item.from()));
            if let Some(group) = walk(items, place) {
                let is_whole = WHOLE
                    .iter()
                    .any(|word| items.iter().any(|item| item.is(word)));
                if !is_body || is_whole {
                    let line = self.slice(0, item.from()).matches('\n').count() + 1;
                    return Err(format!(
                        "line {line}: `walk(..)` gives nothing here\nhint: write `walk(.., [path, value])` before it, as a statement of its own"
                    ));
                }
                let inner = self.level(&group.items, group.from + 1, group.to, false)?;
                let pair = format!("{PAIR}{}", self.count);
                self.count += 1;
                before.push_str(&format!("walk({inner}, {pair}); "));
                written.push_str(&pair);
                end = (group.to + 1).min(self.text.len());
                place += 2;
                continue;
            }
            match item {
                Item::Token(_) => written.push_str(self.slice(item.from(), item.to(self.text))),
                Item::Group(group) => {
                    written.push_str(self.slice(group.from, group.from + 1));
                    written.push_str(&self.group(group)?);
                    written.push_str(self.slice(group.to, item.to(self.text)));
                }
            }
            end = item.to(self.text);
            place += 1;
        }
        Ok(before + &written)
    }

    /// What a group holds: a body, a comprehension, or neither.
    fn group(&mut self, group: &Group<'_>) -> Result<String, String> {
        let items = &group.items;
        let bar = match group.bracket {
            '(' => None,
            _ => items.iter().position(|item| item.is_sign('|')),
        };
        if let Some(bar) = bar {
            let (head, body) = items.split_at(bar + 1);
            let middle = head.last().map_or(group.to, |item| item.to(self.text));
            let head = self.level(head, group.from + 1, middle, false)?;
            return Ok(head + &self.level(body, middle, group.to, true)?);
        }
        let names_members = items.windows(2).any(|pair| match pair {
            [colon, next] => colon.is_sign(':') && !next.is_sign('='),
            _ => false,
        });
        let is_body = group.bracket == '{' && !names_members;
        self.level(items, group.from + 1, group.to, is_body)
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

/// The argument of `walk`, if it is called here with one.
fn walk<'a, 'b>(items: &'b [Item<'a>], place: usize) -> Option<&'b Group<'a>> {
    let is_member = place
        .checked_sub(1)
        .and_then(|before| items.get(before))
        .is_some_and(|before| before.is_sign('.'));
    match items.get(place..)? {
        [name, Item::Group(group), ..]
            if name.is("walk") && !is_member && group.bracket == '(' && group.follows =>
        {
            let has_one = !group.items.iter().any(|item| item.is_sign(','));
            (has_one && !group.items.is_empty()).then_some(group)
        }
        _ => None,
    }
}

/// How many items the statement has that begins here.
fn statement(items: &[Item<'_>], from: usize) -> usize {
    let rest = items.get(from..).unwrap_or_default();
    for (place, pair) in rest.windows(2).enumerate() {
        let [item, next] = pair else {
            break;
        };
        let is_new_line = next.line() > item.last_line();
        if item.is_sign(';') || (is_new_line && ends_term(item) && !continues(next)) {
            return place + 1;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_become_statements() {
        for (written, read) in [
            (
                "p if { [a, b] := walk(x); b == 1 }",
                "p if { walk(x, walked__0); [a, b] := walked__0; b == 1 }",
            ),
            (
                "p := [b |\n  y := 1\n  [_, b] = walk(input.x[y])\n]",
                "p := [b |\n  y := 1\n  walk(input.x[y], walked__0); [_, b] = walked__0\n]",
            ),
            (
                "p if { walk(x)[1] == walk(y)[1] }",
                "p if { walk(x, walked__0); walk(y, walked__1); walked__0[1] == walked__1[1] }",
            ),
            ("p if { walk(x, [a, b]) }", "p if { walk(x, [a, b]) }"),
            ("p if { x.walk(y) }", "p if { x.walk(y) }"),
        ] {
            assert_eq!(translated(written).unwrap(), read, "{written}");
        }
    }

    #[test]
    fn where_it_cannot_be_one_it_is_refused() {
        for module in [
            "p if walk(x)[1] == 1",
            "p := {\"a\": walk(x)}",
            "p if { not walk(x)[1] == 1 }",
            "p if { [a, b] := walk(input) with input as 1 }",
            "p if { count(walk(x)) == 2 }",
            "p if { every v in walk(x) { v } }",
        ] {
            let error = translated(module).unwrap_err();
            assert!(
                error.contains("line 1: `walk(..)` gives nothing"),
                "{module}"
            );
        }
    }
}
