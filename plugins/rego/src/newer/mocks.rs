//! Builtins that `with` replaces, or puts in the place of functions: the interpreter does
//! that with functions of modules, so each of these builtins gets one.

use std::collections::BTreeSet;

use crate::builtins;
use crate::token::{Kind, Token, tokens};

/// The package of these functions.
const PACKAGE: &str = "builtins__";

/// The modules with calls of functions in place of such builtins, and the module that has
/// these functions.
pub(crate) fn translated(modules: &[String]) -> (Vec<String>, Option<String>) {
    let mut wrapped = BTreeSet::new();
    for module in modules {
        let tokens = tokens(module);
        for place in 0..tokens.len() {
            if let Some((name, _, Use::Replaced | Use::Replacing)) = used(&tokens, place) {
                wrapped.insert(name);
            }
        }
    }
    if wrapped.is_empty() {
        return (modules.to_vec(), None);
    }
    let modules = modules.iter().map(|module| rewritten(module, &wrapped));
    let mut functions = format!("package {PACKAGE}\n");
    for name in &wrapped {
        let count = builtins::arguments_of_any(name).unwrap_or_default();
        let names: Vec<String> = (0..count).map(|place| format!("x{place}")).collect();
        let names = names.join(", ");
        let head = if names.is_empty() {
            "_"
        } else {
            names.as_str()
        };
        functions.push_str(&format!("\n{}({head}) := {name}({names})\n", flat(name)));
    }
    (modules.collect(), Some(functions))
}

/// How a builtin is mentioned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// `with name as ..`
    Replaced,
    /// `with .. as name`
    Replacing,
    Called,
}

fn rewritten(module: &str, wrapped: &BTreeSet<String>) -> String {
    let tokens = tokens(module);
    let mut written = String::with_capacity(module.len());
    let mut end = 0;
    let mut place = 0;
    while let Some(token) = tokens.get(place) {
        let found = used(&tokens, place).filter(|(name, ..)| wrapped.contains(name));
        let Some((name, count, how)) = found else {
            place += 1;
            continue;
        };
        written.push_str(module.get(end..token.at).unwrap_or_default());
        written.push_str(&format!("data.{PACKAGE}.{}", flat(&name)));
        place += count;
        let last = tokens.get(place - 1);
        end = last.map_or(module.len(), |last| last.at + last.length);
        // A function has an argument, if only one that says nothing.
        let is_empty = tokens
            .get(place + 1)
            .is_some_and(|it| it.kind == Kind::Sign(')'));
        if how == Use::Called && is_empty {
            written.push_str("(0");
            end = tokens.get(place).map_or(end, |open| open.at + open.length);
            place += 1;
        }
    }
    written.push_str(module.get(end..).unwrap_or_default());
    written
}

/// The builtin that is mentioned here, and how many tokens its name has.
fn used(tokens: &[Token<'_>], place: usize) -> Option<(String, usize, Use)> {
    let before = place.checked_sub(1).and_then(|before| tokens.get(before));
    let before = before.map(|token| token.kind);
    if before == Some(Kind::Sign('.')) {
        return None;
    }
    let (name, count) = path(tokens, place)?;
    builtins::arguments_of_any(&name)?;
    let next = tokens.get(place + count);
    let is_call = next.is_some_and(|next| next.follows && next.kind == Kind::Sign('('));
    let is_mock = next.is_some_and(|next| next.kind == Kind::Name("as"));
    match before {
        Some(Kind::Name("with")) if is_mock => Some((name, count, Use::Replaced)),
        Some(Kind::Name("as")) if !is_call && is_with(tokens, place) => {
            Some((name, count, Use::Replacing))
        }
        _ if is_call => Some((name, count, Use::Called)),
        _ => None,
    }
}

/// Whether the `as` before this is of a `with`, and not of an import.
fn is_with(tokens: &[Token<'_>], place: usize) -> bool {
    let before = tokens.get(..place.saturating_sub(1)).unwrap_or_default();
    let words = before.iter().rev().find_map(|token| match token.kind {
        Kind::Name(word @ ("with" | "import")) => Some(word),
        _ => None,
    });
    words == Some("with")
}

fn path(tokens: &[Token<'_>], place: usize) -> Option<(String, usize)> {
    let mut name = String::new();
    let mut count = 0;
    for token in tokens.get(place..)? {
        match token.kind {
            Kind::Name(part) if count == 0 => name.push_str(part),
            Kind::Name(part) if token.follows && name.ends_with('.') => name.push_str(part),
            Kind::Sign('.') if token.follows && count > 0 => name.push('.'),
            _ => break,
        }
        count += 1;
    }
    (count > 0 && !name.ends_with('.')).then_some((name, count))
}

fn flat(name: &str) -> String {
    format!("{}__", name.replace('.', "_"))
}
