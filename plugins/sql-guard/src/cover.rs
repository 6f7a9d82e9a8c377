//! Alternatives that together leave no row out: `a = 1 OR a <> 1`,
//! `a < 5 OR a > 3`, `p OR NOT p`.

use std::collections::BTreeMap;

use sqlparser::ast::{BinaryOperator, Expr, Function, UnaryOperator};

use crate::canonical::canonical;
use crate::evaluation::value;
use crate::expression::{arguments, bare, function_name};
use crate::literal::{Literal, literal};
use crate::order::{operator_of, ordered, turned};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;
use crate::within::few_numbers;

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
    opposed || ranges_meet(all, scope) || orders_meet(all, scope)
}

/// Whether the alternatives let two expressions stand in every order: `a <= b OR a > b`,
/// `a < b OR a = b OR a > b`.
fn orders_meet(all: &[(&Expr, bool)], scope: &Scope) -> bool {
    use BinaryOperator as Op;
    const LESS: u8 = 1;
    const SAME: u8 = 2;
    const MORE: u8 = 4;
    const ALL: u8 = LESS | SAME | MORE;

    let mut seen: BTreeMap<(String, String), u8> = BTreeMap::new();
    for (expr, negated) in all {
        let Some((left, op, right)) = compared(expr) else {
            continue;
        };
        let orders = match op {
            Op::Lt => LESS,
            Op::LtEq => LESS | SAME,
            Op::Gt => MORE,
            Op::GtEq => MORE | SAME,
            Op::Eq | Op::Spaceship => SAME,
            Op::NotEq => LESS | MORE,
            // The enum is the parser's.
            _ => continue,
        };
        let orders = if *negated { ALL & !orders } else { orders };
        let (a, b) = (canonical(bare(left), scope), canonical(bare(right), scope));
        let (pair, orders) = if a <= b {
            ((a, b), orders)
        } else {
            let turned = (orders & SAME) | ((orders & LESS) << 2) | ((orders & MORE) >> 2);
            ((b, a), turned)
        };
        *seen.entry(pair).or_default() |= orders;
    }
    seen.values().any(|orders| *orders == ALL)
}

/// The sides and the operator of a comparison.
fn compared(expr: &Expr) -> Option<(&Expr, BinaryOperator, &Expr)> {
    match bare(expr) {
        Expr::BinaryOp { left, op, right } => Some((left, op.clone(), right)),
        Expr::IsNotDistinctFrom(left, right) => Some((left, BinaryOperator::Spaceship, right)),
        Expr::IsDistinctFrom(left, right) => Some((left, BinaryOperator::NotEq, right)),
        Expr::Function(function) => {
            let op = operator_of(&function_name(function))?;
            match arguments(function)?.as_slice() {
                [left, right] => Some((left, op, right)),
                _ => None,
            }
        }
        // The enum is the parser's.
        _ => None,
    }
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
        Expr::Function(function) if is_junction(function, negated) => {
            for part in arguments(function).unwrap_or_default() {
                collect(part, negated, into);
            }
        }
        Expr::Function(function) if matches!(function_name(function).as_str(), "not" | "lnnvl") => {
            match arguments(function).as_deref() {
                Some([condition]) => collect(condition, !negated, into),
                Some(_) | None => into.push((expr, negated)),
            }
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

/// `or(a, b)`, or with `negated` the negation of `and(a, b)`.
fn is_junction(function: &Function, negated: bool) -> bool {
    let wanted = if negated { "and" } else { "or" };
    function_name(function) == wanted && arguments(function).is_some_and(|all| all.len() > 1)
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
