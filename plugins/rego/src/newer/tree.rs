//! The tokens of a module by their brackets.

use crate::token::{Kind, Token};

/// A token, or what stands between two brackets.
#[derive(Debug)]
pub(super) enum Item<'a> {
    Token(Token<'a>),
    Group(Group<'a>),
}

/// What stands between two brackets.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) bracket: char,
    /// Nothing stands between it and what is before.
    pub(super) follows: bool,
    /// The first byte, which is the bracket's.
    pub(super) from: usize,
    /// From 1: of the bracket, and of the one that closes it.
    pub(super) lines: (usize, usize),
    /// The byte of the bracket that closes it.
    pub(super) to: usize,
    pub(super) items: Vec<Item<'a>>,
}

/// The items of a text; a bracket that closes nothing ends them, and is left to the parser.
pub(super) fn items<'a>(text: &str, tokens: &[Token<'a>]) -> Vec<Item<'a>> {
    let mut open: Vec<Group<'a>> = Vec::new();
    let mut top = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Sign(bracket @ ('{' | '[' | '(')) => open.push(Group {
                bracket,
                follows: token.follows,
                lines: (token.line, token.line),
                from: token.at,
                to: text.len(),
                items: Vec::new(),
            }),
            Kind::Sign('}' | ']' | ')') => {
                let Some(mut group) = open.pop() else {
                    return top;
                };
                group.to = token.at;
                group.lines.1 = token.line;
                let items = open.last_mut().map_or(&mut top, |outer| &mut outer.items);
                items.push(Item::Group(group));
            }
            Kind::Name(_) | Kind::Text(_) | Kind::Sign(_) => {
                let items = open.last_mut().map_or(&mut top, |outer| &mut outer.items);
                items.push(Item::Token(*token));
            }
        }
    }
    // What is not closed is an error that the parser describes.
    while let Some(group) = open.pop() {
        let items = open.last_mut().map_or(&mut top, |outer| &mut outer.items);
        items.push(Item::Group(group));
    }
    top
}

// === impl Item ===

impl Item<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Token(token) if token.kind == Kind::Name(name))
    }

    pub(super) fn is_sign(&self, sign: char) -> bool {
        matches!(self, Self::Token(token) if token.kind == Kind::Sign(sign))
    }

    /// From 1, where it begins.
    pub(super) fn line(&self) -> usize {
        match self {
            Self::Token(token) => token.line,
            Self::Group(group) => group.lines.0,
        }
    }

    /// From 1, where it ends; a text over several lines is on its first.
    pub(super) fn last_line(&self) -> usize {
        match self {
            Self::Token(token) => token.line,
            Self::Group(group) => group.lines.1,
        }
    }

    /// The first byte.
    pub(super) fn from(&self) -> usize {
        match self {
            Self::Token(token) => token.at,
            Self::Group(group) => group.from,
        }
    }

    /// The byte behind the last.
    pub(super) fn to(&self, text: &str) -> usize {
        match self {
            Self::Token(token) => token.at + token.length,
            Self::Group(group) => (group.to + 1).min(text.len()),
        }
    }
}
