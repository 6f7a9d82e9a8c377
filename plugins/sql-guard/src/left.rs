//! What the limits of a query leave of its rows.

use sqlparser::ast::{
    Expr, GroupByExpr, LimitClause, Query, Select, SelectItem, SetExpr, TopQuantity,
};

use crate::evaluation::value;
use crate::expression::{any_within, function_name};
use crate::scope::Scope;
use crate::value::Value;

/// What limits leave of a query that has rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Left {
    /// At least one.
    Some,
    /// Nobody knows.
    Unknown,
    /// None.
    Nothing,
}

pub(crate) fn left_of(query: &Query, scope: &Scope) -> Left {
    let body = query.body.as_ref();
    let (limit, offset) = match &query.limit_clause {
        None => (None, None),
        Some(LimitClause::LimitOffset { limit, offset, .. }) => {
            (limit.as_ref(), offset.as_ref().map(|offset| &offset.value))
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(limit), Some(offset)),
    };
    let fetch = query.fetch.as_ref();
    let fetched = fetch.and_then(|fetch| fetch.quantity.as_ref());
    let left = [
        limit.map(|rows| left_by_limit(rows, scope)),
        offset.map(|rows| left_by_offset(rows, body, scope)),
        fetched.map(|rows| left_by_fetch(rows, scope)),
        left_by_top(body, scope),
    ];
    left.into_iter().flatten().max().unwrap_or(Left::Some)
}

fn number(expr: &Expr, scope: &Scope) -> Option<f64> {
    match value(expr, scope) {
        Value::Number(number) => Some(number),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Constant | Value::Row(_) => None,
    }
}

/// `LIMIT -1` of SQLite is no limit, and others read none below zero. What is between
/// zero and one may be rounded.
fn left_by_limit(rows: &Expr, scope: &Scope) -> Left {
    match number(rows, scope) {
        Some(0.0) => Left::Nothing,
        Some(rows) if rows.is_nan() || (0.0..1.0).contains(&rows) => Left::Unknown,
        Some(_) => Left::Some,
        None => Left::Unknown,
    }
}

/// Of `FETCH FIRST -1 ROWS`, Oracle gives none.
fn left_by_fetch(rows: &Expr, scope: &Scope) -> Left {
    match number(rows, scope) {
        Some(rows) if rows <= 0.0 => Left::Nothing,
        Some(rows) if rows >= 1.0 => Left::Some,
        Some(_) | None => Left::Unknown,
    }
}

fn left_by_offset(rows: &Expr, body: &SetExpr, scope: &Scope) -> Left {
    match number(rows, scope) {
        Some(rows) if rows <= 0.0 => Left::Some,
        Some(rows) if rows >= 1.0 && has_one_row(body) => Left::Nothing,
        Some(_) | None => Left::Unknown,
    }
}

/// `SELECT TOP 0 ..`
fn left_by_top(body: &SetExpr, scope: &Scope) -> Option<Left> {
    let select = match body {
        SetExpr::Select(select) => select,
        // The enum is the parser's.
        _ => return None,
    };
    match select.top.as_ref()?.quantity.as_ref()? {
        TopQuantity::Constant(rows) if *rows == 0 => Some(Left::Nothing),
        TopQuantity::Constant(_) => Some(Left::Some),
        TopQuantity::Expr(rows) => Some(left_by_limit(rows, scope)),
    }
}

/// Whether there is one row at the most: no table, or an aggregate over all of one.
fn has_one_row(body: &SetExpr) -> bool {
    match body {
        SetExpr::Query(inner) => has_one_row(inner.body.as_ref()),
        SetExpr::Select(select) => {
            is_of_no_table(select) || (is_ungrouped(&select.group_by) && aggregates(select))
        }
        SetExpr::Values(values) => values.rows.len() <= 1,
        // The enum is the parser's.
        _ => false,
    }
}

/// Whether there is no table, and nothing that gives several rows without one:
/// `generate_series` does, and `CONNECT BY`.
fn is_of_no_table(select: &Select) -> bool {
    select.from.is_empty()
        && select.connect_by.is_empty()
        && select.lateral_views.is_empty()
        && gives_only(select, |expr| !calls(expr))
}

/// Whether there may be a row where a condition keeps none: an aggregate, also within
/// something else, makes one, and so does an empty set to group by.
pub(crate) fn may_sum_up(select: &Select) -> bool {
    let gives_call = select.projection.iter().any(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => calls(expr),
        // The enum is the parser's.
        _ => false,
    });
    let has_sets = |expr: &Expr| {
        matches!(
            expr,
            Expr::Tuple(_) | Expr::Rollup(_) | Expr::Cube(_) | Expr::GroupingSets(_)
        ) || calls(expr)
    };
    match &select.group_by {
        GroupByExpr::All(_) => gives_call,
        GroupByExpr::Expressions(expressions, modifiers) => {
            !modifiers.is_empty()
                || match expressions.is_empty() {
                    true => gives_call,
                    false => expressions.iter().any(has_sets),
                }
        }
    }
}

fn calls(expr: &Expr) -> bool {
    any_within(expr, &mut |inner| matches!(inner, Expr::Function(_)))
}

/// Whether every value that the query gives is one of these.
pub(crate) fn gives_only(select: &Select, is_one: impl Fn(&Expr) -> bool) -> bool {
    select.projection.iter().all(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => is_one(expr),
        // The enum is the parser's.
        _ => false,
    })
}

pub(crate) fn is_ungrouped(group_by: &GroupByExpr) -> bool {
    match group_by {
        GroupByExpr::All(_) => false,
        GroupByExpr::Expressions(expressions, _) => expressions.is_empty(),
    }
}

pub(crate) fn aggregates(select: &Select) -> bool {
    !select.projection.is_empty()
        && select.projection.iter().all(|item| match item {
            SelectItem::UnnamedExpr(Expr::Function(function))
            | SelectItem::ExprWithAlias {
                expr: Expr::Function(function),
                ..
            } => {
                function.over.is_none()
                    && matches!(
                        function_name(function).as_str(),
                        "count"
                            | "sum"
                            | "avg"
                            | "max"
                            | "min"
                            | "bool_or"
                            | "bool_and"
                            | "array_agg"
                    )
            }
            // The enum is the parser's.
            _ => false,
        })
}
