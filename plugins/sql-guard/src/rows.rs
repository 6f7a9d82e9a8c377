//! How many rows a statement answers with.

use sqlparser::ast::{Expr, LimitClause, Query, Statement, Value};

use crate::refused::Refused;

/// The query whose rows the agent gets.
pub(crate) fn rows_of(statement: &Statement) -> Option<&Query> {
    match statement {
        Statement::Query(query) => Some(query),
        Statement::Explain { statement, .. } => rows_of(statement),
        // The enum is the parser's; the rest answers with few rows or none.
        _ => None,
    }
}

pub(crate) fn limited(query: &Query, rows_max: u64) -> Result<(), Refused> {
    let number = |expr: &Expr| match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse::<u64>().ok(),
            // The enum is the parser's.
            _ => None,
        },
        // The enum is the parser's.
        _ => None,
    };
    let limit = match (&query.limit_clause, &query.fetch) {
        (
            Some(
                LimitClause::LimitOffset {
                    limit: Some(limit), ..
                }
                | LimitClause::OffsetCommaLimit { limit, .. },
            ),
            _,
        ) => number(limit),
        (_, Some(fetch)) if !fetch.percent && !fetch.with_ties => match &fetch.quantity {
            Some(quantity) => number(quantity),
            None => Some(1),
        },
        (None | Some(_), None | Some(_)) => None,
    };
    match limit {
        Some(rows) if rows <= rows_max => Ok(()),
        Some(_) | None => Err(Refused::NoLimit(rows_max)),
    }
}
