//! One text for all ways to write the same expression.

use sqlparser::ast::{Expr, Ident};

use crate::scope::Scope;

/// Text that is the same for two ways to write the same thing.
pub(crate) fn canonical(expr: &Expr, scope: &Scope) -> String {
    if scope.is_exhausted() {
        return String::new();
    }
    if let Some(text) = plain(expr, scope) {
        scope.spend_bytes(text.len());
        return text;
    }
    let text = expr.to_string();
    scope.spend(text.len());
    let mut canonical = String::with_capacity(text.len());
    let mut quoted = false;
    for letter in text.chars() {
        quoted ^= letter == '\'';
        match letter {
            '"' | '`' | '[' | ']' if !quoted => {}
            _ if quoted => canonical.push(letter),
            _ => canonical.extend(letter.to_lowercase()),
        }
    }
    for name in &scope.selves {
        canonical = without_qualifier(&canonical, name);
    }
    canonical
}

/// A column of plain letters: most expressions are, and need not be printed.
fn plain(expr: &Expr, scope: &Scope) -> Option<String> {
    let lower = |name: &Ident| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        name.value
            .bytes()
            .all(is_plain)
            .then(|| name.value.to_ascii_lowercase())
    };
    match expr {
        Expr::Identifier(column) => lower(column),
        Expr::CompoundIdentifier(names) => match names.as_slice() {
            [table, column] => {
                let (table, column) = (lower(table)?, lower(column)?);
                match scope.selves.contains(&table) {
                    true => Some(column),
                    false => Some(format!("{table}.{column}")),
                }
            }
            _ => None,
        },
        // The enum is the parser's.
        _ => None,
    }
}

fn without_qualifier(text: &str, name: &str) -> String {
    let qualifier = format!("{name}.");
    let mut rest = text;
    let mut out = String::with_capacity(text.len());
    while let Some(at) = rest.find(&qualifier) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let inside = out
            .chars()
            .next_back()
            .is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$' | '\''));
        if inside {
            out.push_str(&qualifier);
        }
        rest = from.get(qualifier.len()..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}
