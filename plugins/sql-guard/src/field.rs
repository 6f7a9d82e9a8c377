//! What parts of times can be: `extract(month FROM created_at)`.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Ident};

use crate::expression::{bare, column_of, function_name, uncast};
use crate::moment::tells_when_made;
use crate::outcome::Outcomes;
use crate::scope::Scope;

/// What a part of a time can be; of most tables the times are of our days.
pub(crate) fn field_of(field: &str, time: &Expr, scope: &Scope) -> Option<Outcomes> {
    if is_span(time) {
        return None;
    }
    match (field, column_of(uncast(time)).and_then(<[Ident]>::last)) {
        ("year" | "years" | "isoyear", Some(column)) if scope.is_usual => {
            let first = match tells_when_made(&column.value.to_lowercase()) {
                true => 1991.0,
                false => 1901.0,
            };
            Some(Outcomes::Between(first, 2099.0))
        }
        _ => field_outcomes(field),
    }
}

/// Whether an expression is a length of time: its parts may be none, less, and more than
/// those of a time of the day.
fn is_span(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Interval(_) => true,
        Expr::Cast {
            expr: inner,
            data_type,
            ..
        } => matches!(data_type, DataType::Interval { .. }) || is_span(inner),
        Expr::BinaryOp { left, op, right } => match op {
            // `now() - interval '1 day'` is a time.
            BinaryOperator::Minus if is_span(right) || matches!(bare(right), Expr::Value(_)) => {
                is_span(left)
            }
            BinaryOperator::Minus => true,
            BinaryOperator::Plus => is_span(left) && is_span(right),
            BinaryOperator::Multiply | BinaryOperator::Divide => is_span(left) || is_span(right),
            // The enum is the parser's.
            _ => false,
        },
        Expr::Function(function) => matches!(
            function_name(function).as_str(),
            "age"
                | "timediff"
                | "sec_to_time"
                | "make_interval"
                | "justify_days"
                | "justify_hours"
                | "justify_interval"
                | "numtodsinterval"
                | "to_dsinterval"
                | "to_yminterval"
        ),
        one => column_of(one)
            .and_then(<[Ident]>::last)
            .is_some_and(names_a_span),
    }
}

fn names_a_span(column: &Ident) -> bool {
    const ENDS: [&str; 9] = [
        "duration", "interval", "elapsed", "uptime", "runtime", "latency", "timeout", "delay",
        "age",
    ];
    let name = column.value.to_lowercase();
    let last = name.rsplit('_').next().unwrap_or(&name);
    ENDS.contains(&last)
}

/// Parts of dates and times, however a dialect calls them.
pub(crate) fn field_outcomes(field: &str) -> Option<Outcomes> {
    Some(match field {
        "month" | "months" => Outcomes::numbers(1, 12),
        "quarter" => Outcomes::numbers(1, 4),
        "week" | "weekofyear" | "isoweek" => Outcomes::numbers(0, 53),
        "isodow" | "dayofweek" => Outcomes::numbers(1, 7),
        "weekday" => Outcomes::numbers(0, 7),
        "dow" => Outcomes::numbers(0, 6),
        "day" | "days" | "dayofmonth" => Outcomes::numbers(1, 31),
        "dayofyear" | "doy" => Outcomes::Between(1.0, 366.0),
        "hour" | "hours" => Outcomes::numbers(0, 23),
        "minute" | "minutes" => Outcomes::numbers(0, 59),
        "second" | "seconds" => Outcomes::Between(0.0, 60.0),
        "year" | "years" | "isoyear" => Outcomes::Between(1.0, f64::INFINITY),
        _ => return None,
    })
}
