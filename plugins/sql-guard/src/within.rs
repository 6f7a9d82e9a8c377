//! Comparisons that hold for all values that their sides can have.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Value as Literal};

use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name, same};
use crate::order::ordered;
use crate::outcome::{Outcomes, number_of};
use crate::outcomes::outcomes;
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

/// The numbers that an expression can have, where they are few.
pub(crate) fn few_numbers(expr: &Expr, scope: &Scope) -> Option<Vec<f64>> {
    match outcomes(expr, scope)? {
        Outcomes::Few(values) => values.iter().map(number_of).collect(),
        Outcomes::Between(..) => None,
    }
}

/// Whether a comparison holds for all values that both sides can have.
pub(crate) fn compared(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    if let Some(told) = of_its_argument(left, op, right) {
        return told;
    }
    let (Some(lefts), Some(rights)) = (outcomes(left, scope), outcomes(right, scope)) else {
        return Holds::Depends;
    };
    if let (Outcomes::Few(lefts), Outcomes::Few(rights)) = (&lefts, &rights) {
        let mut told = None;
        for left in lefts {
            for right in rights {
                let one = pair(left, op, right);
                match told {
                    None => told = Some(one),
                    Some(before) if before == one => {}
                    Some(_) => return Holds::Depends,
                }
            }
        }
        return told.unwrap_or(Holds::Depends);
    }
    match (lefts.bounds(), rights.bounds()) {
        (Some(lefts), Some(rights)) => apart(lefts, op, rights),
        (None | Some(_), _) => Holds::Depends,
    }
}

/// Whether every value that the expression can have is in the list.
pub(crate) fn all_listed(expr: &Expr, list: &[Expr], scope: &Scope) -> bool {
    let Some(Outcomes::Few(values)) = outcomes(expr, scope) else {
        return false;
    };
    let listed: Vec<Value> = list.iter().map(|element| value(element, scope)).collect();
    values.iter().all(|value| {
        listed
            .iter()
            .any(|other| pair(value, &BinaryOperator::Eq, other) == Holds::Always)
    })
}

fn pair(left: &Value, op: &BinaryOperator, right: &Value) -> Holds {
    match (left, right) {
        (Value::Null, _) | (_, Value::Null) => Holds::Never,
        (Value::Text(left), Value::Text(right)) => {
            let equal = left == right;
            // Perhaps equal where case does not count.
            if !equal && left.to_lowercase() == right.to_lowercase() {
                return Holds::Depends;
            }
            match op {
                BinaryOperator::Eq => Holds::of(equal),
                BinaryOperator::NotEq => Holds::of(!equal),
                BinaryOperator::LtEq | BinaryOperator::GtEq if equal => Holds::Always,
                // The enum is the parser's.
                _ => Holds::Depends,
            }
        }
        (left, right) => match (number_of(left), number_of(right)) {
            (Some(left), Some(right)) => ordered(left, op, right),
            (None | Some(_), _) => Holds::Depends,
        },
    }
}

fn apart((a, b): (f64, f64), op: &BinaryOperator, (c, d): (f64, f64)) -> Holds {
    use BinaryOperator as Op;
    let told = |always: bool, never: bool| match (always, never) {
        (true, _) => Holds::Always,
        (false, true) => Holds::Never,
        (false, false) => Holds::Depends,
    };
    match op {
        Op::Lt => told(b < c, a >= d),
        Op::LtEq => told(b <= c, a > d),
        Op::Gt => told(a > d, b <= c),
        Op::GtEq => told(a >= d, b < c),
        Op::Eq | Op::Spaceship => told(a == d && b == c, b < c || a > d),
        Op::NotEq => told(b < c || a > d, a == d && b == c),
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

/// Functions that give the beginning of the month, the day, the hour of a time.
fn begins_a_period(function: &str) -> bool {
    matches!(
        function,
        "date_trunc"
            | "datetrunc"
            | "timestamp_trunc"
            | "datetime_trunc"
            | "date_bin"
            | "date_bucket"
            | "datetime_bucket"
            | "timestamp_bucket"
            | "time_bucket"
            | "time_slice"
            | "date"
            | "todate"
            | "tomonday"
    ) || function.starts_with("tostartof")
}

/// Functions that give the end of it.
fn ends_a_period(function: &str) -> bool {
    matches!(
        function,
        "last_day" | "eomonth" | "tolastdayofmonth" | "tolastdayofweek"
    )
}

fn is_end(side: &Expr) -> bool {
    match side {
        Expr::Value(value) => match &value.value {
            Literal::SingleQuotedString(text) => text.eq_ignore_ascii_case("end"),
            // The enum is the parser's.
            _ => false,
        },
        // The enum is the parser's.
        _ => false,
    }
}

/// `GREATEST(a, 5) >= a`, `FLOOR(a) <= a`: a function that is never on the other
/// side of its own argument.
fn of_its_argument(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<Holds> {
    use BinaryOperator as Op;
    let above = |whole: &Expr, part: &Expr| match bare(whole) {
        Expr::Ceil { expr, .. } => same(expr, part).then_some(true),
        Expr::Floor { expr, .. } => same(expr, part).then_some(false),
        // `created_at::date <= created_at`
        Expr::Cast {
            expr,
            data_type: DataType::Date,
            ..
        } => same(expr, part).then_some(false),
        Expr::Function(function) => {
            let all = arguments(function)?;
            let among = all.iter().any(|argument| same(argument, part));
            match function_name(function).as_str() {
                "greatest" | "ceil" | "ceiling" | "abs" if among => Some(true),
                "max" if among && all.len() > 1 => Some(true),
                "least" | "floor" if among => Some(false),
                "min" if among && all.len() > 1 => Some(false),
                // `TIME_SLICE(a, 1, 'MONTH', 'END')` of Snowflake.
                "time_slice" if among && all.get(3).is_some_and(|side| is_end(side)) => Some(true),
                name if among && ends_a_period(name) => Some(true),
                name if among && begins_a_period(name) => Some(false),
                _ => None,
            }
        }
        // The enum is the parser's.
        _ => None,
    };
    let is_above = above(left, right).or_else(|| above(right, left).map(|above| !above))?;
    match (is_above, op) {
        (true, Op::GtEq) | (false, Op::LtEq) => Some(Holds::Always),
        (true, Op::Lt) | (false, Op::Gt) => Some(Holds::Never),
        // The enum is the parser's.
        (true | false, _) => None,
    }
}
