//! The order of numbers, by the operators that compare them.

use sqlparser::ast::BinaryOperator;

use crate::truth::Holds;

pub(crate) fn ordered(first: f64, op: &BinaryOperator, second: f64) -> Holds {
    Holds::of(match op {
        BinaryOperator::Eq | BinaryOperator::Spaceship => first == second,
        BinaryOperator::NotEq => first != second,
        BinaryOperator::Lt => first < second,
        BinaryOperator::LtEq => first <= second,
        BinaryOperator::Gt => first > second,
        BinaryOperator::GtEq => first >= second,
        // The enum is the parser's.
        _ => return Holds::Depends,
    })
}

pub(crate) fn turned(op: &BinaryOperator) -> BinaryOperator {
    match op {
        BinaryOperator::Lt => BinaryOperator::Gt,
        BinaryOperator::LtEq => BinaryOperator::GtEq,
        BinaryOperator::Gt => BinaryOperator::Lt,
        BinaryOperator::GtEq => BinaryOperator::LtEq,
        // The enum is the parser's; the rest is symmetric.
        other => other.clone(),
    }
}
