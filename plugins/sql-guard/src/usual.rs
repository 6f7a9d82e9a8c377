//! What is so in nearly every row: keys are positive, and columns not null.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name, uncast};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

/// Numbers that are what they are in nearly every row: keys are positive.
pub(crate) fn usual(expr: &Expr, op: &BinaryOperator, number: f64, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    /// Keys are smaller than this.
    const LARGE: f64 = 1e9;

    let key = match value(expr, scope) {
        Value::Row(sum) => sum.only().is_some_and(is_key),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Constant => false,
    };
    let everyone = match op {
        Op::Gt | Op::NotEq => number <= 0.0,
        Op::GtEq => number <= 1.0,
        Op::Lt | Op::LtEq => number >= LARGE,
        // The enum is the parser's.
        _ => false,
    };
    if key && everyone {
        Holds::Probably
    } else {
        Holds::Depends
    }
}

/// Whether every value is on this side of the bound: above the empty text,
/// between `'-infinity'` and `'infinity'`.
pub(crate) fn below_all(op: &BinaryOperator, bound: &Expr, scope: &Scope) -> bool {
    use BinaryOperator as Op;
    let text = match uncast(bound) {
        Expr::TypedString(typed) => typed.value.value.clone().into_string(),
        // The enum is the parser's.
        other => match value(other, scope) {
            Value::Text(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                None
            }
        },
    };
    let text = text.map(|text| text.trim().to_ascii_lowercase());
    match (op, text.as_deref()) {
        (Op::GtEq, Some("" | "-infinity" | "-inf")) => true,
        (Op::Gt | Op::NotEq, Some("-infinity" | "-inf")) => true,
        (Op::Lt | Op::LtEq | Op::NotEq, Some("infinity" | "+infinity" | "inf")) => true,
        // The enum is the parser's.
        (_, Some(_) | None) => false,
    }
}

/// Whether the column is one that numbers the rows, by its name.
pub(crate) fn is_key(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name);
    matches!(
        name,
        "id" | "_id"
            | "pk"
            | "rowid"
            | "_rowid_"
            | "oid"
            | "ctid"
            | "rownum"
            | "uuid"
            | "guid"
            | "key"
            | "xmin"
    ) || name.ends_with("_id")
}

pub(crate) fn not_null(expr: &Expr, scope: &Scope) -> Holds {
    match value(expr, scope) {
        Value::Null => Holds::Never,
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => Holds::Always,
        Value::Constant => Holds::Alike,
        Value::Row(_) if has_a_fallback(expr, scope) => Holds::Always,
        Value::Row(_) => Holds::Probably,
    }
}

/// `coalesce(a, 0)` is never null.
fn has_a_fallback(expr: &Expr, scope: &Scope) -> bool {
    match bare(expr) {
        Expr::Function(function) => {
            let filled = |argument: &&Expr| {
                matches!(
                    value(argument, scope),
                    Value::Bool(_) | Value::Number(_) | Value::Text(_)
                )
            };
            let arguments = arguments(function).unwrap_or_default();
            match function_name(function).as_str() {
                "coalesce" | "ifnull" | "nvl" | "isnull" | "concat" => arguments.iter().any(filled),
                "concat_ws" => arguments.iter().take(1).any(filled),
                _ => false,
            }
        }
        // The enum is the parser's.
        _ => false,
    }
}
