//! Which expressions are conditions, by their form: true, false or unknown.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::expression::{arguments, bare, function_name};

/// Functions that answer whether something is so.
const ANSWERING: [&str; 29] = [
    "and",
    "contains",
    "contains_substr",
    "empty",
    "ends_with",
    "endswith",
    "equal_null",
    "equals",
    "glob",
    "greater",
    "greaterorequals",
    "ilike",
    "isnotdistinctfrom",
    "isnotnull",
    "less",
    "lessorequals",
    "like",
    "lnnvl",
    "match",
    "not",
    "notempty",
    "notequals",
    "or",
    "regexp_contains",
    "regexp_full_match",
    "regexp_like",
    "regexp_matches",
    "starts_with",
    "startswith",
];

/// Whether the expression is a condition.
pub(crate) fn is_condition(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::BinaryOp { op, .. } => answers(op),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            ..
        }
        | Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_)
        | Expr::IsDistinctFrom(..)
        | Expr::IsNotDistinctFrom(..)
        | Expr::IsJson { .. }
        | Expr::IsNormalized { .. }
        | Expr::InList { .. }
        | Expr::InSubquery { .. }
        | Expr::InUnnest { .. }
        | Expr::Between { .. }
        | Expr::Like { .. }
        | Expr::ILike { .. }
        | Expr::SimilarTo { .. }
        | Expr::RLike { .. }
        | Expr::AnyOp { .. }
        | Expr::AllOp { .. }
        | Expr::MemberOf(_)
        | Expr::Exists { .. } => true,
        Expr::Function(function) => {
            let name = function_name(function);
            ANSWERING.binary_search(&name.as_str()).is_ok()
                || (name == "isnull" && arguments(function).is_some_and(|all| all.len() == 1))
        }
        // The enum is the parser's.
        _ => false,
    }
}

fn answers(op: &BinaryOperator) -> bool {
    use BinaryOperator as Op;
    match op {
        Op::Eq
        | Op::NotEq
        | Op::Lt
        | Op::LtEq
        | Op::Gt
        | Op::GtEq
        | Op::Spaceship
        | Op::And
        | Op::Or
        | Op::Xor
        | Op::Regexp
        | Op::Glob
        | Op::PGRegexMatch
        | Op::PGRegexIMatch
        | Op::PGRegexNotMatch
        | Op::PGRegexNotIMatch
        | Op::PGLikeMatch
        | Op::PGILikeMatch
        | Op::PGNotLikeMatch
        | Op::PGNotILikeMatch
        | Op::PGStartsWith
        | Op::AtArrow
        | Op::ArrowAt
        | Op::PGOverlap => true,
        // The enum is the parser's.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn functions_are_sorted() {
        assert!(super::ANSWERING.is_sorted());
    }
}
