//! Bounds that the same table gives: `id >= (SELECT min(id) FROM t)`.

use sqlparser::ast::{
    BinaryOperator, Expr, LimitClause, OrderByKind, OrderBySort, Query, Select, SelectItem,
    SetExpr, Value as Literal,
};

use crate::canonical::canonical;
use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name};
use crate::left::is_ungrouped;
use crate::relation::{gives_every_row, with_relation};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

/// Which end of all values of the table a subquery gives, and how far from it.
struct End {
    is_least: bool,
    offset: f64,
    /// It may leave out a few rows: `(SELECT min(id) FROM t WHERE name <> '')`.
    is_likely: bool,
}

/// Whether an expression is on this side of an end of its own values.
pub(crate) fn bounded(expr: &Expr, op: &BinaryOperator, query: &Query, scope: &Scope) -> Holds {
    let Some(end) = end_of(expr, query, scope) else {
        return Holds::Depends;
    };
    let told = end.bounds(op);
    if end.is_likely { told.likely() } else { told }
}

// === impl End ===

impl End {
    /// Whether every value is on this side of it.
    fn bounds(&self, op: &BinaryOperator) -> Holds {
        use BinaryOperator as Op;
        // Seen from the other end it is the same.
        let (op, offset) = match (self.is_least, op) {
            (true, op) => (op.clone(), self.offset),
            (false, op) => (crate::order::turned(op), -self.offset),
        };
        match op {
            Op::GtEq if offset <= 0.0 => Holds::Always,
            Op::Gt if offset < 0.0 => Holds::Always,
            Op::Lt if offset <= 0.0 => Holds::Never,
            Op::LtEq if offset < 0.0 => Holds::Never,
            Op::Eq if offset < 0.0 => Holds::Never,
            Op::NotEq if offset < 0.0 => Holds::Always,
            // The enum is the parser's.
            _ => Holds::Depends,
        }
    }
}

fn end_of(expr: &Expr, query: &Query, scope: &Scope) -> Option<End> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return None;
    };
    let [SelectItem::UnnamedExpr(given) | SelectItem::ExprWithAlias { expr: given, .. }] =
        select.projection.as_slice()
    else {
        return None;
    };
    if select.having.is_some() || !is_ungrouped(&select.group_by) {
        return None;
    }
    let inner = select
        .from
        .first()
        .map(|from| with_relation(scope, &from.relation))?;
    let is_expr =
        |argument: &Expr| canonical(bare(argument), &inner) == canonical(bare(expr), &inner);
    let end = match first_of_all(given, query, select) {
        Some(is_least) if is_expr(given) => End {
            is_least,
            offset: 0.0,
            is_likely: false,
        },
        Some(_) => return None,
        None => aggregated(given, &is_expr, scope)?,
    };
    // Last, as it looks at the whole query.
    let is_likely = match gives_every_row(select, scope) {
        Holds::Always => false,
        Holds::Probably => true,
        Holds::Never | Holds::Alike | Holds::Hardly | Holds::Depends => return None,
    };
    Some(End { is_likely, ..end })
}

/// `min(id)`, `max(id) + 1`, `coalesce(min(id), 0)`.
fn aggregated(given: &Expr, is_expr: &dyn Fn(&Expr) -> bool, scope: &Scope) -> Option<End> {
    let number = |expr: &Expr| match value(expr, scope) {
        Value::Number(number) => Some(number),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Constant | Value::Row(_) => None,
    };
    match bare(given) {
        Expr::Function(function) => {
            let all = arguments(function)?;
            match (function_name(function).as_str(), all.as_slice()) {
                (name @ ("min" | "max"), [argument]) if is_expr(argument) => Some(End {
                    is_least: name == "min",
                    offset: 0.0,
                    is_likely: false,
                }),
                ("coalesce" | "ifnull" | "nvl" | "isnull", [first, _]) => {
                    aggregated(first, is_expr, scope)
                }
                (_, _) => None,
            }
        }
        Expr::BinaryOp { left, op, right } => {
            let by = match op {
                BinaryOperator::Plus => number(right)?,
                BinaryOperator::Minus => -number(right)?,
                // The enum is the parser's.
                _ => return None,
            };
            let end = aggregated(left, is_expr, scope)?;
            Some(End {
                offset: end.offset + by,
                ..end
            })
        }
        // The enum is the parser's.
        _ => None,
    }
}

/// `SELECT id FROM t ORDER BY id LIMIT 1`: whether the least one comes first.
fn first_of_all(given: &Expr, query: &Query, select: &Select) -> Option<bool> {
    let order = query.order_by.as_ref()?;
    let OrderByKind::Expressions(by) = &order.kind else {
        return None;
    };
    let first = by.first()?;
    let is_one = |expr: &Expr| {
        matches!(expr, Expr::Value(literal)
            if matches!(&literal.value, Literal::Number(digits, _) if digits == "1"))
    };
    let limited = match &query.limit_clause {
        Some(LimitClause::LimitOffset {
            limit: Some(limit),
            offset: None,
            ..
        }) => is_one(limit),
        Some(LimitClause::LimitOffset { .. } | LimitClause::OffsetCommaLimit { .. }) => false,
        None => select.top.is_some() || query.fetch.is_some(),
    };
    let is_given = bare(&first.expr) == bare(given) || is_one(&first.expr);
    let is_least = match &first.options.sort {
        None | Some(OrderBySort::Asc) => true,
        Some(OrderBySort::Desc) => false,
        Some(OrderBySort::Using(_)) => return None,
    };
    (limited && is_given).then_some(is_least)
}
