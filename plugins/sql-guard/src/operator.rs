//! Conditions of one operator: comparisons, patterns, lists.

use sqlparser::ast::{BinaryOperator, Expr};

use crate::comparison::compare;
use crate::evaluation::value;
use crate::expression::{bare, column_of};
use crate::fitting::fitting;
use crate::pattern::Syntax;
use crate::scope::Scope;
use crate::subquery;
use crate::truth::Holds;
use crate::value::{Value, truth_of_value};

pub(crate) fn binary(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    match op {
        Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq | Op::Spaceship => {
            compare(left, op, right, scope)
        }
        Op::PGRegexMatch | Op::PGRegexIMatch | Op::Regexp => {
            fitting(left, right, Syntax::Regex, scope)
        }
        Op::PGRegexNotMatch | Op::PGRegexNotIMatch => {
            fitting(left, right, Syntax::Regex, scope).negated()
        }
        Op::PGLikeMatch | Op::PGILikeMatch => fitting(left, right, Syntax::Like, scope),
        Op::PGNotLikeMatch | Op::PGNotILikeMatch => {
            fitting(left, right, Syntax::Like, scope).negated()
        }
        Op::PGStartsWith if value(right, scope) == Value::Text(String::new()) => Holds::Always,
        Op::Glob => fitting(left, right, Syntax::Glob, scope),
        // The enum is the parser's.
        _ => {
            let whole = Expr::BinaryOp {
                left: Box::new(left.clone()),
                op: op.clone(),
                right: Box::new(right.clone()),
            };
            truth_of_value(&value(&whole, scope))
        }
    }
}

pub(crate) fn any_of(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    match bare(right) {
        Expr::Array(array) => array
            .elem
            .iter()
            .map(|element| binary(left, op, element, scope))
            .fold(Holds::Never, Holds::or),
        Expr::Subquery(query) if matches!(op, BinaryOperator::Eq) => {
            subquery::contains(left, query, scope)
        }
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

/// The elements of `(a, b)` and `ARRAY[a, b]`.
pub(crate) fn elements(list: &Expr) -> &[Expr] {
    match list {
        Expr::Nested(inner) => elements(inner),
        Expr::Tuple(elements) => elements,
        Expr::Array(array) => &array.elem,
        // The enum is the parser's.
        other => std::slice::from_ref(other),
    }
}

pub(crate) fn in_list(expr: &Expr, list: &[Expr], scope: &Scope) -> Holds {
    if list.is_empty() {
        return Holds::Never;
    }
    let told: Vec<Holds> = list
        .iter()
        .filter(|element| !is_plain_pair(expr, element))
        .map(|element| compare(expr, &BinaryOperator::Eq, element, scope))
        .collect();
    let open = if told.len() == list.len() {
        Holds::Never
    } else {
        Holds::Depends
    };
    told.into_iter().fold(open, Holds::or)
}

/// Two literals, or a column and a literal: nothing to learn.
fn is_plain_pair(left: &Expr, right: &Expr) -> bool {
    column_of(left).is_some() && matches!(right, Expr::Value(_))
}
