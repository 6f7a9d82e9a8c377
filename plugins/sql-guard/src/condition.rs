//! Whether a condition holds for every row, by what it can evaluate to.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value as Literal};

use crate::chain::{Asked, told_by_chain};
use crate::choice::{Judges, judged_by_branch};
use crate::comparison::compare;
use crate::cover;
use crate::dialect::Dialect;
use crate::evaluation::value;
use crate::expression::{alone, arguments, column_of, elements, function_name, names_no_column};
use crate::fitting::{constant_or_open, fitting, listed};
use crate::itself::{Found, found};
use crate::literal::literal;
use crate::operator::{all_of, any_of, binary, in_list};
use crate::order::operator_of;
use crate::pattern::Syntax;
use crate::predicate::is_condition;
use crate::range::{is_endless, within};
use crate::scope::Scope;
use crate::subquery;
use crate::truth::Holds;
use crate::usual::{is_any, not_null};
use crate::value::{Value, truth_of_value};

/// For which rows the expression holds, or with `negated` does not.
pub(crate) fn holds(expr: &Expr, negated: bool, scope: &Scope) -> Holds {
    let whole = expr;
    let deeper = |inner: &Expr, negated: bool| holds(inner, negated, scope);
    match expr {
        Expr::Nested(inner) => deeper(inner, negated),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            expr,
        } => deeper(expr, !negated),
        Expr::IsTrue(inner) => truth_test(inner, negated, negated, scope),
        Expr::IsNotFalse(inner) => truth_test(inner, negated, !negated, scope),
        Expr::IsFalse(inner) => truth_test(inner, !negated, negated, scope),
        Expr::IsNotTrue(inner) => truth_test(inner, !negated, !negated, scope),
        Expr::IsNotUnknown(inner) | Expr::IsNotNull(inner) => {
            not_null(inner, scope).negated_if(negated)
        }
        Expr::IsUnknown(inner) | Expr::IsNull(inner) => not_null(inner, scope).negated_if(!negated),
        Expr::BinaryOp {
            left,
            op: op @ (BinaryOperator::And | BinaryOperator::Or),
            right,
        } => {
            if matches!(op, BinaryOperator::And) != negated {
                return deeper(left, negated).and(deeper(right, negated));
            }
            some_alternative(expr, negated, scope)
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Xor,
            right,
        } => match (deeper(left, false), deeper(right, false)) {
            (Holds::Always, right) => right.negated().negated_if(negated),
            (left, Holds::Always) => left.negated().negated_if(negated),
            (Holds::Never, other) | (other, Holds::Never) => other.negated_if(negated),
            (
                Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends,
                Holds::Alike | Holds::Probably | Holds::Hardly | Holds::Depends,
            ) => Holds::of(opposite(left, right, scope) != negated)
                .and_if(opposite(left, right, scope)),
        },
        Expr::BinaryOp { left, op, right } => binary(left, op, right, scope).negated_if(negated),
        Expr::IsNotDistinctFrom(left, right) => {
            compare(left, &BinaryOperator::Spaceship, right, scope).negated_if(negated)
        }
        Expr::IsDistinctFrom(left, right) => {
            compare(left, &BinaryOperator::Spaceship, right, scope).negated_if(!negated)
        }
        Expr::Between {
            expr,
            negated: outside,
            low,
            high,
        } => {
            let above = binary(expr, &BinaryOperator::GtEq, low, scope);
            let below = binary(expr, &BinaryOperator::LtEq, high, scope);
            let inside = match (value(low, scope), value(high, scope)) {
                // Nothing is between them.
                (Value::Number(low), Value::Number(high)) if low > high => Holds::Never,
                (_, _) => above.and(below),
            };
            inside.negated_if(*outside != negated)
        }
        Expr::InList {
            expr,
            list,
            negated: outside,
        } => {
            let told = in_list(expr, list, scope).negated_if(*outside != negated);
            let is_open = matches!(told, Holds::Depends | Holds::Probably | Holds::Hardly);
            let is_computed = column_of(expr).is_none();
            if is_open && is_computed && cover::leaves_nothing_out(whole, negated, scope) {
                Holds::Always
            } else {
                told
            }
        }
        Expr::InSubquery {
            expr,
            subquery,
            negated: outside,
        } => subquery::contains(expr, subquery, scope, compare).negated_if(*outside != negated),
        Expr::InUnnest {
            expr,
            array_expr,
            negated: outside,
        } => in_list(expr, elements(array_expr), scope).negated_if(*outside != negated),
        Expr::Exists {
            subquery,
            negated: absent,
        } => subquery::has_rows(subquery, scope).negated_if(*absent != negated),
        // Of no row, null.
        Expr::Subquery(query) if subquery::has_rows(query, scope) == Holds::Never => Holds::Never,
        Expr::Subquery(query) => match alone(query) {
            Some(inner) => deeper(inner, negated),
            None => constant_or_open(expr),
        },
        Expr::Like {
            negated: without,
            any: true,
            expr,
            pattern,
            ..
        }
        | Expr::ILike {
            negated: without,
            any: true,
            expr,
            pattern,
            ..
        } => elements(pattern)
            .iter()
            .map(|pattern| fitting(expr, pattern, Syntax::Like, scope))
            .fold(listed(pattern, scope), Holds::or)
            .negated_if(*without != negated),
        Expr::Like {
            negated: without,
            expr,
            pattern,
            escape_char,
            ..
        }
        | Expr::ILike {
            negated: without,
            expr,
            pattern,
            escape_char,
            ..
        } => {
            let escaped = escape_char.as_ref().is_some_and(|escape| {
                matches!(value(escape, scope), Value::Text(letter) if letter == "%" || letter == "_")
            });
            if escaped {
                Holds::Depends
            } else {
                fitting(expr, pattern, Syntax::Like, scope).negated_if(*without != negated)
            }
        }
        Expr::SimilarTo {
            negated: without,
            expr,
            pattern,
            ..
        } => {
            // DuckDB reads it as a regular expression of the whole text.
            let syntax = if scope.dialect == Dialect::Duckdb {
                Syntax::WholeRegex
            } else {
                Syntax::Similar
            };
            fitting(expr, pattern, syntax, scope).negated_if(*without != negated)
        }
        Expr::RLike {
            negated: without,
            expr,
            pattern,
            ..
        } => fitting(expr, pattern, Syntax::Regex, scope).negated_if(*without != negated),
        Expr::AnyOp {
            left,
            compare_op,
            right,
            ..
        } => any_of(left, compare_op, right, scope).negated_if(negated),
        Expr::AllOp {
            left,
            compare_op,
            right,
        } => all_of(left, compare_op, right, scope).negated_if(negated),
        Expr::Case { .. } => by_branch(expr, negated, scope).unwrap_or(Holds::Depends),
        Expr::Function(function) => match arguments(function) {
            Some(arguments) => call(expr, &function_name(function), &arguments, negated, scope),
            None => constant_or_open(expr),
        },
        Expr::Cast { expr: inner, .. } | Expr::Collate { expr: inner, .. } => {
            deeper(inner, negated)
        }
        // The enum is the parser's.
        _ => truth_of_value(&value(expr, scope)).negated_if(negated),
    }
}

/// `IS TRUE` and its like: for which rows the condition holds, or does not, and what it is
/// where the condition is null.
fn truth_test(inner: &Expr, negated: bool, of_null: bool, scope: &Scope) -> Holds {
    if value(inner, scope) == Value::Null {
        return Holds::of(of_null);
    }
    match holds(inner, negated, scope) {
        // It may be null, for every row or for none.
        Holds::Never if of_null && names_no_column(inner) => Holds::Alike,
        told => told,
    }
}

/// For which rows one of the alternatives holds.
fn some_alternative(expr: &Expr, negated: bool, scope: &Scope) -> Holds {
    let all = cover::alternatives(expr, negated);
    let either = all
        .iter()
        .map(|(one, negated)| holds(one, *negated, scope))
        .fold(Holds::Never, Holds::or);
    if either != Holds::Always && cover::everything(&all, scope) {
        Holds::Always
    } else {
        either
    }
}

/// For which rows a condition that is one of several others holds.
fn by_branch(expr: &Expr, negated: bool, scope: &Scope) -> Option<Holds> {
    let judges = Judges { compare, holds };
    let judged = judged_by_branch(expr, negated, scope, judges)?;
    Some(told_by_chain(&judged, &Asked::Condition(negated), scope))
}

fn call(whole: &Expr, name: &str, arguments: &[&Expr], negated: bool, scope: &Scope) -> Holds {
    let fit = |text: &Expr, pattern: &Expr, syntax| {
        fitting(text, pattern, syntax, scope).negated_if(negated)
    };
    match (name, arguments) {
        ("isnull", [only]) => not_null(only, scope).negated_if(!negated),
        ("isnotnull", [only]) => not_null(only, scope).negated_if(negated),
        ("not" | "lnnvl", [condition]) => holds(condition, !negated, scope),
        ("and" | "or", [_, _, ..]) => {
            if (name == "and") == negated {
                return some_alternative(whole, negated, scope);
            }
            let all = arguments.iter().map(|one| holds(one, negated, scope));
            all.fold(Holds::Always, Holds::and)
        }
        ("isnotdistinctfrom", [first, second]) => {
            binary(first, &BinaryOperator::Spaceship, second, scope).negated_if(negated)
        }
        ("coalesce" | "ifnull" | "nvl" | "isnull", [first, rest @ ..]) => {
            let rest = rest.iter().map(|other| holds(other, negated, scope));
            match holds(first, negated, scope) {
                Holds::Never => rest.fold(Holds::Never, Holds::or),
                told => told,
            }
        }
        ("if" | "iif" | "iff" | "multiif" | "nvl2" | "decode", [_, _, _, ..]) => {
            by_branch(whole, negated, scope).unwrap_or(Holds::Depends)
        }
        (
            "regexp_like" | "regexp_contains" | "regexp_matches" | "regexp_ilike" | "match"
            | "contains_regex" | "rlike",
            [text, pattern, ..],
        ) => fit(text, pattern, Syntax::Regex),
        ("regexp" | "regexpi", [pattern, text]) => fit(text, pattern, Syntax::Regex),
        ("equal_null", [first, second]) => {
            compare(first, &BinaryOperator::Spaceship, second, scope).negated_if(negated)
        }
        ("likely" | "unlikely" | "likelihood", [condition, ..]) => holds(condition, negated, scope),
        ("regexp_full_match", [text, pattern, ..]) => fit(text, pattern, Syntax::WholeRegex),
        ("glob", [pattern, text]) => fit(text, pattern, Syntax::Glob),
        ("like" | "ilike", [pattern, text]) => {
            fit(text, pattern, Syntax::Like).or(fit(pattern, text, Syntax::Like))
        }
        (
            "starts_with" | "ends_with" | "startswith" | "endswith" | "contains" | "prefix"
            | "suffix" | "contains_substr" | "json_contains" | "json_overlaps",
            [text, part],
        ) => {
            let is_empty = value(part, scope) == Value::Text(String::new());
            Holds::of(is_empty || found(name, &[text, part]) == Some(Found::There))
                .or(Holds::Depends)
                .negated_if(negated)
        }
        ("range_contains", [range, _]) if is_endless(range, scope) => {
            Holds::Always.negated_if(negated)
        }
        ("range_contains", [range, part]) => {
            within(part, range, scope, compare).negated_if(negated)
        }
        (_, _) => match (operator_of(name), arguments) {
            (Some(op), [first, second]) => binary(first, &op, second, scope),
            (_, _) => match is_any(whole, scope) {
                Holds::Depends if !is_condition(whole) => {
                    compare(whole, &BinaryOperator::NotEq, &zero(), scope)
                }
                told => told,
            },
        }
        .negated_if(negated),
    }
}

/// `p` and `NOT p`.
fn opposite(left: &Expr, right: &Expr, scope: &Scope) -> bool {
    literal(left, false, scope).opposes(&literal(right, false, scope))
}

fn zero() -> Expr {
    Expr::value(Literal::Number("0".to_owned(), false))
}
