//! Whether a `WHERE` holds for every row, as far as its form tells.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Query, SetExpr, UnaryOperator, Value, visit_expressions,
};

use crate::settings::Dialect;

/// Whether the condition keeps no row out: it names no column, compares a
/// thing with itself, or is an OR with such a part. Conditions that need
/// knowledge of the data (`id > 0`) are not recognised.
pub(crate) fn holds_for_every_row(condition: &Expr, dialect: Dialect) -> bool {
    always(condition, true, dialect)
}

/// Whether the expression is `wanted` for every row, as far as its form tells.
/// One that names no column counts as whatever is wanted.
fn always(expr: &Expr, wanted: bool, dialect: Dialect) -> bool {
    if names_no_column(expr) {
        return true;
    }
    let deeper = |inner: &Expr, wanted: bool| always(inner, wanted, dialect);
    match expr {
        Expr::Nested(inner) => deeper(inner, wanted),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            expr,
        } => deeper(expr, !wanted),
        Expr::IsTrue(inner) | Expr::IsNotFalse(inner) => deeper(inner, wanted),
        Expr::IsFalse(inner) | Expr::IsNotTrue(inner) => deeper(inner, !wanted),
        Expr::IsNull(inner) | Expr::IsNotNull(inner) => names_no_column(inner),
        Expr::BinaryOp { left, op, right } => pair(left, op, right, wanted, dialect),
        Expr::IsNotDistinctFrom(left, right) => wanted && same(left, right),
        Expr::IsDistinctFrom(left, right) => !wanted && same(left, right),
        Expr::Between {
            expr,
            negated,
            low,
            high,
        } => {
            wanted != *negated
                && (same(expr, low) || same(expr, high))
                && (same(expr, low) == same(expr, high) || same(low, high))
        }
        Expr::InList {
            expr,
            list,
            negated,
        } => {
            wanted != *negated && list.iter().any(|element| same(expr, element))
                || (wanted == *negated && list.is_empty())
        }
        Expr::Like {
            negated,
            expr,
            pattern,
            ..
        }
        | Expr::ILike {
            negated,
            expr,
            pattern,
            ..
        } => wanted != *negated && (same(expr, pattern) || is_any_text(pattern)),
        Expr::Exists { subquery, .. } => !has_condition(subquery),
        // A column alone is true for nearly every row where numbers are truths.
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => wanted && dialect != Dialect::Postgres,
        // Everything else is taken for a real condition. The enum is the parser's.
        _ => false,
    }
}

fn pair(left: &Expr, op: &BinaryOperator, right: &Expr, wanted: bool, dialect: Dialect) -> bool {
    let both = |wanted| always(left, wanted, dialect) && always(right, wanted, dialect);
    let either = |wanted| always(left, wanted, dialect) || always(right, wanted, dialect);
    match op {
        BinaryOperator::And if wanted => both(true),
        BinaryOperator::And => either(false) || opposites(left, right),
        BinaryOperator::Or if wanted => either(true) || opposites(left, right),
        BinaryOperator::Or => both(false),
        BinaryOperator::Eq
        | BinaryOperator::Spaceship
        | BinaryOperator::GtEq
        | BinaryOperator::LtEq => wanted && same(left, right),
        BinaryOperator::NotEq | BinaryOperator::Gt | BinaryOperator::Lt => {
            !wanted && same(left, right)
        }
        // The enum is the parser's.
        _ => false,
    }
}

/// `a IS NULL` and `a IS NOT NULL`, `a = 1` and `a <> 1`, `p` and `NOT p`.
fn opposites(left: &Expr, right: &Expr) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    match (bare(left), bare(right)) {
        (Expr::IsNull(a), Expr::IsNotNull(b)) | (Expr::IsNotNull(a), Expr::IsNull(b)) => same(a, b),
        (
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr: a,
            },
            b,
        ) => same(a, b),
        (
            a,
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr: b,
            },
        ) => same(a, b),
        (
            Expr::BinaryOp {
                left: a,
                op: first,
                right: b,
            },
            Expr::BinaryOp {
                left: c,
                op: second,
                right: d,
            },
        ) => {
            let opposed = matches!(
                (first, second),
                (Eq, NotEq)
                    | (NotEq, Eq)
                    | (Lt, GtEq)
                    | (GtEq, Lt)
                    | (Gt, LtEq)
                    | (LtEq, Gt)
                    | (LtEq, GtEq)
                    | (GtEq, LtEq)
            );
            opposed && same(a, c) && same(b, d)
        }
        // The enum is the parser's.
        _ => false,
    }
}

fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        // The enum is the parser's.
        other => other,
    }
}

fn same(left: &Expr, right: &Expr) -> bool {
    let (left, right) = (bare(left), bare(right));
    match (column(left), column(right)) {
        (Some(left), Some(right)) => {
            let shorter = left.len().min(right.len());
            let tail = |names: &[Ident]| -> Vec<String> {
                names
                    .iter()
                    .rev()
                    .take(shorter)
                    .map(|name| name.value.to_lowercase())
                    .collect()
            };
            tail(left) == tail(right)
        }
        (None | Some(_), _) => left == right,
    }
}

fn column(expr: &Expr) -> Option<&[Ident]> {
    match expr {
        Expr::Identifier(name) => Some(std::slice::from_ref(name)),
        Expr::CompoundIdentifier(names) => Some(names),
        // The enum is the parser's.
        _ => None,
    }
}

fn names_no_column(expr: &Expr) -> bool {
    visit_expressions(expr, |inner| match inner {
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::CompoundFieldAccess { .. } => {
            ControlFlow::Break(())
        }
        Expr::MatchAgainst { .. } | Expr::QualifiedWildcard(..) => ControlFlow::Break(()),
        // The enum is the parser's.
        _ => ControlFlow::Continue(()),
    })
    .is_continue()
}

fn is_any_text(pattern: &Expr) -> bool {
    match bare(pattern) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                !text.is_empty() && text.chars().all(|letter| letter == '%')
            }
            // The enum is the parser's.
            _ => false,
        },
        // The enum is the parser's.
        _ => false,
    }
}

fn has_condition(query: &Query) -> bool {
    match query.body.as_ref() {
        SetExpr::Select(select) => {
            select.selection.is_some()
                || select.having.is_some()
                || select.from.iter().any(|table| !table.joins.is_empty())
        }
        SetExpr::Query(inner) => has_condition(inner),
        SetExpr::SetOperation { .. } => true,
        SetExpr::Values(_)
        | SetExpr::Insert(_)
        | SetExpr::Update(_)
        | SetExpr::Delete(_)
        | SetExpr::Merge(_)
        | SetExpr::Table(_) => false,
    }
}
