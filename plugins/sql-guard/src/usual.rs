//! What is so in nearly every row: keys are positive, and columns not null.

use sqlparser::ast::{BinaryOperator, Expr, Ident};

use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{any_within, arguments, bare, column_of, function_name, uncast};
use crate::moment::tells_when_made;
use crate::order::apart;
use crate::scope::Scope;
use crate::system::is_kept;
use crate::truth::Holds;
use crate::value::{Sum, Value, truth_of_value};

/// Keys are smaller than this, and people write nines.
const LARGE: f64 = 99_999_999.0;

/// What keys are in nearly every row, and how many letters texts have.
pub(crate) const USUAL: (f64, f64) = (1.0, LARGE - 1.0);

/// What time is in seconds, in nearly every row: rows were made after the clocks began.
const SECONDS: (f64, f64) = (1.0, f64::INFINITY);

/// What an expression, with the sum that it evaluates to, is beside a number in nearly
/// every row: keys are positive, texts have letters, rows were made after the clocks began.
pub(crate) fn usual(expr: &Expr, sum: &Sum, op: &BinaryOperator, number: f64) -> Holds {
    let is_equality = matches!(op, BinaryOperator::Eq | BinaryOperator::NotEq);
    let bounds = match usual_bounds(sum) {
        Some(bounds) => bounds,
        None if is_length(expr) => USUAL,
        // Equal to a number is a mark that is set.
        None if !is_equality && sum.only().is_some_and(tells_when_made) => SECONDS,
        None => return Holds::Depends,
    };
    apart(bounds, op, (number, number)).likely()
}

/// What a sum of keys is in nearly every row.
pub(crate) fn usual_bounds(sum: &Sum) -> Option<(f64, f64)> {
    let (mut least, mut most) = (sum.number, sum.number);
    for (name, times) in &sum.unknowns {
        if !is_key(name) {
            return None;
        }
        let (one, other) = (times * USUAL.0, times * USUAL.1);
        least += one.min(other);
        most += one.max(other);
    }
    Some((least, most))
}

/// What a column of this name holds in nearly every row.
pub(crate) fn usual_numbers(column: &Ident) -> Option<(f64, f64)> {
    let name = column.value.to_lowercase();
    match name.as_str() {
        _ if is_key(&name) => Some(USUAL),
        // A number of rows that were inserted may be none: `rows_inserted`.
        _ if tells_when_made(&name) && is_called_a_time(&name) => Some(SECONDS),
        _ => None,
    }
}

/// Whether a column, by the end of its name, holds a time, and no number or mark.
fn is_called_a_time(name: &str) -> bool {
    const ENDS: [&str; 12] = [
        "at", "on", "ts", "time", "date", "day", "stamp", "created", "updated", "modified",
        "start", "utc",
    ];
    let is_mark = name.starts_with("is_") || name.starts_with("has_") || name.starts_with("was_");
    let last = name.rsplit('_').next().unwrap_or(name);
    !is_mark
        && match name.contains('_') {
            true if matches!(last, "created" | "updated" | "modified") => {
                name.starts_with("date_") || name.starts_with("time_") || name.starts_with("last_")
            }
            _ => ENDS.iter().any(|end| last.ends_with(end)),
        }
}

/// Whether a number is another one than 0, as a condition: `WHERE length(name)`.
pub(crate) fn is_any(expr: &Expr, scope: &Scope) -> Holds {
    let value = value(expr, scope);
    match (truth_of_value(&value), &value) {
        (Holds::Depends, Value::Row(sum)) => usual(expr, sum, &BinaryOperator::NotEq, 0.0),
        (told, _) => told,
    }
}

/// Whether something within the expression is told by what tables usually hold.
pub(crate) fn is_usual_within(expr: &Expr) -> bool {
    any_within(expr, &mut |inner| match inner {
        Expr::Function(function) => is_length(inner) || is_told(&function_name(function)),
        Expr::Extract { .. } => true,
        other => column_of(other)
            .and_then(<[_]>::last)
            .is_some_and(|column| usual_numbers(column).is_some()),
    })
}

/// Functions of which more is known in most tables than in all.
fn is_told(function: &str) -> bool {
    matches!(
        function,
        "count"
            | "count_big"
            | "row_number"
            | "rank"
            | "dense_rank"
            | "countif"
            | "count_if"
            | "uniq"
            | "uniqexact"
            | "approx_count_distinct"
            | "num_nulls"
            | "num_nonnulls"
            | "unix_timestamp"
            | "to_unixtime"
            | "tounixtimestamp"
            | "date_part"
            | "datepart"
            | "extract"
            | "year"
            | "years"
            | "isoyear"
    )
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
    let (always, unless_equal): (&[&str], &[&str]) = match scope.dialect {
        Dialect::Postgres => (&["tableoid", "xmax", "cmin", "cmax"], &["ctid"]),
        Dialect::Oracle => (&[], &["rowid"]),
        Dialect::Clickhouse => (&["_table", "_database"], &["_part", "_part_uuid"]),
        _ => (&["tableoid"], &["ctid"]),
    };
    // `tableoid <> 'a'::regclass` leaves a table out that inherits.
    let leaves_out = *op == BinaryOperator::NotEq && is_one_of(&["tableoid"]);
    // Behind one transaction there are rows, and before it.
    let is_other =
        *op == BinaryOperator::NotEq && scope.dialect == Dialect::Postgres && is_one_of(&["xmin"]);
    !leaves_out && (is_other || is_one_of(always) || !is_equal && is_one_of(unless_equal))
}

/// Whether the column is one that numbers the rows, by its name.
pub(crate) fn is_key(name: &str) -> bool {
    let name = name.rsplit('.').next().unwrap_or(name);
    // Of a longer expression it is no name.
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let is_known = matches!(
        name,
        "id" | "_id"
            | "pk"
            | "rowid"
            | "_rowid_"
            | "_rowid"
            | "oid"
            | "ctid"
            | "rownum"
            | "uuid"
            | "guid"
            | "key"
            | "xmin"
    ) || name.ends_with("_id");
    is_known && name.bytes().all(is_name)
}

/// Whether the column numbers the rows of its own table: no two have the same.
pub(crate) fn is_own_key(column: &Ident) -> bool {
    [
        "id", "_id", "pk", "rowid", "_rowid_", "_rowid", "ctid", "uuid", "guid",
    ]
    .iter()
    .any(|name| column.value.eq_ignore_ascii_case(name))
}

pub(crate) fn not_null(expr: &Expr, scope: &Scope) -> Holds {
    match value(expr, scope) {
        Value::Null => Holds::Never,
        Value::Bool(_) | Value::Number(_) | Value::Text(_) => Holds::Always,
        Value::Constant => Holds::Alike,
        Value::Row(_) if has_a_fallback(expr, scope) => Holds::Always,
        Value::Row(_)
            if column_of(uncast(expr))
                .and_then(<[_]>::last)
                .is_some_and(|column| is_kept(column, scope.dialect)) =>
        {
            Holds::Always
        }
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
