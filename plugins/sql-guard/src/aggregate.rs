//! What is counted: rows, of a group at least one, and arguments that are null.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    WindowType,
};

use crate::expression::{column_of, function_name, names_no_column, uncast};
use crate::outcome::Outcomes;
use crate::scope::Scope;
use crate::truth::Holds;
use crate::usual::{is_own_key, not_null};

/// What a function that counts rows gives in a group, or in a window.
pub(crate) fn counted_rows(function: &Function, scope: &Scope) -> Option<Outcomes> {
    let name = function_name(function);
    let (least, is_single) = match &function.over {
        Some(WindowType::WindowSpec(window)) => {
            let is_own = |key: &Expr| {
                column_of(key)
                    .and_then(<[Ident]>::last)
                    .is_some_and(is_own_key)
            };
            // A frame may leave the row itself out.
            let least = f64::from(u8::from(window.window_frame.is_none()));
            (least, window.partition_by.iter().any(is_own))
        }
        Some(WindowType::NamedWindow(_)) => (0.0, false),
        None => (scope.group.rows_least, scope.group.is_single),
    };
    let most = match scope.is_usual && is_single {
        true => 1.0,
        false => f64::INFINITY,
    };
    match name.as_str() {
        "row_number" | "rank" | "dense_rank" => Some(Outcomes::Between(1.0, most)),
        "ntile" => Some(Outcomes::Between(1.0, f64::INFINITY)),
        "percent_rank" | "cume_dist" => Some(Outcomes::Between(0.0, 1.0)),
        "count" | "count_big" if function.filter.is_some() => Some(Outcomes::Between(0.0, most)),
        "count" | "count_big" => {
            let least = match counts_all(function)? || (scope.is_usual && counts_a_column(function))
            {
                true => least,
                false => 0.0,
            };
            Some(Outcomes::Between(least, most))
        }
        "countif" | "count_if" | "uniq" | "uniqexact" | "approx_count_distinct" => {
            Some(Outcomes::Between(0.0, most))
        }
        _ => None,
    }
}

/// `count(*)`, `count()` and `count(1)`, where no row is null.
fn counts_all(function: &Function) -> Option<bool> {
    match &function.args {
        FunctionArguments::None => Some(true),
        FunctionArguments::List(list) => {
            let is_row = |argument: &FunctionArg| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => true,
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => {
                    matches!(expr, Expr::Value(_)) && names_no_column(expr)
                }
                FunctionArg::Unnamed(_)
                | FunctionArg::Named { .. }
                | FunctionArg::ExprNamed { .. } => false,
            };
            let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
            Some(!is_distinct && list.args.iter().all(is_row))
        }
        FunctionArguments::Subquery(_) => None,
    }
}

/// `count(name)`: a column is hardly ever null, but a condition makes it so
/// (`count(CASE ..)`), and what is counted once each is often about few rows.
fn counts_a_column(function: &Function) -> bool {
    match &function.args {
        FunctionArguments::List(list) => match list.args.as_slice() {
            [FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))] => {
                let is_own = |column: &[Ident]| column.last().is_some_and(is_own_key);
                let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
                column_of(expr).is_some_and(|column| !is_distinct || is_own(column))
            }
            _ => false,
        },
        FunctionArguments::None | FunctionArguments::Subquery(_) => false,
    }
}

/// How many of the arguments are null, or are not: usually none of them.
pub(crate) fn nulls_among(name: &str, all: &[&Expr], scope: &Scope) -> Option<Outcomes> {
    let (mut null, mut filled) = (0, 0);
    for one in all {
        match not_null(one, scope) {
            Holds::Always => filled += 1,
            Holds::Never => null += 1,
            Holds::Probably if scope.is_usual && column_of(uncast(one)).is_some() => filled += 1,
            Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends => {}
        }
    }
    let count = u32::try_from(all.len()).ok()?;
    let (least, without) = match name {
        "num_nulls" => (null, filled),
        _ => (filled, null),
    };
    Some(Outcomes::Between(least.into(), (count - without).into()))
}
