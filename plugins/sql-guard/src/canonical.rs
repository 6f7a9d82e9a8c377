//! One text for all ways to write the same expression.

use sqlparser::ast::Expr;

use crate::scope::Scope;

/// Text that is the same for two ways to write the same thing.
pub(crate) fn canonical(expr: &Expr, scope: &Scope) -> String {
    if scope.is_exhausted() {
        return String::new();
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
