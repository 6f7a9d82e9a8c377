//! Ranges of PostgreSQL, as texts and as calls: what lies between their ends.

use sqlparser::ast::{BinaryOperator, Expr, Value as Literal};

use crate::choice::Compare;
use crate::evaluation::value;
use crate::expression::{arguments, function_name, uncast};
use crate::scope::Scope;
use crate::truth::Holds;
use crate::value::Value;

/// More ranges in one than anybody writes.
const RANGES_MAX: usize = 16;

/// A range. An end that is none is far away.
struct Range {
    low: Option<Expr>,
    high: Option<Expr>,
    has_low: bool,
    has_high: bool,
}

/// Whether the expression lies in the range.
pub(crate) fn within(expr: &Expr, range: &Expr, scope: &Scope, compare: Compare) -> Holds {
    ranges(range, scope)
        .iter()
        .map(|range| range.holds(expr, scope, compare))
        .fold(Holds::Depends, |told, one| match one {
            // It may be empty, which says more than that nothing is in it.
            Holds::Never | Holds::Hardly => told,
            one => told.or(one),
        })
}

/// Whether two ranges have something in common: each begins before the other ends.
pub(crate) fn overlap(left: &Expr, right: &Expr, scope: &Scope, compare: Compare) -> Holds {
    let (lefts, rights) = (ranges(left, scope), ranges(right, scope));
    let ([one], [other]) = (lefts.as_slice(), rights.as_slice()) else {
        return Holds::Depends;
    };
    match one
        .begins_before(other, scope, compare)
        .and(other.begins_before(one, scope, compare))
    {
        told @ (Holds::Always | Holds::Probably) => told,
        Holds::Never | Holds::Alike | Holds::Hardly | Holds::Depends => Holds::Depends,
    }
}

// === impl Range ===

impl Range {
    fn holds(&self, expr: &Expr, scope: &Scope, compare: Compare) -> Holds {
        use BinaryOperator as Op;
        let above = match (&self.low, self.has_low) {
            (None, _) => Holds::Always,
            (Some(low), true) => compare(expr, &Op::GtEq, low, scope),
            (Some(low), false) => compare(expr, &Op::Gt, low, scope),
        };
        let below = match (&self.high, self.has_high) {
            (None, _) => Holds::Always,
            (Some(high), true) => compare(expr, &Op::LtEq, high, scope),
            (Some(high), false) => compare(expr, &Op::Lt, high, scope),
        };
        above.and(below)
    }

    fn begins_before(&self, other: &Self, scope: &Scope, compare: Compare) -> Holds {
        let op = match self.has_low && other.has_high {
            true => BinaryOperator::LtEq,
            false => BinaryOperator::Lt,
        };
        match (&self.low, &other.high) {
            (Some(low), Some(high)) => compare(low, &op, high, scope),
            (_, None) | (None, _) => Holds::Always,
        }
    }
}

/// The ranges that an expression is written as; none, where it is something else.
fn ranges(expr: &Expr, scope: &Scope) -> Vec<Range> {
    match uncast(expr) {
        // `RANGE<DATE> '[2020-01-01, UNBOUNDED)'`
        Expr::TypedString(typed) => match typed.value.value.clone().into_string() {
            Some(text) => written(&text),
            None => Vec::new(),
        },
        Expr::Function(function) => {
            let all = arguments(function).unwrap_or_default();
            let name = function_name(function);
            if name.ends_with("multirange") {
                let parts = all.iter().take(RANGES_MAX);
                return parts.flat_map(|one| ranges(one, scope)).collect();
            }
            match (name.ends_with("range"), all.as_slice()) {
                (true, [low, high, signs @ ..]) => {
                    called(low, high, signs, scope).into_iter().collect()
                }
                (_, _) => Vec::new(),
            }
        }
        // The enum is the parser's.
        other => match value(other, scope) {
            Value::Text(text) => written(&text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                Vec::new()
            }
        },
    }
}

/// `int4range(0, NULL, '[]')`
fn called(low: &Expr, high: &Expr, signs: &[&Expr], scope: &Scope) -> Option<Range> {
    let signs = match signs {
        [] => "[)".to_owned(),
        [signs] => match value(signs, scope) {
            Value::Text(signs) => signs,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => {
                return None;
            }
        },
        _ => return None,
    };
    let end = |expr: &Expr| match value(uncast(expr), scope) {
        Value::Null => None,
        Value::Text(text) => end_of(&text),
        Value::Bool(_) | Value::Number(_) | Value::Constant | Value::Row(_) => Some(expr.clone()),
    };
    Some(Range {
        low: end(low),
        high: end(high),
        has_low: signs.starts_with('['),
        has_high: signs.ends_with(']'),
    })
}

/// `[0,)`, `[-infinity,infinity]`, and `{[0,5),[7,)}`, which is several.
fn written(text: &str) -> Vec<Range> {
    let text = text.trim();
    let inner = text
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let parts = match inner {
        Some(inner) => inner.split_inclusive([')', ']']).take(RANGES_MAX).collect(),
        None => vec![text],
    };
    let range = |part: &str| {
        let part = part.trim().trim_start_matches(',').trim();
        let ends = part
            .strip_prefix(['(', '['])
            .and_then(|rest| rest.strip_suffix([')', ']']))?;
        let (low, high) = ends.split_once(',')?;
        Some(Range {
            low: end_of(low),
            high: end_of(high),
            has_low: part.starts_with('['),
            has_high: part.ends_with(']'),
        })
    };
    parts.into_iter().filter_map(range).collect()
}

/// The end that a text says; none, where that is far away.
fn end_of(text: &str) -> Option<Expr> {
    let text = text.trim().trim_matches('"');
    let is_far = ["", "-infinity", "-inf", "infinity", "inf", "unbounded"]
        .iter()
        .any(|far| text.eq_ignore_ascii_case(far));
    (!is_far).then(|| Expr::value(Literal::SingleQuotedString(text.to_owned())))
}

/// `'{}'` and `'[]'`, with a type or without, and `ARRAY[]`.
pub(crate) fn is_empty(expr: &Expr, scope: &Scope) -> bool {
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
pub(crate) fn is_endless(expr: &Expr, scope: &Scope) -> bool {
    ranges(expr, scope)
        .iter()
        .any(|range| range.low.is_none() && range.high.is_none())
}
