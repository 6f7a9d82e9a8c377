//! `and`, `or` and `not { .. }`. A condition holds where a comprehension over it is not
//! empty: so its variables stay its own, and it may be a whole body.

use super::keywords::{Imported, Keywords, import};
use super::tree::{Group, Item, items};

use crate::token::{Kind, Token};

/// The module without these words, and without the imports of them.
pub(super) fn translated(
    module: &str,
    tokens: &[Token<'_>],
    keywords: Keywords,
) -> Result<String, String> {
    let logic = Logic {
        text: module,
        keywords,
    };
    let items = items(module, tokens);
    let mut written = logic.level(&items, 0, module.len(), false)?;
    // Backwards, so that places stay right: imports stand before all rules.
    let mut places: Vec<_> = tokens
        .iter()
        .enumerate()
        .filter_map(|(place, token)| {
            let rest = tokens.get(place..)?;
            let (imported, count) = import(rest).filter(|_| token.kind == Kind::Name("import"))?;
            let last = rest.get(count - 1)?;
            let is_ours = matches!(
                imported,
                Imported::Keyword("not" | "and" | "or") | Imported::Second
            );
            is_ours.then_some((token.at, last.at + last.length))
        })
        .collect();
    places.reverse();
    for (from, to) in places {
        let is_there = written.get(from..to) == module.get(from..to);
        if is_there && let Some(import) = module.get(from..to) {
            let blank: String = import
                .chars()
                .map(|letter| if letter == '\n' { '\n' } else { ' ' })
                .collect();
            written.replace_range(from..to, &blank);
        }
    }
    Ok(written)
}

/// A module and what its words mean.
struct Logic<'a> {
    text: &'a str,
    keywords: Keywords,
}

/// An item as it will be written, behind what stands before it.
struct Piece<'a, 'b> {
    before: &'a str,
    item: &'b Item<'a>,
    text: String,
}

/// The words that stand between two conditions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    And,
    Or,
}

// === impl Logic ===

impl<'a> Logic<'a> {
    /// What stands between two brackets, or in the module.
    fn level(
        &self,
        items: &[Item<'a>],
        from: usize,
        to: usize,
        is_body: bool,
    ) -> Result<String, String> {
        let pieces = self.pieces(items, from)?;
        let last = items.last().map_or(from, |item| item.to(self.text));
        let behind = self.text.get(last..to).unwrap_or_default();
        let mut written = String::new();
        let mut at = 0;
        while at < pieces.len() {
            let Some(range) = self.statement(&pieces, at, is_body) else {
                push(&mut written, pieces.get(at..=at).unwrap_or_default(), true);
                at += 1;
                continue;
            };
            let statement = pieces.get(range.0..=range.1).unwrap_or_default();
            written.push_str(statement.first().map_or("", |first| first.before));
            written.push_str(&self.condition(statement)?);
            at = range.1 + 1;
        }
        written.push_str(behind);
        Ok(written)
    }

    fn pieces<'b>(&self, items: &'b [Item<'a>], from: usize) -> Result<Vec<Piece<'a, 'b>>, String> {
        let mut pieces: Vec<Piece<'a, 'b>> = Vec::with_capacity(items.len());
        let mut end = from;
        let mut place = 0;
        while let Some(item) = items.get(place) {
            let before = self.text.get(end..item.from()).unwrap_or_default();
            let previous = place.checked_sub(1).and_then(|place| items.get(place));
            let next = items.get(place + 1);
            let text = match (item, next) {
                // A body that is negated.
                (not, Some(Item::Group(group)))
                    if self.keywords.not
                        && not.is("not")
                        && !previous.is_some_and(|item| item.is_sign('.'))
                        && group.bracket == '{' =>
                {
                    let inner = self.inner(group, true)?;
                    if inner.trim().is_empty() {
                        return Err("a body that is negated is empty".to_owned());
                    }
                    let gap = self.text.get(item.to(self.text)..group.from);
                    let gap = "\n".repeat(gap.unwrap_or_default().matches('\n').count());
                    pieces.push(Piece {
                        before,
                        item: items.get(place + 1).unwrap_or(item),
                        text: format!("{gap}[1 |{inner}] == []"),
                    });
                    end = items.get(place + 1).map_or(end, |item| item.to(self.text));
                    place += 2;
                    continue;
                }
                (Item::Token(_), _) => self.slice(item.from(), item.to(self.text)),
                (Item::Group(group), _) => {
                    let ends = previous.is_some_and(ends_term);
                    let follows = ends && before.is_empty();
                    self.group(group, ends || previous.is_some_and(opens_body), follows)?
                }
            };
            pieces.push(Piece { before, item, text });
            end = item.to(self.text);
            place += 1;
        }
        Ok(pieces)
    }

    /// A group with its brackets.
    fn group(&self, group: &Group<'a>, is_body: bool, is_call: bool) -> Result<String, String> {
        let inner = self.inner(group, is_body)?;
        let open = group.bracket;
        let close = self.slice(group.to, (group.to + 1).min(self.text.len()));
        // The parser knows no condition with `not` or `with` in parentheses.
        let is_condition = group.bracket == '('
            && !is_call
            && group
                .items
                .iter()
                .any(|item| item.is("not") || item.is("with"));
        Ok(match is_condition {
            true => format!("([1 | {inner}] != [])"),
            false => format!("{open}{inner}{close}"),
        })
    }

    fn inner(&self, group: &Group<'a>, is_body: bool) -> Result<String, String> {
        self.level(&group.items, group.from + 1, group.to, is_body)
    }

    fn slice(&self, from: usize, to: usize) -> String {
        self.text.get(from..to).unwrap_or_default().to_owned()
    }

    /// The first and the last piece of the statement that begins here, if it has one of the
    /// words in it.
    fn statement(
        &self,
        pieces: &[Piece<'a, '_>],
        from: usize,
        is_body: bool,
    ) -> Option<(usize, usize)> {
        let begins = match from.checked_sub(1) {
            None => true,
            Some(before) => self.breaks(pieces, before, is_body),
        };
        if !begins {
            return None;
        }
        let mut has_operator = false;
        let mut to = from;
        loop {
            has_operator |= self.operator(pieces, to).is_some();
            if to + 1 >= pieces.len() || self.breaks(pieces, to, is_body) || ends(pieces, to + 1) {
                break;
            }
            to += 1;
        }
        has_operator.then_some((from, to))
    }

    /// Whether a statement ends with this piece, or before the next.
    fn breaks(&self, pieces: &[Piece<'a, '_>], place: usize, is_body: bool) -> bool {
        let Some(piece) = pieces.get(place) else {
            return true;
        };
        let bar = |piece: &Piece<'_, '_>| piece.item.is_sign('|');
        let is_first_bar =
            bar(piece) && !is_body && !pieces.get(..place).unwrap_or_default().iter().any(bar);
        if piece.item.is_sign(';') || is_first_bar || piece.item.is("if") {
            return true;
        }
        let Some(next) = pieces.get(place + 1) else {
            return true;
        };
        next.item.is_sign(';')
            || (next.before.contains('\n')
                && ends_term(piece.item)
                && self.operator(pieces, place + 1).is_none()
                && !continues(next.item))
    }

    fn operator(&self, pieces: &[Piece<'a, '_>], place: usize) -> Option<Operator> {
        let item = pieces.get(place)?.item;
        let operator = match item {
            item if item.is("and") && self.keywords.and => Operator::And,
            item if item.is("or") && self.keywords.or => Operator::Or,
            _ => return None,
        };
        let before = pieces.get(place.checked_sub(1)?)?.item;
        ends_term(before).then_some(operator)
    }

    /// The condition that a statement is.
    fn condition(&self, statement: &[Piece<'a, '_>]) -> Result<String, String> {
        let mut alternatives = Vec::new();
        let mut conditions = Vec::new();
        let mut from = 0;
        for place in 0..=statement.len() {
            let operator = self.operator(statement, place);
            let is_end = place == statement.len();
            if operator.is_none() && !is_end {
                continue;
            }
            let operand = statement.get(from..place).unwrap_or_default();
            let written = self.operand(operand, from > 0)?;
            // Lines between an operand and the word stay.
            let lines = statement.get(place).map_or(0, |piece| lines(piece.before));
            conditions.push(format!("{written}{}", "\n".repeat(lines)));
            if operator != Some(Operator::And) {
                alternatives.push(all_of(&conditions));
                conditions.clear();
            }
            from = place + 1;
        }
        Ok(match alternatives.as_slice() {
            [only] => format!("{only} != []"),
            // The first that holds ends it: what follows is not evaluated.
            _ => {
                let each: Vec<_> = alternatives
                    .iter()
                    .map(|alternative| format!("{alternative} == []"))
                    .collect();
                format!("[1 | {}] == []", each.join("; "))
            }
        })
    }

    fn operand(&self, operand: &[Piece<'a, '_>], is_later: bool) -> Result<String, String> {
        let before = operand.first().filter(|_| is_later);
        let gap = "\n".repeat(before.map_or(0, |first| lines(first.before)));
        let body = match operand {
            [] => return Err("a condition is missing beside `and` or `or`".to_owned()),
            [only] => match only.item {
                Item::Group(group) if group.bracket == '{' && only.text.starts_with('{') => {
                    Some(self.inner(group, true)?)
                }
                Item::Group(_) | Item::Token(_) => None,
            },
            _ => None,
        };
        let mut text = String::new();
        match body {
            Some(body) => text.push_str(body.trim_start_matches(' ')),
            None => push(&mut text, operand, false),
        }
        Ok(format!("{gap}{text}"))
    }
}

/// A comprehension that is empty where one of these does not hold.
fn all_of(conditions: &[String]) -> String {
    match conditions {
        [only] => format!("[1 | {only}]"),
        _ => {
            let each: Vec<_> = conditions
                .iter()
                .map(|condition| format!("[1 | {condition}] != []"))
                .collect();
            format!("[1 | {}]", each.join("; "))
        }
    }
}

fn push(written: &mut String, pieces: &[Piece<'_, '_>], with_first: bool) {
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 || with_first {
            written.push_str(piece.before);
        }
        written.push_str(&piece.text);
    }
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

/// Words that end a statement which stands before them.
fn ends(pieces: &[Piece<'_, '_>], place: usize) -> bool {
    let follows_dot = place
        .checked_sub(1)
        .and_then(|before| pieces.get(before))
        .is_some_and(|before| before.item.is_sign('.'));
    let item = pieces.get(place).map(|piece| piece.item);
    item.is_some_and(|item| !follows_dot && (item.is("with") || item.is("else")))
}

/// Whether a term may end with this item.
pub(super) fn ends_term(item: &Item<'_>) -> bool {
    const NOT_TERMS: [&str; 12] = [
        "and", "as", "contains", "default", "else", "every", "if", "import", "in", "not", "some",
        "with",
    ];
    match item {
        Item::Group(_) => true,
        Item::Token(token) => match token.kind {
            Kind::Name(name) => name != "or" && !NOT_TERMS.contains(&name),
            Kind::Text(_) => true,
            Kind::Sign(_) => false,
        },
    }
}

/// Whether a group behind this item is a body.
fn opens_body(item: &Item<'_>) -> bool {
    ["if", "else", "and", "or"].iter().any(|name| item.is(name))
}

/// Whether an item goes on with the term of the line before.
pub(super) fn continues(item: &Item<'_>) -> bool {
    const SIGNS: [char; 12] = ['=', '!', '<', '>', '+', '*', '/', '%', '&', '|', ':', ','];
    SIGNS.iter().any(|sign| item.is_sign(*sign))
        || ["in", "with", "as", "if", "else"]
            .iter()
            .any(|name| item.is(name))
}
