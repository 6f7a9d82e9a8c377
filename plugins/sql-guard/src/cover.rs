//! Alternatives that together leave no row out: `a = 1 OR a <> 1`,
//! `a < 5 OR a > 3`, `p OR NOT p`.

use std::collections::BTreeMap;

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use crate::canonical::canonical;
use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name};
use crate::order::{ordered, turned};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;
use crate::within::few_numbers;

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

/// More alternatives than this are not compared with each other.
const ALTERNATIVES_MAX: usize = 64;

/// Whether the alternatives leave no row out.
pub(crate) fn everything(all: &[(&Expr, bool)], scope: &Scope) -> bool {
    if all.len() > ALTERNATIVES_MAX {
        return false;
    }
    let literals: Vec<Literal> = all
        .iter()
        .map(|(expr, negated)| literal(expr, *negated, scope))
        .collect();
    let opposed = literals
        .iter()
        .enumerate()
        .any(|(at, one)| literals.iter().skip(at + 1).any(|other| one.opposes(other)));
    opposed || ranges_meet(all, scope)
}

/// Whether the one condition leaves no row out: `a % 2 IN (0, 1)`.
pub(crate) fn leaves_nothing_out(expr: &Expr, negated: bool, scope: &Scope) -> bool {
    ranges_meet(&[(expr, negated)], scope)
}

/// The alternatives of the expression, or with `negated` of its negation; each
/// with whether it is negated.
pub(crate) fn alternatives(expr: &Expr, negated: bool) -> Vec<(&Expr, bool)> {
    let mut all = Vec::new();
    collect(expr, negated, &mut all);
    all
}

fn collect<'a>(expr: &'a Expr, negated: bool, into: &mut Vec<(&'a Expr, bool)>) {
    match expr {
        Expr::Nested(inner) => collect(inner, negated, into),
        Expr::UnaryOp {
            op: UnaryOperator::Not | UnaryOperator::BangNot,
            expr,
        } => collect(expr, !negated, into),
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Or,
            right,
        } if !negated => {
            collect(left, negated, into);
            collect(right, negated, into);
        }
        Expr::BinaryOp {
            left,
            op: BinaryOperator::And,
            right,
        } if negated => {
            collect(left, negated, into);
            collect(right, negated, into);
        }
        // `COALESCE(x, true)` holds where `x` does, and where it is null.
        Expr::Function(function)
            if matches!(
                function_name(function).as_str(),
                "coalesce" | "ifnull" | "nvl" | "isnull"
            ) =>
        {
            into.push((expr, negated));
            let first = arguments(function)
                .filter(|all| all.len() > 1)
                .and_then(|all| all.first().copied());
            if let (Some(first), false) = (first, negated) {
                collect(first, negated, into);
            }
        }
        // The enum is the parser's.
        other => into.push((other, negated)),
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
        Expr::IsNull(inner) | Expr::IsUnknown(inner) => {
            flat(format!("{} null", text(inner)), false)
        }
        Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => {
            flat(format!("{} null", text(inner)), true)
        }
        Expr::IsNotDistinctFrom(left, right) => {
            flat(format!("{} = {}", text(left), text(right)), false)
        }
        Expr::IsDistinctFrom(left, right) => {
            flat(format!("{} = {}", text(left), text(right)), true)
        }
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
        } => flat(format!("{} like {}", text(expr), text(pattern)), *without),
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
        Expr::BinaryOp { left, op, right } => {
            comparison(left, op, right, negated, scope).unwrap_or_else(|| flat(text(expr), false))
        }
        // The enum is the parser's.
        _ => flat(text(expr), false),
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
    let (a, b) = (canonical(bare(left), scope), canonical(bare(right), scope));
    let (sign, a, b, also_negated) = match op {
        Op::Eq | Op::Spaceship => ("=", a.clone().min(b.clone()), a.max(b), false),
        Op::NotEq => ("=", a.clone().min(b.clone()), a.max(b), true),
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

/// One alternative about a number: which numbers it lets through.
enum Range {
    Compared(BinaryOperator, f64),
    Within(f64, f64),
    Outside(f64, f64),
    Among(Vec<f64>, bool),
}

impl Range {
    fn holds(&self, number: f64) -> bool {
        match self {
            Self::Compared(op, bound) => ordered(number, op, *bound) == Holds::Always,
            Self::Within(low, high) => (*low..=*high).contains(&number),
            Self::Outside(low, high) => !(*low..=*high).contains(&number),
            Self::Among(numbers, wanted) => numbers.contains(&number) == *wanted,
        }
    }

    fn bounds(&self) -> Vec<f64> {
        match self {
            Self::Compared(_, bound) => vec![*bound],
            Self::Within(low, high) | Self::Outside(low, high) => vec![*low, *high],
            Self::Among(numbers, _) => numbers.clone(),
        }
    }
}

/// Whether the alternatives about one unknown let every number through.
fn ranges_meet(all: &[(&Expr, bool)], scope: &Scope) -> bool {
    let mut by_unknown: BTreeMap<String, (Option<Vec<f64>>, Vec<Range>)> = BTreeMap::new();
    for (expr, negated) in all {
        if let Some((unknown, range)) = range(expr, *negated, scope) {
            let entry = by_unknown.entry(canonical(bare(unknown), scope));
            let (_, ranges) = entry.or_insert_with(|| (few_numbers(unknown, scope), Vec::new()));
            ranges.push(range);
        }
    }
    by_unknown.values().any(|(values, ranges)| {
        let some_fits = |number: &f64| ranges.iter().any(|range| range.holds(*number));
        if values.as_ref().is_some_and(|all| all.iter().all(some_fits)) {
            return true;
        }
        let mut bounds: Vec<f64> = ranges.iter().flat_map(Range::bounds).collect();
        bounds.sort_by(f64::total_cmp);
        let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else {
            return false;
        };
        let mut probes = vec![first - 1.0, last + 1.0];
        probes.extend(
            bounds
                .iter()
                .zip(bounds.iter().skip(1))
                .map(|(low, high)| (low + high) / 2.0),
        );
        probes.extend(&bounds);
        probes.iter().all(some_fits)
    })
}

/// A number that stands for a text where only equality counts.
fn number_for(text: &str) -> f64 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    f64::from(hash) + 0.5
}

fn range<'a>(expr: &'a Expr, negated: bool, scope: &Scope) -> Option<(&'a Expr, Range)> {
    use BinaryOperator as Op;
    let number = |expr: &Expr| match value(expr, scope) {
        Value::Number(number) => Some(number),
        Value::Text(text) => Some(number_for(&text)),
        Value::Null | Value::Bool(_) | Value::Constant | Value::Row(_) => None,
    };
    match expr {
        Expr::BinaryOp { left, op, right } => {
            let texts = match (value(left, scope), value(right, scope)) {
                (Value::Number(_) | Value::Row(_), Value::Number(_) | Value::Row(_)) => false,
                (Value::Text(_), Value::Row(_)) | (Value::Row(_), Value::Text(_)) => true,
                (
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Text(_)
                    | Value::Constant
                    | Value::Row(_),
                    _,
                ) => return None,
            };
            // Texts have an order of their own in each database.
            if texts && !matches!(op, Op::Eq | Op::NotEq) {
                return None;
            }
            let (unknown, op, bound) = match (number(left), number(right)) {
                (None, Some(bound)) => (left, op.clone(), bound),
                (Some(bound), None) => (right, turned(op), bound),
                (None, None) | (Some(_), Some(_)) => return None,
            };
            let op = match (op, negated) {
                (op, false) => op,
                (Op::Eq, true) => Op::NotEq,
                (Op::NotEq, true) => Op::Eq,
                (Op::Lt, true) => Op::GtEq,
                (Op::LtEq, true) => Op::Gt,
                (Op::Gt, true) => Op::LtEq,
                (Op::GtEq, true) => Op::Lt,
                // The enum is the parser's.
                (_, true) => return None,
            };
            Some((unknown, Range::Compared(op, bound)))
        }
        Expr::Between {
            expr,
            negated: outside,
            low,
            high,
        } => {
            let is_text = |bound: &Expr| matches!(value(bound, scope), Value::Text(_));
            if is_text(low) || is_text(high) {
                return None;
            }
            let (low, high) = (number(low)?, number(high)?);
            let range = if *outside == negated {
                Range::Within(low, high)
            } else {
                Range::Outside(low, high)
            };
            Some((expr, range))
        }
        Expr::InList {
            expr,
            list,
            negated: outside,
        } => {
            let numbers = list.iter().map(number).collect::<Option<Vec<f64>>>()?;
            Some((expr, Range::Among(numbers, *outside == negated)))
        }
        // The enum is the parser's.
        _ => None,
    }
}
