//! What an expression evaluates to, as far as its form tells: constants are
//! folded, sums of columns brought into one form.

use sqlparser::ast::{
    CaseWhen, CastKind, DataType, Expr, Function, Query, SetExpr, TrimWhereField, UnaryOperator,
};

use crate::arithmetic::arithmetic;
use crate::canonical::canonical;
use crate::correlation::stands_alone;
use crate::expression::{
    alone, arguments, bare, column_of, function_name, is_no_column, names_no_column, same, uncast,
};
use crate::scope::Scope;
use crate::texts::{folded, reads_bytes, replaced};
use crate::truth::Holds;
use crate::value::{Sum, Value, literal_value};

/// Evaluates an expression.
pub(crate) fn value(expr: &Expr, scope: &Scope) -> Value {
    match expr {
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => value(inner, scope),
        // Every text begins with the empty one.
        Expr::Position {
            expr: part,
            r#in: _,
        } if is_empty(part, scope) => Value::Number(1.0),
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
            // The enum is the parser's.
            _ => opaque(expr, scope),
        },
        Expr::BinaryOp { left, op, right } => {
            let (first, second) = (value(left, scope), value(right, scope));
            arithmetic(first, op, second, scope).unwrap_or_else(|| opaque(expr, scope))
        }
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
        let taken = scope.holds(&when.condition, false);
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

/// A type that keeps a text as it is.
fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Text
        | DataType::String(None)
        | DataType::Varchar(None)
        | DataType::Char(None)
        | DataType::CharacterVarying(None)
        | DataType::CharVarying(None)
        | DataType::Nvarchar(None)
        | DataType::Binary(None) => true,
        // The enum is the parser's.
        _ => false,
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
    if names_no_column(expr) {
        Value::Constant
    } else {
        Value::Row(Sum::unknown(canonical(expr, scope)))
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
        ("if" | "iif" | "iff", [condition, first, second]) => match scope.holds(condition, false) {
            Holds::Always => Some(value(first, scope)),
            Holds::Never => Some(value(second, scope)),
            Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends => {
                one_of(vec![value(first, scope), value(second, scope)])
            }
        },
        ("concat", [_, ..]) => {
            let all: Vec<Value> = arguments
                .iter()
                .map(|argument| value(argument, scope))
                .collect();
            let mut texts = all
                .iter()
                .filter(|value| **value != Value::Text(String::new()));
            match (texts.next(), texts.next()) {
                (None, _) => Some(Value::Text(String::new())),
                // Some databases leave out what is null.
                (Some(Value::Null), None) => None,
                (Some(only), None) => Some(only.clone()),
                (Some(_), Some(_)) => constant_text(&all),
            }
        }
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
            match (value(text, scope), value(from, scope), value(to, scope)) {
                (row @ Value::Row(_), Value::Text(from), Value::Text(to)) if from == to => {
                    Some(row)
                }
                (Value::Text(text), Value::Text(from), Value::Text(to)) => {
                    replaced(&text, &from, &to).map(Value::Text)
                }
                (_, _, _) => None,
            }
        }
        ("reverse", [inner]) => match inner {
            Expr::Function(again) if function_name(again) == "reverse" => {
                let inner = crate::expression::arguments(again);
                match inner.as_deref() {
                    Some([text]) => Some(value(text, scope)),
                    Some(_) | None => None,
                }
            }
            // The enum is the parser's.
            _ => folded(&name, &arguments, scope, value),
        },
        ("cardinality", [list]) => elements_of(list),
        ("array_length", [list, dimension]) if value(dimension, scope) == Value::Number(1.0) => {
            elements_of(list)
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
        ("length" | "char_length" | "len", [text]) => match value(text, scope) {
            Value::Text(text) => u32::try_from(text.chars().count())
                .ok()
                .map(|count| Value::Number(count.into())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                None
            }
        },
        (_, _) => folded(&name, &arguments, scope, value),
    };
    known.unwrap_or_else(|| opaque(whole, scope))
}

/// How many elements an array has, where none of them is an array itself.
fn elements_of(list: &Expr) -> Option<Value> {
    match uncast(list) {
        Expr::Array(array) if !array.elem.is_empty() => {
            let is_one = |element: &Expr| {
                matches!(bare(element), Expr::Value(_)) || column_of(element).is_some()
            };
            let count = u32::try_from(array.elem.len()).ok()?;
            array
                .elem
                .iter()
                .all(is_one)
                .then(|| Value::Number(count.into()))
        }
        // The enum is the parser's.
        _ => None,
    }
}

fn constant_text(values: &[Value]) -> Option<Value> {
    values
        .iter()
        .map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                None
            }
        })
        .collect::<Option<String>>()
        .map(Value::Text)
}
