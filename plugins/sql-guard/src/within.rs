//! Comparisons that hold for all values that their sides can have.

use sqlparser::ast::{BinaryOperator, DataType, Expr, Value as Literal};

use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name, same};
use crate::itself::pieces;
use crate::order::{apart, ordered, turned};
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
    if is_joined(left) || is_joined(right) {
        let told = of_its_piece(left, op, right, scope)
            .or_else(|| of_its_piece(right, &turned(op), left, scope));
        if let Some(told) = told {
            return told;
        }
    }
    let Some(lefts) = outcomes(left, scope) else {
        return Holds::Depends;
    };
    let Some(rights) = outcomes(right, scope) else {
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

fn is_joined(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::BinaryOp { op, .. } => {
            matches!(op, BinaryOperator::StringConcat | BinaryOperator::Plus)
        }
        Expr::Function(function) => function_name(function) == "concat",
        // The enum is the parser's.
        _ => false,
    }
}

/// A text beside one that it is joined of, with more letters: they are never the same, and
/// what begins with the other is behind it.
fn of_its_piece(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Option<Holds> {
    use BinaryOperator as Op;
    let mut all = Vec::new();
    pieces(left, &mut all);
    let has_more = || {
        let letters =
            |piece: &&Expr| matches!(value(piece, scope), Value::Text(text) if !text.is_empty());
        all.iter().any(letters)
    };
    let at = all.iter().position(|piece| same(piece, right))?;
    if all.len() < 2 || !has_more() {
        return None;
    }
    match op {
        Op::NotEq => Some(Holds::Always),
        Op::Eq | Op::Spaceship => Some(Holds::Never),
        Op::Gt | Op::GtEq if at == 0 => Some(Holds::Always),
        Op::Lt | Op::LtEq if at == 0 => Some(Holds::Never),
        // The enum is the parser's.
        _ => None,
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
    if let Some(told) = of_one_group(left, op, right) {
        return Some(told);
    }
    let is_above = above(left, right).or_else(|| above(right, left).map(|above| !above))?;
    match (is_above, op) {
        (true, Op::GtEq) | (false, Op::LtEq) => Some(Holds::Always),
        (true, Op::Lt) | (false, Op::Gt) => Some(Holds::Never),
        // The enum is the parser's.
        (true | false, _) => None,
    }
}

/// `max(a) >= min(a)` of one group.
fn of_one_group(left: &Expr, op: &BinaryOperator, right: &Expr) -> Option<Holds> {
    use BinaryOperator as Op;
    let rank = |side: &Expr| match bare(side) {
        Expr::Function(function) => {
            let all = arguments(function)?;
            let rank = match function_name(function).as_str() {
                "min" => 0,
                "avg" | "median" => 1,
                "max" => 2,
                _ => return None,
            };
            match all.as_slice() {
                [only] => Some((rank, (*only).clone())),
                _ => None,
            }
        }
        // The enum is the parser's.
        _ => None,
    };
    let ((first, one), (second, other)) = (rank(left)?, rank(right)?);
    if !same(&one, &other) {
        return None;
    }
    match op {
        Op::GtEq if first >= second => Some(Holds::Always),
        Op::LtEq if first <= second => Some(Holds::Always),
        Op::Lt if first >= second => Some(Holds::Never),
        Op::Gt if first <= second => Some(Holds::Never),
        // The enum is the parser's.
        _ => None,
    }
}
