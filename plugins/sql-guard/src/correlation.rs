//! Whether a subquery looks at the row outside.

use sqlparser::ast::{Expr, Query, SetExpr, TableFactor};

use crate::expression::any_within;

/// The name by which columns of the relation are called.
pub(crate) fn name_of(relation: &TableFactor) -> Option<String> {
    match relation {
        TableFactor::Table { name, alias, .. } => alias
            .as_ref()
            .map(|alias| &alias.name)
            .or_else(|| name.0.last().and_then(|part| part.as_ident()))
            .map(|name| name.value.to_lowercase()),
        TableFactor::Derived { alias, .. } => {
            alias.as_ref().map(|alias| alias.name.value.to_lowercase())
        }
        // The enum is the parser's.
        _ => None,
    }
}

/// Whether every column says that it is of one of these tables.
pub(crate) fn names_only(condition: &Expr, names: &[String]) -> bool {
    !any_within(condition, &mut |expr| match expr {
        Expr::CompoundIdentifier(parts) => !is_of(parts, names),
        Expr::Identifier(_)
        | Expr::CompoundFieldAccess { .. }
        | Expr::Subquery(_)
        | Expr::Exists { .. }
        | Expr::InSubquery { .. } => true,
        // The enum is the parser's.
        _ => false,
    })
}

/// Whether a column says that it is of another table than these.
pub(crate) fn names_another(condition: &Expr, names: &[String]) -> bool {
    any_within(condition, &mut |expr| match expr {
        Expr::CompoundIdentifier(parts) => !is_of(parts, names),
        // The enum is the parser's.
        _ => false,
    })
}

fn is_of(parts: &[sqlparser::ast::Ident], names: &[String]) -> bool {
    parts
        .len()
        .checked_sub(2)
        .and_then(|at| parts.get(at))
        .is_some_and(|part| names.iter().any(|name| *name == part.value.to_lowercase()))
}

/// Whether a subquery in the place of a value (the expression is the whole of
/// it) is the same for every row outside: it has tables of its own, and no
/// column of another one. A name without a table is one of its own where it
/// gives it, and may be one of the row outside in a condition.
pub(crate) fn stands_alone(whole: &Expr, query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return false;
    };
    let mut names = Vec::new();
    for from in &select.from {
        let joined = from.joins.iter().map(|join| &join.relation);
        for relation in std::iter::once(&from.relation).chain(joined) {
            match name_of(relation) {
                Some(name) => names.push(name),
                None => return false,
            }
        }
    }
    let conditions = [&select.selection, &select.having];
    !names.is_empty()
        && conditions
            .into_iter()
            .flatten()
            .all(|condition| names_only(condition, &names))
        && !any_within(whole, &mut |expr| match expr {
            Expr::CompoundIdentifier(parts) => !is_of(parts, &names),
            Expr::CompoundFieldAccess { .. } | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                true
            }
            Expr::Subquery(_) => !std::ptr::eq(expr, whole),
            // The enum is the parser's.
            _ => false,
        })
}
