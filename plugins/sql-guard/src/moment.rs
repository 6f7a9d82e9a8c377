//! Moments that a condition compares with: now, and days before or after all that a
//! table holds.

use sqlparser::ast::{BinaryOperator, DataType, Expr};

use crate::evaluation::value;
use crate::expression::{any_within, arguments, bare, column_of, function_name, uncast};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

/// A moment that most rows are on one side of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Now,
    /// The day: what was made today is behind its beginning.
    Today,
    /// Before every row, whatever the column.
    Ancient,
    /// Before every row that somebody made.
    Early,
    /// Behind every row.
    Far,
}

/// Which rows a comparison with a moment leaves, where the column is a time:
/// `created_at <= now()` leaves nearly all, `expires_at <= now()` does not.
pub(crate) fn beside_moment(
    expr: &Expr,
    op: &BinaryOperator,
    bound: &Expr,
    scope: &Scope,
) -> Holds {
    use BinaryOperator as Op;
    let Some(moment) = moment_of(bound, scope) else {
        return Holds::Depends;
    };
    let is_made = || column_name(expr).is_some_and(|name| tells_when_made(&name));
    let told = match moment {
        Moment::Ancient | Moment::Far => true,
        Moment::Now | Moment::Today | Moment::Early => is_made(),
    };
    let is_before = match op {
        Op::Lt | Op::LtEq => true,
        Op::Gt | Op::GtEq => false,
        // A day that stands for none: `'0000-00-00'`.
        Op::NotEq | Op::Eq if matches!(moment, Moment::Ancient | Moment::Far) => {
            return Holds::of(matches!(op, Op::NotEq)).likely();
        }
        // The enum is the parser's.
        _ => return Holds::Depends,
    };
    match moment {
        _ if !told => Holds::Depends,
        Moment::Today if matches!(op, Op::Lt | Op::GtEq) => Holds::Depends,
        Moment::Now | Moment::Today | Moment::Far if is_before => Holds::Probably,
        Moment::Ancient | Moment::Early if !is_before => Holds::Probably,
        Moment::Now | Moment::Today | Moment::Far | Moment::Ancient | Moment::Early => {
            Holds::Hardly
        }
    }
}

/// Whether a column, by its name, holds when its row was made or last changed.
pub(crate) fn tells_when_made(name: &str) -> bool {
    const PARTS: [&str; 14] = [
        "creat",
        "insert",
        "updat",
        "modif",
        "added",
        "changed",
        "edited",
        "register",
        "signup",
        "signed_up",
        "joined",
        "recorded",
        "received",
        "seen",
    ];
    let name = name.rsplit('.').next().unwrap_or(name);
    matches!(
        name,
        "ctime"
            | "mtime"
            | "ts"
            | "timestamp"
            | "logged_at"
            | "order_date"
            | "ordered_at"
            // What the database writes itself: the day of a part, the begin of a version.
            | "_partitiontime"
            | "_partitiondate"
            | "row_start"
            | "sysstarttime"
    ) || PARTS.iter().any(|part| name.contains(part))
}

/// The column of `created_at`, `created_at::date`, `date(created_at)`.
fn column_name(expr: &Expr) -> Option<String> {
    let inner = uncast(expr);
    if let Some([.., column]) = column_of(inner) {
        return Some(column.value.to_lowercase());
    }
    match inner {
        Expr::Function(function) => arguments(function)?
            .into_iter()
            .filter_map(|argument| column_of(uncast(argument)))
            .filter_map(<[_]>::last)
            .map(|column| column.value.to_lowercase())
            .find(|name| tells_when_made(name)),
        // The enum is the parser's.
        _ => None,
    }
}

fn moment_of(bound: &Expr, scope: &Scope) -> Option<Moment> {
    let inner = uncast(bound);
    match inner {
        _ if is_now(inner, scope) && is_day(bound) => Some(Moment::Today),
        _ if is_now(inner, scope) => Some(Moment::Now),
        // A time to come; what is taken away from now is a condition.
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Plus,
            right,
        } if is_now(uncast(left), scope) && !goes_back(right) => Some(Moment::Now),
        Expr::TypedString(typed) => written(&typed.value.value.clone().into_string()?),
        // The enum is the parser's.
        other => match value(other, scope) {
            Value::Text(text) => written(&text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                None
            }
        },
    }
}

/// `interval '-1 day'`
fn goes_back(interval: &Expr) -> bool {
    any_within(interval, &mut |inner| match inner {
        Expr::UnaryOp { .. } => true,
        Expr::Value(literal) => literal.to_string().contains('-'),
        // The enum is the parser's.
        _ => false,
    })
}

/// Whether the time is cut off: `current_date`, `now()::date`.
fn is_day(bound: &Expr) -> bool {
    match bare(bound) {
        Expr::Cast { data_type, .. } => matches!(data_type, DataType::Date),
        Expr::Function(function) => matches!(
            function_name(function).as_str(),
            "curdate" | "current_date" | "date" | "today" | "utc_date"
        ),
        // The enum is the parser's.
        _ => false,
    }
}

fn is_now(expr: &Expr, scope: &Scope) -> bool {
    const NAMES: [&str; 21] = [
        "clock_timestamp",
        "curdate",
        "current_date",
        "current_datetime",
        "current_timestamp",
        "getdate",
        "getutcdate",
        "localtimestamp",
        "now",
        "now64",
        "statement_timestamp",
        "sysdate",
        "sysdatetime",
        "sysdatetimeoffset",
        "systimestamp",
        "sysutcdatetime",
        "today",
        "transaction_timestamp",
        "unix_timestamp",
        "utc_date",
        "utc_timestamp",
    ];
    /// With `'now'` as their only argument.
    const OF_NOW: [&str; 6] = [
        "date",
        "datetime",
        "julianday",
        "strftime",
        "timestamp",
        "unixepoch",
    ];
    match bare(expr) {
        Expr::Identifier(name) => ["sysdate", "systimestamp"]
            .iter()
            .any(|time| name.value.eq_ignore_ascii_case(time)),
        Expr::Function(function) => {
            let Some(arguments) = arguments(function) else {
                return false;
            };
            let name = function_name(function);
            let says_now = |argument: &&Expr| {
                matches!(value(argument, scope), Value::Text(text) if text.eq_ignore_ascii_case("now"))
                    || is_now(uncast(argument), scope)
            };
            match arguments.as_slice() {
                // With a precision, or without.
                [] | [Expr::Value(_)] if NAMES.contains(&name.as_str()) => true,
                [only] => OF_NOW.contains(&name.as_str()) && says_now(only),
                [_, second] => name == "strftime" && says_now(second),
                _ => false,
            }
        }
        // The enum is the parser's.
        _ => false,
    }
}

/// `'1900-01-01'`, `'19000101'`, `'epoch'`.
fn written(text: &str) -> Option<Moment> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("epoch") || text.starts_with("1970-01-01") {
        return Some(Moment::Ancient);
    }
    let (year, rest) = text.split_at_checked(4)?;
    let is_date = match rest.as_bytes() {
        [b'-' | b'/', month, ..] => month.is_ascii_digit(),
        [_, _, _, _] => rest.bytes().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    let year: u16 = year
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| year.parse().ok())??;
    match year {
        _ if !is_date => None,
        0..=1900 => Some(Moment::Ancient),
        1901..=1990 => Some(Moment::Early),
        2100.. => Some(Moment::Far),
        1991..2100 => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_before_and_behind_all_rows_are_known() {
        for (text, expected) in [
            ("1900-01-01", Some(Moment::Ancient)),
            ("19000101", Some(Moment::Ancient)),
            ("1970-01-01 00:00:00", Some(Moment::Ancient)),
            ("epoch", Some(Moment::Ancient)),
            ("1980-05-05", Some(Moment::Early)),
            ("9999-12-31", Some(Moment::Far)),
            ("2024-01-01", None),
            ("1200", None),
            ("1900 rows", None),
            ("née", None),
            ("", None),
        ] {
            assert_eq!(written(text), expected, "{text}");
        }
    }
}
