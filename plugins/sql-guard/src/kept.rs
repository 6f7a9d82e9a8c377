//! Which rows of the table that is written a statement's condition keeps.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::condition::holds;
use crate::correlation::names_only;
use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{bare, names_no_column};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

/// What a condition says about the rows of the table that is written. One that
/// names no column holds for all rows or for none: it is no condition.
pub(crate) fn kept_rows(condition: &Expr, dialect: Dialect, scope: &Scope) -> Holds {
    let of_others = !scope.others.is_empty() && names_only(condition, &scope.others);
    if names_no_column(condition) || of_others {
        return Holds::Always;
    }
    match holds(condition, false, scope) {
        Holds::Alike => Holds::Always,
        Holds::Depends if dialect.numbers_are_truths() && is_bare_number(condition, scope) => {
            Holds::Always
        }
        other => other,
    }
}

/// A column or a sum in the place of a condition is true for nearly every row
/// where numbers are truths.
fn is_bare_number(condition: &Expr, scope: &Scope) -> bool {
    match bare(condition) {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } => is_bare_number(left, scope) && is_bare_number(right, scope),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            right,
        } => is_bare_number(left, scope) || is_bare_number(right, scope),
        expr @ (Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::UnaryOp {
            op: UnaryOperator::Minus | UnaryOperator::Plus,
            ..
        }
        | Expr::BinaryOp {
            op:
                BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::BitwiseOr
                | BinaryOperator::BitwiseXor,
            ..
        }) => matches!(value(expr, scope), Value::Row(_)),
        // The enum is the parser's.
        _ => false,
    }
}
