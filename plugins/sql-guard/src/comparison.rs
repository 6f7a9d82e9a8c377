//! For which rows one expression equals another, or is smaller or larger.

use sqlparser::ast::{BinaryOperator, Expr, Query, Value as Literal};

use crate::bounds::bounded;
use crate::canonical::canonical;
use crate::chain::{Asked, told_by_chain};
use crate::choice::compared_by_branch;
use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{arguments, bare, column_of, function_name, names_no_column, same, uncast};
use crate::moment::beside_moment;
use crate::order::{apart, ordered, turned};
use crate::predicate::is_condition;
use crate::scope::Scope;
use crate::subquery::contains;
use crate::texts::reads_bytes;
use crate::truth::Holds;
use crate::usual::{below_all, filled, is_system, is_usual_within, not_null, usual, usual_bounds};
use crate::value::{Value, numeral, truth_of_value};
use crate::within::compared;

/// Whether a comparison holds.
pub(crate) fn compare(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    let by_subquery = match (bare(left), bare(right)) {
        (_, Expr::Subquery(query)) => with_subquery(left, op, query, scope),
        (Expr::Subquery(query), _) => with_subquery(right, &turned(op), query, scope),
        (_, _) => Holds::Depends,
    };
    match by_subquery {
        Holds::Depends => with_values(left, op, right, scope),
        known => known,
    }
}

/// A comparison with what a subquery gives.
fn with_subquery(left: &Expr, op: &BinaryOperator, query: &Query, scope: &Scope) -> Holds {
    match bounded(left, op, query, scope) {
        Holds::Depends if matches!(op, BinaryOperator::Eq) => contains(left, query, scope, compare),
        known => known,
    }
}

fn with_values(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    match by_form(left, op, right, scope) {
        open @ (Holds::Probably | Holds::Hardly | Holds::Depends) => {
            match compared(left, op, right, scope) {
                Holds::Depends => {
                    let told = by_branch(left, op, right, scope)
                        .or_else(|| by_branch(right, &turned(op), left, scope));
                    match (open, told) {
                        (Holds::Depends, None) => usually(left, op, right, scope),
                        (open, told) => usual_of_branches(open, told),
                    }
                }
                known => known,
            }
        }
        known @ (Holds::Always | Holds::Never | Holds::Alike) => known,
    }
}

/// What is so by the branches of the left side, where it has some.
fn by_branch(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Option<Holds> {
    let judged = compared_by_branch(left, op, right, scope, compare)?;
    Some(told_by_chain(&judged, &Asked::Comparison(op, right), scope))
}

/// What is so where columns hold what they usually do: `abs(id) > 0`.
fn usually(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    let is_text = |side: &Expr| {
        matches!(bare(side), Expr::Value(literal)
            if matches!(literal.value, Literal::SingleQuotedString(_)))
    };
    let is_computed = |side: &Expr| {
        !matches!(bare(side), Expr::Value(_) | Expr::Tuple(_)) && column_of(side).is_none()
    };
    let may_tell = (is_computed(left) && !is_text(right)) || (is_computed(right) && !is_text(left));
    let may_differ = || is_usual_within(left) || is_usual_within(right);
    if scope.is_usual || !may_tell || scope.is_exhausted() || !may_differ() {
        return Holds::Depends;
    }
    compared(left, op, right, &scope.usually()).likely()
}

/// What is so by the form of the whole, and by its branches: the form of
/// `CASE .. THEN '' ELSE '' END = ''` says that hardly a row is empty, and its branches that
/// each is.
fn usual_of_branches(open: Holds, told: Option<Holds>) -> Holds {
    match (open, told) {
        (open, None | Some(Holds::Depends)) => open,
        (_, Some(told @ (Holds::Always | Holds::Never | Holds::Alike))) => told,
        (Holds::Depends, Some(told)) => told,
        (Holds::Probably, Some(_)) | (_, Some(Holds::Probably)) => Holds::Probably,
        (open, Some(Holds::Hardly)) => open,
    }
}

fn by_form(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    let (left, right) = (bare(left), bare(right));
    if let (Some(lefts), Some(rights)) = (parts(left), parts(right))
        && lefts.len() == rights.len()
    {
        match op {
            Op::Eq => return all_equal(&lefts, &rights, scope),
            Op::NotEq => return all_equal(&lefts, &rights, scope).negated(),
            Op::Lt | Op::LtEq | Op::Gt | Op::GtEq => return in_turn(&lefts, op, &rights, scope),
            // The enum is the parser's.
            _ => {}
        }
    }
    let equal = |equal: bool| match op {
        Op::Eq | Op::Spaceship | Op::GtEq | Op::LtEq => Holds::of(equal),
        _ => Holds::of(!equal),
    };
    if let Some(answer) = truth_compared(left, op, right, scope) {
        return answer;
    }
    if same(left, right) && !names_no_column(left) {
        return equal(true);
    }
    if alias_pair(left, right, scope) {
        // A row of the table beside any other row of the same table.
        return match op {
            Op::Eq | Op::Spaceship | Op::GtEq | Op::LtEq => Holds::Always,
            _ => Holds::Depends,
        };
    }
    let (first, second) = (value(left, scope), value(right, scope));
    match (&first, &second) {
        (Value::Null, Value::Null) if matches!(op, Op::Spaceship) => Holds::Always,
        (Value::Null, _) | (_, Value::Null) if !matches!(op, Op::Spaceship) => Holds::Never,
        (Value::Row(_), Value::Null) => not_null(left, scope).negated(),
        (Value::Null, Value::Row(_)) => not_null(right, scope).negated(),
        (Value::Row(_), Value::Bool(true)) if matches!(op, Op::LtEq) => Holds::Always,
        (Value::Row(_), Value::Bool(false)) if matches!(op, Op::GtEq) => Holds::Always,
        (Value::Bool(true), Value::Row(_)) if matches!(op, Op::GtEq) => Holds::Always,
        (Value::Bool(false), Value::Row(_)) if matches!(op, Op::LtEq) => Holds::Always,
        (Value::Number(first), Value::Number(second)) => ordered(*first, op, *second),
        (Value::Bool(first), Value::Bool(second)) => equal(first == second),
        (Value::Text(first), Value::Text(second))
            if first == second && !reads_bytes(left) && !reads_bytes(right) =>
        {
            equal(true)
        }
        (Value::Row(first), Value::Row(second)) => {
            let difference = first.plus(-1.0, second);
            if difference.unknowns.is_empty() {
                ordered(difference.number, op, 0.0)
            } else if let known @ (Holds::Always | Holds::Never) =
                usual_bounds(&difference).map_or(Holds::Depends, |all| apart(all, op, (0.0, 0.0)))
            {
                known.likely()
            } else if canonical(uncast(left), scope) == canonical(uncast(right), scope) {
                equal(true).likely()
            } else {
                Holds::Depends
            }
        }
        (Value::Row(_), other) if other.is_constant() && is_system(left, op, scope) => {
            Holds::Probably
        }
        (other, Value::Row(_)) if other.is_constant() && is_system(right, &turned(op), scope) => {
            Holds::Probably
        }
        (Value::Row(sum), Value::Number(number)) => usual(left, sum, op, *number),
        (Value::Number(number), Value::Row(sum)) => usual(right, sum, &turned(op), *number),
        (Value::Row(_), other) if other.is_constant() && below_all(op, right, scope) => {
            Holds::Always
        }
        (other, Value::Row(_)) if other.is_constant() && below_all(&turned(op), left, scope) => {
            Holds::Always
        }
        (first, second) if first.is_constant() && second.is_constant() => Holds::Alike,
        (Value::Row(_), Value::Text(text)) if text.is_empty() => filled(op),
        (Value::Text(text), Value::Row(_)) if text.is_empty() => filled(&turned(op)),
        (Value::Row(sum), Value::Text(text))
            if let Some(number) = numeral(text)
                && usual_bounds(sum).is_some() =>
        {
            usual(left, sum, op, number)
        }
        (Value::Text(text), Value::Row(sum))
            if let Some(number) = numeral(text)
                && usual_bounds(sum).is_some() =>
        {
            usual(right, sum, &turned(op), number)
        }
        (Value::Row(_), other) if other.is_constant() => beside_moment(left, op, right, scope),
        (other, Value::Row(_)) if other.is_constant() => {
            beside_moment(right, &turned(op), left, scope)
        }
        (
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Constant
            | Value::Row(_),
            _,
        ) => Holds::Depends,
    }
}

/// The parts of `(a, b)` and `ROW(a, b)`.
fn parts(expr: &Expr) -> Option<Vec<&Expr>> {
    match expr {
        Expr::Tuple(parts) => Some(parts.iter().collect()),
        Expr::Function(function) if function_name(function) == "row" => arguments(function),
        // The enum is the parser's.
        _ => None,
    }
}

fn all_equal(lefts: &[&Expr], rights: &[&Expr], scope: &Scope) -> Holds {
    lefts
        .iter()
        .zip(rights)
        .map(|(left, right)| compare(left, &BinaryOperator::Eq, right, scope))
        .fold(Holds::Always, Holds::and)
}

/// `(a, 1) <= (a, 2)`: the first pair that differs decides.
fn in_turn(lefts: &[&Expr], op: &BinaryOperator, rights: &[&Expr], scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    // One within another is looked at more than once.
    if scope.is_exhausted() {
        return Holds::Depends;
    }
    scope.spend(0);
    let (strict, open, is_open) = match op {
        Op::LtEq => (Op::Lt, Op::LtEq, true),
        Op::GtEq => (Op::Gt, Op::GtEq, true),
        Op::Lt => (Op::Lt, Op::LtEq, false),
        // The enum is the parser's.
        other => (other.clone(), Op::GtEq, false),
    };
    let mut told = Holds::of(is_open);
    for (left, right) in lefts.iter().zip(rights).rev() {
        told = match (told, compare(left, &strict, right, scope)) {
            // Behind it nothing counts.
            (_, Holds::Always) => Holds::Always,
            (Holds::Always, less) => less.or(compare(left, &open, right, scope)),
            (Holds::Never, less) => less,
            // Where it is not less it is equal, or the other way round.
            (rest @ Holds::Probably, less) => less.or(compare(left, &open, right, scope).and(rest)),
            (rest, less) => less.or(compare(left, &Op::Eq, right, scope).and(rest)),
        };
    }
    told
}

/// `(a = b) = true`, `ISNULL(a) = 0`, `(a IS NULL) < 1`.
fn truth_compared(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Option<Holds> {
    let (condition, op, other) = if is_condition(left) {
        (left, op.clone(), right)
    } else if is_condition(right) {
        (right, turned(op), left)
    } else {
        return None;
    };
    let wanted = match number_of_bytes(other, scope).unwrap_or_else(|| value(other, scope)) {
        Value::Bool(truth) => f64::from(u8::from(truth)),
        Value::Number(number) => number,
        // A text is a number there, whatever it says.
        Value::Text(text) if scope.dialect == Dialect::Mysql => leading_number(&text),
        // Every number is less than any text there.
        Value::Text(_) if scope.dialect == Dialect::Sqlite => f64::INFINITY,
        Value::Text(text) => match truth_of_value(&Value::Text(text.clone())) {
            Holds::Always => 1.0,
            _ if matches!(text.as_str(), "f" | "false" | "n" | "no" | "off" | "0") => 0.0,
            _ => return None,
        },
        Value::Null | Value::Constant | Value::Row(_) => return None,
    };
    match (ordered(1.0, &op, wanted), ordered(0.0, &op, wanted)) {
        (Holds::Always, Holds::Never) => Some(scope.holds(condition, false)),
        (Holds::Never, Holds::Always) => Some(scope.holds(condition, true)),
        (one, other) if one == other && one != Holds::Depends => Some(one),
        (_, _) => None,
    }
}

/// `x'01'` is a number there, beside one.
fn number_of_bytes(expr: &Expr, scope: &Scope) -> Option<Value> {
    if !matches!(scope.dialect, Dialect::Mysql | Dialect::Generic) {
        return None;
    }
    match bare(expr) {
        Expr::Value(literal) => match &literal.value {
            Literal::HexStringLiteral(digits) => u32::from_str_radix(digits, 16)
                .ok()
                .map(|number| Value::Number(number.into())),
            // The enum is the parser's.
            _ => None,
        },
        // The enum is the parser's.
        _ => None,
    }
}

/// The number that a text begins with; 0 where it begins with none.
fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let is_other = |letter: char| !letter.is_ascii_digit() && !matches!(letter, '.' | '+' | '-');
    let end = text.find(is_other).unwrap_or(text.len());
    let number = text.get(..end).unwrap_or_default();
    number.parse().unwrap_or_default()
}

/// `t.id` and `x.id`, where `x` is the same table again.
fn alias_pair(left: &Expr, right: &Expr, scope: &Scope) -> bool {
    match (column_of(left), column_of(right)) {
        (Some([one, first]), Some([other, second])) => {
            let is_self = |name: &str| scope.selves.iter().any(|own| *own == name.to_lowercase());
            first.value.eq_ignore_ascii_case(&second.value)
                && is_self(&one.value)
                && is_self(&other.value)
        }
        (Some(_) | None, _) => false,
    }
}
