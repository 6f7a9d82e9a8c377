//! Which rows of the table that a condition is about a query over it reads.

use sqlparser::ast::{
    Expr, JoinConstraint, JoinOperator, Select, TableFactor, TableSampleKind, TableSampleUnit,
    TableWithJoins,
};

use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::scope::{Scope, copied};
use crate::truth::Holds;
use crate::value::Value;

/// Whether a query without groups reads every row of the table that the condition is
/// about, and no others: always, probably, or it depends.
pub(crate) fn gives_every_row(select: &Select, scope: &Scope) -> Holds {
    match select.from.as_slice() {
        [from] if from.joins.is_empty() => {
            let is_whole = match &from.relation {
                table @ TableFactor::Table { .. } => is_the_table(table, scope),
                TableFactor::Derived { subquery, .. } => {
                    copied(subquery).is_some_and(|table| scope.tables.contains(&table))
                }
                // The enum is the parser's.
                _ => false,
            };
            if !is_whole {
                return Holds::Depends;
            }
            keeps_all(select, &with_relation(scope, &from.relation))
        }
        _ => Holds::Depends,
    }
}

/// No join, or the same table again by the same columns: every row finds itself.
pub(crate) fn joins_itself(from: &TableWithJoins, scope: &Scope) -> bool {
    if from.joins.is_empty() {
        return true;
    }
    let mut inner = with_relation(scope, &from.relation);
    for join in &from.joins {
        add_relation(&mut inner, &join.relation);
    }
    from.joins.iter().all(|join| {
        let itself = is_the_table(&join.relation, scope);
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

/// Whether every row of the first table is left behind the joins: no other table takes
/// one away.
pub(crate) fn joins_keep(from: &TableWithJoins, inner: &Scope) -> bool {
    from.joins.iter().all(|join| match &join.join_operator {
        JoinOperator::CrossJoin(_)
        | JoinOperator::Left(_)
        | JoinOperator::LeftOuter(_)
        | JoinOperator::FullOuter(_) => true,
        JoinOperator::Join(by) | JoinOperator::Inner(by) => match by {
            JoinConstraint::On(condition) => {
                matches!(inner.holds(condition, false), Holds::Always | Holds::Alike)
            }
            JoinConstraint::None => true,
            JoinConstraint::Using(_) | JoinConstraint::Natural => {
                is_the_table(&join.relation, inner)
            }
        },
        // The enum is the parser's.
        _ => false,
    })
}

/// Whether a sample leaves rows out, as far as its size tells.
fn leaves_out(sample: &TableSampleKind, scope: &Scope) -> bool {
    /// Most tables have fewer rows.
    const ROWS_MAX: f64 = 1_000_000.0;

    let sample = match sample {
        TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample) => {
            sample
        }
    };
    let Some(quantity) = &sample.quantity else {
        return false;
    };
    let number = |size: &Expr| match value(size, scope) {
        Value::Number(size) => Some(size),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::Constant | Value::Row(_) => None,
    };
    let Some(size) = number(&quantity.value) else {
        return false;
    };
    match (&quantity.unit, scope.dialect) {
        (Some(TableSampleUnit::Rows), _) => size < ROWS_MAX,
        // There a part of one, or a number of rows.
        (None, Dialect::Clickhouse) => size != 1.0 && size < ROWS_MAX,
        (Some(TableSampleUnit::Percent) | None, _) => size < 100.0,
    }
}

/// Whether a relation is the table, or a copy of it, with all of its rows: no sample, and
/// no part.
pub(crate) fn is_the_table(relation: &TableFactor, scope: &Scope) -> bool {
    let TableFactor::Table {
        name,
        args: None,
        sample,
        partitions,
        ..
    } = relation
    else {
        return false;
    };
    let is_sampled = sample
        .as_ref()
        .is_some_and(|sample| leaves_out(sample, scope));
    !is_sampled
        && partitions.is_empty()
        && name
            .0
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
pub(crate) fn keeps_all(select: &Select, scope: &Scope) -> Holds {
    let Some(condition) = &select.selection else {
        return Holds::Always;
    };
    match scope.keeps(condition) {
        Holds::Always | Holds::Alike => Holds::Always,
        Holds::Probably => Holds::Probably,
        Holds::Never | Holds::Hardly | Holds::Depends => Holds::Depends,
    }
}

/// The scope inside a query over the relation: the same table again is known by
/// its alias too.
pub(crate) fn with_relation(scope: &Scope, relation: &TableFactor) -> Scope {
    let mut inner = scope.clone();
    add_relation(&mut inner, relation);
    inner
}

/// The same, for one relation more of the query.
pub(crate) fn add_relation(scope: &mut Scope, relation: &TableFactor) {
    if let TableFactor::Table { alias, .. } = relation
        && is_the_table(relation, scope)
    {
        scope
            .selves
            .extend(alias.iter().map(|alias| alias.name.value.to_lowercase()));
    }
}
