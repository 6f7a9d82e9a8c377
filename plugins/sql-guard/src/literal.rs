//! Conditions in one spelling, without their negation.

use sqlparser::ast::{BinaryOperator, Expr, Function, UnaryOperator};

use crate::canonical::canonical;
use crate::choice::{Test, one_of_two};
use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name};
use crate::order::operator_of;
use crate::predicate::is_condition;
use crate::scope::Scope;
use crate::value::Value;

/// A condition without its negation, in one spelling.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    text: String,
    negated: bool,
}

impl Literal {
    /// Whether one is the negation of the other.
    pub(crate) fn opposes(&self, other: &Self) -> bool {
        self.text == other.text && self.negated != other.negated
    }
}

/// The condition in one spelling.
pub(crate) fn literal(expr: &Expr, negated: bool, scope: &Scope) -> Literal {
    let flat = |text: String, also_negated: bool| Literal {
        text,
        negated: negated != also_negated,
    };
    let text = |expr: &Expr| canonical(expr, scope);
    match expr {
        Expr::Nested(inner) => literal(inner, negated, scope),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            expr,
        } => literal(expr, !negated, scope),
        Expr::IsTrue(inner) => literal(inner, negated, scope),
        Expr::IsNotTrue(inner) | Expr::IsFalse(inner) => literal(inner, !negated, scope),
        Expr::IsNotFalse(inner) => literal(inner, negated, scope),
        Expr::IsNull(inner) | Expr::IsUnknown(inner) => null(inner, negated, scope),
        Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => null(inner, !negated, scope),
        Expr::IsNotDistinctFrom(left, right) => equal(left, right, negated, scope),
        Expr::IsDistinctFrom(left, right) => equal(left, right, !negated, scope),
        Expr::InList {
            expr,
            list,
            negated: outside,
        } => {
            if let [only] = list.as_slice()
                && let Some(one) =
                    comparison(expr, &BinaryOperator::Eq, only, negated != *outside, scope)
            {
                return one;
            }
            let list: Vec<String> = list.iter().map(text).collect();
            flat(format!("{} in {}", text(expr), list.join(",")), *outside)
        }
        Expr::InSubquery {
            expr: left,
            subquery,
            negated: outside,
        } => flat(format!("{} in {subquery}", text(left)), *outside),
        Expr::Between {
            expr,
            negated: outside,
            low,
            high,
        } => flat(
            format!("{} between {} {}", text(expr), text(low), text(high)),
            *outside,
        ),
        Expr::Like {
            negated: without,
            expr,
            pattern,
            ..
        } => match value(pattern, scope) {
            // Without letters that stand for others it only compares.
            Value::Text(pattern_text) if !pattern_text.contains(['%', '_', '\\', '[']) => {
                equal(expr, pattern, negated != *without, scope)
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Constant
            | Value::Row(_) => flat(format!("{} like {}", text(expr), text(pattern)), *without),
        },
        Expr::ILike {
            negated: without,
            expr,
            pattern,
            ..
        } => flat(format!("{} ilike {}", text(expr), text(pattern)), *without),
        Expr::SimilarTo {
            negated: without,
            expr,
            pattern,
            ..
        } => flat(
            format!("{} similar {}", text(expr), text(pattern)),
            *without,
        ),
        Expr::RLike {
            negated: without,
            expr,
            pattern,
            ..
        } => flat(format!("{} rlike {}", text(expr), text(pattern)), *without),
        Expr::Exists {
            subquery,
            negated: absent,
        } => flat(format!("exists {subquery}"), *absent),
        Expr::AnyOp {
            left,
            compare_op: BinaryOperator::Eq,
            right,
            ..
        } => flat(format!("{} in {}", text(left), text(bare(right))), false),
        Expr::AllOp {
            left,
            compare_op: BinaryOperator::NotEq,
            right,
        } => flat(format!("{} in {}", text(left), text(bare(right))), true),
        Expr::IsJson {
            expr: inner,
            negated: outside,
            ..
        } => flat(format!("{} json", text(inner)), *outside),
        Expr::IsNormalized {
            expr: inner,
            negated: outside,
            ..
        } => flat(format!("{} normalized", text(inner)), *outside),
        Expr::Function(function) => called(expr, function, negated, scope),
        Expr::BinaryOp { left, op, right } => {
            comparison(left, op, right, negated, scope).unwrap_or_else(|| flat(text(expr), false))
        }
        // The enum is the parser's.
        _ => flat(text(expr), false),
    }
}

/// `a = b`, whichever stands first.
fn equal(left: &Expr, right: &Expr, negated: bool, scope: &Scope) -> Literal {
    let (a, b) = (canonical(bare(left), scope), canonical(bare(right), scope));
    Literal {
        text: format!("{} = {}", a.clone().min(b.clone()), a.max(b)),
        negated,
    }
}

/// Functions that say what an operator says too.
fn called(whole: &Expr, function: &Function, negated: bool, scope: &Scope) -> Literal {
    let all = arguments(function).unwrap_or_default();
    let as_written = || Literal {
        text: canonical(whole, scope),
        negated,
    };
    match (function_name(function).as_str(), all.as_slice()) {
        ("equal_null" | "isnotdistinctfrom", [left, right]) => equal(left, right, negated, scope),
        ("isnull", [value]) => null(value, negated, scope),
        ("isnotnull", [value]) => null(value, !negated, scope),
        ("lnnvl" | "not", [condition]) => literal(condition, !negated, scope),
        (name, [left, right]) => operator_of(name)
            .and_then(|op| comparison(left, &op, right, negated, scope))
            .unwrap_or_else(as_written),
        (_, _) => as_written(),
    }
}

/// `ISNULL(a) = 0`, `CASE WHEN a = 1 THEN 'x' ELSE 'y' END = 'y'`: one of two values,
/// compared with a constant.
fn answered(expr: &Expr, constant: &Expr, negated: bool, scope: &Scope) -> Option<Literal> {
    let expr = bare(expr);
    let wanted = value(constant, scope);
    if is_condition(expr) {
        let truth = match wanted {
            Value::Bool(truth) => truth,
            Value::Number(number) if number == 0.0 || number == 1.0 => number == 1.0,
            Value::Null | Value::Number(_) | Value::Text(_) | Value::Constant | Value::Row(_) => {
                return None;
            }
        };
        return Some(literal(expr, negated == truth, scope));
    }
    let (test, first, second) = one_of_two(expr)?;
    let (first, second) = (value(first, scope), value(second, scope));
    let is_known = |value: &Value| matches!(value, Value::Number(_) | Value::Text(_));
    if !is_known(&first) || !is_known(&second) || first == second {
        return None;
    }
    let taken = (wanted == first).then_some(true);
    let taken = taken.or_else(|| (wanted == second).then_some(false))?;
    let negated = negated == taken;
    Some(match test {
        Test::Condition(test) => literal(test, negated, scope),
        Test::Equal(one, _, other) => equal(one, other, negated, scope),
        Test::NotNull(value) => null(value, !negated, scope),
        Test::Otherwise => return None,
    })
}

/// Whether the value is null.
fn null(value: &Expr, negated: bool, scope: &Scope) -> Literal {
    Literal {
        text: format!("{} null", canonical(bare(value), scope)),
        negated,
    }
}

fn comparison(
    left: &Expr,
    op: &BinaryOperator,
    right: &Expr,
    negated: bool,
    scope: &Scope,
) -> Option<Literal> {
    use BinaryOperator as Op;
    let truth = |expr: &Expr| match value(expr, scope) {
        Value::Bool(truth) => Some(truth),
        Value::Null | Value::Number(_) | Value::Text(_) | Value::Constant | Value::Row(_) => None,
    };
    // `flag = false` is `NOT flag`.
    match (op, truth(left), truth(right)) {
        (Op::Eq, None, Some(wanted)) => return Some(literal(left, negated == wanted, scope)),
        (Op::Eq, Some(wanted), None) => return Some(literal(right, negated == wanted, scope)),
        (Op::NotEq, None, Some(wanted)) => return Some(literal(left, negated != wanted, scope)),
        (Op::NotEq, Some(wanted), None) => return Some(literal(right, negated != wanted, scope)),
        (_, _, _) => {}
    }
    let is_equality = match op {
        Op::Eq | Op::Spaceship => Some(true),
        Op::NotEq => Some(false),
        // The enum is the parser's.
        _ => None,
    };
    if let Some(wanted) = is_equality {
        let told = answered(left, right, negated == wanted, scope)
            .or_else(|| answered(right, left, negated == wanted, scope));
        return Some(told.unwrap_or_else(|| equal(left, right, negated == wanted, scope)));
    }
    let (a, b) = (canonical(bare(left), scope), canonical(bare(right), scope));
    let (sign, a, b, also_negated) = match op {
        Op::Lt => ("<", a, b, false),
        Op::GtEq => ("<", a, b, true),
        Op::Gt => ("<", b, a, false),
        Op::LtEq => ("<", b, a, true),
        Op::PGRegexMatch => ("~", a, b, false),
        Op::PGRegexNotMatch => ("~", a, b, true),
        Op::PGRegexIMatch => ("~*", a, b, false),
        Op::PGRegexNotIMatch => ("~*", a, b, true),
        // The enum is the parser's.
        _ => return None,
    };
    Some(Literal {
        text: format!("{a} {sign} {b}"),
        negated: negated != also_negated,
    })
}
