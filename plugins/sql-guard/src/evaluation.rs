//! What an expression evaluates to, as far as its form tells: constants are
//! folded, sums of columns brought into one form.

use sqlparser::ast::{
    CaseWhen, CastKind, Expr, Function, Query, SetExpr, TrimWhereField, UnaryOperator,
};

use crate::arithmetic::{all_bits, arithmetic};
use crate::canonical::canonical;
use crate::cast::{is_number, is_text};
use crate::correlation::stands_alone;
use crate::expression::{
    alone, arguments, bare, column_of, element_count, function_name, is_no_column, names_no_column,
    same,
};
use crate::inverse::{Undone, settled, undone, undone_operator};
use crate::itself::{Found, found, place};
use crate::order::operation_of;
use crate::scope::Scope;
use crate::texts::{folded, joined, reads_bytes, replaced};
use crate::truth::Holds;
use crate::value::{Sum, Value, literal_value, numeral};

/// Evaluates an expression.
pub(crate) fn value(expr: &Expr, scope: &Scope) -> Value {
    match expr {
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => value(inner, scope),
        // Every text begins with the empty one.
        Expr::Position {
            expr: part,
            r#in: _,
        } if is_empty(part, scope) => Value::Number(1.0),
        Expr::Position { expr: part, r#in } if place(r#in, part) == Some(Found::First) => {
            Value::Number(1.0)
        }
        Expr::Substring {
            substring_from: None,
            substring_for: Some(count),
            ..
        } if value(count, scope) == Value::Number(0.0) => Value::Text(String::new()),
        Expr::Substring {
            expr: text,
            substring_from: Some(from),
            substring_for: count,
            ..
        } => {
            let mut arguments: Vec<&Expr> = vec![text, from];
            arguments.extend(count.as_deref());
            folded("substr", &arguments, scope, value).unwrap_or_else(|| opaque(expr, scope))
        }
        // `_utf8mb4'%'`
        Expr::Prefixed {
            prefix,
            value: text,
        } if prefix.value.starts_with('_') => value(text, scope),
        Expr::Value(literal) => literal_value(&literal.value),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => column(expr, scope),
        Expr::UnaryOp { op, expr: inner } => match (op, value(inner, scope).sum()) {
            (UnaryOperator::Minus, Some(sum)) => Sum::default().plus(-1.0, &sum).value(),
            (UnaryOperator::Plus, Some(sum)) => sum.value(),
            (UnaryOperator::BitwiseNot, Some(sum)) => {
                let all = Sum::number(all_bits(scope.dialect));
                all.plus(-1.0, &sum).value()
            }
            // The enum is the parser's.
            _ => opaque(expr, scope),
        },
        Expr::BinaryOp { left, op, right } => {
            let is_power = scope.reading.caret_is_power;
            if let Some(inner) = undone_operator(left, op, right, is_power) {
                return value(inner, scope);
            }
            let (first, second) = (value(left, scope), value(right, scope));
            arithmetic(first, op, second, scope).unwrap_or_else(|| opaque(expr, scope))
        }
        _ if let Some(inner) = settled(expr) => value(inner, scope),
        Expr::Trim {
            trim_where: None | Some(TrimWhereField::Both),
            trim_what: None,
            trim_characters: None,
            expr: inner,
        } => match value(inner, scope) {
            Value::Text(text) => Value::Text(text.trim_matches(' ').to_owned()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                opaque(expr, scope)
            }
        },
        Expr::Cast {
            kind: CastKind::Cast | CastKind::DoubleColon | CastKind::TryCast | CastKind::SafeCast,
            expr: inner,
            data_type,
            ..
        } => match value(inner, scope) {
            Value::Row(_) => opaque(expr, scope),
            Value::Text(text) if is_text(data_type) => Value::Text(text),
            Value::Text(text) if is_number(data_type) => {
                numeral(&text).map_or(Value::Constant, Value::Number)
            }
            Value::Null => Value::Null,
            Value::Number(number) => Value::Number(number),
            Value::Bool(_) | Value::Text(_) | Value::Constant => Value::Constant,
        },
        Expr::Function(function) => call(expr, function, scope),
        Expr::Case {
            operand: None,
            conditions,
            else_result,
            ..
        } => only_result(conditions, else_result.as_deref(), scope)
            .unwrap_or_else(|| opaque(expr, scope)),
        // Of no row, null.
        Expr::Subquery(query) if is_empty_query(query, scope) => Value::Null,
        Expr::Subquery(query) => match alone(query) {
            Some(inner) => value(inner, scope),
            // The same for every row, whatever it is.
            None if stands_alone(expr, query) => Value::Constant,
            None => opaque(expr, scope),
        },
        // The enum is the parser's.
        _ => opaque(expr, scope),
    }
}

/// What every branch of a `CASE` that may be taken gives, where that is one value.
fn only_result(conditions: &[CaseWhen], otherwise: Option<&Expr>, scope: &Scope) -> Option<Value> {
    let mut found: Option<Value> = None;
    for when in conditions {
        let taken = scope.holds_test(&when.condition, false);
        if taken == Holds::Never {
            continue;
        }
        let result = result_of(&when.result, scope)?;
        if *found.get_or_insert_with(|| result.clone()) != result {
            return None;
        }
        if taken == Holds::Always {
            return found;
        }
    }
    let last = match otherwise {
        Some(other) => result_of(other, scope)?,
        None => Value::Null,
    };
    match found {
        Some(before) => (before == last).then_some(before),
        None => Some(last),
    }
}

/// The value of a branch, but for a `CASE` that gives several: it would be written out
/// again for each one around it.
fn result_of(expr: &Expr, scope: &Scope) -> Option<Value> {
    match bare(expr) {
        Expr::Case {
            operand: None,
            conditions,
            else_result,
            ..
        } => only_result(conditions, else_result.as_deref(), scope),
        // The enum is the parser's.
        other => Some(value(other, scope)),
    }
}

/// Whether a query has no row, where its form may say so.
fn is_empty_query(query: &Query, scope: &Scope) -> bool {
    let is_filtered = match query.body.as_ref() {
        SetExpr::Select(select) => select.selection.is_some() || select.top.is_some(),
        // The enum is the parser's.
        _ => false,
    };
    let may_be = query.limit_clause.is_some() || query.fetch.is_some() || is_filtered;
    may_be && !scope.is_exhausted() && {
        scope.spend(0);
        let exists = Expr::Exists {
            subquery: Box::new(query.clone()),
            negated: false,
        };
        scope.holds(&exists, false) == Holds::Never
    }
}

fn is_empty(text: &Expr, scope: &Scope) -> bool {
    value(text, scope) == Value::Text(String::new())
}

fn one_of(results: Vec<Value>) -> Option<Value> {
    let mut results = results.into_iter();
    let first = results.next()?;
    results.all(|other| other == first).then_some(first)
}

fn column(expr: &Expr, scope: &Scope) -> Value {
    match column_of(expr) {
        Some([only]) if is_no_column(only) => Value::Constant,
        Some(_) | None => Value::Row(Sum::unknown(canonical(expr, scope))),
    }
}

/// What is known of an expression that is not looked into: whether it is the same for
/// every row.
fn opaque(expr: &Expr, scope: &Scope) -> Value {
    if names_no_column(expr) && !sums_up(expr, scope) {
        Value::Constant
    } else {
        Value::Row(Sum::unknown(canonical(expr, scope)))
    }
}

/// `count(*)` is different from group to group, and a window from row to row.
fn sums_up(expr: &Expr, scope: &Scope) -> bool {
    match expr {
        Expr::Function(function) => function.over.is_some() || scope.group.rows_least > 0.0,
        // The enum is the parser's.
        _ => false,
    }
}

fn call(whole: &Expr, function: &Function, scope: &Scope) -> Value {
    let Some(arguments) = arguments(function) else {
        return opaque(whole, scope);
    };
    if function.over.is_some() || function.filter.is_some() {
        return opaque(whole, scope);
    }
    let name = function_name(function);
    let known = match (name.as_str(), arguments.as_slice()) {
        // It asks, with one argument.
        ("isnull", [_]) => None,
        ("coalesce" | "ifnull" | "nvl" | "isnull", [_, ..]) => {
            let first = arguments
                .iter()
                .map(|argument| value(argument, scope))
                .find(|value| *value != Value::Null);
            Some(first.unwrap_or(Value::Null))
        }
        ("nullif", [first, second]) => {
            let (first, second) = (value(first, scope), value(second, scope));
            match (&first, &second) {
                (_, Value::Null) => Some(first),
                (Value::Number(a), Value::Number(b)) if a != b => Some(first),
                (a, b) if a == b && *a != Value::Constant && !reads_bytes(whole) => {
                    Some(Value::Null)
                }
                (
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Text(_)
                    | Value::Constant
                    | Value::Row(_),
                    _,
                ) => None,
            }
        }
        ("greatest" | "least" | "max" | "min", [_, _, ..]) => one_of(
            arguments
                .iter()
                .map(|argument| value(argument, scope))
                .collect(),
        )
        .filter(|value| *value != Value::Constant),
        ("if" | "iif" | "iff", [condition, first, second]) => {
            let (first, second) = (value(first, scope), value(second, scope));
            match first == second {
                true => Some(first),
                false => match scope.holds_test(condition, false) {
                    Holds::Always => Some(first),
                    Holds::Never => Some(second),
                    Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends => None,
                },
            }
        }
        ("concat", [_, ..]) => joined(
            arguments
                .iter()
                .map(|argument| value(argument, scope))
                .collect(),
        ),
        ("strpos" | "instr" | "regexp_instr", [_, part]) | ("locate", [part, _])
            if is_empty(part, scope) =>
        {
            Some(Value::Number(1.0))
        }
        ("patindex", [pattern, _])
            if matches!(value(pattern, scope), Value::Text(text)
                if !text.is_empty() && text.chars().all(|letter| letter == '%')) =>
        {
            Some(Value::Number(1.0))
        }
        ("left" | "right" | "repeat" | "substr" | "substring", [_, .., count])
            if value(count, scope) == Value::Number(0.0)
                && (arguments.len() == 3 || !name.starts_with("sub")) =>
        {
            Some(Value::Text(String::new()))
        }
        ("power" | "pow", [_, exponent]) if value(exponent, scope) == Value::Number(0.0) => {
            Some(Value::Number(1.0))
        }
        ("decode", [searched, first, result, ..]) if same(searched, first) => {
            Some(value(result, scope))
        }
        ("replace", [text, from, to]) => {
            replaced(value(text, scope), &value(from, scope), &value(to, scope))
        }
        ("array_length", [list, dimension]) if value(dimension, scope) == Value::Number(1.0) => {
            element_count(list).map(|count| Value::Number(count.into()))
        }
        // Of a group, what it is grouped by.
        ("min" | "max" | "any_value", [key]) if is_grouped_by(key, scope) => {
            Some(value(key, scope))
        }
        // The type of a column, whatever the row.
        ("pg_typeof", [_]) => Some(Value::Constant),
        ("strcmp", [first, second]) if same(first, second) => Some(Value::Number(0.0)),
        ("likely" | "unlikely", [inner]) => Some(value(inner, scope)),
        ("mod", [number, by]) => match (value(number, scope), value(by, scope)) {
            (Value::Row(_), Value::Number(1.0)) => Some(Value::Number(0.0)),
            (
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::Constant
                | Value::Row(_),
                _,
            ) => None,
        },
        (
            "length" | "char_length" | "len" | "cardinality" | "array_length" | "array_size"
            | "json_array_length" | "jsonb_array_length" | "json_length" | "list_length",
            [list],
        ) => {
            let count = match value(list, scope) {
                Value::Text(text) if matches!(name.as_str(), "length" | "char_length" | "len") => {
                    u32::try_from(text.chars().count()).ok()
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::Constant
                | Value::Row(_) => element_count(list),
            };
            count.map(|count| Value::Number(count.into()))
        }
        (_, [first, second]) if operation_of(&name).is_some() => {
            let (first, second) = (value(first, scope), value(second, scope));
            operation_of(&name)
                .and_then(|op| arithmetic(first, &op, second, scope))
                .or_else(|| of_itself(&name, &arguments, scope))
        }
        ("bitnot" | "bit_not", [inner]) => value(inner, scope).sum().map(|sum| {
            let all = Sum::number(all_bits(scope.dialect));
            all.plus(-1.0, &sum).value()
        }),
        ("negate" | "negative", [inner]) => value(inner, scope)
            .sum()
            .map(|sum| Sum::default().plus(-1.0, &sum).value()),
        (_, _) => {
            of_itself(&name, &arguments, scope).or_else(|| folded(&name, &arguments, scope, value))
        }
    };
    known.unwrap_or_else(|| opaque(whole, scope))
}

/// Of a function of a function that it undoes, and of one that looks for a thing in itself.
fn of_itself(name: &str, arguments: &[&Expr], scope: &Scope) -> Option<Value> {
    match undone(name, arguments) {
        Some(Undone::Argument(inner) | Undone::Inner(inner)) => return Some(value(inner, scope)),
        Some(Undone::Outer(inner)) => {
            let inner = canonical(bare(inner), scope);
            return Some(Value::Row(Sum::unknown(format!("{name}({inner})"))));
        }
        None => {}
    }
    match found(name, arguments)? {
        Found::First | Found::One => Some(Value::Number(1.0)),
        Found::There => Some(Value::Bool(true)),
        Found::Nothing => Some(Value::Number(0.0)),
        // At one of several places.
        Found::Place => None,
    }
}

fn is_grouped_by(key: &Expr, scope: &Scope) -> bool {
    !scope.group.keys.is_empty() && scope.group.keys.contains(&canonical(bare(key), scope))
}
