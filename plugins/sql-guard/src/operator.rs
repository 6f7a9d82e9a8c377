//! Conditions of one operator: comparisons, patterns, lists.

use sqlparser::ast::{BinaryOperator, Expr, FunctionArguments, Query, Value as Literal};

use crate::bounds::bounded;
use crate::comparison::compare;
use crate::evaluation::value;
use crate::expression::{alone, arguments, bare, column_of, function_name, same, uncast};
use crate::fitting::fitting;
use crate::order::turned;
use crate::pattern::Syntax;
use crate::scope::Scope;
use crate::subquery;
use crate::truth::Holds;
use crate::value::{Value, truth_of_value};
use crate::within::all_listed;

pub(crate) fn binary(left: &Expr, op: &BinaryOperator, right: &Expr, scope: &Scope) -> Holds {
    use BinaryOperator as Op;
    match op {
        Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq | Op::Spaceship => {
            let by_bounds = match (bare(left), bare(right)) {
                (_, Expr::Subquery(query)) => with_subquery(left, op, query, scope),
                (Expr::Subquery(query), _) => with_subquery(right, &turned(op), query, scope),
                (_, _) => Holds::Depends,
            };
            match by_bounds {
                Holds::Depends => compare(left, op, right, scope),
                known => known,
            }
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

/// A comparison with what a subquery gives.
fn with_subquery(left: &Expr, op: &BinaryOperator, query: &Query, scope: &Scope) -> Holds {
    match bounded(left, op, query, scope) {
        Holds::Depends if matches!(op, BinaryOperator::Eq) => {
            subquery::contains(left, query, scope)
        }
        known => known,
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
                    subquery::contains(left, query, scope)
                }
                // The enum is the parser's.
                _ => Holds::Depends,
            },
        },
        // `ARRAY(SELECT ..)`
        Expr::Function(function) if matches!(op, BinaryOperator::Eq) => match &function.args {
            FunctionArguments::Subquery(query) if function_name(function) == "array" => {
                subquery::contains(left, query, scope)
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
        // The enum is the parser's.
        _ => Holds::Depends,
    }
}

/// `'{}'` and `'[]'`, with a type or without, and `ARRAY[]`.
fn is_empty(expr: &Expr, scope: &Scope) -> bool {
    match uncast(expr) {
        Expr::Array(array) => array.elem.is_empty(),
        // The enum is the parser's.
        other => match value(other, scope) {
            Value::Text(text) => matches!(text.trim(), "{}" | "[]" | "empty"),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                false
            }
        },
    }
}

/// A range without ends: `'(,)'`, `int8range(NULL, NULL)`.
fn is_endless(expr: &Expr, scope: &Scope) -> bool {
    match uncast(expr) {
        Expr::Function(function) if function_name(function).ends_with("multirange") => {
            arguments(function).is_some_and(|all| all.iter().any(|one| is_endless(one, scope)))
        }
        Expr::Function(function) if function_name(function).ends_with("range") => {
            arguments(function).is_some_and(|all| {
                all.len() >= 2
                    && all
                        .iter()
                        .take(2)
                        .all(|end| value(uncast(end), scope) == Value::Null)
            })
        }
        // The enum is the parser's.
        other => match value(other, scope) {
            Value::Text(text) => is_endless_text(&text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                false
            }
        },
    }
}

/// `(,)`, `[-infinity,infinity]`, and `{(,)}`, which is one of several.
fn is_endless_text(text: &str) -> bool {
    let inner = text.trim().trim_start_matches('{').trim_end_matches('}');
    let ends = inner
        .trim()
        .strip_prefix(['(', '['])
        .and_then(|rest| rest.strip_suffix([')', ']']))
        .and_then(|rest| rest.split_once(','));
    let is_one_of = |end: &str, names: [&str; 3]| {
        let end = end.trim().trim_matches('"');
        names.iter().any(|name| end.eq_ignore_ascii_case(name))
    };
    ends.is_some_and(|(first, last)| {
        is_one_of(first, ["", "-infinity", "-inf"]) && is_one_of(last, ["", "infinity", "inf"])
    })
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
