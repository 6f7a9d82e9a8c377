//! The form of an expression: its parentheses, its columns, the name and the
//! arguments of a call.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, LimitClause, Query,
    SelectItem, SetExpr, Value as Literal, visit_expressions,
};

pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => bare(inner),
        // The enum is the parser's.
        other => other,
    }
}

pub(crate) fn uncast(expr: &Expr) -> &Expr {
    match expr {
        Expr::Cast { expr: inner, .. }
        | Expr::Convert { expr: inner, .. }
        | Expr::Nested(inner) => uncast(inner),
        // The enum is the parser's.
        other => other,
    }
}

/// Whether both are the same column or expression, whatever the row.
pub(crate) fn same(left: &Expr, right: &Expr) -> bool {
    let (left, right) = (bare(left), bare(right));
    match (column_of(left), column_of(right)) {
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

pub(crate) fn column_of(expr: &Expr) -> Option<&[Ident]> {
    match expr {
        Expr::Identifier(name) => Some(std::slice::from_ref(name)),
        Expr::CompoundIdentifier(names) => Some(names),
        Expr::Nested(inner) => column_of(inner),
        // The enum is the parser's.
        _ => None,
    }
}

/// Whether the name is that of a variable, a parameter, or of the time.
pub(crate) fn is_no_column(name: &Ident) -> bool {
    name.quote_style.is_none()
        && (name.value.starts_with(['@', ':', '$'])
            || ["sysdate", "systimestamp"]
                .iter()
                .any(|time| name.value.eq_ignore_ascii_case(time)))
}

pub(crate) fn names_no_column(expr: &Expr) -> bool {
    !any_within(expr, &mut |inner| match inner {
        Expr::Identifier(name) => !is_no_column(name),
        Expr::CompoundIdentifier(_)
        | Expr::CompoundFieldAccess { .. }
        | Expr::MatchAgainst { .. }
        | Expr::QualifiedWildcard(..) => true,
        // The enum is the parser's.
        _ => false,
    })
}

/// Whether a part of the expression passes the test. One walk for all tests:
/// the code of a walk is large.
pub(crate) fn any_within(expr: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    visit_expressions(expr, |inner| {
        if test(inner) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .is_break()
}

/// Whether there is a query within the expression.
pub(crate) fn asks_a_query(expr: &Expr) -> bool {
    any_within(expr, &mut |inner| {
        matches!(
            inner,
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. }
        )
    })
}

/// The last part of a function's name, in lower case.
pub(crate) fn function_name(function: &Function) -> String {
    function
        .name
        .0
        .last()
        .and_then(|part| part.as_ident())
        .map(|name| name.value.to_lowercase())
        .unwrap_or_default()
}

/// The arguments, where they are plain expressions.
pub(crate) fn arguments(function: &Function) -> Option<Vec<&Expr>> {
    match &function.args {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::List(list) => list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                FunctionArg::Unnamed(_)
                | FunctionArg::Named { .. }
                | FunctionArg::ExprNamed { .. } => None,
            })
            .collect(),
        FunctionArguments::Subquery(_) => None,
    }
}

/// The expression of `(SELECT expression)`, of which there is one row.
pub(crate) fn alone(query: &Query) -> Option<&Expr> {
    if cuts_rows_off(query) {
        return None;
    }
    match query.body.as_ref() {
        SetExpr::Query(inner) => alone(inner),
        SetExpr::Select(select)
            if select.from.is_empty()
                && select.selection.is_none()
                && select.having.is_none()
                && select.qualify.is_none()
                && select.top.is_none() =>
        {
            match select.projection.as_slice() {
                [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] => {
                    Some(expr)
                }
                // The enum is the parser's.
                _ => None,
            }
        }
        // The enum is the parser's.
        _ => None,
    }
}

/// Whether the query leaves out the only row that it may have, by an `OFFSET` or a
/// `LIMIT` that is written as a number.
fn cuts_rows_off(query: &Query) -> bool {
    let is_zero = |limit: &Expr| whole_number(limit) == Some(0);
    let passes = |offset: &Expr| whole_number(offset).is_some_and(|rows| rows > 0);
    let limited = match &query.limit_clause {
        None => false,
        Some(LimitClause::LimitOffset { limit, offset, .. }) => {
            limit.as_ref().is_some_and(is_zero)
                || offset.as_ref().is_some_and(|offset| passes(&offset.value))
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => is_zero(limit) || passes(offset),
    };
    let fetch = query.fetch.as_ref();
    let fetched = fetch.and_then(|fetch| fetch.quantity.as_ref());
    limited || fetched.is_some_and(is_zero)
}

fn whole_number(expr: &Expr) -> Option<u64> {
    match bare(expr) {
        Expr::Value(value) => match &value.value {
            Literal::Number(digits, _) => digits.parse().ok(),
            // The enum is the parser's.
            _ => None,
        },
        // The enum is the parser's.
        _ => None,
    }
}

/// The elements of `(a, b)` and `ARRAY[a, b]`.
pub(crate) fn elements(list: &Expr) -> &[Expr] {
    match list {
        Expr::Nested(inner) => elements(inner),
        Expr::Tuple(elements) => elements,
        Expr::Array(array) => &array.elem,
        // The enum is the parser's.
        other => std::slice::from_ref(other),
    }
}

/// Whether a function makes a list of its arguments.
pub(crate) fn makes_a_list(function: &str) -> bool {
    matches!(
        function,
        "array"
            | "array_construct"
            | "json_array"
            | "json_build_array"
            | "jsonb_build_array"
            | "list_value"
            | "list_pack"
    )
}

/// How many elements a list that is written out has, where none of them may be a list
/// itself.
pub(crate) fn element_count(list: &Expr) -> Option<u32> {
    let is_one =
        |element: &Expr| matches!(bare(element), Expr::Value(_)) || column_of(element).is_some();
    let count = match uncast(list) {
        Expr::Array(array) if array.elem.iter().all(is_one) => array.elem.len(),
        Expr::Function(function) if makes_a_list(&function_name(function)) => {
            let all = arguments(function)?;
            all.iter().all(|one| is_one(one)).then_some(all.len())?
        }
        // The enum is the parser's.
        _ => return None,
    };
    u32::try_from(count).ok().filter(|count| *count > 0)
}
