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

/// The order of all numbers between two bounds and all between two others.
pub(crate) fn apart((a, b): (f64, f64), op: &BinaryOperator, (c, d): (f64, f64)) -> Holds {
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

/// The operation that a function stands for.
pub(crate) fn operation_of(function: &str) -> Option<BinaryOperator> {
    Some(match function {
        "plus" | "add" => BinaryOperator::Plus,
        "minus" | "subtract" => BinaryOperator::Minus,
        "multiply" => BinaryOperator::Multiply,
        "divide" => BinaryOperator::Divide,
        "bitand" | "bit_and" => BinaryOperator::BitwiseAnd,
        "bitor" | "bit_or" => BinaryOperator::BitwiseOr,
        "bitxor" | "bit_xor" => BinaryOperator::PGBitwiseXor,
        _ => return None,
    })
}
