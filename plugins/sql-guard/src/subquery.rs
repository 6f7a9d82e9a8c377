//! Subqueries in conditions: whether `IN (..)` holds every row of the table, and
//! whether `EXISTS (..)` depends on the row at all.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Query, Select, SelectItem, SetExpr, SetOperator, TableFactor,
    visit_relations,
};

use crate::choice::Compare;
use crate::correlation::{name_of, names_another, names_only};
use crate::cover::{alternatives, everything};
use crate::expression::{alone, any_within, asks_a_query, bare, column_of, names_no_column};
use crate::left::{Left, aggregates, gives_only, is_ungrouped, left_of, may_sum_up};
use crate::relation::{add_relation, gives_every_row, joins_keep};
use crate::scope::{Group, Scope, copied};
use crate::truth::Holds;
use crate::whole::{gives_each, keeps_groups};

/// Whether the expression is among the rows of the query, each compared with it.
pub(crate) fn contains(expr: &Expr, query: &Query, scope: &Scope, compare: Compare) -> Holds {
    // One within another is looked at more than once.
    if scope.is_exhausted() {
        return Holds::Depends;
    }
    scope.spend(0);
    let knowing = judged(query, scope);
    let scope = knowing.as_ref().unwrap_or(scope);
    let only = alone(query);
    if only.is_some() || may_be_empty(query, scope) {
        let rows = has_rows(query, scope);
        match only {
            _ if rows == Holds::Never => return Holds::Never,
            Some(only) => return rows.and(compare(expr, &BinaryOperator::Eq, only, scope)),
            None => {}
        }
    }
    if query.limit_clause.is_none() && query.fetch.is_none() {
        let told = among(expr, query.body.as_ref(), scope, compare);
        if matches!(told, Holds::Always | Holds::Probably) {
            return told;
        }
    }
    let named = with_names(query, scope);
    let scope = named.as_ref().unwrap_or(scope);
    match gives_each(expr, query, scope) {
        // The same for every row, whatever it is.
        Holds::Depends if names_no_column(expr) && gives_constants(query.body.as_ref()) => {
            Holds::Alike
        }
        told => told,
    }
}

/// The scope that knows what the condition of a plain query keeps: whether there is a row
/// and whether each is given both ask for it.
fn judged(query: &Query, scope: &Scope) -> Option<Scope> {
    let (SetExpr::Select(select), None) = (query.body.as_ref(), &query.with) else {
        return None;
    };
    let ([from], Some(condition)) = (select.from.as_slice(), &select.selection) else {
        return None;
    };
    let is_table = matches!(from.relation, TableFactor::Table { .. });
    (is_table && from.joins.is_empty()).then(|| {
        let mut inner = scope.clone();
        add_relation(&mut inner, &from.relation);
        scope.knowing(condition, inner.holds(condition, false))
    })
}

/// Whether the form of a query may say that it has no row. Where its condition is known
/// to keep some, its groups are looked at behind it, and not twice.
fn may_be_empty(query: &Query, scope: &Scope) -> bool {
    let is_filtered = match query.body.as_ref() {
        SetExpr::Select(select) => {
            let is_grouped = select.having.is_some() || select.qualify.is_some();
            let condition = select.selection.as_ref();
            select.top.is_some()
                || condition.is_some_and(|condition| !is_grouped || !scope.keeps_some(condition))
        }
        // The enum is the parser's.
        _ => true,
    };
    query.limit_clause.is_some() || query.fetch.is_some() || is_filtered
}

/// Whether the expression is among what is given without a table: `VALUES (id)`,
/// `SELECT id UNION SELECT 2`.
fn among(expr: &Expr, body: &SetExpr, scope: &Scope, compare: Compare) -> Holds {
    match body {
        SetExpr::SetOperation {
            left,
            right,
            op: SetOperator::Union,
            ..
        } => among(expr, left, scope, compare).or(among(expr, right, scope, compare)),
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
            add_relation(&mut inner, relation);
            names.extend(name_of(relation));
        }
    }
    if let Some(having) = &select.having
        && is_ungrouped(&select.group_by)
        && let told @ (Holds::Always | Holds::Probably) = sums_up_to(having, select, scope, &inner)
    {
        return told;
    }
    let kept = keeps_groups(select, &inner);
    if kept == Holds::Depends {
        let conditions = [&select.selection, &select.having, &select.qualify];
        let mut conditions = conditions.into_iter().flatten();
        let stands_alone =
            !joined_by_condition && conditions.all(|condition| names_only(condition, &names));
        return match stands_alone {
            true => Holds::Alike,
            false => Holds::Depends,
        };
    }
    // Another row is beside the one outside: only its own columns are of one row.
    let apart = || {
        inner.known_as(match names.as_slice() {
            [only] => vec![only.clone()],
            _ => Vec::new(),
        })
    };
    let condition = match &select.selection {
        None if joined_by_condition => Holds::Depends,
        None => Holds::Always,
        Some(condition) => match inner.keeps(condition) {
            // It is judged as if the row were the one outside.
            Holds::Never | Holds::Hardly if names_another(condition, &names) => {
                apart().holds(condition, false)
            }
            Holds::Depends if contradicts_itself(condition, &apart) => Holds::Never,
            told => told,
        },
    };
    let loses_rows = || !select.from.iter().all(|from| joins_keep(from, &inner));
    match condition.and(kept) {
        // Another table may have none for the row outside.
        Holds::Always | Holds::Alike | Holds::Probably
            if joined_by_condition
                && select
                    .selection
                    .as_ref()
                    .is_some_and(|condition| names_another(condition, &names))
                && loses_rows() =>
        {
            Holds::Depends
        }
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

/// `a = 1 AND a = 2`: whether no row passes all parts of the condition, but for queries
/// in them.
fn contradicts_itself(condition: &Expr, scope: &dyn Fn() -> Scope) -> bool {
    if !matches!(bare(condition), Expr::BinaryOp { .. } | Expr::Function(_)) {
        return false;
    }
    let mut parts = alternatives(condition, true);
    if parts.len() < 2 {
        return false;
    }
    parts.retain(|(part, _)| !asks_a_query(part));
    share_a_column(&parts) && everything(&parts, &scope())
}

/// Whether two of the parts name the same column: others have nothing to do with each other.
fn share_a_column(parts: &[(&Expr, bool)]) -> bool {
    let mut before: Vec<String> = Vec::new();
    for (part, _) in parts {
        let mut own: Vec<String> = Vec::new();
        let is_shared = any_within(part, &mut |inner| {
            let column = column_of(inner).and_then(<[_]>::last);
            let name = column.map(|column| column.value.to_lowercase());
            let is_known = name.as_ref().is_some_and(|name| before.contains(name));
            own.extend(name);
            is_known
        });
        if is_shared {
            return true;
        }
        before.extend(own);
    }
    false
}

/// Whether the only group of a query without keys passes its condition: of no row there
/// is one too, and the row outside is in it where the query keeps it.
fn sums_up_to(having: &Expr, select: &Select, scope: &Scope, inner: &Scope) -> Holds {
    let of_any = inner.holds(having, false);
    if of_any == Holds::Always {
        return of_any;
    }
    let kept = gives_every_row(select, scope);
    match kept {
        Holds::Always | Holds::Probably => {
            let group = Group {
                rows_least: 1.0,
                ..Group::default()
            };
            kept.and(inner.of_group(group).holds(having, false))
        }
        Holds::Never | Holds::Alike | Holds::Hardly | Holds::Depends => Holds::Depends,
    }
}
