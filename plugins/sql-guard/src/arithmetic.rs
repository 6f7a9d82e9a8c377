//! What operators on values give: sums, and products and quotients with a constant.

use sqlparser::ast::BinaryOperator;

use crate::dialect::Dialect;
use crate::scope::Scope;
use crate::value::{Sum, Value};

/// What `first op second` evaluates to, as far as it is known.
pub(crate) fn arithmetic(
    first: Value,
    op: &BinaryOperator,
    second: Value,
    scope: &Scope,
) -> Option<Value> {
    let empty = |value: &Value| *value == Value::Text(String::new());
    let zero = |value: &Value| *value == Value::Number(0.0);
    if let BinaryOperator::StringConcat = op {
        return match (first, second) {
            (Value::Text(first), Value::Text(second)) => Some(Value::Text(first + &second)),
            (first, second) if empty(&first) => Some(second),
            (first, second) if empty(&second) => Some(first),
            (
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Text(_)
                | Value::Constant
                | Value::Row(_),
                _,
            ) => None,
        };
    }
    if first == Value::Null || second == Value::Null {
        return Some(Value::Null);
    }
    let is_power = match op {
        BinaryOperator::PGExp => true,
        BinaryOperator::BitwiseXor => scope.reading.caret_is_power,
        // The enum is the parser's.
        _ => false,
    };
    let known = match (op, first.sum(), second.sum()) {
        (BinaryOperator::Plus, Some(a), Some(b)) => Some(a.plus(1.0, &b).value()),
        (BinaryOperator::Minus, Some(a), Some(b)) => Some(a.plus(-1.0, &b).value()),
        (BinaryOperator::Multiply, Some(a), Some(b)) if a.unknowns.is_empty() => {
            Some(Sum::default().plus(a.number, &b).value())
        }
        (BinaryOperator::Multiply, Some(a), Some(b)) if b.unknowns.is_empty() => {
            Some(Sum::default().plus(b.number, &a).value())
        }
        (
            BinaryOperator::Divide
            | BinaryOperator::MyIntegerDivide
            | BinaryOperator::DuckIntegerDivide,
            Some(a),
            Some(b),
        ) if b.unknowns.is_empty() && matches!(b.number.abs(), 1.0) => {
            Some(Sum::default().plus(b.number, &a).value())
        }
        // `a * 6 / 2`, where nothing is cut off.
        (BinaryOperator::Divide, Some(a), Some(b))
            if b.unknowns.is_empty() && a.is_multiple_of(b.number) =>
        {
            Some(Sum::default().plus(b.number.recip(), &a).value())
        }
        (_, Some(_), Some(b)) if is_power && b == Sum::default() => Some(Value::Number(1.0)),
        (BinaryOperator::Divide, Some(a), Some(b)) if a == b && !a.unknowns.is_empty() => {
            Some(Value::Number(1.0))
        }
        (BinaryOperator::Modulo, Some(a), Some(b))
            if !a.unknowns.is_empty()
                && (a == b || (b.unknowns.is_empty() && b.number.abs() == 1.0)) =>
        {
            Some(Value::Number(0.0))
        }
        // The enum is the parser's.
        _ => None,
    };
    let is_all = |value: &Value| matches!(value, Value::Number(number) if *number == all_bits(scope.dialect));
    let bits = match op {
        _ if is_power => None,
        BinaryOperator::BitwiseAnd if is_all(&second) => Some(first.clone()),
        BinaryOperator::BitwiseAnd if is_all(&first) => Some(second.clone()),
        BinaryOperator::BitwiseAnd if zero(&first) || zero(&second) => Some(Value::Number(0.0)),
        BinaryOperator::BitwiseAnd | BinaryOperator::BitwiseOr if first == second => {
            Some(first.clone())
        }
        BinaryOperator::BitwiseOr
        | BinaryOperator::BitwiseXor
        | BinaryOperator::PGBitwiseXor
        | BinaryOperator::PGBitwiseShiftLeft
        | BinaryOperator::PGBitwiseShiftRight
            if zero(&second) =>
        {
            Some(first.clone())
        }
        BinaryOperator::BitwiseOr | BinaryOperator::BitwiseXor | BinaryOperator::PGBitwiseXor
            if zero(&first) =>
        {
            Some(second.clone())
        }
        BinaryOperator::BitwiseXor | BinaryOperator::PGBitwiseXor
            if first == second && !first.is_constant() =>
        {
            Some(Value::Number(0.0))
        }
        // The enum is the parser's.
        _ => None,
    };
    known.or(bits)
}

/// The number of which every bit is set: MySQL and MariaDB read bits without a sign.
pub(crate) fn all_bits(dialect: Dialect) -> f64 {
    const EIGHT_BYTES: f64 = 18_446_744_073_709_551_615.0;

    match dialect == Dialect::Mysql {
        true => EIGHT_BYTES,
        false => -1.0,
    }
}
