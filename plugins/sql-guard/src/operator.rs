//! Conditions of one operator: comparisons, patterns, lists.

use sqlparser::ast::{BinaryOperator, Expr, FunctionArguments, Value as Literal};

use crate::bounds::bounded;
use crate::comparison::compare;
use crate::evaluation::value;
use crate::expression::{alone, bare, column_of, elements, function_name, same, uncast};
use crate::fitting::fitting;
use crate::pattern::Syntax;
use crate::range::{is_empty, is_endless, overlap, within};
use crate::scope::Scope;
use crate::subquery;
use crate::truth::Holds;
use crate::value::{Value, truth_of_value};
use crate::within::all_listed;

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
        Op::Custom(sign) if sign == "GLOB" => fitting(left, right, Syntax::Glob, scope),
        Op::Custom(sign) if sign == "^@" && value(right, scope) == Value::Text(String::new()) => {
            Holds::Always
        }
        Op::PGStartsWith if value(right, scope) == Value::Text(String::new()) => Holds::Always,
        Op::Glob => fitting(left, right, Syntax::Glob, scope),
        // Everything holds itself, and what is empty.
        Op::AtArrow | Op::ArrowAt | Op::PGOverlap if same(left, right) => Holds::Always,
        Op::PGOverlap if is_endless(left, scope) || is_endless(right, scope) => Holds::Always,
        Op::AtArrow if is_empty(right, scope) || is_endless(left, scope) => Holds::Always,
        Op::ArrowAt if is_empty(left, scope) || is_endless(right, scope) => Holds::Always,
        Op::AtArrow => within(right, left, scope, compare),
        Op::ArrowAt => within(left, right, scope, compare),
        Op::PGOverlap => overlap(left, right, scope, compare),
        Op::AtQuestion if value(uncast(right), scope) == Value::Text("$".to_owned()) => {
            Holds::Always
        }
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
        Expr::Array(array) if matches!(op, BinaryOperator::Eq) => in_list(left, &array.elem, scope),
        Expr::Array(array) => array
            .elem
            .iter()
            .map(|element| binary(left, op, element, scope))
            .fold(Holds::Never, Holds::or),
        Expr::Subquery(query) => match alone(query) {
            Some(_) if subquery::has_rows(query, scope) == Holds::Never => Holds::Never,
            Some(only) => binary(left, op, only, scope),
            None => match op {
                // Each row is among all rows, and as large as itself.
                BinaryOperator::Eq | BinaryOperator::GtEq | BinaryOperator::LtEq => {
                    subquery::contains(left, query, scope, compare)
                }
                // The enum is the parser's.
                _ => Holds::Depends,
            },
        },
        // `ARRAY(SELECT ..)`
        Expr::Function(function) if matches!(op, BinaryOperator::Eq) => match &function.args {
            FunctionArguments::Subquery(query) if function_name(function) == "array" => {
                subquery::contains(left, query, scope, compare)
            }
            FunctionArguments::Subquery(_)
            | FunctionArguments::List(_)
            | FunctionArguments::None => Holds::Depends,
        },
        // The enum is the parser's.
        _ if is_empty(right, scope) => Holds::Never,
        _ => Holds::Depends,
    }
}

/// `left op ALL (..)`: over nothing it always holds.
pub(crate) fn all_of(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    let nothing = match uncast(right) {
        Expr::Array(array) => array.elem.is_empty(),
        Expr::Subquery(query) => subquery::has_rows(query, scope) == Holds::Never,
        // The enum is the parser's.
        _ => value(uncast(right), scope) == Value::Text("{}".to_owned()),
    };
    // One row: a comparison with it.
    let by_bounds = match bare(right) {
        Expr::Subquery(query) => bounded(left, op, query, scope),
        // The enum is the parser's.
        _ => Holds::Depends,
    };
    match op {
        _ if nothing => Holds::Always,
        _ if by_bounds != Holds::Depends => by_bounds,
        BinaryOperator::NotEq => any_of(left, &BinaryOperator::Eq, right, scope).negated(),
        _ if matches!(bare(right), Expr::Array(_)) => elements(bare(right))
            .iter()
            .map(|element| binary(left, op, element, scope))
            .fold(Holds::Always, Holds::and),
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

pub(crate) fn in_list(expr: &Expr, list: &[Expr], scope: &Scope) -> Holds {
    if list.is_empty() {
        return Holds::Never;
    }
    let truths: Vec<Value> = list
        .iter()
        .filter(|element| matches!(element, Expr::Value(_)))
        .map(|element| value(element, scope))
        .filter(|value| matches!(value, Value::Bool(_)))
        .collect();
    if truths.contains(&Value::Bool(true)) && truths.contains(&Value::Bool(false)) {
        return Holds::Always;
    }
    if column_of(expr).is_none() && all_listed(expr, list, scope) {
        return Holds::Always;
    }
    // More elements than that, one of which all branches would hold for, nobody writes.
    let one_by_one = (list.len() > 2 && column_of(expr).is_none()).then(|| scope.one_by_one());
    let scope = one_by_one.as_ref().unwrap_or(scope);
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

/// A column and a literal: nothing to learn, but where hardly a row has it.
fn is_plain_pair(left: &Expr, right: &Expr) -> bool {
    let is_nobodys = |literal: &Literal| match literal {
        Literal::SingleQuotedString(text) => text.is_empty(),
        Literal::Number(digits, _) => digits == "0",
        // The enum is the parser's.
        _ => false,
    };
    column_of(left).is_some()
        && matches!(right, Expr::Value(literal) if !is_nobodys(&literal.value))
}
