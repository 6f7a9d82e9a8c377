//! Whether a text fits a pattern that is itself an expression.

use sqlparser::ast::Expr;

use crate::evaluation::value;
use crate::expression::{arguments, elements, function_name, names_no_column, same, uncast};
use crate::itself::pieces;
use crate::pattern::{Syntax, fits};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

pub(crate) fn fitting(text: &Expr, pattern: &Expr, syntax: Syntax, scope: &Scope) -> Holds {
    // `LIKE ALL (ARRAY['a%', '%'])`
    if let Expr::Function(function) = pattern
        && let name @ ("all" | "any" | "some") = function_name(function).as_str()
    {
        let each = |pattern: &Expr| fitting(text, pattern, syntax, scope);
        let all: Vec<Holds> = arguments(function)
            .unwrap_or_default()
            .into_iter()
            .flat_map(elements)
            .map(each)
            .collect();
        return match (name, all.is_empty()) {
            (_, true) => Holds::Depends,
            ("all", false) => all.into_iter().fold(Holds::Always, Holds::and),
            (_, false) => all.into_iter().fold(Holds::Never, Holds::or),
        };
    }
    if matches!(syntax, Syntax::Like) && same(text, pattern) {
        return Holds::Always;
    }
    match value(pattern, scope) {
        Value::Text(pattern) => match fits(&pattern, syntax) {
            Holds::Depends if matches!(syntax, Syntax::Like) && holds_it(text, &pattern, scope) => {
                Holds::Always
            }
            // Of the empty text alone, which it is.
            Holds::Hardly if value(text, scope) == Value::Text(String::new()) => Holds::Always,
            // It looks at no row.
            Holds::Depends | Holds::Probably | Holds::Hardly if names_no_column(text) => {
                Holds::Alike
            }
            other => other,
        },
        // Pieces around the text itself, or any letters.
        Value::Row(_) | Value::Constant | Value::Null | Value::Bool(_) | Value::Number(_) => {
            surrounded(text, pattern, scope)
        }
    }
}

/// Whether a pattern of an array that is written as a text fits: `LIKE ANY ('{a%,%}')`.
pub(crate) fn listed(patterns: &Expr, scope: &Scope) -> Holds {
    let Value::Text(text) = value(uncast(patterns), scope) else {
        return Holds::Depends;
    };
    let inner = text
        .trim()
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let all = inner.into_iter().flat_map(|inner| inner.split(','));
    all.map(|one| fits(one.trim().trim_matches('"'), Syntax::Like))
        .fold(Holds::Depends, Holds::or)
}

/// `name || 'x' LIKE '%x'`: a constant piece of the text that the pattern wants.
fn holds_it(text: &Expr, pattern: &str, scope: &Scope) -> bool {
    let wanted = pattern.trim_matches('%');
    if wanted.contains(['%', '_', '\\']) || wanted.len() == pattern.len() {
        return false;
    }
    let mut all = Vec::new();
    pieces(text, &mut all);
    if all.len() < 2 {
        return false;
    }
    let fits = |piece: &&Expr, test: &dyn Fn(&str) -> bool| matches!(value(piece, scope), Value::Text(text) if test(&text));
    match (pattern.starts_with('%'), pattern.ends_with('%')) {
        (true, true) => all
            .iter()
            .any(|piece| fits(piece, &|text| text.contains(wanted))),
        (true, false) => all
            .last()
            .is_some_and(|piece| fits(piece, &|text| text.ends_with(wanted))),
        (false, _) => all
            .first()
            .is_some_and(|piece| fits(piece, &|text| text.starts_with(wanted))),
    }
}

/// `name LIKE '%' || name || '%'`.
fn surrounded(text: &Expr, pattern: &Expr, scope: &Scope) -> Holds {
    let mut all = Vec::new();
    pieces(pattern, &mut all);
    let fit = all.iter().all(|piece| {
        same(piece, text)
            || matches!(value(piece, scope), Value::Text(text) if text.chars().all(|letter| letter == '%'))
    });
    let once = all.iter().filter(|piece| same(piece, text)).count() <= 1;
    if fit && once && !all.is_empty() {
        Holds::Always
    } else {
        Holds::Depends
    }
}

pub(crate) fn constant_or_open(expr: &Expr) -> Holds {
    if names_no_column(expr) {
        Holds::Alike
    } else {
        Holds::Depends
    }
}
