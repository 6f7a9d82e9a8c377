//! What is so in nearly every row: keys are positive, and columns not null.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{arguments, bare, column_of, function_name, uncast};
use crate::moment::tells_when_made;
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::{Value, truth_of_value};

/// Numbers that are what they are in nearly every row: keys are positive, texts
/// have letters, rows were made after the clocks began.
pub(crate) fn usual(expr: &Expr, op: &BinaryOperator, number: f64, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    /// Keys are smaller than this, and people write nines.
    const LARGE: f64 = 99_999_999.0;

    let everyone = match op {
        Op::Gt | Op::NotEq => number <= 0.0,
        Op::GtEq => number <= 1.0,
        Op::Lt | Op::LtEq => number >= LARGE,
        // The enum is the parser's.
        _ => false,
    };
    let nobody = match op {
        Op::LtEq | Op::Eq => number <= 0.0,
        Op::Lt => number <= 1.0,
        Op::Gt | Op::GtEq => number >= LARGE,
        // The enum is the parser's.
        _ => false,
    };
    if !everyone && !nobody {
        return Holds::Depends;
    }
    match value(expr, scope) {
        Value::Row(sum) if sum.only().is_some_and(is_key) || is_length(expr) => {
            Holds::of(everyone).likely()
        }
        // Seconds since the clocks began; equal to a number is a mark that is set.
        Value::Row(sum)
            if number <= 1.0
                && !matches!(op, Op::Eq | Op::NotEq)
                && sum.only().is_some_and(tells_when_made) =>
        {
            Holds::of(everyone).likely()
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Constant
        | Value::Row(_) => Holds::Depends,
    }
}

/// Whether a number is another one than 0, as a condition: `WHERE length(name)`.
pub(crate) fn is_any(expr: &Expr, scope: &Scope) -> Holds {
    match truth_of_value(&value(expr, scope)) {
        Holds::Depends => usual(expr, &BinaryOperator::NotEq, 0.0, scope),
        told => told,
    }
}

/// How long a text is.
fn is_length(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Function(function) => matches!(
            function_name(function).as_str(),
            "length"
                | "len"
                | "char_length"
                | "character_length"
                | "octet_length"
                | "datalength"
                | "lengthb"
                | "lengthutf8"
        ),
        // The enum is the parser's.
        _ => false,
    }
}

/// A column beside the empty text: in nearly every row it has letters.
pub(crate) fn filled(op: &BinaryOperator) -> Holds {
    use BinaryOperator as Op;
    match op {
        Op::NotEq | Op::Gt => Holds::Probably,
        Op::Eq | Op::Spaceship | Op::LtEq => Holds::Hardly,
        // The enum is the parser's.
        _ => Holds::Depends,
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

/// A column that the database keeps, beside a constant that hardly leaves a row out:
/// `tableoid = 't'::regclass`, `ctid > '(0,0)'`, `xmax = 0`.
pub(crate) fn is_system(expr: &Expr, op: &BinaryOperator, scope: &Scope) -> bool {
    let Some(column) = column_of(uncast(expr)).and_then(<[_]>::last) else {
        return false;
    };
    let is_one_of = |names: &[&str]| {
        names
            .iter()
            .any(|name| column.value.eq_ignore_ascii_case(name))
    };
    let is_equal = matches!(op, BinaryOperator::Eq | BinaryOperator::Spaceship);
    // Elsewhere the others are names of columns too.
    let (always, unless_equal): (&[&str], &[&str]) = match scope.dialect == Dialect::Postgres {
        true => (&["tableoid", "xmax", "cmin", "cmax"], &["ctid", "xmin"]),
        false => (&["tableoid"], &["ctid"]),
    };
    // `tableoid <> 'a'::regclass` leaves a table out that inherits.
    let leaves_out = *op == BinaryOperator::NotEq && is_one_of(&["tableoid"]);
    !leaves_out && (is_one_of(always) || !is_equal && is_one_of(unless_equal))
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
