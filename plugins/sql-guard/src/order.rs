//! The order of numbers, by the operators and functions that compare them.

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

/// The operator that a function of ClickHouse stands for.
pub(crate) fn operator_of(function: &str) -> Option<BinaryOperator> {
    Some(match function {
        "equals" => BinaryOperator::Eq,
        "notequals" => BinaryOperator::NotEq,
        "less" => BinaryOperator::Lt,
        "lessorequals" => BinaryOperator::LtEq,
        "greater" => BinaryOperator::Gt,
        "greaterorequals" => BinaryOperator::GtEq,
        _ => return None,
    })
}
