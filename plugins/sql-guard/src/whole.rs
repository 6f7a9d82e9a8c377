//! Whether a query gives a value for every row of the table that a condition is about:
//! `id IN (SELECT id FROM t)`.

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, Query, Select, SelectItem, SetExpr, SetOperator,
    TableFactor, TopQuantity,
};

use crate::canonical::canonical;
use crate::evaluation::value;
use crate::expression::{bare, column_of};
use crate::left::is_ungrouped;
use crate::outcome::Outcomes;
use crate::outcomes::outcomes;
use crate::relation::{is_the_table, joins_itself, keeps_all, with_relation};
use crate::scope::{Group, Scope};
use crate::system::is_same;
use crate::truth::Holds;
use crate::usual::is_own_key;
use crate::value::Value;

/// Which value of the rows of a query is looked at.
#[derive(Clone, Copy)]
enum Place<'a> {
    At(usize),
    Named(&'a Ident),
}

/// Whether the query gives this expression, or each part of a tuple in its place, for
/// every row: always, probably, or it depends.
pub(crate) fn gives_each(expr: &Expr, query: &Query, scope: &Scope) -> Holds {
    match bare(expr) {
        Expr::Tuple(parts) => parts
            .iter()
            .enumerate()
            .map(|(at, part)| gives(part, Place::At(at), query, scope))
            .fold(Holds::Always, Holds::and),
        one => gives(one, Place::At(0), query, scope),
    }
}

fn gives(expr: &Expr, place: Place<'_>, query: &Query, scope: &Scope) -> Holds {
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return Holds::Depends;
    }
    body_gives(expr, place, query.body.as_ref(), scope)
}

fn body_gives(expr: &Expr, place: Place<'_>, body: &SetExpr, scope: &Scope) -> Holds {
    match body {
        SetExpr::Query(inner) => gives(expr, place, inner, scope),
        SetExpr::SetOperation {
            left, right, op, ..
        } => {
            let first = body_gives(expr, place, left, scope);
            match op {
                SetOperator::Union => first.or(body_gives(expr, place, right, scope)),
                SetOperator::Intersect => first.and(body_gives(expr, place, right, scope)),
                // The enum is the parser's; the rest takes rows away.
                _ => Holds::Depends,
            }
        }
        SetExpr::Select(select) => select_gives(expr, place, select, scope),
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

fn select_gives(expr: &Expr, place: Place<'_>, select: &Select, scope: &Scope) -> Holds {
    let [from] = select.from.as_slice() else {
        return Holds::Depends;
    };
    if takes_some(expr, select, scope) || !joins_itself(from, scope) {
        return Holds::Depends;
    }
    let mut inner = with_relation(scope, &from.relation);
    if let TableFactor::Derived { subquery, .. } = &from.relation {
        inner.given = columns_of(subquery, &inner);
    }
    let given = match &from.relation {
        table @ TableFactor::Table { .. } if is_the_table(table, scope) => {
            Holds::Always.and_if(is_given(expr, place, select, &inner))
        }
        TableFactor::Derived { subquery, .. } => match place_below(place, select) {
            Some(below) => gives(expr, below, subquery, scope),
            None => Holds::Always
                .and_if(value(expr, scope).is_constant() && is_given(expr, place, select, &inner)),
        },
        // The enum is the parser's.
        _ => Holds::Depends,
    };
    if given == Holds::Depends {
        return given;
    }
    given
        .and(keeps_all(select, &inner))
        .and(keeps_groups(select, &inner))
}

/// Whether a query takes some of its rows, and perhaps none that gives the expression.
fn takes_some(expr: &Expr, select: &Select, scope: &Scope) -> bool {
    /// Nobody takes more rows at a time; most tables have fewer.
    const ROWS_MAX: f64 = 1_000_000.0;

    let is_short = select.top.as_ref().is_some_and(|top| {
        let most = match top.percent {
            true => 100.0,
            false => ROWS_MAX,
        };
        let rows = match &top.quantity {
            Some(TopQuantity::Constant(rows)) => {
                Value::Number(u32::try_from(*rows).map_or(f64::INFINITY, f64::from))
            }
            Some(TopQuantity::Expr(rows)) => value(rows, scope),
            None => Value::Constant,
        };
        // Those that tie with the last one may be all.
        !top.with_ties && matches!(rows, Value::Number(rows) if rows < most)
    });
    let is_thinned = match &select.distinct {
        // What it is distinct by, each row has in common with one that is taken.
        Some(Distinct::On(keys)) => !keys
            .iter()
            .any(|key| is_own(key) || canonical(bare(key), scope) == canonical(bare(expr), scope)),
        Some(Distinct::Distinct | Distinct::All) | None => false,
    };
    is_short || is_thinned
}

/// What the columns that a query computes can be.
fn columns_of(query: &Query, scope: &Scope) -> Vec<(String, Outcomes)> {
    let SetExpr::Select(select) = query.body.as_ref() else {
        return Vec::new();
    };
    let computed = select.projection.iter().filter_map(|item| match item {
        SelectItem::ExprWithAlias { expr, alias } if column_of(expr).is_none() => {
            Some((alias.value.clone(), outcomes(expr, scope)?))
        }
        // The enum is the parser's.
        _ => None,
    });
    computed.collect()
}

/// Whether a query over the table gives the expression there.
fn is_given(expr: &Expr, place: Place<'_>, select: &Select, inner: &Scope) -> bool {
    let has_all = select.projection.iter().any(is_all);
    let Some(given) = item(place, select) else {
        return has_all && column_of(expr).is_some();
    };
    let given = bare(given);
    match (column_of(expr), column_of(given)) {
        (Some([.., column]), Some([.., other])) => is_same(column, other, inner.dialect),
        _ => match (value(expr, inner), value(given, &grouped(select, inner))) {
            (Value::Row(one), Value::Row(other)) => one == other,
            // The same for every row, where it is known.
            (Value::Null | Value::Constant, _) => false,
            (one, other) => one == other,
        },
    }
}

/// Where a value of a query over another query stands in that.
fn place_below<'a>(place: Place<'a>, select: &'a Select) -> Option<Place<'a>> {
    match item(place, select).map(bare) {
        Some(given) => column_of(given).and_then(<[Ident]>::last).map(Place::Named),
        None => select.projection.iter().any(is_all).then_some(place),
    }
}

/// The expression of a place, but for one that stands for all columns.
fn item<'a>(place: Place<'_>, select: &'a Select) -> Option<&'a Expr> {
    match place {
        Place::At(at) => match select.projection.get(at)? {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
            // The enum is the parser's.
            _ => None,
        },
        Place::Named(name) => {
            let is_it = |other: &Ident| other.value.eq_ignore_ascii_case(&name.value);
            select.projection.iter().find_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if is_it(alias) => Some(expr),
                SelectItem::UnnamedExpr(expr)
                    if column_of(expr).and_then(<[Ident]>::last).is_some_and(is_it) =>
                {
                    Some(expr)
                }
                // The enum is the parser's.
                _ => None,
            })
        }
    }
}

fn is_all(item: &SelectItem) -> bool {
    matches!(
        item,
        SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
    )
}

/// Whether the condition of the groups keeps each of them, and that behind the windows
/// each row.
pub(crate) fn keeps_groups(select: &Select, scope: &Scope) -> Holds {
    if select.having.is_none() && select.qualify.is_none() {
        return Holds::Always;
    }
    // One group of all rows.
    if select.having.is_some() && is_ungrouped(&select.group_by) {
        return Holds::Depends;
    }
    let inner = grouped(select, scope);
    [&select.having, &select.qualify]
        .into_iter()
        .flatten()
        .map(|condition| match inner.holds(condition, false) {
            told @ (Holds::Always | Holds::Probably) => told,
            Holds::Alike => Holds::Always,
            Holds::Never | Holds::Hardly | Holds::Depends => Holds::Depends,
        })
        .reduce(|one, other| match (one, other) {
            (Holds::Depends, _) | (_, Holds::Depends) => Holds::Depends,
            (one, other) => one.and(other),
        })
        .unwrap_or(Holds::Always)
}

fn is_own(key: &Expr) -> bool {
    column_of(key)
        .and_then(<[Ident]>::last)
        .is_some_and(is_own_key)
}

/// The scope of the groups of a query: of each there is a row at least.
pub(crate) fn grouped(select: &Select, scope: &Scope) -> Scope {
    let keys = match &select.group_by {
        GroupByExpr::Expressions(keys, _) => keys.as_slice(),
        GroupByExpr::All(_) => &[],
    };
    if keys.is_empty() {
        return scope.clone();
    }
    // Joined with others, a row of the table stands in several rows.
    let is_alone = matches!(select.from.as_slice(), [from] if from.joins.is_empty());
    let is_single = is_alone && keys.iter().any(is_own);
    scope.of_group(Group {
        rows_least: 1.0,
        is_single,
        keys: keys.iter().map(|key| canonical(bare(key), scope)).collect(),
    })
}
