//! Subqueries in conditions: whether `IN (..)` holds every row of the table, and
//! whether `EXISTS (..)` depends on the row at all.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, JoinConstraint, JoinOperator, ObjectName, Query, Select,
    SelectItem, SetExpr, SetOperator, TableFactor, TableWithJoins, visit_relations,
};

use crate::comparison::compare;
use crate::correlation::{name_of, names_another, names_only};
use crate::expression::{alone, bare, column_of, names_no_column};
use crate::left::{Left, aggregates, gives_only, is_ungrouped, left_of, may_sum_up};
use crate::scope::{Scope, copied};
use crate::truth::Holds;

/// Whether the expression is among the rows of the query.
pub(crate) fn contains(expr: &Expr, query: &Query, scope: &Scope) -> Holds {
    // One within another is looked at more than once.
    if scope.is_exhausted() {
        return Holds::Depends;
    }
    scope.spend(0);
    let rows = has_rows(query, scope);
    if rows == Holds::Never {
        return Holds::Never;
    }
    if let Some(only) = alone(query) {
        return rows.and(compare(expr, &BinaryOperator::Eq, only, scope));
    }
    if query.limit_clause.is_none() && query.fetch.is_none() {
        let told = among(expr, query.body.as_ref(), scope);
        if matches!(told, Holds::Always | Holds::Probably) {
            return told;
        }
    }
    let named = with_names(query, scope);
    let scope = named.as_ref().unwrap_or(scope);
    let whole = match bare(expr) {
        Expr::Tuple(elements) => elements
            .iter()
            .map(|one| is_whole(one, query, scope))
            .fold(Holds::Always, Holds::and),
        one => is_whole(one, query, scope),
    };
    match whole {
        // The same for every row, whatever it is.
        Holds::Depends if names_no_column(expr) && gives_constants(query.body.as_ref()) => {
            Holds::Alike
        }
        told => told,
    }
}

/// Whether the expression is among what is given without a table: `VALUES (id)`,
/// `SELECT id UNION SELECT 2`.
fn among(expr: &Expr, body: &SetExpr, scope: &Scope) -> Holds {
    match body {
        SetExpr::SetOperation {
            left,
            right,
            op: SetOperator::Union,
            ..
        } => among(expr, left, scope).or(among(expr, right, scope)),
        SetExpr::Values(values) => values
            .rows
            .iter()
            .map(|row| match row.content.as_slice() {
                [only] => compare(expr, &BinaryOperator::Eq, only, scope),
                _ => Holds::Depends,
            })
            .fold(Holds::Never, Holds::or),
        SetExpr::Select(select) if select.from.is_empty() && select.selection.is_none() => {
            match select.projection.as_slice() {
                [SelectItem::UnnamedExpr(only) | SelectItem::ExprWithAlias { expr: only, .. }] => {
                    compare(expr, &BinaryOperator::Eq, only, scope)
                }
                _ => Holds::Depends,
            }
        }
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

/// The scope inside of the query, where a `WITH` name stands for the table if it gives
/// every row of it, and hides it if it is something else: but for `public.t`, which is
/// the table whatever `t` is.
fn with_names(query: &Query, scope: &Scope) -> Option<Scope> {
    let with = query.with.as_ref()?;
    let mut inner = scope.clone();
    for cte in &with.cte_tables {
        let name = cte.alias.name.value.to_lowercase();
        let copies = copied(&cte.query).is_some_and(|table| inner.tables.contains(&table));
        if !is_qualified(query, &name) {
            inner.tables.retain(|table| *table != name);
        }
        inner.tables.extend(copies.then_some(name));
    }
    Some(inner)
}

/// Whether the query reads a table of this name that no `WITH` name can be: `public.t`.
fn is_qualified(query: &Query, name: &str) -> bool {
    visit_relations(query, |table| {
        let last = table.0.last().and_then(|part| part.as_ident());
        let is_called = last.is_some_and(|last| last.value.to_lowercase() == name);
        match table.0.len() > 1 && is_called {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })
    .is_break()
}

/// Whether there is no table, and no column of one outside.
fn gives_constants(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => {
            select.from.is_empty()
                && select.selection.is_none()
                && gives_only(select, names_no_column)
        }
        SetExpr::Query(inner) => gives_constants(inner.body.as_ref()),
        // The enum is the parser's.
        _ => false,
    }
}

fn is_whole(expr: &Expr, query: &Query, scope: &Scope) -> Holds {
    match column_of(expr) {
        Some([.., column]) => gives_whole_column(query, column, scope),
        Some(_) | None => Holds::Depends,
    }
}

/// Whether the query gives this column of every row of the table that the
/// condition is about: always, probably, or it depends.
fn gives_whole_column(query: &Query, column: &Ident, scope: &Scope) -> Holds {
    if query.limit_clause.is_some() || query.fetch.is_some() {
        return Holds::Depends;
    }
    body_gives_whole_column(query.body.as_ref(), column, scope)
}

fn body_gives_whole_column(body: &SetExpr, column: &Ident, scope: &Scope) -> Holds {
    match body {
        SetExpr::Query(inner) => gives_whole_column(inner, column, scope),
        SetExpr::SetOperation {
            left,
            right,
            op: SetOperator::Union,
            ..
        } => {
            let left = body_gives_whole_column(left, column, scope);
            left.or(body_gives_whole_column(right, column, scope))
        }
        SetExpr::Select(select) => {
            let named = |name: &Ident| name.value.eq_ignore_ascii_case(&column.value);
            let gives = select.projection.iter().any(|item| match item {
                SelectItem::UnnamedExpr(expr) => {
                    column_of(expr).and_then(<[Ident]>::last).is_some_and(named)
                }
                SelectItem::ExprWithAlias { expr, .. } => {
                    column_of(expr).and_then(<[Ident]>::last).is_some_and(named)
                }
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => true,
                // The enum is the parser's.
                _ => false,
            });
            if !gives || select.having.is_some() || select.qualify.is_some() {
                return Holds::Depends;
            }
            match select.from.as_slice() {
                [from] if joins_itself(from, scope) => {
                    let kept = keeps_all(select, &with_relation(scope, &from.relation));
                    kept.and(is_whole_table(&from.relation, column, scope))
                }
                _ => Holds::Depends,
            }
        }
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

/// Whether a query without groups reads every row of the table that the condition is
/// about, and no others: always, probably, or it depends.
pub(crate) fn gives_every_row(select: &Select, scope: &Scope) -> Holds {
    match select.from.as_slice() {
        [from] if from.joins.is_empty() => {
            let is_whole = match &from.relation {
                TableFactor::Table {
                    name, args: None, ..
                } => is_the_table(name, scope),
                TableFactor::Derived { subquery, .. } => {
                    copied(subquery).is_some_and(|table| scope.tables.contains(&table))
                }
                // The enum is the parser's.
                _ => false,
            };
            keeps_all(select, &with_relation(scope, &from.relation)).and_if(is_whole)
        }
        _ => Holds::Depends,
    }
}

/// No join, or the same table again by the same columns: every row finds itself.
fn joins_itself(from: &TableWithJoins, scope: &Scope) -> bool {
    let mut inner = with_relation(scope, &from.relation);
    for join in &from.joins {
        inner = with_relation(&inner, &join.relation);
    }
    from.joins.iter().all(|join| {
        let itself = matches!(&join.relation,
            TableFactor::Table { name, args: None, .. } if is_the_table(name, scope));
        let finds_itself = match &join.join_operator {
            JoinOperator::CrossJoin(_) => true,
            JoinOperator::Join(by)
            | JoinOperator::Inner(by)
            | JoinOperator::Left(by)
            | JoinOperator::LeftOuter(by) => match by {
                JoinConstraint::On(condition) => inner.holds(condition, false) == Holds::Always,
                JoinConstraint::Using(_) | JoinConstraint::Natural | JoinConstraint::None => true,
            },
            // The enum is the parser's.
            _ => false,
        };
        itself && finds_itself
    })
}

fn is_whole_table(relation: &TableFactor, column: &Ident, scope: &Scope) -> Holds {
    match relation {
        TableFactor::Table {
            name, args: None, ..
        } if is_the_table(name, scope) => Holds::Always,
        TableFactor::Derived { subquery, .. } => gives_whole_column(subquery, column, scope),
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

fn is_the_table(name: &ObjectName, scope: &Scope) -> bool {
    name.0
        .last()
        .and_then(|part| part.as_ident())
        .is_some_and(|last| {
            scope
                .tables
                .iter()
                .any(|table| *table == last.value.to_lowercase())
        })
}

/// Whether the condition of the query keeps every row, probably, or it depends.
fn keeps_all(select: &Select, scope: &Scope) -> Holds {
    let Some(condition) = &select.selection else {
        return Holds::Always;
    };
    match scope.holds(condition, false) {
        Holds::Always | Holds::Alike => Holds::Always,
        Holds::Probably => Holds::Probably,
        Holds::Never | Holds::Hardly | Holds::Depends => Holds::Depends,
    }
}

/// The scope inside a query over the relation: the same table again is known by
/// its alias too.
pub(crate) fn with_relation(scope: &Scope, relation: &TableFactor) -> Scope {
    let mut inner = scope.clone();
    if let TableFactor::Table {
        name,
        args: None,
        alias,
        ..
    } = relation
        && is_the_table(name, scope)
    {
        inner
            .selves
            .extend(alias.iter().map(|alias| alias.name.value.to_lowercase()));
    }
    inner
}

/// Whether the query has rows, for which rows of the table outside.
pub(crate) fn has_rows(query: &Query, scope: &Scope) -> Holds {
    let left = left_of(query, scope);
    if left == Left::Nothing {
        return Holds::Never;
    }
    match body_has_rows(query.body.as_ref(), scope) {
        Holds::Always if left == Left::Unknown => Holds::Alike,
        holds => holds,
    }
}

fn body_has_rows(body: &SetExpr, scope: &Scope) -> Holds {
    match body {
        SetExpr::Query(inner) => has_rows(inner, scope),
        SetExpr::Select(select) => select_has_rows(select, scope),
        SetExpr::SetOperation {
            left, right, op, ..
        } => {
            let (left, right) = (body_has_rows(left, scope), body_has_rows(right, scope));
            match op {
                SetOperator::Union => left.or(right),
                _ if left == Holds::Never => Holds::Never,
                _ => Holds::Depends,
            }
        }
        SetExpr::Values(_) | SetExpr::Table(_) => Holds::Alike,
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
            Holds::Depends
        }
    }
}

fn select_has_rows(select: &Select, scope: &Scope) -> Holds {
    // An aggregate over no row is a row.
    if select.having.is_none() && is_ungrouped(&select.group_by) && aggregates(select) {
        return Holds::Always;
    }
    let mut inner = scope.clone();
    let mut names = Vec::new();
    let mut joined_by_condition = false;
    for from in &select.from {
        joined_by_condition |= !from.joins.is_empty();
        for relation in
            std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation))
        {
            inner = with_relation(&inner, relation);
            names.extend(name_of(relation));
        }
    }
    if select.having.is_some() || select.qualify.is_some() {
        let conditions = [&select.selection, &select.having, &select.qualify];
        let mut conditions = conditions.into_iter().flatten();
        let stands_alone =
            !joined_by_condition && conditions.all(|condition| names_only(condition, &names));
        return match stands_alone {
            true => Holds::Alike,
            false => Holds::Depends,
        };
    }
    let condition = match &select.selection {
        None if joined_by_condition => Holds::Depends,
        None => Holds::Always,
        Some(condition) => inner.holds(condition, false),
    };
    match condition {
        Holds::Never if may_sum_up(select) => Holds::Alike,
        Holds::Never => Holds::Never,
        // The row itself, in the same table: `t2.id = t.id AND t2.name <> ''`.
        Holds::Probably
            if select
                .selection
                .as_ref()
                .is_some_and(|condition| names_another(condition, &names)) =>
        {
            Holds::Probably
        }
        // Some row of the other table, whichever the row outside.
        Holds::Always | Holds::Alike if select.from.is_empty() => condition,
        Holds::Always | Holds::Alike | Holds::Probably => Holds::Alike,
        Holds::Hardly | Holds::Depends => match &select.selection {
            Some(condition) if !joined_by_condition && names_only(condition, &names) => {
                Holds::Alike
            }
            Some(_) | None => Holds::Depends,
        },
    }
}
